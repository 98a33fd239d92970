"""Powers."""

from __future__ import annotations

import math

import mpmath as mp
from minimax import Polynomial, series, sqrt_of

_EXP2_END = 0.5 * 1.0005
_ATANH = ((3 - math.sqrt(8)) * 1.0001) ** 2
with mp.workdps(60):
    _LOG2_E = 1 / mp.log(2)

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
    # What int/pow.h multiplies by t in 32 bits; -log2(e) stands there by itself, with 64.
    Polynomial(
        "Q_POW_LOG2",
        "int/pow.h",
        "(log2(1 + t)/t - log2(e))/-t in -t, |t| <= 1/32",
        series(lambda s: (mp.log1p(-s) / -s / mp.log(2) - _LOG2_E) / s, lambda s: (mp.mpf(1) / 2 + s / 3) / mp.log(2)),
        lambda s: abs(s) * mp.log(2),
        -1 / 32,
        1 / 32,
        5,
        0,
        (),
        (32, 28, 24, 20, 16),
    ),
    Polynomial(
        "Q_POW_EXP2",
        "int/pow.h",
        "(2^h - 1)/h on 0 <= h <= 1/16",
        series(lambda h: mp.expm1(h * mp.log(2)) / h, lambda h: mp.log(2) + h * mp.log(2) ** 2 / 2),
        lambda h: h,
        0.0,
        1 / 16,
        4,
        0,
        (),
        (32, 28, 24, 20),
    ),
)
