# SPDX-License-Identifier: Apache-2.0
"""Exponential function: f64/exp.h."""

from __future__ import annotations

import numpy as np

from .f32 import INFINITY, MAGNITUDE, NAN, SIGN, bits, from_bits
from .f64 import INVERSE_LN2, LN2_SHORT, LN2_SHORT_LOW, SHIFT, UNIT, fma, power_of_two
from .jit import F32, F64, U32, inlined

__all__ = ["exp"]

# begin EXP
EXP_2 = np.float64(float.fromhex("0x1.000000000000ap-1"))
EXP_3 = np.float64(float.fromhex("0x1.5555555555502p-3"))
EXP_4 = np.float64(float.fromhex("0x1.5555555550607p-5"))
EXP_5 = np.float64(float.fromhex("0x1.11111111251e2p-7"))
EXP_6 = np.float64(float.fromhex("0x1.6c16c184b3612p-10"))
EXP_7 = np.float64(float.fromhex("0x1.a01a013b60614p-13"))
EXP_8 = np.float64(float.fromhex("0x1.a019989abd987p-16"))
EXP_9 = np.float64(float.fromhex("0x1.71def9ae4f87ep-19"))
EXP_10 = np.float64(float.fromhex("0x1.28aec2ed8e5adp-22"))
EXP_11 = np.float64(float.fromhex("0x1.adcc0a4d9b034p-26"))
# end EXP


@inlined
def exp(x):
    """e**x, correctly rounded."""
    u = bits(x)
    magnitude = U32(u & MAGNITUDE)
    clamped = U32(min(magnitude, U32(0x42D20000)))
    v = F64(from_bits(U32(clamped | U32(u & SIGN))))
    shifted = fma(v, INVERSE_LN2, SHIFT)
    n = shifted - SHIFT
    r = fma(-n, LN2_SHORT_LOW, fma(-n, LN2_SHORT, v))
    p = EXP_11
    p = fma(p, r, EXP_10)
    p = fma(p, r, EXP_9)
    p = fma(p, r, EXP_8)
    p = fma(p, r, EXP_7)
    p = fma(p, r, EXP_6)
    p = fma(p, r, EXP_5)
    p = fma(p, r, EXP_4)
    p = fma(p, r, EXP_3)
    p = fma(p, r, EXP_2)
    p = fma(p, r, UNIT)
    p = fma(p, r, UNIT)
    y = bits(F32(p * power_of_two(shifted)))
    return from_bits(NAN if magnitude > INFINITY else y)
