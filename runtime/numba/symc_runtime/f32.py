# SPDX-License-Identifier: Apache-2.0
"""binary32: bit patterns, operations that are exact, comparisons."""

from __future__ import annotations

import numpy as np
from llvmlite import ir
from numba import types
from numba.core.errors import TypingError
from numba.extending import intrinsic

from .jit import F32, U32, inlined, public

__all__ = [
    "abs_",
    "bits",
    "canonical",
    "eq",
    "from_bits",
    "ge",
    "gt",
    "le",
    "lt",
    "maximum",
    "minimum",
    "ne",
    "neg",
    "relu",
]

SIGN = U32(0x80000000)
MAGNITUDE = U32(0x7FFFFFFF)
ONE = U32(0x3F800000)
INFINITY = U32(0x7F800000)
NAN = U32(0x7FC00000)
ZERO32 = U32(0)
ONE32 = U32(1)


@intrinsic
def bits(typing_context, x):
    """The bit pattern of a float32, as uint32."""

    def generate(context, builder, signature, args):
        return builder.bitcast(args[0], ir.IntType(32))

    return types.uint32(types.float32), generate


@intrinsic
def from_bits(typing_context, u):
    """The float32 with the bit pattern u (uint32)."""

    def generate(context, builder, signature, args):
        return builder.bitcast(args[0], ir.FloatType())

    return types.float32(types.uint32), generate


@intrinsic
def select(typing_context, condition, a, b):
    """a where the condition holds, else b: both are computed, because a branch may keep a loop from vectorising."""
    if a != b:
        raise TypingError(f"select takes two values of one type, not {a} and {b}")

    def generate(context, builder, signature, args):
        return builder.select(*args)

    return a(types.boolean, a, a), generate


@inlined
def magnitude(x):
    """The bits without the sign."""
    return U32(bits(x) & MAGNITUDE)


@inlined
def is_nan(x):
    """Whether x is a NaN."""
    return magnitude(x) > INFINITY


@public
def canonical(x):
    """x, with any NaN replaced by 0x7fc00000."""
    return from_bits(select(is_nan(x), NAN, bits(x)))


@public
def neg(x):
    """The sign bit flips, of a NaN too."""
    return from_bits(U32(bits(x) ^ SIGN))


@public
def abs_(x):
    """The sign bit is cleared, of a NaN too."""
    return from_bits(magnitude(x))


@public
def relu(x):
    """0 for x < 0, else x: -0 and NaN stay."""
    u = bits(x)
    return from_bits(select((u > SIGN) & (u <= U32(INFINITY | SIGN)), ZERO32, u))


@inlined
def total_order(x):
    """An int32 in the order of the floats, -0 before +0."""
    u = bits(x)
    return np.int32(select(u >= SIGN, U32(u ^ MAGNITUDE), u))


@public
def minimum(x, y):
    """The lesser; a NaN operand gives NaN; min(-0, +0) is -0."""
    r = select(total_order(x) < total_order(y), bits(x), bits(y))
    return from_bits(select(is_nan(x) | is_nan(y), NAN, r))


@public
def maximum(x, y):
    """The greater; a NaN operand gives NaN; max(-0, +0) is +0."""
    r = select(total_order(x) < total_order(y), bits(y), bits(x))
    return from_bits(select(is_nan(x) | is_nan(y), NAN, r))


@public
def lt(x, y):
    """1.0 where x < y, else 0.0."""
    return F32(x < y)


@public
def le(x, y):
    """1.0 where x <= y, else 0.0."""
    return F32(x <= y)


@public
def gt(x, y):
    """1.0 where x > y, else 0.0."""
    return F32(x > y)


@public
def ge(x, y):
    """1.0 where x >= y, else 0.0."""
    return F32(x >= y)


@public
def eq(x, y):
    """1.0 where x == y, else 0.0."""
    return F32(x == y)


@public
def ne(x, y):
    """1.0 where x != y or an operand is a NaN, else 0.0."""
    return F32(x != y)
