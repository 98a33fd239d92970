# SPDX-License-Identifier: Apache-2.0
"""Hyperbolic cosine: f64/cosh.h."""

from __future__ import annotations

from .f32 import INFINITY, MAGNITUDE, NAN, bits, from_bits, select
from .f64 import fma
from .hyperbolic import hyperbolic_parts
from .jit import F32, U32, public

__all__ = ["cosh"]


@public
def cosh(x):
    """The hyperbolic cosine, correctly rounded."""
    magnitude = U32(bits(x) & MAGNITUDE)
    sinh_n, cosh_n, sinh_r, cosh_r_less_1 = hyperbolic_parts(magnitude)
    rest = fma(cosh_n, cosh_r_less_1, sinh_n * sinh_r)
    return from_bits(select(magnitude > INFINITY, NAN, bits(F32(cosh_n + rest))))
