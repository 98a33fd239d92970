"""A uniform sample, of bounded size, of rows that come in batches of any size."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

_STREAM = 0x7265736572766F6972


class Reservoir:
    """Vitter's algorithm R (1985): every row that came is kept with the same probability, at most `capacity` of them.

    `capacity` None keeps all. Which rows are kept depends on the seed and on how many came, not on the batches they
    came in.
    """

    def __init__(self, capacity: int | None, seed: int) -> None:
        self.capacity, self.seen = capacity, 0
        self._draw = np.random.PCG64(np.random.SeedSequence([seed, _STREAM]))
        self._parts: list[tuple[NDArray, ...]] = []

    def add(self, *arrays: NDArray) -> None:
        """Add rows: arrays (n, ...), of the same n, that belong together; they are copied."""
        n = len(arrays[0])
        order = np.arange(self.seen, self.seen + n)
        self.seen += n
        free = n if self.capacity is None else int(np.searchsorted(order, self.capacity))
        if free:
            self._parts.append(tuple(np.array(a[:free]) for a in (order, *arrays)))
        if self.capacity is not None and free < n:
            self._replace(self.capacity, *(a[free:] for a in (order, *arrays)))

    def rows(self) -> tuple[NDArray, ...]:
        """What is kept of each array, in the order in which it came, after the numbers (from 0) of the rows kept."""
        arrays = self._joined()
        by_arrival = np.argsort(arrays[0]) if arrays else np.zeros(0, np.intp)
        return tuple(a[by_arrival] for a in arrays)

    def _replace(self, capacity: int, *arrays: NDArray) -> None:
        """Row t, from 0, takes the place of a random one of the first t + 1, if that is kept."""
        order = arrays[0]
        # The remainder favours low places by less than t / 2^64.
        places = self._draw.random_raw(len(order)) % (order + 1).astype(np.uint64)
        chosen = np.flatnonzero(places < capacity)
        for kept, array in zip(self._joined(), arrays, strict=True):
            # Of several rows for one place the last stays, as if they had come one by one.
            kept[places[chosen]] = array[chosen]

    def _joined(self) -> tuple[NDArray, ...]:
        if len(self._parts) > 1:
            columns = list(zip(*self._parts, strict=True))
            self._parts.clear()
            joined = []
            while columns:
                # One by one, so that the parts of one array are freed before the next is joined.
                joined.append(np.concatenate(columns.pop(0)))
            self._parts.append(tuple(joined))
        return self._parts[0] if self._parts else ()
