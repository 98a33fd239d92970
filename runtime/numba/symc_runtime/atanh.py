# SPDX-License-Identifier: Apache-2.0
"""Inverse hyperbolic tangent: f64/atanh.h."""

from __future__ import annotations

import numpy as np

from .f32 import INFINITY, MAGNITUDE, NAN, ONE, SIGN, bits, from_bits, select
from .f64 import UNIT, bits64, fma, from_bits64
from .jit import F32, F64, U32, U64, public

__all__ = ["atanh"]

# begin ATANH
ATANH_1 = np.float64(float.fromhex("0x1.555555555554fp-2"))
ATANH_2 = np.float64(float.fromhex("0x1.999999999c1d1p-3"))
ATANH_3 = np.float64(float.fromhex("0x1.24924921dc9f8p-3"))
ATANH_4 = np.float64(float.fromhex("0x1.c71c7497cbe45p-4"))
ATANH_5 = np.float64(float.fromhex("0x1.745c48c956a0ep-4"))
ATANH_6 = np.float64(float.fromhex("0x1.3b3608a61e8fdp-4"))
ATANH_7 = np.float64(float.fromhex("0x1.0dc6aac41f824p-4"))
ATANH_8 = np.float64(float.fromhex("0x1.1ba3e17fe58fp-4"))
# end ATANH

HALF_LN2_HIGH = F64(float.fromhex("0x1.62e42fefa38p-2"))
HALF_LN2_LOW = F64(float.fromhex("0x1.ef35793c7673p-46"))
ROUND_K = U64(0x0008000000000000)
TWO_52 = U64(0x4330000000000000)


@public
def atanh(x):
    """The inverse hyperbolic tangent, correctly rounded."""
    u = bits(x)
    magnitude = U32(u & MAGNITUDE)
    v = F64(from_bits(magnitude))
    a = UNIT + v
    b = UNIT - v
    k = U64(U64(bits64(a) - bits64(b) + ROUND_K) >> U64(52))
    scaled = from_bits64(U64(bits64(b) + U64(k << U64(52))))
    near_zero = k == U64(0)
    s = select(near_zero, v, a - scaled) / select(near_zero, UNIT, a + scaled)
    z = s * s
    n = from_bits64(k | TWO_52) - F64(2.0**52)
    p = ATANH_8
    p = fma(p, z, ATANH_7)
    p = fma(p, z, ATANH_6)
    p = fma(p, z, ATANH_5)
    p = fma(p, z, ATANH_4)
    p = fma(p, z, ATANH_3)
    p = fma(p, z, ATANH_2)
    p = fma(p, z, ATANH_1)
    p = fma(n, HALF_LN2_LOW, s * z * p)
    r = bits(F32(fma(n, HALF_LN2_HIGH, s) + p))
    r = U32(select(magnitude == ONE, INFINITY, r) | U32(u & SIGN))
    return from_bits(select(magnitude > ONE, NAN, r))
