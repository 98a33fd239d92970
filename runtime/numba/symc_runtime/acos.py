# SPDX-License-Identifier: Apache-2.0
"""Arc cosine in radians: f64/acos.h."""

from __future__ import annotations

from .asin import HALF32, PI_2, PI_2_LOW, asin_kernel
from .f32 import NAN, ONE, SIGN, bits, from_bits, magnitude, select
from .jit import F32, F64, U32, public

__all__ = ["acos"]

ZERO = F64(0.0)
PI = F64(float.fromhex("0x1.921fb54442d18p+1"))
PI_LOW = F64(float.fromhex("0x1.1a62633145c07p-53"))


@public
def acos(x):
    """The arc cosine, correctly rounded."""
    m = magnitude(x)
    inner = m <= HALF32
    negative = bits(x) >= SIGN
    p = asin_kernel(m)
    arc = select(inner, p, p + p)
    arc = select(inner != negative, -arc, arc)
    base = select(inner, PI_2, select(negative, PI, ZERO))
    rest = select(inner, PI_2_LOW, select(negative, PI_LOW, ZERO))
    y = bits(F32(base + (arc + rest)))
    y = U32(y + U32(bits(x) == U32(0x328885A3)) + U32(bits(x) == U32(0x39826222)))
    return from_bits(select(m > ONE, NAN, y))
