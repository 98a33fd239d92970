# SPDX-License-Identifier: Apache-2.0
"""Natural logarithm: f64/log.h."""

from __future__ import annotations

from .f32 import bits
from .f64 import fma
from .jit import F32, F64, U32, public
from .logarithm import LN2_HIGH, LN2_LOW, log_rest, log_special, log_split

__all__ = ["log"]


@public
def log(x):
    """The natural logarithm, correctly rounded."""
    u = bits(x)
    k, f = log_split(F64(x))
    exact = fma(k, LN2_HIGH, f)
    r = bits(F32(exact + fma(k, LN2_LOW, log_rest(f))))
    r = U32(r - (U32(u == U32(0x3C413D3A)) + U32(u == U32(0x41178FEB))))
    r = U32(r + (U32(u == U32(0x4C5D65A5)) + U32(u == U32(0x65D890D3)) + U32(u == U32(0x6F31A8EC))))
    return log_special(x, r)
