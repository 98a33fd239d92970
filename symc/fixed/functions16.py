"""The algorithms of the functions for mantissas of 16 bits, as symc.fixed.functions has them for 32.

The shifts and products are written as mathematics says them; runtime/include/symc/fixed16 does the same in operations
that C defines. Mantissas are int64 arrays.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np

from symc.fixed.functions import I64, coefficients, down, nearest, numbers, root, wrapped

_BITS = 16
_MASK = np.int64(0xFFFF)
_LARGEST = 2**15 - 1
_coefficients = partial(coefficients, "fixed16")
_numbers = partial(numbers, "fixed16")


def _high(a: I64, b: I64 | int) -> I64:
    """The upper half of a product of two magnitudes of 16 bits, rounded."""
    return (a * b + 2**15) >> _BITS


def _alternating(c: tuple[int, ...], h: I64) -> I64:
    p = np.full_like(h, c[-1])
    for coefficient in reversed(c[:-1]):
        p = (coefficient - _high(p, h)) & _MASK
    return p


def _power(t: I64, result: int) -> I64:
    """2^(t 2^-16)."""
    u, n = t & _MASK, t >> _BITS
    first, *others = _coefficients("exp", "FIXED16_EXP2")
    p = np.zeros_like(u)
    for coefficient in (*reversed(others), first - 1):
        p = (_high(p, u) + coefficient) & _MASK
    size = 2**15 | (p * u >> 17)
    shift = np.clip(15 - result - n, 1, 17)
    value = ((size >> (shift - 1)) + 1) >> 1
    return np.where(15 - result - n <= 0, _LARGEST, np.where(shift > _BITS, 0, wrapped(value, _BITS)))


def _power_of(base: int, m: I64, point: int, result: int) -> I64:
    factor = (base + (1 << (point - 2) >> 1)) >> (point - 2)
    t = m * (factor >> _BITS) + ((m * (factor & 0xFFFF) + 2**15) >> _BITS)
    return _power(wrapped(t, 32), result)


def exp(m: I64, point: int, result: int) -> I64:
    (base,) = _numbers("exp", r"symc_fixed16_exp\(.*?\}")
    return _power_of(base, m, point, result)


def exp2(m: I64, point: int, result: int) -> I64:
    return _power_of(2**30, m, point, result)


def _log(base: str) -> Callable[[I64, int, int], I64]:
    def logarithm(m: I64, point: int, result: int) -> I64:
        (c,) = _numbers("log", rf"symc_fixed16_{base}\(.*?\}}")
        factor, double = c >> (46 - result), ((c >> (60 - result)) + 1) >> 1
        inverses, logarithms = (
            np.array(_numbers("log", rf"uint16_t {name}\[16\].*?\}}"), np.int64) for name in ("inverse", "logarithm")
        )
        safe = np.maximum(m, 1)
        top = np.frexp(safe.astype(np.float64))[1].astype(np.int64) - 1
        z = safe << (15 - top)
        i = (z >> 11) & 15
        v = (z * inverses[i] >> 8) & _MASK
        p = _alternating(_coefficients("log", "FIXED16_LOG2"), v)
        fraction = np.minimum(logarithms[i] + ((_high(p, v) + 4) >> 3), _MASK)
        total = (fraction * double >> 1) + (top - point) * factor + 2**15
        return np.where(m > 0, wrapped(total >> _BITS, _BITS), -(2**15))

    return logarithm


def _turn(m: I64, point: int) -> I64:
    (factor,) = _numbers("sin", r"symc_fixed16_turn\(.*?\}")
    return (m * (((factor >> (31 + point)) + 1) >> 1)) & np.int64(0xFFFFFFFF)


def _wave(phase: I64) -> I64:
    v = (phase >> 14) & _MASK
    v = np.where((phase >> 30) & 1 == 1, _MASK - v, v)
    p = _alternating(_coefficients("sin", "FIXED16_SIN"), _high(v, v))
    size = np.minimum(_high(p, v), _LARGEST)
    return np.where(phase >> 31 == 1, -size, size)


def sin(m: I64, point: int, result: int) -> I64:
    return down(_wave(_turn(m, point)), 15 - result)


def cos(m: I64, point: int, result: int) -> I64:
    return down(_wave((_turn(m, point) + 2**30) & np.int64(0xFFFFFFFF)), 15 - result)


def tanh(m: I64, point: int, result: int) -> I64:
    e = exp(-np.abs(m), point - 1, 14)
    size = np.minimum(nearest((2**14 - e) << 15, 2**14 + e), _LARGEST)
    return down(np.where(m < 0, -size, size), 15 - result)


def atan(m: I64, point: int, result: int) -> I64:
    (half,) = _numbers("atan", r"UINT16_C\(\w+\) - symc_fixed16_arc")
    size = np.abs(m)
    small = size < 2**point
    inverse = np.minimum(nearest(np.full_like(size, 2 ** (16 + point)), np.maximum(size, 1)), _MASK)
    v = np.where(small, (size << (16 - point)) & _MASK, inverse)
    arc = _high(_alternating(_coefficients("atan", "FIXED16_ATAN"), _high(v, v)), v)
    angle = down(np.where(small, arc, half - arc), 15 - result)
    return np.where(m < 0, -angle, angle)


FUNCTIONS: dict[str, Callable[[I64, int, int], I64]] = {
    "sqrt": root,
    "exp": exp,
    "exp2": exp2,
    "log": _log("log"),
    "log2": _log("log2"),
    "log10": _log("log10"),
    "sin": sin,
    "cos": cos,
    "tanh": tanh,
    "atan": atan,
}
