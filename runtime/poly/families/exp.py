"""Exponentials and hyperbolic functions."""

from __future__ import annotations

import math

import mpmath as mp
from minimax import Polynomial, series

_EXP_END = math.log(2) / 2 * 1.0005

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
