"""Trigonometric functions and their inverses."""

from __future__ import annotations

import math

import mpmath as mp
from minimax import Polynomial, series, sqrt_of

_QUARTER = (math.pi / 4 * 1.0002) ** 2

POLYNOMIALS = (
    Polynomial(
        "SIN",
        "f64/trig.h",
        "(sin(r) - r) / r^3 in z = r^2, |r| <= pi/4",
        series(sqrt_of(lambda r: (mp.sin(r) - r) / r**3), lambda z: -mp.mpf(1) / 6 + z / 120 - z * z / 5040),
        series(sqrt_of(lambda r: r**3 / mp.sin(r)), lambda z: z),
        0.0,
        _QUARTER,
        6,
        1,
    ),
    Polynomial(
        "COS",
        "f64/trig.h",
        "(cos(r) - 1) / r^2 in z = r^2, |r| <= pi/4",
        series(sqrt_of(lambda r: (mp.cos(r) - 1) / r**2), lambda z: -mp.mpf(1) / 2 + z / 24 - z * z / 720),
        sqrt_of(lambda r: r * r / mp.cos(r)),
        0.0,
        _QUARTER,
        6,
        1,
    ),
)
