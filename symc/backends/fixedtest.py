"""The self-test of a fixed-point bundle: its points, and the checksums that the oracle says must come out.

templates/c/fixed/NAME_selftest.c.jinja makes the same points by the same steps: of four, two lie between the bounds,
one on them, and one is of any bits.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from symc.fixed.evaluate import I32, evaluate, outside
from symc.fixed.program import FixedProgram

U32 = NDArray[np.uint32]

POINTS = 256
_KINDS = 4


@dataclass(frozen=True)
class Checked:
    """Checksums over all results and over what is returned; points: how many; rows: how many go in one call."""

    values: int
    flags: int
    points: int
    rows: int


def self_test(fixed: FixedProgram) -> Checked:
    """What the self-test of `fixed` must find."""
    x = points(fixed)
    words = evaluate(fixed, x).view(np.uint32)
    return Checked(_summed(words.ravel()), _summed(outside(fixed, x)), POINTS, 8)


def points(fixed: FixedProgram) -> I32:
    """(POINTS, n_in) mantissas, in the order in which the C makes them."""
    n_in = fixed.program.n_in
    counter = np.arange(POINTS * n_in, dtype=np.uint32).reshape(POINTS, n_in)
    v = _mixed(counter).astype(np.uint64)
    low, high = np.array(fixed.bounds, np.int64).reshape(-1, 2).T
    inner = low + ((v * (high - low).astype(np.uint64)) >> np.uint64(32)).astype(np.int64)
    ends = np.where(v >> np.uint64(31) == 1, high, low)
    kind = (np.arange(POINTS) % _KINDS)[:, None]
    chosen = np.where(kind < 2, inner, np.where(kind == 2, ends, 0)).astype(np.int32)
    return np.where(kind == 3, v.astype(np.uint32).view(np.int32), chosen)


def _mixed(v: U32) -> U32:
    with np.errstate(over="ignore"):
        v = (v ^ (v >> np.uint32(16))) * np.uint32(0x85EBCA6B)
        v = (v ^ (v >> np.uint32(13))) * np.uint32(0xC2B2AE35)
    return v ^ (v >> np.uint32(16))


def _summed(words: U32) -> int:
    total = np.zeros(1, np.uint32)
    for word in words:
        total = _mixed(total ^ word)
    return int(total[0])
