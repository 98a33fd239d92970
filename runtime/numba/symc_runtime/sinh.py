# SPDX-License-Identifier: Apache-2.0
"""Hyperbolic sine: f64/sinh.h."""

from __future__ import annotations

from .f32 import INFINITY, MAGNITUDE, NAN, SIGN, bits, from_bits, select
from .f64 import fma
from .hyperbolic import hyperbolic_parts
from .jit import F32, U32, public

__all__ = ["sinh"]


@public
def sinh(x):
    """The hyperbolic sine, correctly rounded."""
    u = bits(x)
    magnitude = U32(u & MAGNITUDE)
    sinh_n, cosh_n, sinh_r, cosh_r_less_1 = hyperbolic_parts(magnitude)
    rest = fma(cosh_n, sinh_r, sinh_n * cosh_r_less_1)
    y = U32(bits(F32(sinh_n + rest)) | U32(u & SIGN))
    y = U32(y - U32(magnitude == U32(0x3A1285FF)))
    return from_bits(select(magnitude > INFINITY, NAN, y))
