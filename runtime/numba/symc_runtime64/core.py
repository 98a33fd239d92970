# SPDX-License-Identifier: Apache-2.0
"""binary64: bit patterns, operations that are exact or rounded once, comparisons, and the types of the functions."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from .jit import F64, U64, public

SHIFT = 1.5 * 2.0**52
SIGN = U64(0x8000000000000000)
MAGNITUDE = U64(0x7FFFFFFFFFFFFFFF)


class Pair(NamedTuple):
    """The number hi + lo, which no double holds."""

    hi: float
    lo: float


class Angle(NamedTuple):
    """k pi/64 + hi + lo; k counts modulo 128."""

    k: int
    hi: float
    lo: float


@intrinsic
def bits(typing_context, x):
    """The bit pattern of a float64, as uint64."""

    def generate(context, builder, signature, args):
        return builder.bitcast(args[0], ir.IntType(64))

    return types.uint64(types.float64), generate


@intrinsic
def from_bits(typing_context, u):
    """The float64 with the bit pattern u (uint64)."""

    def generate(context, builder, signature, args):
        return builder.bitcast(args[0], ir.DoubleType())

    return types.float64(types.uint64), generate


@public
def canonical(x):
    """x, with any NaN replaced by 0x7ff8000000000000."""
    return x if x == x else np.nan


@public
def neg(x):
    """The sign bit flips, of a NaN too."""
    return from_bits(U64(bits(x) ^ SIGN))


@public
def abs_(x):
    """The sign bit is cleared, of a NaN too."""
    return from_bits(U64(bits(x) & MAGNITUDE))


@public
def with_sign(x, y):
    """x >= 0 with the sign of y."""
    return from_bits(U64(bits(x) | U64(bits(y) & SIGN)))


@public
def times_sign(x, y):
    """x, or -x where the sign of y is negative."""
    return from_bits(U64(bits(x) ^ U64(bits(y) & SIGN)))


@public
def relu(x):
    """0 for x < 0, else x: -0 and NaN stay."""
    return 0.0 if x < 0.0 else x


@public
def if_positive(c, x, y):
    """x where c > 0, else y; also where c is a NaN."""
    return x if c > 0.0 else y


@public
def minimum(x, y):
    """The lesser; a NaN operand gives NaN; min(-0, +0) is -0."""
    if x != x or y != y:
        return np.nan
    if x == y:
        return from_bits(U64(bits(x) | bits(y)))
    return x if x < y else y


@public
def maximum(x, y):
    """The greater; a NaN operand gives NaN; max(-0, +0) is +0."""
    if x != x or y != y:
        return np.nan
    if x == y:
        return from_bits(U64(bits(x) & bits(y)))
    return x if x > y else y


@public
def lt(x, y):
    """1.0 where x < y, else 0.0."""
    return F64(x < y)


@public
def le(x, y):
    """1.0 where x <= y, else 0.0."""
    return F64(x <= y)


@public
def gt(x, y):
    """1.0 where x > y, else 0.0."""
    return F64(x > y)


@public
def ge(x, y):
    """1.0 where x >= y, else 0.0."""
    return F64(x >= y)


@public
def eq(x, y):
    """1.0 where x == y, else 0.0."""
    return F64(x == y)


@public
def ne(x, y):
    """1.0 where x != y or an operand is a NaN, else 0.0."""
    return F64(x != y)


@public
def sqrt(x):
    """The square root, correctly rounded by the hardware; NaN below zero, -0 for -0."""
    return np.sqrt(x)


@public
def floor(x):
    """The greatest integer not above x."""
    return np.floor(x)


@public
def ceil(x):
    """The least integer not below x."""
    return np.ceil(x)


@public
def round_(x):
    """The nearest integer, the even one of two as near."""
    return np.rint(x)


@public
def trunc(x):
    """The integer next to x towards zero."""
    return np.trunc(x)


@public
def sign(x):
    """-1 below zero, 1 above it, x itself for zeros and NaN."""
    if x > 0.0:
        return 1.0
    return -1.0 if x < 0.0 else x


@public
def mod(x, y):
    """x - y floor(x / y): the remainder, of the sign of y; exact, or the exact remainder plus y rounded once."""
    if x != x or y != y or abs_(x) == np.inf or y == 0.0:
        return np.nan
    r = np.fmod(x, y)
    if r == 0.0:
        return with_sign(0.0, y)
    return r if (r > 0.0) == (y > 0.0) else r + y
