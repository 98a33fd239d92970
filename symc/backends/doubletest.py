"""The points of the self-test of a bundle in double precision, as templates/c/double/NAME_selftest.c.jinja makes them.

They are those of symc.backends.selftest in 64 bits: a point inside is drawn from the domain, and an odd point has in
one input, on average, any bits, a special value, an end of the domain, or a number of moderate size.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

U32 = NDArray[np.uint32]
U64 = NDArray[np.uint64]
F64 = NDArray[np.floating]

# Exponents between which special values lie: zero, the least normal number, one, infinity.
_EXPONENTS = np.array([0, 1, 1023, 2047], np.uint64)
_SIGN = np.uint64(0x8000000000000000)
_NAN = np.uint64(0x7FF8000000000000)
_ENDS = np.arange(6, dtype=np.uint32)


def points(v: U32, lower: U32, inner: U32, is_odd: NDArray[np.bool_], ranges: Sequence[tuple[float, float]]) -> F64:
    """(rows, n_in) of random words v of that shape, the words beside them, and those that odd inputs are made of."""
    n_in = v.shape[1]
    lo, hi = np.broadcast_to(np.array(ranges, np.float64), (n_in, 2)).T
    wide = (v.astype(np.uint64) << np.uint64(32)) | lower.astype(np.uint64)
    u = ((wide >> np.uint64(12)) | np.uint64(0x3FF0000000000000)).view(np.float64)
    inside = lo * (2.0 - u) + hi * (u - 1.0)
    rest = inner >> np.uint32(2)
    words = np.choose(inner & np.uint32(3), [wide, _special(rest), _end(lo, hi, rest), _moderate(wide)])
    takes_odd = is_odd[:, None] & (v % np.uint32(n_in) == 0)
    return np.where(takes_odd, words.astype(np.uint64).view(np.float64), inside)


def end_points(ranges: Sequence[tuple[float, float]], n_in: int, first: F64) -> F64:
    """Points for the domain check: `first` with each input in turn at, next to and beyond its bounds, and NaN."""
    rows = np.tile(first, (n_in, len(_ENDS) + 1, 1))
    for i, (lo, hi) in enumerate(np.broadcast_to(np.array(ranges, np.float64), (n_in, 2))):
        rows[i, :, i] = np.append(_end(lo, hi, _ENDS), _NAN).view(np.float64)
    return rows.reshape(-1, n_in)


def halves(words: NDArray[np.floating] | U32) -> U32:
    """Of doubles the upper and then the lower half of each, as the checksum goes over them."""
    flat = np.ascontiguousarray(words).view(np.uint64).ravel()
    return np.stack([flat >> np.uint64(32), flat & np.uint64(0xFFFFFFFF)], axis=1).ravel().astype(np.uint32)


def _end(lo: F64, hi: F64, k: U32) -> U64:
    """The bits of a bound or of a neighbour of it."""
    return _near(np.where(k % np.uint32(2) == 0, lo, hi).view(np.uint64), k)


def _near(bits: U64, k: U32) -> U64:
    return bits + (k % np.uint32(3)).astype(np.uint64) - np.uint64(1)


def _special(v: U32) -> U64:
    """The bits of zero, the least normal number, one, infinity, or of one next to them, of either sign."""
    near = _near(_EXPONENTS[v % np.uint32(4)] << np.uint64(52), v >> np.uint32(2))
    return near ^ ((v.astype(np.uint64) << np.uint64(59)) & _SIGN)


def _moderate(v: U64) -> U64:
    """The bits of a number from 2^-7 to 2^9, of either sign."""
    return (v & np.uint64(0x80FFFFFFFFFFFFFF)) + np.uint64(0x3F80000000000000)
