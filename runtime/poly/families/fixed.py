"""The functions of fixed-point code: of magnitudes in 32 and in 16 bits, so that every coefficient is positive."""

from __future__ import annotations

import mpmath as mp
from minimax import Polynomial, series


def _of_root(f: object) -> object:
    return lambda t: f(mp.sqrt(-t)) / mp.sqrt(-t)  # type: ignore[operator]


_EXP2 = series(lambda u: (mp.mpf(2) ** u - 1) / u, lambda u: mp.log(2) + mp.log(2) ** 2 * u / 2, 1e-20)
_LOG2 = series(lambda t: mp.log(1 - t / 16, 2) / -t, lambda t: (1 + t / 32) / (16 * mp.log(2)), 1e-20)
_SIN = series(_of_root(lambda v: mp.sin(mp.pi / 2 * v)), lambda t: mp.pi / 2 + (mp.pi / 2) ** 3 * t / 6, 1e-15)
_ATAN = series(_of_root(mp.atan), lambda t: 1 + t / 3, 1e-15)

POLYNOMIALS = (
    Polynomial(
        "FIXED_EXP2",
        "fixed/exp.h",
        "(2^u - 1) / u on 0 <= u <= 1, times 2^32",
        _EXP2,
        lambda u: u / mp.mpf(2) ** u,
        0.0,
        1.0,
        7,
        1,
        points=(32,) * 7,
    ),
    Polynomial(
        "FIXED_LOG2",
        "fixed/log.h",
        "log2(1 + v/16) / v in t = -v, 0 <= v <= 1, times 2^35",
        _LOG2,
        lambda t: 16 * -t,
        -1.0,
        0.0,
        5,
        1,
        points=(35,) * 5,
    ),
    Polynomial(
        "FIXED_SIN",
        "fixed/sin.h",
        "sin(pi/2 v) / v in t = -v^2, 0 <= v <= 1, times 2^31",
        _SIN,
        lambda t: mp.sqrt(-t),
        -1.0,
        0.0,
        6,
        0,
        points=(31,) * 6,
    ),
    Polynomial(
        "FIXED_ATAN",
        "fixed/atan.h",
        "atan(v) / v in t = -v^2, 0 <= v <= 1, times 2^31",
        _ATAN,
        lambda t: mp.sqrt(-t),
        -1.0,
        0.0,
        12,
        0,
        points=(31,) * 12,
    ),
    Polynomial(
        "FIXED16_EXP2",
        "fixed16/exp.h",
        "(2^u - 1) / u on 0 <= u <= 1, times 2^16",
        _EXP2,
        lambda u: u / mp.mpf(2) ** u,
        0.0,
        1.0,
        4,
        1,
        points=(16,) * 4,
    ),
    Polynomial(
        "FIXED16_LOG2",
        "fixed16/log.h",
        "log2(1 + v/16) / v in t = -v, 0 <= v <= 1, times 2^19",
        _LOG2,
        lambda t: 16 * -t,
        -1.0,
        0.0,
        3,
        1,
        points=(19,) * 3,
    ),
    Polynomial(
        "FIXED16_SIN",
        "fixed16/sin.h",
        "sin(pi/2 v) / v in t = -v^2, 0 <= v <= 1, times 2^15",
        _SIN,
        lambda t: mp.sqrt(-t),
        -1.0,
        0.0,
        4,
        0,
        points=(15,) * 4,
    ),
    Polynomial(
        "FIXED16_ATAN",
        "fixed16/atan.h",
        "atan(v) / v in t = -v^2, 0 <= v <= 1, times 2^15",
        _ATAN,
        lambda t: mp.sqrt(-t),
        -1.0,
        0.0,
        6,
        0,
        points=(15,) * 6,
    ),
)
