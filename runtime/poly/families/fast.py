"""Shorter polynomials in binary64, for functions that first try with less precision and a rounding test."""

from __future__ import annotations

import math

import mpmath as mp
from minimax import Polynomial, series

_EXP_END = math.log(2) / 2 * 1.0005

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
)
