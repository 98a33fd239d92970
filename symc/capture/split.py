"""Rows to train on and rows to hold out, drawn by seed."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from symc.errors import SymcError

_SPLIT = 0x73706C6974


def split(n: int, heldout: float, seed: int) -> NDArray[np.bool_]:
    """(n,) bool, True for training rows; round(n * heldout) rows, at least one, are held out, drawn by seed.

    The rows are ranked by PCG64's raw output, whose stream numpy guarantees, so a split never moves between versions.
    """
    if not (isinstance(heldout, (int, float)) and math.isfinite(heldout) and 0.0 < heldout < 1.0):
        raise SymcError(f"heldout is {heldout!r}, must lie between 0 and 1", hint="0.2 holds out a fifth of the rows.")
    if n < 2:
        raise SymcError(f"{n} rows cannot be split into rows to train on and rows to hold out")
    return _holding_out(min(max(round(n * heldout), 1), n - 1), n, seed)


def split_off(n: int, fit_rows: int, seed: int) -> NDArray[np.bool_]:
    """(n,) bool, True for `fit_rows` training rows drawn by seed; all others are held out."""
    if isinstance(fit_rows, bool) or not isinstance(fit_rows, (int, np.integer)) or not 0 < fit_rows < n:
        raise SymcError(
            f"fit_rows is {fit_rows!r}, must be a whole number from 1 to {n - 1}: there are {n} samples",
            hint="The samples that are not fitted judge the equations; leave fit_rows out to hold out a share.",
        )
    return _holding_out(n - int(fit_rows), n, seed)


def check_seed(seed: int) -> int:
    """Return seed as an int; raise SymcError unless it is a whole number from 0 to 2^32 - 1."""
    if isinstance(seed, bool) or not isinstance(seed, (int, np.integer)) or not 0 <= int(seed) < 2**32:
        raise SymcError(f"seed is {seed!r}, must be a whole number from 0 to 4294967295")
    return int(seed)


def _holding_out(count: int, n: int, seed: int) -> NDArray[np.bool_]:
    # A stream of its own: inputs drawn with default_rng(seed) come from PCG64(seed), and would be split by their value.
    stream = np.random.PCG64(np.random.SeedSequence([check_seed(seed), _SPLIT]))
    order = np.argsort(stream.random_raw(n), kind="stable")
    train = np.ones(n, dtype=np.bool_)
    train[order[:count]] = False
    return train
