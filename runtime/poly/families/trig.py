"""Trigonometric functions and their inverses."""

from __future__ import annotations

import math

import mpmath as mp
from minimax import Polynomial, series, sqrt_of

_QUARTER = (math.pi / 4 * 1.0002) ** 2
_EIGHTH = ((math.sqrt(2) - 1) * 1.0002) ** 2


def _sin(f: mp.mpf) -> mp.mpf:
    return mp.sin(mp.pi / 2 * f) / f


def _cos(f: mp.mpf) -> mp.mpf:
    return (1 - mp.cos(mp.pi / 2 * f)) / f**2


def _atan(t: mp.mpf) -> mp.mpf:
    return (1 - mp.atan(t) / t) / t**2


def _asin(s: mp.mpf) -> mp.mpf:
    return (mp.asin(s) / s - 1) / s**2


# In t = -f^2 all coefficients are positive.
_SIN = series(lambda t: _sin(mp.sqrt(-t)), lambda t: mp.pi / 2 + (mp.pi / 2) ** 3 * t / 6, 1e-15)
_COS = series(lambda t: _cos(mp.sqrt(-t)), lambda t: (mp.pi / 2) ** 2 / 2 + (mp.pi / 2) ** 4 * t / 24, 1e-15)
_ATAN = series(lambda t: _atan(mp.sqrt(-t)), lambda t: mp.mpf(1) / 3 + t / 5 + t * t / 7)
_ASIN = series(sqrt_of(_asin), lambda z: mp.mpf(1) / 6 + z * 3 / 40 + z * z * 5 / 112)

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
    Polynomial(
        "ATAN",
        "f64/atan.h",
        "(atan(t) - t) / t^3 in z = t^2, |t| <= tan(pi/8)",
        series(sqrt_of(lambda t: (mp.atan(t) - t) / t**3), lambda z: -mp.mpf(1) / 3 + z / 5 - z * z / 7),
        series(sqrt_of(lambda t: t**3 / mp.atan(t)), lambda z: z),
        0.0,
        _EIGHTH,
        11,
        1,
    ),
    Polynomial(
        "ASIN",
        "f64/asin.h",
        "(asin(s) - s) / s^3 in z = s^2, |s| <= 1/2",
        series(sqrt_of(lambda s: (mp.asin(s) - s) / s**3), lambda z: mp.mpf(1) / 6 + z * 3 / 40 + z * z * 5 / 112),
        series(sqrt_of(lambda s: s**3 / mp.asin(s)), lambda z: z),
        0.0,
        0.25,
        13,
        1,
    ),
    Polynomial(
        "Q_SIN",
        "int/trig.h",
        "sin(pi/2 f)/f in t = -f^2, f <= 1/2, times 2^31, 2^29, ...",
        _SIN,
        lambda t: 1 / _SIN(t),
        -0.25,
        0.0,
        5,
        0,
        points=tuple(range(31, 22, -2)),
    ),
    Polynomial(
        "Q_COS",
        "int/trig.h",
        "(1 - cos(pi/2 f))/f^2 in t = -f^2, f <= 1/2, times 2^30, 2^28, ...",
        _COS,
        lambda t: -t,
        -0.25,
        0.0,
        4,
        1,
        points=tuple(range(30, 23, -2)),
    ),
    Polynomial(
        "Q_SIN64",
        "int/trig.h",
        "sin(pi/2 f)/f in t = -f^2, f <= 1/2, times 2^62",
        _SIN,
        lambda t: 1 / _SIN(t),
        -0.25,
        0.0,
        8,
        0,
        points=(62,) * 8,
        bits=53,
    ),
    Polynomial(
        "Q_COS64",
        "int/trig.h",
        "(1 - cos(pi/2 f))/f^2 in t = -f^2, f <= 1/2, times 2^62",
        _COS,
        lambda t: -t,
        -0.25,
        0.0,
        7,
        1,
        points=(62,) * 7,
        bits=53,
    ),
    Polynomial(
        "Q_ATAN64",
        "int/atan.h",
        "(1 - atan(t)/t)/t^2 in -t^2, |t| <= tan(pi/8), times 2^63",
        _ATAN,
        lambda v: -v,
        -_EIGHTH,
        0.0,
        13,
        1,
        points=(63,) * 13,
        bits=53,
    ),
    Polynomial(
        "Q_ASIN64",
        "int/asin.h",
        "(asin(s)/s - 1)/s^2 in z = s^2, |s| <= 1/2, times 2^63",
        _ASIN,
        lambda z: z,
        0.0,
        0.25,
        15,
        1,
        points=(63,) * 15,
        bits=53,
    ),
    Polynomial(
        "Q_ATAN",
        "int/atan.h",
        "(1 - atan(t)/t)/t^2 in -t^2, |t| <= tan(pi/8), times 2^30, 2^28, ...",
        _ATAN,
        lambda v: -v,
        -_EIGHTH,
        0.0,
        7,
        1,
        points=tuple(range(30, 17, -2)),
    ),
    Polynomial(
        "Q_ASIN",
        "int/asin.h",
        "(asin(s)/s - 1)/s^2 in z = s^2, |s| <= 1/2, times 2^31, 2^30, ...",
        _ASIN,
        lambda z: z,
        0.0,
        0.25,
        7,
        1,
        points=tuple(range(31, 24, -1)),
    ),
)
