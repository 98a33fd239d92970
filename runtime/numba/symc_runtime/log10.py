# SPDX-License-Identifier: Apache-2.0
"""Logarithm to the base 10: f64/log10.h."""

from __future__ import annotations

from .f32 import bits
from .f64 import fma
from .jit import F32, F64, U32, public
from .logarithm import log_rest, log_special, log_split

__all__ = ["log10"]

LOG10_2_HIGH = F64(float.fromhex("0x1.34413509f7ap-2"))
LOG10_2_LOW = F64(float.fromhex("-0x1.0cee0ed4ca7e9p-54"))
LOG10_E = F64(float.fromhex("0x1.bcb7b1526e50ep-2"))
LOG10_E_HIGH = F64(float.fromhex("0x1.bcb7bp-2"))
LOG10_E_LOW = F64(float.fromhex("0x1.526e50e32a6abp-26"))


@public
def log10(x):
    """The logarithm to the base 10, correctly rounded."""
    k, f = log_split(F64(x))
    exact = fma(k, LOG10_2_HIGH, f * LOG10_E_HIGH)
    rest = fma(log_rest(f), LOG10_E, fma(k, LOG10_2_LOW, f * LOG10_E_LOW))
    one_more = U32(bits(x) == U32(0x0EFEEE7A))
    return log_special(x, U32(bits(F32(exact + rest)) + one_more))
