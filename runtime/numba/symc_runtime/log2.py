# SPDX-License-Identifier: Apache-2.0
"""Logarithm to the base 2: f64/log2.h."""

from __future__ import annotations

from .f32 import bits
from .f64 import fma
from .jit import F32, F64, public
from .logarithm import log_rest, log_special, log_split

__all__ = ["log2"]

LOG2_E = F64(float.fromhex("0x1.71547652b82fep+0"))
LOG2_E_HIGH = F64(float.fromhex("0x1.71547p+0"))
LOG2_E_LOW = F64(float.fromhex("0x1.94ae0bf85ddf4p-22"))


@public
def log2(x):
    """The logarithm to the base 2, correctly rounded."""
    k, f = log_split(F64(x))
    exact = fma(f, LOG2_E_HIGH, k)
    rest = fma(f, LOG2_E_LOW, log_rest(f) * LOG2_E)
    return log_special(x, bits(F32(exact + rest)))
