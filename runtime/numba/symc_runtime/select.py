# SPDX-License-Identifier: Apache-2.0
"""A choice between two values: select.h."""

from __future__ import annotations

from .f32 import INFINITY, ONE32, bits, select
from .jit import U32, public

__all__ = ["if_positive"]


@public
def if_positive(c, x, y):
    """x where c > 0, else y; also where c is a NaN."""
    return select(U32(bits(c) - ONE32) < INFINITY, x, y)
