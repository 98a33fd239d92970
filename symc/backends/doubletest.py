"""The self-test of a bundle in double precision: its points, and the checksums that the oracle says must come out.

templates/c/double/NAME_selftest.c.jinja makes the same points by the same steps: of four, two lie in the domain, one
has any bits, and one a special value or a number of moderate size in some inputs.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from symc.backends.domain import expected_check
from symc.backends.selftest import mixed
from symc.backends.unit import Unit
from symc.ir.evaluate import evaluate
from symc.ir.program import Program

U32 = NDArray[np.uint32]
U64 = NDArray[np.uint64]
F64 = NDArray[np.float64]

POINTS = 512
_NO_DOMAIN = (-4.0, 4.0)
# Exponents between which special values lie: zero, the least normal number, one, infinity.
_EXPONENTS = np.array([0, 1, 1023, 2047], np.uint64)


@dataclass(frozen=True)
class DoubleTest:
    """Checksums over the results and over what the domain check says; rows: how many go in one call of the batch."""

    values: int
    check: int
    n_points: int
    rows: int
    buffer: int
    ranges: tuple[tuple[str, str], ...]


def self_test(unit: Unit, block: int) -> DoubleTest:
    """What the self-test of `unit` must find, whose functions of many rows take `block` of them at a time."""
    assert isinstance(unit.program, Program)
    rows, n_in = block + 1, unit.program.n_in
    x = points(unit.domain, n_in)
    ranges = tuple((repr(float(lo)), repr(float(hi))) for lo, hi in unit.domain or [_NO_DOMAIN])
    words = evaluate(unit.program, x).view(np.uint64)
    buffer = 8 * rows * (n_in + unit.program.n_out)
    return DoubleTest(_summed(words), _summed(expected_check(unit.domain, x)), POINTS, rows, buffer, ranges)


def points(domain: tuple[tuple[float, float], ...] | None, n_in: int) -> F64:
    """(POINTS, n_in), in the order in which the C makes them."""
    place = np.arange(POINTS * n_in, dtype=np.uint32).reshape(POINTS, n_in)
    upper, lower = mixed(np.uint32(2) * place), mixed(np.uint32(2) * place + np.uint32(1))
    v = (upper.astype(np.uint64) << np.uint64(32)) | lower.astype(np.uint64)
    lo, hi = np.broadcast_to(np.array(domain or [_NO_DOMAIN], np.float64), (n_in, 2)).T
    u = ((v >> np.uint64(12)) | np.uint64(0x3FF0000000000000)).view(np.float64)
    inside = lo * (2.0 - u) + hi * (u - 1.0)
    kind = (np.arange(POINTS) % 4)[:, None]
    some = v.astype(np.uint32) % np.uint32(n_in) == 0
    other = np.where((v >> np.uint64(60)) & np.uint64(1) == 0, _special(v), _moderate(v)).view(np.float64)
    return np.where(kind < 2, inside, np.where(kind == 2, v.view(np.float64), np.where(some, other, inside)))


def _special(v: U64) -> U64:
    """The bits of zero, the least normal number, one, infinity, or of one next to them, of either sign."""
    beside = ((v >> np.uint64(8)).astype(np.uint32) % np.uint32(3)).astype(np.uint64) - np.uint64(1)
    exponent = _EXPONENTS[((v >> np.uint64(4)) % np.uint64(4)).astype(np.intp)]
    return ((exponent << np.uint64(52)) + beside) ^ (v & np.uint64(0x8000000000000000))


def _moderate(v: U64) -> U64:
    """The bits of a number from 2^-7 to 2^9, of either sign."""
    return (v & np.uint64(0x80FFFFFFFFFFFFFF)) + np.uint64(0x3F80000000000000)


def _summed(words: NDArray[np.unsignedinteger]) -> int:
    """Of 64-bit words first the upper halves, then the lower ones, of each; of 32-bit words each."""
    flat = words.ravel()
    if flat.dtype == np.uint64:
        flat = np.stack([flat >> np.uint64(32), flat & np.uint64(0xFFFFFFFF)], axis=1).ravel()
    total = 0
    for word in flat.tolist():
        total ^= word
        total = (total ^ total >> 16) * 0x85EBCA6B & 0xFFFFFFFF
        total = (total ^ total >> 13) * 0xC2B2AE35 & 0xFFFFFFFF
        total ^= total >> 16
    return total
