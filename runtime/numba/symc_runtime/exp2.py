# SPDX-License-Identifier: Apache-2.0
"""Power of two: f64/exp2.h."""

from __future__ import annotations

import numpy as np

from .f32 import INFINITY, MAGNITUDE, NAN, SIGN, bits, from_bits, select
from .f64 import SHIFT, UNIT, fma, power_of_two
from .jit import F32, F64, U32, public

__all__ = ["exp2"]

# begin EXP2_G
EXP2_G_1 = np.float64(float.fromhex("0x1.62e42fefa39efp-1"))
EXP2_G_2 = np.float64(float.fromhex("0x1.ebfbdff82c5b3p-3"))
EXP2_G_3 = np.float64(float.fromhex("0x1.c6b08d704a26fp-5"))
EXP2_G_4 = np.float64(float.fromhex("0x1.3b2ab6fb9dacfp-7"))
EXP2_G_5 = np.float64(float.fromhex("0x1.5d87fe78456p-10"))
EXP2_G_6 = np.float64(float.fromhex("0x1.430913167858bp-13"))
EXP2_G_7 = np.float64(float.fromhex("0x1.ffcbfe676a945p-17"))
EXP2_G_8 = np.float64(float.fromhex("0x1.62bfb4b0d62a5p-20"))
EXP2_G_9 = np.float64(float.fromhex("0x1.b5208038b59fp-24"))
EXP2_G_10 = np.float64(float.fromhex("0x1.e63b6e9a848a8p-28"))
EXP2_G_11 = np.float64(float.fromhex("0x1.f0ec32c49e61p-32"))
# end EXP2_G


@public
def exp2(x):
    """2**x, correctly rounded."""
    u = bits(x)
    magnitude = U32(u & MAGNITUDE)
    clamped = U32(min(magnitude, U32(0x43200000)))
    v = F64(from_bits(U32(clamped | U32(u & SIGN))))
    shifted = v + SHIFT
    g = v - (shifted - SHIFT)
    p = EXP2_G_11
    p = fma(p, g, EXP2_G_10)
    p = fma(p, g, EXP2_G_9)
    p = fma(p, g, EXP2_G_8)
    p = fma(p, g, EXP2_G_7)
    p = fma(p, g, EXP2_G_6)
    p = fma(p, g, EXP2_G_5)
    p = fma(p, g, EXP2_G_4)
    p = fma(p, g, EXP2_G_3)
    p = fma(p, g, EXP2_G_2)
    p = fma(p, g, EXP2_G_1)
    p = fma(p, g, UNIT)
    y = bits(F32(p * power_of_two(shifted)))
    y = U32(y + (U32(u == U32(0x3B429D37)) + U32(u == U32(0xBCF3A937))))
    return from_bits(select(magnitude > INFINITY, NAN, y))
