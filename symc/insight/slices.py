"""Named sets of inputs to judge a surrogate on: where it was fitted, and where it was not."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import product

import numpy as np
from numpy.typing import ArrayLike, NDArray

from symc.errors import SymcError

INSIDE = "in distribution"
# Each input moved by this share of its span; the deviation from the middle multiplied by this factor.
SHIFT = 0.25
SCALE = 1.5
_MOST_CORNERS = 256

Inputs = NDArray[np.float32]


def slices_of(x: ArrayLike, given: Mapping[str, ArrayLike] | None = None, seed: int = 0) -> dict[str, Inputs]:
    """Name -> inputs (n, n_in): x itself, shifted, scaled, the corners of its box, and those that were given.

    x (n, n_in) spans the box. "shifted" is x moved up by a quarter of the box along every input, "scaled" is x one and
    a half times as far from the middle of the box, "corners" are the corners of the box (256 of them, drawn by `seed`,
    where there are more). Raises SymcError for inputs of another width or shape, or a name that is taken.
    """
    inside = _table(x, INSIDE)
    low, high = inside.min(axis=0), inside.max(axis=0)
    middle, span = (low + high) / 2, high - low
    found = {
        INSIDE: inside,
        "shifted": (inside + np.float32(SHIFT) * span).astype(np.float32),
        "scaled": (middle + np.float32(SCALE) * (inside - middle)).astype(np.float32),
        "corners": _corners(low, high, seed),
    }
    for name, values in (given or {}).items():
        if name in found:
            raise SymcError(f"there is a slice called {name!r} already", hint="Give yours another name.")
        table = _table(values, name)
        if table.shape[1] != inside.shape[1]:
            raise SymcError(f"the slice {name!r} has {table.shape[1]} columns, the inputs have {inside.shape[1]}")
        found[name] = table
    return found


def _corners(low: Inputs, high: Inputs, seed: int) -> Inputs:
    n_in = len(low)
    if 2**n_in <= _MOST_CORNERS:
        upper = np.array(list(product((False, True), repeat=n_in)), dtype=np.bool_)
    else:
        upper = np.random.default_rng(seed).random((_MOST_CORNERS, n_in)) < 0.5
    return np.where(upper, high, low).astype(np.float32)


def _table(values: ArrayLike, name: str) -> Inputs:
    array = np.asarray(values)
    if array.ndim != 2 or 0 in array.shape or array.dtype.kind not in "fiu":
        raise SymcError(f"the slice {name!r} has shape {array.shape} and type {array.dtype}, need numbers (n, n_in)")
    return np.ascontiguousarray(array, dtype=np.float32)
