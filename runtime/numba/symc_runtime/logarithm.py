# SPDX-License-Identifier: Apache-2.0
"""Logarithms in binary64, for the functions that are made of one: f64/logarithm.h."""

from __future__ import annotations

import numpy as np

from .f32 import INFINITY, MAGNITUDE, NAN, SIGN, ZERO32, bits, from_bits, select
from .f64 import UNIT, bits64, fma, from_bits64
from .jit import F64, U32, U64, inlined

# begin LOGARITHM
LOGARITHM_1 = np.float64(float.fromhex("0x1.555555555557cp-1"))
LOGARITHM_2 = np.float64(float.fromhex("0x1.999999998578bp-2"))
LOGARITHM_3 = np.float64(float.fromhex("0x1.2492493ddb9b3p-2"))
LOGARITHM_4 = np.float64(float.fromhex("0x1.c71c54e5b3c86p-3"))
LOGARITHM_5 = np.float64(float.fromhex("0x1.7465b98004548p-3"))
LOGARITHM_6 = np.float64(float.fromhex("0x1.39ade99147091p-3"))
LOGARITHM_7 = np.float64(float.fromhex("0x1.2e94890d5ecacp-3"))
# end LOGARITHM

LN2_HIGH = F64(float.fromhex("0x1.62e42fefa38p-1"))
LN2_LOW = F64(float.fromhex("0x1.ef35793c7673p-45"))
K_BIAS = F64(2.0**52 + 1023.0)
SQRT_HALF = U64(0x3FE6A09E667F3BCD)
SPLIT_OFFSET = U64(0x3FF0000000000000 - 0x3FE6A09E667F3BCD)
TWO_52 = U64(0x4330000000000000)
FRACTION = U64(0x000FFFFFFFFFFFFF)


@inlined
def log_split(v):
    """(k, f): v = 2**k (1 + f) with sqrt(1/2) <= 1 + f < sqrt(2), for v > 0."""
    offset = U64(bits64(v) + SPLIT_OFFSET)
    k = from_bits64(U64(offset >> U64(52)) | TWO_52) - K_BIAS
    f = from_bits64(U64(offset & FRACTION) + SQRT_HALF) - UNIT
    return k, f


@inlined
def log_rest(f):
    """log(1 + f) - f."""
    s = f / (F64(2.0) + f)
    z = s * s
    p = LOGARITHM_7
    p = fma(p, z, LOGARITHM_6)
    p = fma(p, z, LOGARITHM_5)
    p = fma(p, z, LOGARITHM_4)
    p = fma(p, z, LOGARITHM_3)
    p = fma(p, z, LOGARITHM_2)
    p = fma(p, z, LOGARITHM_1)
    return s * fma(z, p, -f)


@inlined
def log_join(k, f):
    """k ln(2) + log(1 + f), f of 53 bits."""
    high = k * LN2_HIGH
    total = high + f
    lost = f - (total - high)
    return total + (lost + fma(k, LN2_LOW, log_rest(f)))


@inlined
def log_special(x, r):
    """r, or what a logarithm is for the arguments that are no positive numbers."""
    u = bits(x)
    r = select(u == INFINITY, u, r)
    r = select(u > INFINITY, NAN, r)
    return from_bits(select(U32(u & MAGNITUDE) == ZERO32, U32(INFINITY | SIGN), r))
