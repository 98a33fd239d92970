# SPDX-License-Identifier: Apache-2.0
"""e**x - 1: f64/expm1.h."""

from __future__ import annotations

import numpy as np

from .f32 import INFINITY, MAGNITUDE, NAN, SIGN, bits, from_bits, select
from .f64 import INVERSE_LN2, LN2_SHORT, LN2_SHORT_LOW, SHIFT, UNIT, fma, power_of_two
from .jit import F32, F64, U32, public

__all__ = ["expm1"]

# begin EXPM1_R
EXPM1_R_2 = np.float64(float.fromhex("0x1p-1"))
EXPM1_R_3 = np.float64(float.fromhex("0x1.5555555555559p-3"))
EXPM1_R_4 = np.float64(float.fromhex("0x1.5555555555558p-5"))
EXPM1_R_5 = np.float64(float.fromhex("0x1.111111110f71cp-7"))
EXPM1_R_6 = np.float64(float.fromhex("0x1.6c16c16c177e4p-10"))
EXPM1_R_7 = np.float64(float.fromhex("0x1.a01a01af997e5p-13"))
EXPM1_R_8 = np.float64(float.fromhex("0x1.a01a01983865fp-16"))
EXPM1_R_9 = np.float64(float.fromhex("0x1.71ddf932b4e02p-19"))
EXPM1_R_10 = np.float64(float.fromhex("0x1.27e5063d8d4d8p-22"))
EXPM1_R_11 = np.float64(float.fromhex("0x1.af5d258b7b04dp-26"))
EXPM1_R_12 = np.float64(float.fromhex("0x1.1f24f86096198p-29"))
# end EXPM1_R


@public
def expm1(x):
    """e**x - 1, correctly rounded."""
    u = bits(x)
    magnitude = U32(u & MAGNITUDE)
    clamped = U32(min(magnitude, U32(0x42D20000)))
    v = F64(from_bits(U32(clamped | U32(u & SIGN))))
    shifted = fma(v, INVERSE_LN2, SHIFT)
    n = shifted - SHIFT
    r = fma(-n, LN2_SHORT_LOW, fma(-n, LN2_SHORT, v))
    p = EXPM1_R_12
    p = fma(p, r, EXPM1_R_11)
    p = fma(p, r, EXPM1_R_10)
    p = fma(p, r, EXPM1_R_9)
    p = fma(p, r, EXPM1_R_8)
    p = fma(p, r, EXPM1_R_7)
    p = fma(p, r, EXPM1_R_6)
    p = fma(p, r, EXPM1_R_5)
    p = fma(p, r, EXPM1_R_4)
    p = fma(p, r, EXPM1_R_3)
    p = fma(p, r, EXPM1_R_2)
    p = fma(r * r, p, r)
    scale = power_of_two(shifted)
    y = U32(bits(F32(fma(p, scale, scale - UNIT))) | U32(u & SIGN))
    return from_bits(select(magnitude > INFINITY, NAN, y))
