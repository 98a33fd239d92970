# SPDX-License-Identifier: Apache-2.0
"""Arc sine in radians: f64/asin.h."""

from __future__ import annotations

import numpy as np
from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from .f32 import NAN, ONE, SIGN, bits, from_bits, magnitude, select
from .f64 import UNIT, fma
from .jit import F32, F64, U32, inlined, public

__all__ = ["asin"]

# begin ASIN
ASIN_1 = np.float64(float.fromhex("0x1.5555555555562p-3"))
ASIN_2 = np.float64(float.fromhex("0x1.33333333302bp-4"))
ASIN_3 = np.float64(float.fromhex("0x1.6db6db70cce74p-5"))
ASIN_4 = np.float64(float.fromhex("0x1.f1c71afd35dc8p-6"))
ASIN_5 = np.float64(float.fromhex("0x1.6e8bd4c505706p-6"))
ASIN_6 = np.float64(float.fromhex("0x1.1c4a939df7ac1p-6"))
ASIN_7 = np.float64(float.fromhex("0x1.ca1197869774ap-7"))
ASIN_8 = np.float64(float.fromhex("0x1.75ef0ebe4a9d5p-7"))
ASIN_9 = np.float64(float.fromhex("0x1.5f1520935d60dp-7"))
ASIN_10 = np.float64(float.fromhex("0x1.0243e1afed55dp-8"))
ASIN_11 = np.float64(float.fromhex("0x1.5ad29eb1b0173p-6"))
ASIN_12 = np.float64(float.fromhex("-0x1.4c2c62ec9dd96p-6"))
ASIN_13 = np.float64(float.fromhex("0x1.07c0078adceffp-5"))
# end ASIN

HALF = F64(0.5)
HALF32 = U32(0x3F000000)
PI_2 = F64(float.fromhex("0x1.921fb54442d18p+0"))
PI_2_LOW = F64(float.fromhex("0x1.1a62633145c07p-54"))


@intrinsic
def _root(typing_context, v):
    def generate(context, builder, signature, args):
        return builder.call(builder.module.declare_intrinsic("llvm.sqrt", [ir.DoubleType()]), args)

    return types.float64(types.float64), generate


@inlined
def asin_kernel(m):
    """asin |x| for |x| <= 1/2, else asin(sqrt((1 - |x|)/2)), m being the bits of |x|."""
    v = F64(from_bits(m))
    z = select(m <= HALF32, v * v, (UNIT - v) * HALF)
    s = select(m <= HALF32, v, _root(z))
    p = ASIN_13
    p = fma(p, z, ASIN_12)
    p = fma(p, z, ASIN_11)
    p = fma(p, z, ASIN_10)
    p = fma(p, z, ASIN_9)
    p = fma(p, z, ASIN_8)
    p = fma(p, z, ASIN_7)
    p = fma(p, z, ASIN_6)
    p = fma(p, z, ASIN_5)
    p = fma(p, z, ASIN_4)
    p = fma(p, z, ASIN_3)
    p = fma(p, z, ASIN_2)
    p = fma(p, z, ASIN_1)
    return fma(s * z, p, s)


@public
def asin(x):
    """The arc sine, correctly rounded."""
    m = magnitude(x)
    p = asin_kernel(m)
    outer = (PI_2 - (p + p)) + PI_2_LOW
    y = bits(F32(select(m <= HALF32, p, outer)))
    y = U32(select(m == U32(0x3F083A1A), U32(0x3F0FA5B2), y) | U32(bits(x) & SIGN))
    return from_bits(select(m > ONE, NAN, y))
