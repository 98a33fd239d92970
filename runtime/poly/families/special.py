"""Cube root, error function, gamma function."""

from __future__ import annotations

import math

import mpmath as mp
from minimax import Polynomial, series, sqrt_of

_EXP_END = math.log(2) / 2 * 1.0005
_ERFC_RANGE = (-0.4751, 0.4757)


def _scaled_erfc(s: mp.mpf) -> mp.mpf:
    """erfc(x) e^(x^2) where s = (x - 3.375) / (x + 4)."""
    x = (3.375 + 4 * s) / (1 - s)
    return mp.erfc(x) * mp.exp(x * x)


def _erf_0() -> mp.mpf:
    """The slope of erf at 0, in the precision of the moment."""
    return 2 / mp.sqrt(mp.pi)


def _erf_over_x(z: mp.mpf) -> mp.mpf:
    """erf(x) / x where z = x^2."""
    x = mp.sqrt(z)
    return mp.erf(x) / x if z > 1e-30 else (2 - z * 2 / 3) / mp.sqrt(mp.pi)


POLYNOMIALS = (
    Polynomial(
        "CBRT_START",
        "f64/cbrt.h",
        "(1 - h)^(-1/3) on 0 <= h <= 0.175",
        lambda h: (1 - h) ** (-mp.mpf(1) / 3),
        lambda h: (1 - h) ** (mp.mpf(1) / 3),
        0.0,
        0.175,
        4,
        0,
    ),
    Polynomial(
        "CBRT",
        "f64/cbrt.h",
        "((1 - h)^(-2/3) - 1) / h on |h| <= 2^-13",
        series(lambda h: ((1 - h) ** (-mp.mpf(2) / 3) - 1) / h, lambda h: mp.mpf(2) / 3 + h * 5 / 9),
        abs,
        -(2.0**-13),
        2.0**-13,
        3,
        1,
    ),
    Polynomial(
        "Q_CBRT",
        "int/cbrt.h",
        "cube root of 3/2 + t on |t| <= 1/2, times 2^30",
        lambda t: mp.cbrt(t + 1.5),
        lambda t: mp.mpf(1),
        -0.5,
        0.5,
        9,
        0,
        points=(30,) * 9,
    ),
    Polynomial(
        "ERF",
        "f64/erf.h",
        "(erf(x) / x - 2/sqrt(pi)) / x^2 in z = x^2, 0 <= x <= 1",
        series(sqrt_of(lambda x: (mp.erf(x) / x - _erf_0()) / x**2), lambda z: _erf_0() * (-mp.mpf(1) / 3 + z / 10)),
        series(sqrt_of(lambda x: x**3 / mp.erf(x)), lambda z: z / _erf_0()),
        0.0,
        1.0,
        11,
        1,
    ),
    Polynomial(
        "ERFC_EXP",
        "f64/erf.h",
        "(exp(r) - 1 - r) / r^2 on |r| <= ln(2)/2",
        series(lambda r: (mp.exp(r) - 1 - r) / r**2, lambda r: mp.mpf(1) / 2 + r / 6 + r * r / 24),
        lambda r: r * r / mp.exp(r),
        -_EXP_END,
        _EXP_END,
        10,
        2,
    ),
    Polynomial(
        "ERFC",
        "f64/erf.h",
        "erfc(x) e^(x^2) in s = (x - 3.375) / (x + 4), 1 <= x <= 10.0625",
        _scaled_erfc,
        lambda s: 1 / _scaled_erfc(s),
        *_ERFC_RANGE,
        18,
        0,
    ),
    Polynomial(
        "Q_ERF",
        "int/erf.h",
        "erf(x) / x in t = x^2 / 2, 0 <= x <= 1, times 2^62",
        lambda t: _erf_over_x(2 * t),
        lambda t: 1 / _erf_over_x(2 * t),
        0.0,
        0.5,
        13,
        0,
        points=(62,) * 13,
    ),
    Polynomial(
        "Q_ERFC_EXP",
        "int/erf.h",
        "e^r on |r| <= ln(2)/2, times 2^62",
        mp.exp,
        lambda r: mp.exp(-r),
        -_EXP_END,
        _EXP_END,
        13,
        0,
        points=(62,) * 13,
    ),
    Polynomial(
        "Q_ERFC",
        "int/erf.h",
        "erfc(x) e^(x^2) in s = (x - 3.375) / (x + 4), 1 <= x <= 10.0625, times 2^63",
        _scaled_erfc,
        lambda s: 1 / _scaled_erfc(s),
        *_ERFC_RANGE,
        20,
        0,
        points=(63,) * 20,
    ),
    Polynomial(
        "GAMMA",
        "f64/gamma.h",
        "1 / gamma(1 + t) on |t| <= 1/2",
        lambda t: mp.rgamma(1 + t),
        lambda t: mp.gamma(1 + t),
        -0.5,
        0.5,
        17,
        0,
        (1.0,),
    ),
    Polynomial(
        "Q_GAMMA",
        "int/gamma.h",
        "1 / gamma(1 + t) on |t| <= 1/2, times 2^62",
        lambda t: mp.rgamma(1 + t),
        lambda t: mp.gamma(1 + t),
        -0.5,
        0.5,
        17,
        0,
        points=(62,) * 17,
    ),
)
