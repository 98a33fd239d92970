"""Logarithms and inverse hyperbolic functions."""

from __future__ import annotations

import math

import mpmath as mp
from minimax import Polynomial, series, sqrt_of

_ATANH = ((3 - math.sqrt(8)) * 1.0001) ** 2

POLYNOMIALS = (
    Polynomial(
        "LOG",
        "f64/log.h",
        "(log((1 + s)/(1 - s)) - 2 s) / s^3 in z = s^2, |s| <= 3 - sqrt(8)",
        series(sqrt_of(lambda s: (2 * mp.atanh(s) - 2 * s) / s**3), lambda z: mp.mpf(2) / 3 + z * 2 / 5),
        series(sqrt_of(lambda s: s**3 / (2 * mp.atanh(s))), lambda z: z / 2),
        0.0,
        _ATANH,
        7,
        1,
    ),
)
