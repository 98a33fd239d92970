# SPDX-License-Identifier: Apache-2.0
"""Inverse hyperbolic cosine: f64/acosh.h."""

from __future__ import annotations

from .asinh import asinh_small, sqrt64
from .f32 import INFINITY, NAN, ONE, ZERO32, bits, from_bits, select
from .f64 import UNIT
from .jit import F32, F64, U32, public
from .logarithm import log_join, log_split

__all__ = ["acosh"]


@public
def acosh(x):
    """The inverse hyperbolic cosine, correctly rounded."""
    u = bits(x)
    v = F64(x)
    z = (v - UNIT) * (v + UNIT)
    w = sqrt64(z)
    k, f = log_split(v + w)
    large = log_join(k, f)
    r = bits(F32(select(u < U32(0x3F830000), asinh_small(w, z), large)))
    r = U32(r + U32(U32(u == U32(0x655890D3)) + U32(u == U32(0x6EB1A8EC))))
    r = select(u == ONE, ZERO32, r)
    r = select(u == INFINITY, u, r)
    return from_bits(select(U32(u - ONE) > U32(INFINITY - ONE), NAN, r))
