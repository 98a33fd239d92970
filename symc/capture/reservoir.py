"""A uniform sample, of bounded size, of rows that come in batches of any size."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from symc.errors import SymcError

_STREAM = 0x7265736572766F6972


class Reservoir:
    """Vitter's algorithm R (1985): every row that came is kept with the same probability, at most `capacity` of them.

    Which rows are kept, and where, depends on the seed and on how many came, not on the batches they came in. Raises
    SymcError when memory for so many rows cannot be had.
    """

    def __init__(self, capacity: int, seed: int) -> None:
        self.capacity, self.seen = capacity, 0
        self._draw = np.random.PCG64(np.random.SeedSequence([seed, _STREAM]))
        self._kept: tuple[NDArray, ...] = ()

    def add(self, *arrays: NDArray) -> None:
        """Add rows: arrays (n, ...), of the same n, that belong together; they are copied."""
        self._kept = self._kept or tuple(self._room_for(array) for array in arrays)
        n = len(arrays[0])
        places = np.arange(self.seen, self.seen + n)
        late = places >= self.capacity
        # Row t, from 0, takes the place of a random one of the first t + 1. The remainder favours low places by less
        # than t / 2^64.
        later = places[late].astype(np.uint64) + np.uint64(1)
        places[late] = (self._draw.random_raw(len(later)) % later).astype(np.int64)
        chosen = np.flatnonzero(places < self.capacity)
        for kept, array in zip(self._kept, arrays, strict=True):
            # Of several rows for one place the last stays, as if they had come one by one.
            kept[places[chosen]] = array[chosen]
        self.seen += n

    def rows(self) -> tuple[NDArray, ...]:
        """What is kept of each array, as views; in the order of arrival until there are more than `capacity` rows."""
        return tuple(kept[: self.seen] for kept in self._kept)

    def _room_for(self, array: NDArray) -> NDArray:
        try:
            # Pages that no row comes to are never touched, and take no memory.
            return np.empty((self.capacity, *array.shape[1:]), array.dtype)
        except (MemoryError, ValueError):
            raise SymcError(f"there is no memory for {self.capacity} rows", hint="Keep fewer.") from None
