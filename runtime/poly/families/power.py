"""Powers."""

from __future__ import annotations

import math

import mpmath as mp
from minimax import Polynomial, series, sqrt_of

_EXP2_END = 0.5 * 1.0005
_ATANH = ((3 - math.sqrt(8)) * 1.0001) ** 2
with mp.workdps(60):
    _LOG2_E = mp.nint(mp.mpf(2) ** 62 / mp.log(2)) / mp.mpf(2) ** 62
    _LN_2 = mp.nint(mp.mpf(2) ** 64 * mp.log(2)) / mp.mpf(2) ** 64

POLYNOMIALS = (
    Polynomial(
        "LOG2",
        "f64/pow.h",
        "log2((1 + s)/(1 - s)) / s in z = s^2, |s| <= 3 - sqrt(8)",
        series(sqrt_of(lambda s: 2 * mp.atanh(s) / s / mp.log(2)), lambda z: (2 + z * 2 / 3) / mp.log(2)),
        series(sqrt_of(lambda s: s / (2 * mp.atanh(s)) * mp.log(2)), lambda z: mp.log(2) / 2),
        0.0,
        _ATANH,
        8,
        0,
    ),
    Polynomial(
        "EXP2",
        "f64/pow.h",
        "2^g on |g| <= 1/2",
        lambda g: mp.mpf(2) ** g,
        lambda g: mp.mpf(2) ** -g,
        -_EXP2_END,
        _EXP2_END,
        11,
        0,
        (1.0,),
    ),
    # Coefficient 0 of these two has more bits than a double: it is a constant of int/pow.h.
    Polynomial(
        "Q_POW_LOG2",
        "int/pow.h",
        "log2(1 + t)/t - log2(e) on |t| <= 1/32",
        series(lambda t: mp.log1p(t) / t / mp.log(2) - _LOG2_E, lambda t: -t / 2 / mp.log(2), 1e-20),
        series(lambda t: t / mp.log1p(t) * mp.log(2), lambda t: mp.log(2), 1e-20),
        -1 / 32,
        1 / 32,
        11,
        0,
        (0.0,),
        (62, 53, 54, 50, 46, 42, 33, 29, 25, 21, 17),
    ),
    Polynomial(
        "Q_POW_EXP2",
        "int/pow.h",
        "(2^h - 1)/h - ln(2) on 0 <= h <= 1/16",
        series(lambda h: mp.expm1(h * mp.log(2)) / h - _LN_2, lambda h: h * mp.log(2) ** 2 / 2, 1e-20),
        lambda h: 1 / mp.log(2),
        0.0,
        1 / 16,
        7,
        1,
        (0.0,),
        (64, 55, 56, 38, 34, 30, 26),
    ),
)
