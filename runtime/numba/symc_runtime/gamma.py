# SPDX-License-Identifier: Apache-2.0
"""Gamma function: f64/gamma.h."""

from __future__ import annotations

import numpy as np

from .f32 import INFINITY, MAGNITUDE, NAN, ONE32, SIGN, ZERO32, bits, from_bits
from .f64 import SHIFT, UNIT, fma
from .jit import F32, F64, U32, inlined, public

__all__ = ["gamma"]

# begin GAMMA
GAMMA_0 = np.float64(float.fromhex("0x1p+0"))
GAMMA_1 = np.float64(float.fromhex("0x1.2788cfc6fb619p-1"))
GAMMA_2 = np.float64(float.fromhex("-0x1.4fcf4026afa2ep-1"))
GAMMA_3 = np.float64(float.fromhex("-0x1.5815e8fa270c9p-5"))
GAMMA_4 = np.float64(float.fromhex("0x1.5512320b4402p-3"))
GAMMA_5 = np.float64(float.fromhex("-0x1.59af103c3244ap-5"))
GAMMA_6 = np.float64(float.fromhex("-0x1.3b4af2849273bp-7"))
GAMMA_7 = np.float64(float.fromhex("0x1.d919c5268d255p-8"))
GAMMA_8 = np.float64(float.fromhex("-0x1.317112c65123fp-10"))
GAMMA_9 = np.float64(float.fromhex("-0x1.c364fc0eec2c5p-13"))
GAMMA_10 = np.float64(float.fromhex("0x1.0c8a76886ad2p-13"))
GAMMA_11 = np.float64(float.fromhex("-0x1.51cf1b1cf8c09p-16"))
GAMMA_12 = np.float64(float.fromhex("-0x1.4fa77b483f9a3p-20"))
GAMMA_13 = np.float64(float.fromhex("0x1.304ba97cff011p-20"))
GAMMA_14 = np.float64(float.fromhex("-0x1.ba16e91e8a193p-23"))
GAMMA_15 = np.float64(float.fromhex("0x1.4cf23ddd16e85p-28"))
GAMMA_16 = np.float64(float.fromhex("0x1.6be7bfedf6519p-28"))
# end GAMMA

GAMMA_END = U32(0x422C0000)
EXPONENT_END = U32(150)
TWO_23 = U32(0x4B000000)
ZERO = F64(0.0)


@inlined
def gamma_far(x):
    """|x| >= 43, infinite or NaN."""
    u = bits(x)
    magnitude = U32(u & MAGNITUDE)
    if magnitude > INFINITY:
        return from_bits(NAN)
    if u < SIGN:
        return from_bits(INFINITY)
    if magnitude >= TWO_23:
        return from_bits(NAN)
    places = U32(EXPONENT_END - U32(magnitude >> U32(23)))
    if U32(magnitude & U32(U32(ONE32 << places) - ONE32)) == ZERO32:
        return from_bits(NAN)
    odd = U32(U32(magnitude >> places) & ONE32)
    return from_bits(SIGN if odd == ZERO32 else ZERO32)


@public
def gamma(x):
    """The gamma function, correctly rounded."""
    u = bits(x)
    magnitude = U32(u & MAGNITUDE)
    if magnitude >= GAMMA_END:
        return gamma_far(x)
    if magnitude == ZERO32:
        return from_bits(U32(u | INFINITY))
    v = F64(x)
    n = (v + SHIFT) - SHIFT
    t = v - n
    p = GAMMA_16
    p = fma(p, t, GAMMA_15)
    p = fma(p, t, GAMMA_14)
    p = fma(p, t, GAMMA_13)
    p = fma(p, t, GAMMA_12)
    p = fma(p, t, GAMMA_11)
    p = fma(p, t, GAMMA_10)
    p = fma(p, t, GAMMA_9)
    p = fma(p, t, GAMMA_8)
    p = fma(p, t, GAMMA_7)
    p = fma(p, t, GAMMA_6)
    p = fma(p, t, GAMMA_5)
    p = fma(p, t, GAMMA_4)
    p = fma(p, t, GAMMA_3)
    p = fma(p, t, GAMMA_2)
    p = fma(p, t, GAMMA_1)
    numerator = UNIT
    if n >= UNIT:
        denominator = fma(p, t, GAMMA_0)
        while n > UNIT:
            n -= UNIT
            numerator *= t + n
    else:
        denominator = fma(t * t, p, t)
        if denominator == ZERO:
            return from_bits(NAN)
        while n < ZERO:
            denominator *= t + n
            n += UNIT
    r = bits(F32(numerator / denominator))
    off = U32(u == U32(0x27DE86A9)) + U32(u == U32(0x27E05475)) + U32(u == U32(0x41E886D1))
    return from_bits(U32(r - U32(off)))
