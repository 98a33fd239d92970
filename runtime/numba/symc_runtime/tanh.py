# SPDX-License-Identifier: Apache-2.0
"""Hyperbolic tangent: f64/tanh.h."""

from __future__ import annotations

import numpy as np

from .f32 import INFINITY, MAGNITUDE, NAN, SIGN, bits, from_bits, select
from .f64 import INVERSE_LN2, LN2_SHORT, LN2_SHORT_LOW, SHIFT, UNIT, fma, power_of_two
from .jit import F32, F64, U32, public

__all__ = ["tanh"]

# begin EXPM1
EXPM1_2 = np.float64(float.fromhex("0x1.0000000000005p-1"))
EXPM1_3 = np.float64(float.fromhex("0x1.55555555553e7p-3"))
EXPM1_4 = np.float64(float.fromhex("0x1.5555555551c61p-5"))
EXPM1_5 = np.float64(float.fromhex("0x1.11111111332ecp-7"))
EXPM1_6 = np.float64(float.fromhex("0x1.6c16c182c9accp-10"))
EXPM1_7 = np.float64(float.fromhex("0x1.a01a039e803bp-13"))
EXPM1_8 = np.float64(float.fromhex("0x1.a01995e2cbc3cp-16"))
EXPM1_9 = np.float64(float.fromhex("0x1.71d2db1dc9332p-19"))
EXPM1_10 = np.float64(float.fromhex("0x1.28b774af76a0bp-22"))
EXPM1_11 = np.float64(float.fromhex("0x1.cb81980084798p-26"))
# end EXPM1


@public
def tanh(x):
    """The hyperbolic tangent, correctly rounded."""
    u = bits(x)
    magnitude = U32(u & MAGNITUDE)
    half = F64(from_bits(U32(min(magnitude, U32(0x41200000)))))
    v = half + half
    shifted = fma(v, INVERSE_LN2, SHIFT)
    n = shifted - SHIFT
    r = fma(-n, LN2_SHORT_LOW, fma(-n, LN2_SHORT, v))
    p = EXPM1_11
    p = fma(p, r, EXPM1_10)
    p = fma(p, r, EXPM1_9)
    p = fma(p, r, EXPM1_8)
    p = fma(p, r, EXPM1_7)
    p = fma(p, r, EXPM1_6)
    p = fma(p, r, EXPM1_5)
    p = fma(p, r, EXPM1_4)
    p = fma(p, r, EXPM1_3)
    p = fma(p, r, EXPM1_2)
    p = fma(r * r, p, r)
    scale = power_of_two(shifted)
    e = fma(p, scale, scale - UNIT)
    y = U32(bits(F32(e / (e + F64(2.0)))) | U32(u & SIGN))
    return from_bits(select(magnitude > INFINITY, NAN, y))
