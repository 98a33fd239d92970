"""Polynomials in binary64 that were chosen for speed on long vectors."""

from __future__ import annotations

import math

import mpmath as mp
from minimax import Polynomial, series, sqrt_of

_EXP_END = math.log(2) / 2 * 1.0005
# f64/trig.h chooses the half turns in binary32, which leaves up to 1.612 where there are many.
_HALF_TURN = 1.612**2

POLYNOMIALS = (
    Polynomial(
        "EXP_SHORT",
        "f64/exp.h",
        "(exp(r) - 1 - r) / r^2 on |r| <= ln(2)/2",
        series(lambda r: (mp.exp(r) - 1 - r) / r**2, lambda r: mp.mpf(1) / 2 + r / 6 + r * r / 24),
        lambda r: r * r / mp.exp(r),
        -_EXP_END,
        _EXP_END,
        7,
        2,
    ),
    Polynomial(
        "SINE",
        "f64/trig.h",
        "(sin(r) - r) / r^3 in z = r^2, |r| <= 1.612",
        series(sqrt_of(lambda r: (mp.sin(r) - r) / r**3), lambda z: -mp.mpf(1) / 6 + z / 120 - z * z / 5040),
        series(sqrt_of(lambda r: r**3 / mp.sin(r)), lambda z: z),
        0.0,
        _HALF_TURN,
        7,
        1,
    ),
)
