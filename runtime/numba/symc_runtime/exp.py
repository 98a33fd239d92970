# SPDX-License-Identifier: Apache-2.0
"""Exponential function: f64/exp.h."""

from __future__ import annotations

import numpy as np
from numba import types
from numba.extending import intrinsic

from .f32 import INFINITY, MAGNITUDE, NAN, SIGN, ZERO32, bits, from_bits, magnitude
from .f64 import HAS_FMA, INVERSE_LN2, LN2_SHORT, LN2_SHORT_LOW, SHIFT, UNIT, fma, power_of_two
from .jit import F32, F64, U32, called, public

__all__ = ["exp", "exp_fast"]

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

# begin EXP_SHORT
EXP_SHORT_2 = np.float64(float.fromhex("0x1.000000005e3e2p-1"))
EXP_SHORT_3 = np.float64(float.fromhex("0x1.5555557dec915p-3"))
EXP_SHORT_4 = np.float64(float.fromhex("0x1.5555541d8bb97p-5"))
EXP_SHORT_5 = np.float64(float.fromhex("0x1.1110a23121a72p-7"))
EXP_SHORT_6 = np.float64(float.fromhex("0x1.6c18d40ebe1b7p-10"))
EXP_SHORT_7 = np.float64(float.fromhex("0x1.a185abd869893p-13"))
EXP_SHORT_8 = np.float64(float.fromhex("0x1.9e88e39c0cd65p-16"))
# end EXP_SHORT

SHIFT32 = F32(float.fromhex("0x1.8p23"))
INVERSE_LN2_32 = F32(float.fromhex("0x1.715476p+0"))
LN2_UPPER = F32(float.fromhex("0x1.62e4p-1"))
LN2_REST = F64(float.fromhex("0x1.7f7d1cf79abcap-20"))
LN2_REST_32 = F32(float.fromhex("0x1.7f7d1cp-20"))
T_5, T_6, T_7, T_8 = F32(EXP_SHORT_5), F32(EXP_SHORT_6), F32(EXP_SHORT_7), F32(EXP_SHORT_8)
BELOW = F64(1.0 - 2.0**-37)
ABOVE = F64(1.0 + 2.0**-37)


@intrinsic
def _fma32(typing_context, a, b, c):
    """a*b + c in float32, fused where f64.fma is."""

    def generate(context, builder, signature, args):
        if HAS_FMA:
            return builder.fma(*args)
        return builder.fadd(builder.fmul(args[0], args[1]), args[2])

    return types.float32(types.float32, types.float32, types.float32), generate


@public
def exp_fast(x):
    """(e**x, slow)."""
    shifted = _fma32(x, INVERSE_LN2_32, SHIFT32)
    n = shifted - SHIFT32
    upper = _fma32(-n, LN2_UPPER, x)
    s = _fma32(-n, LN2_REST_32, upper)
    t = T_8
    t = _fma32(t, s, T_7)
    t = _fma32(t, s, T_6)
    t = _fma32(t, s, T_5)
    r = fma(-F64(n), LN2_REST, F64(upper))
    p = fma(F64(t), r, EXP_SHORT_4)
    p = fma(p, r, EXP_SHORT_3)
    p = fma(p, r, EXP_SHORT_2)
    p = fma(p, r, UNIT)
    low = bits(F32(fma(p, r, BELOW)))
    high = bits(F32(fma(p, r, ABOVE)))
    slow = U32(U32(low ^ high) | U32(magnitude(x) > U32(0x42AE0000)))
    return from_bits(U32(high + U32(bits(shifted) << U32(23)))), slow


@called
def _exp_slow(x):
    u = bits(x)
    size = U32(u & MAGNITUDE)
    clamped = U32(min(size, U32(0x42D20000)))
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
    return from_bits(NAN if size > INFINITY else y)


@public
def exp(x):
    """e**x, correctly rounded."""
    y, slow = exp_fast(x)
    return y if slow == ZERO32 else _exp_slow(x)
