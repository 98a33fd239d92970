"""Rows that a search looks at, drawn by seed."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def subset(n: int, count: int, seed: int) -> NDArray[np.intp]:
    """At most `count` of n rows, in order, drawn by seed; unrelated to samples that the caller drew with that seed."""
    if count >= n:
        return np.arange(n)
    return np.sort(_shuffled(n, seed)[:count])


def resample(weights: NDArray, count: int, seed: int) -> NDArray[np.intp]:
    """`count` rows in order, each about as often as its share of the weights, drawn by seed.

    Systematic resampling (Kitagawa 1996): a row of weight w of the sum W comes floor or ceil(count * w / W) times.
    """
    order = _shuffled(len(weights), seed)
    reached = np.cumsum(np.asarray(weights, dtype=np.float64)[order])
    places = (np.arange(count) + 0.5) / count * reached[-1]
    return np.sort(order[np.searchsorted(reached, places)])


def _shuffled(n: int, seed: int) -> NDArray[np.intp]:
    # PCG64's raw stream is the same in every version of numpy; the second word sets this use apart.
    stream = np.random.PCG64(np.random.SeedSequence([seed, 0x726F7773]))
    return np.argsort(stream.random_raw(n), kind="stable")
