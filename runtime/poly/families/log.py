"""Logarithms and inverse hyperbolic functions."""

from __future__ import annotations

import math

import mpmath as mp
from minimax import Polynomial, series, sqrt_of

_ATANH = ((3 - math.sqrt(8)) * 1.0001) ** 2
# atanh.h picks the power of two from bit patterns: its s reaches tanh((1/2 + 0.0861) ln(2)/2).
_ATANH_WIDE = 0.2006**2
_LOW = math.sqrt(0.5) - 1.00001
_HIGH = math.sqrt(2) - 0.99999


def _asinh(name: str, header: str, terms: int, points: tuple[int, ...] = ()) -> Polynomial:
    return Polynomial(
        name,
        header,
        "(asinh(x) - x) / x^3 in z = x^2, |x| <= 1/4",
        series(sqrt_of(lambda x: (mp.asinh(x) - x) / x**3), lambda z: -mp.mpf(1) / 6 + z * 3 / 40),
        series(sqrt_of(lambda x: x**3 / mp.asinh(x)), lambda z: z),
        0.0,
        0.0626,
        terms,
        1,
        (),
        points,
    )


def _atanh(name: str, header: str, end: float, about: str, terms: int, points: tuple[int, ...] = ()) -> Polynomial:
    return Polynomial(
        name,
        header,
        f"(atanh(s) - s) / s^3 in z = s^2, |s| <= {about}",
        series(sqrt_of(lambda s: (mp.atanh(s) - s) / s**3), lambda z: mp.mpf(1) / 3 + z / 5),
        series(sqrt_of(lambda s: s**3 / mp.atanh(s)), lambda z: z),
        0.0,
        end,
        terms,
        1,
        (),
        points,
    )


def _log(name: str, header: str) -> Polynomial:
    return Polynomial(
        name,
        header,
        "(log((1 + s)/(1 - s)) - 2 s) / s^3 in z = s^2, |s| <= 3 - sqrt(8)",
        series(sqrt_of(lambda s: (2 * mp.atanh(s) - 2 * s) / s**3), lambda z: mp.mpf(2) / 3 + z * 2 / 5),
        series(sqrt_of(lambda s: s**3 / (2 * mp.atanh(s))), lambda z: z / 2),
        0.0,
        _ATANH,
        7,
        1,
    )


POLYNOMIALS = (
    _log("LOG", "f64/log.h"),
    _log("LOGARITHM", "f64/logarithm.h"),
    _atanh("ATANH", "f64/atanh.h", _ATANH_WIDE, "0.2006", 8),
    _asinh("ASINH", "f64/asinh.h", 8),
    Polynomial(
        "Q_LOG",
        "int/logarithm.h",
        "(log(1 + f) - f + f^2/2) / f^3, sqrt(1/2) <= 1 + f <= sqrt(2)",
        series(lambda f: (mp.log1p(f) - f + f * f / 2) / f**3, lambda f: mp.mpf(1) / 3 - f / 4 + f * f / 5),
        series(lambda f: abs(f**3 / mp.log1p(f)), lambda f: f * f),
        _LOW,
        _HIGH,
        11,
        3,
        (),
        (32,) * 11,
    ),
    Polynomial(
        "Q_LOGARITHM",
        "int/logarithm.h",
        "(log(1 + f) - f) / f^2, sqrt(1/2) <= 1 + f <= sqrt(2)",
        series(lambda f: (mp.log1p(f) - f) / f**2, lambda f: -mp.mpf(1) / 2 + f / 3 - f * f / 4),
        series(lambda f: abs(f * f / mp.log1p(f)), abs),
        _LOW,
        _HIGH,
        21,
        2,
        (),
        (63,) * 21,
    ),
    _asinh("Q_ASINH", "int/asinh.h", 10, (63,) * 10),
    _atanh("Q_ATANH", "int/atanh.h", 0.0626, "1/4", 10, (63,) * 10),
)
