# SPDX-License-Identifier: Apache-2.0
"""log(1 + x): f64/log1p.h."""

from __future__ import annotations

from .f32 import INFINITY, MAGNITUDE, NAN, SIGN, ZERO32, bits, from_bits, select
from .f64 import UNIT, bits64
from .jit import F32, F64, U32, U64, public
from .logarithm import log_join, log_split

__all__ = ["log1p"]

MINUS_ONE = U32(0xBF800000)


@public
def log1p(x):
    """log(1 + x), correctly rounded."""
    u = bits(x)
    v = F64(x)
    k, f = log_split(UNIT + v)
    f = select(bits64(k) == U64(0), v, f)
    r = bits(F32(log_join(k, f)))
    r = U32(r + U32(U32(u == U32(0x35400003)) + U32(u == U32(0x3710001B)) + U32(u == U32(0x65D890D3))))
    r = U32(r + U32(U32(u == U32(0x6F31A8EC)) + U32(u == U32(0xBB0EC8C4))))
    r = U32(r - U32(U32(u == U32(0x3EFD81AD)) + U32(u == U32(0x41078FEB))))
    r = U32(r - U32(U32(u == U32(0xB53FFFFD)) + U32(u == U32(0xB70FFFE5))))
    r = select((U32(u & MAGNITUDE) == ZERO32) | (u == INFINITY), u, r)
    r = select((U32(u & MAGNITUDE) > INFINITY) | (u > MINUS_ONE), NAN, r)
    return from_bits(select(u == MINUS_ONE, U32(INFINITY | SIGN), r))
