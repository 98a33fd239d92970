# SPDX-License-Identifier: Apache-2.0
"""Square root."""

from __future__ import annotations

from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from .f32 import INFINITY, NAN, SIGN, bits, from_bits, select
from .jit import public

__all__ = ["sqrt"]


@intrinsic
def _root(typing_context, x):
    def generate(context, builder, signature, args):
        return builder.call(builder.module.declare_intrinsic("llvm.sqrt", [ir.FloatType()]), args)

    return types.float32(types.float32), generate


@public
def sqrt(x):
    """The square root, correctly rounded by the hardware; NaN below zero, -0 for -0."""
    u = bits(x)
    return from_bits(select((u > INFINITY) & (u != SIGN), NAN, bits(_root(x))))
