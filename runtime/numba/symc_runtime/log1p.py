# SPDX-License-Identifier: Apache-2.0
"""log(1 + x): f64/log1p.h."""

from __future__ import annotations

from .f32 import INFINITY, MAGNITUDE, NAN, SIGN, ZERO32, bits, from_bits
from .f64 import UNIT, bits64
from .jit import F32, F64, U32, U64, inlined
from .logarithm import log_join, log_split

__all__ = ["log1p"]

MINUS_ONE = U32(0xBF800000)


@inlined
def log1p(x):
    """log(1 + x), correctly rounded."""
    u = bits(x)
    v = F64(x)
    k, f = log_split(UNIT + v)
    f = v if bits64(k) == U64(0) else f
    r = bits(F32(log_join(k, f)))
    r = U32(r + U32(U32(u == U32(0x35400003)) + U32(u == U32(0x3710001B)) + U32(u == U32(0x65D890D3))))
    r = U32(r + U32(U32(u == U32(0x6F31A8EC)) + U32(u == U32(0xBB0EC8C4))))
    r = U32(r - U32(U32(u == U32(0x3EFD81AD)) + U32(u == U32(0x41078FEB))))
    r = U32(r - U32(U32(u == U32(0xB53FFFFD)) + U32(u == U32(0xB70FFFE5))))
    r = u if U32(u & MAGNITUDE) == ZERO32 or u == INFINITY else r
    r = NAN if U32(u & MAGNITUDE) > INFINITY or u > MINUS_ONE else r
    return from_bits(U32(INFINITY | SIGN) if u == MINUS_ONE else r)
