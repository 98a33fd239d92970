# SPDX-License-Identifier: Apache-2.0
"""Natural logarithm: f64/log.h."""

from __future__ import annotations

import numpy as np

from .f32 import INFINITY, MAGNITUDE, NAN, SIGN, ZERO32, bits, from_bits
from .f64 import UNIT, bits64, fma, from_bits64
from .jit import F32, F64, U32, U64, inlined

__all__ = ["log"]

# begin LOG
LOG_1 = np.float64(float.fromhex("0x1.555555555557cp-1"))
LOG_2 = np.float64(float.fromhex("0x1.999999998578bp-2"))
LOG_3 = np.float64(float.fromhex("0x1.2492493ddb9b3p-2"))
LOG_4 = np.float64(float.fromhex("0x1.c71c54e5b3c86p-3"))
LOG_5 = np.float64(float.fromhex("0x1.7465b98004548p-3"))
LOG_6 = np.float64(float.fromhex("0x1.39ade99147091p-3"))
LOG_7 = np.float64(float.fromhex("0x1.2e94890d5ecacp-3"))
# end LOG

LN2_HIGH = F64(float.fromhex("0x1.62e42fefa38p-1"))
LN2_LOW = F64(float.fromhex("0x1.ef35793c7673p-45"))
K_BIAS = F64(2.0**52 + 1023.0)
SQRT_HALF = U64(0x3FE6A09E667F3BCD)
SPLIT_OFFSET = U64(0x3FF0000000000000 - 0x3FE6A09E667F3BCD)
TWO_52 = U64(0x4330000000000000)
FRACTION = U64(0x000FFFFFFFFFFFFF)


@inlined
def split(x):
    """(k, f): x = 2**k (1 + f) with sqrt(1/2) <= 1 + f < sqrt(2), for finite x > 0."""
    offset = U64(bits64(F64(x)) + SPLIT_OFFSET)
    k = from_bits64(U64(offset >> U64(52)) | TWO_52) - K_BIAS
    f = from_bits64(U64(offset & FRACTION) + SQRT_HALF) - UNIT
    return k, f


@inlined
def log(x):
    """The natural logarithm, correctly rounded."""
    u = bits(x)
    k, f = split(x)
    s = f / (F64(2.0) + f)
    z = s * s
    p = LOG_7
    p = fma(p, z, LOG_6)
    p = fma(p, z, LOG_5)
    p = fma(p, z, LOG_4)
    p = fma(p, z, LOG_3)
    p = fma(p, z, LOG_2)
    p = fma(p, z, LOG_1)
    exact = fma(k, LN2_HIGH, f)
    rest = fma(k, LN2_LOW, s * fma(z, p, -f))
    r = bits(F32(exact + rest))
    r = U32(r - (U32(u == U32(0x3C413D3A)) + U32(u == U32(0x41178FEB))))
    r = U32(r + (U32(u == U32(0x4C5D65A5)) + U32(u == U32(0x65D890D3)) + U32(u == U32(0x6F31A8EC))))
    r = u if u == INFINITY else r
    r = NAN if u > INFINITY else r
    r = U32(INFINITY | SIGN) if U32(u & MAGNITUDE) == ZERO32 else r
    return from_bits(r)
