"""Exponentials and hyperbolic functions."""

from __future__ import annotations

import math

import mpmath as mp
from minimax import Polynomial, series, sqrt_of

_EXP_END = math.log(2) / 2 * 1.0005
_EXP2_END = 0.5

POLYNOMIALS = (
    Polynomial(
        "EXP",
        "f64/exp.h",
        "(exp(r) - 1 - r) / r^2 on |r| <= ln(2)/2",
        series(lambda r: (mp.exp(r) - 1 - r) / r**2, lambda r: mp.mpf(1) / 2 + r / 6 + r * r / 24),
        lambda r: r * r / mp.exp(r),
        -_EXP_END,
        _EXP_END,
        10,
        2,
    ),
    Polynomial(
        "EXPM1",
        "f64/tanh.h",
        "(exp(r) - 1 - r) / r^2 on |r| <= ln(2)/2, for exp(r) - 1",
        series(lambda r: (mp.exp(r) - 1 - r) / r**2, lambda r: mp.mpf(1) / 2 + r / 6 + r * r / 24),
        series(lambda r: abs(r * r / mp.expm1(r)), abs),
        -_EXP_END,
        _EXP_END,
        10,
        2,
    ),
    Polynomial(
        "EXPM1_R",
        "f64/expm1.h",
        "(exp(r) - 1 - r) / r^2 on |r| <= ln(2)/2, for exp(r) - 1",
        series(lambda r: (mp.exp(r) - 1 - r) / r**2, lambda r: mp.mpf(1) / 2 + r / 6 + r * r / 24),
        series(lambda r: abs(r * r / mp.expm1(r)), abs),
        -_EXP_END,
        _EXP_END,
        11,
        2,
    ),
    Polynomial(
        "EXP2_G",
        "f64/exp2.h",
        "(2^g - 1) / g on |g| <= 1/2",
        series(lambda g: (2**g - 1) / g, lambda g: mp.log(2) + g * mp.log(2) ** 2 / 2),
        lambda g: abs(g) / 2**g,
        -_EXP2_END,
        _EXP2_END,
        11,
        1,
    ),
    Polynomial(
        "SINH",
        "f64/hyperbolic.h",
        "(sinh(r) - r) / r^3 in z = r^2, |r| <= ln(2)/2",
        series(sqrt_of(lambda r: (mp.sinh(r) - r) / r**3), lambda z: mp.mpf(1) / 6 + z / 120 + z * z / 5040),
        series(sqrt_of(lambda r: r**3 / mp.sinh(r)), lambda z: z),
        0.0,
        _EXP_END**2,
        5,
        1,
    ),
    Polynomial(
        "COSH",
        "f64/hyperbolic.h",
        "(cosh(r) - 1) / r^2 in z = r^2, |r| <= ln(2)/2",
        series(sqrt_of(lambda r: (mp.cosh(r) - 1) / r**2), lambda z: mp.mpf(1) / 2 + z / 24 + z * z / 720),
        sqrt_of(lambda r: r * r / mp.cosh(r)),
        0.0,
        _EXP_END**2,
        6,
        1,
    ),
    Polynomial(
        "Q_EXP",
        "int/exp_series.h",
        "(exp(r) - 1) / r on 0 <= r <= ln(2)",
        series(lambda r: mp.expm1(r) / r, lambda r: 1 + r / 2),
        lambda r: r / mp.exp(r),
        0.0,
        math.log(2) * 1.0005,
        7,
        1,
        (),
        (31, 32, 33, 34, 35, 36, 37),
    ),
    Polynomial(
        "Q_EXP64",
        "int/exp_series.h",
        "(exp(r) - 1) / r on |r| <= 0.352",
        series(lambda r: mp.expm1(r) / r, lambda r: 1 + r / 2),
        lambda r: mp.mpf(1),
        -0.352,
        0.352,
        13,
        1,
        (1.0,),
        (63,) * 13,
    ),
)
