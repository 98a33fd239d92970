"""The integer algorithms of the functions, as the oracle computes them: in numpy's 64 bits, from the same coefficients.

The shifts and products are written as mathematics says them; runtime/include/symc/fixed does the same in operations
that C defines. Mantissas are int64 arrays.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache, partial
from math import isqrt

import numpy as np
from numpy.typing import NDArray

from symc import resources

I64 = NDArray[np.int64]
_MASK = np.int64(0xFFFFFFFF)
_LARGEST = 2**31 - 1


@cache
def numbers(folder: str, header: str, pattern: str) -> tuple[int, ...]:
    """The constants of a header of the runtime, which have one place."""
    text = (resources.runtime() / "include" / "symc" / folder / f"{header}.h").read_text(encoding="utf-8")
    found = re.search(pattern, text, re.S)
    assert found is not None
    return tuple(int(number, 0) for number in re.findall(r"INT(?:16|32|64)_C\((\w+)\)", found[0]))


def coefficients(folder: str, header: str, name: str) -> tuple[int, ...]:
    """Those of a polynomial, lowest power first."""
    return numbers(folder, header, rf"begin {name} .*?end {name}")


_coefficients = partial(coefficients, "fixed")
_numbers = partial(numbers, "fixed")


def down(m: I64, k: int) -> I64:
    """m 2^-k, to the nearest integer, ties upward."""
    if k <= 0:
        return m << -k
    return (m + (np.int64(1) << (k - 1))) >> k


def nearest(n: I64, d: I64) -> I64:
    """n / d to the nearest integer, ties upward, d > 0; n is at most 2^62."""
    quotient, rest = n // d, n % d
    return quotient + (2 * rest >= d)


def wrapped(m: I64, bits: int = 32) -> I64:
    """The signed integer with the low bits of m."""
    half = np.int64(1) << (bits - 1)
    return ((m + half) & (2 * half - 1)) - half


def _high(a: I64, b: I64 | int) -> I64:
    """The upper half of a product of two magnitudes of 32 bits, rounded."""
    product = a.astype(np.uint64) * np.asarray(b).astype(np.uint64)
    return ((product + np.uint64(2**31)) >> np.uint64(32)).astype(np.int64)


def _scaled(m: I64, factor: int) -> I64:
    """m factor 2^-32, the part of the factor below 2^32 rounded by itself."""
    return m * (factor >> 32) + ((m * (factor & 0xFFFFFFFF) + 2**31) >> 32)


def _alternating(c: tuple[int, ...], h: I64) -> I64:
    p = np.full_like(h, c[-1])
    for coefficient in reversed(c[:-1]):
        p = (coefficient - _high(p, h)) & _MASK
    return p


def _power(t: I64, result: int) -> I64:
    """2^(t 2^-32)."""
    u, n = t & _MASK, t >> 32
    first, *others = _coefficients("exp", "FIXED_EXP2")
    p = np.zeros_like(u)
    for coefficient in (*reversed(others), first - 1):
        p = (_high(p, u) + coefficient) & _MASK
    size = 2**31 + (_high(p, u) >> 1)
    shift = np.clip(31 - result - n, 1, 33)
    value = ((size >> (shift - 1)) + 1) >> 1
    return np.where(31 - result - n <= 0, _LARGEST, np.where(shift > 32, 0, wrapped(value)))


def exp(m: I64, point: int, result: int) -> I64:
    (base,) = _numbers("exp", r"symc_fixed_exp\(.*?\}")
    return _power(_scaled(m, base >> (point - 2)), result)


def exp2(m: I64, point: int, result: int) -> I64:
    return _power(_scaled(m, 2 ** (64 - point)), result)


def _log(base: str) -> Callable[[I64, int, int], I64]:
    def logarithm(m: I64, point: int, result: int) -> I64:
        (factor,) = (number >> (30 - result) for number in _numbers("log", rf"symc_fixed_{base}\(.*?\}}"))
        inverses, logarithms = (
            np.array(_numbers("log", rf"uint32_t {name}\[16\].*?\}}"), np.int64) for name in ("inverse", "logarithm")
        )
        safe = np.maximum(m, 1)
        top = np.frexp(safe.astype(np.float64))[1].astype(np.int64) - 1
        z = safe << (31 - top)
        i = (z >> 27) & 15
        v = (z * inverses[i] - 2**62) >> 26
        p = _alternating(_coefficients("log", "FIXED_LOG2"), v)
        fraction = logarithms[i] + ((_high(p, v) + 8) >> 4)
        # Modulo 2^64, as all of it is: what fits at the end was right on the way.
        words = (fraction.astype(np.uint64), (top - point).astype(np.uint64))
        total = words[0] * np.uint64((factor + 2**30) >> 31) + words[1] * np.uint64(factor) + np.uint64(2**31)
        return np.where(m > 0, wrapped((total >> np.uint64(32)).astype(np.int64)), -(2**31))

    return logarithm


def _wave(phase: I64) -> I64:
    v = (phase << 2) & _MASK
    v = np.where((phase >> 30) & 1 == 1, _MASK - v, v)
    p = _alternating(_coefficients("sin", "FIXED_SIN"), _high(v, v))
    size = np.minimum(_high(p, v), _LARGEST)
    return np.where(phase >> 31 == 1, -size, size)


def _turn(m: I64, point: int) -> I64:
    (factor,) = _numbers("sin", r"symc_fixed_turn\(.*?\}")
    return _scaled(m, factor >> point) & _MASK


def sin(m: I64, point: int, result: int) -> I64:
    return down(_wave(_turn(m, point)), 31 - result)


def cos(m: I64, point: int, result: int) -> I64:
    return down(_wave((_turn(m, point) + 2**30) & _MASK), 31 - result)


def tanh(m: I64, point: int, result: int) -> I64:
    e = exp(-np.abs(m), point - 1, 30)
    size = np.minimum(nearest((2**30 - e) << 31, 2**30 + e), _LARGEST)
    return down(np.where(m < 0, -size, size), 31 - result)


def atan(m: I64, point: int, result: int) -> I64:
    (half,) = _numbers("atan", r"UINT32_C\(0x\w+\) - symc_fixed_arc")
    size = np.abs(m)
    small = size < 2**point
    inverse = np.minimum(nearest(np.full_like(size, 2 ** (32 + point)), np.maximum(size, 1)), _MASK)
    v = np.where(small, (size << (32 - point)) & _MASK, inverse)
    arc = _high(_alternating(_coefficients("atan", "FIXED_ATAN"), _high(v, v)), v)
    angle = down(np.where(small, arc, half - arc), 31 - result)
    return np.where(m < 0, -angle, angle)


def root(m: I64, point: int, result: int) -> I64:
    """The square root, of any word."""
    shift = 2 * result - point
    # Python's integers: the root of 60 bits is no float's.
    roots = [isqrt(max(value, 0) << (shift + 2)) for value in m.tolist()]
    return np.array([(root + 1) // 2 for root in roots], np.int64).reshape(m.shape)


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
