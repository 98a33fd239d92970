# SPDX-License-Identifier: Apache-2.0
"""Arc tangent in radians: f64/atan.h."""

from __future__ import annotations

import numpy as np

from .f32 import INFINITY, NAN, SIGN, bits, from_bits, magnitude, select
from .f64 import UNIT, fma
from .jit import F32, F64, U32, public

__all__ = ["atan"]

# begin ATAN
ATAN_1 = np.float64(float.fromhex("-0x1.555555555554ap-2"))
ATAN_2 = np.float64(float.fromhex("0x1.9999999996e2dp-3"))
ATAN_3 = np.float64(float.fromhex("-0x1.249249231b748p-3"))
ATAN_4 = np.float64(float.fromhex("0x1.c71c710a44529p-4"))
ATAN_5 = np.float64(float.fromhex("-0x1.745cfc64113b3p-4"))
ATAN_6 = np.float64(float.fromhex("0x1.3b1150c6554ffp-4"))
ATAN_7 = np.float64(float.fromhex("-0x1.10edf20e6dda3p-4"))
ATAN_8 = np.float64(float.fromhex("0x1.df2cd0222e087p-5"))
ATAN_9 = np.float64(float.fromhex("-0x1.9d4d1e37e3173p-5"))
ATAN_10 = np.float64(float.fromhex("0x1.38f5f0e32d722p-5"))
ATAN_11 = np.float64(float.fromhex("-0x1.27b79067860abp-6"))
# end ATAN

ZERO = F64(0.0)
PI_2 = F64(float.fromhex("0x1.921fb54442d18p+0"))
PI_2_LOW = F64(float.fromhex("0x1.1a62633145c07p-54"))
PI_4 = F64(float.fromhex("0x1.921fb54442d18p-1"))
PI_4_LOW = F64(float.fromhex("0x1.1a62633145c07p-55"))


@public
def atan(x):
    """The arc tangent, correctly rounded."""
    m = magnitude(x)
    v = F64(from_bits(m))
    above = m > U32(0x3ED413CC)
    outer = m > U32(0x401A8279)
    numerator = select(outer, -UNIT, select(above, v - UNIT, v))
    denominator = select(outer, v, select(above, v + UNIT, UNIT))
    base = select(outer, PI_2, select(above, PI_4, ZERO))
    rest = select(outer, PI_2_LOW, select(above, PI_4_LOW, ZERO))
    t = numerator / denominator
    z = t * t
    p = ATAN_11
    p = fma(p, z, ATAN_10)
    p = fma(p, z, ATAN_9)
    p = fma(p, z, ATAN_8)
    p = fma(p, z, ATAN_7)
    p = fma(p, z, ATAN_6)
    p = fma(p, z, ATAN_5)
    p = fma(p, z, ATAN_4)
    p = fma(p, z, ATAN_3)
    p = fma(p, z, ATAN_2)
    p = fma(p, z, ATAN_1)
    p = base + (t + fma(t * z, p, rest))
    y = U32(U32(bits(F32(p)) | U32(bits(x) & SIGN)) + U32(m == U32(0x3D8D6B23)))
    return from_bits(select(m > INFINITY, NAN, y))
