# SPDX-License-Identifier: Apache-2.0
"""Cube root: f64/cbrt.h."""

from __future__ import annotations

import numpy as np

from .f32 import INFINITY, MAGNITUDE, NAN, SIGN, bits, from_bits, select
from .f64 import UNIT, bits64, fma, from_bits64
from .jit import F32, F64, U32, U64, public

__all__ = ["cbrt"]

# begin CBRT_START
CBRT_START_0 = np.float64(float.fromhex("0x1.ffffcc656de07p-1"))
CBRT_START_1 = np.float64(float.fromhex("0x1.559d1d97af98fp-2"))
CBRT_START_2 = np.float64(float.fromhex("0x1.b7b601fb4d9f3p-3"))
CBRT_START_3 = np.float64(float.fromhex("0x1.e48614b4eaebap-3"))
# end CBRT_START
# begin CBRT
CBRT_1 = np.float64(float.fromhex("0x1.5555555555555p-1"))
CBRT_2 = np.float64(float.fromhex("0x1.1c71c74c7221dp-1"))
CBRT_3 = np.float64(float.fromhex("0x1.f9add4579dac8p-2"))
# end CBRT

START = U32(0x553E2500)
HALF_BIT = U64(0x0000004000000000)
UPPER_BITS = U64(0xFFFFFF8000000000)


@public
def cbrt(x):
    """The cube root, correctly rounded."""
    u = bits(x)
    magnitude = U32(u & MAGNITUDE)
    v = F64(from_bits(magnitude))
    start = U32(START - U32(U32(bits64(v) >> U64(32)) // U32(3)))
    y = from_bits64(U64(U64(start) << U64(32)))
    h = UNIT - (v * y) * (y * y)
    p = CBRT_START_3
    p = fma(p, h, CBRT_START_2)
    p = fma(p, h, CBRT_START_1)
    p = fma(p, h, CBRT_START_0)
    y = from_bits64(U64(U64(bits64(y * p) + HALF_BIT) & UPPER_BITS))
    root = (v * y) * y
    h = fma(-root, y, UNIT)
    q = CBRT_3
    q = fma(q, h, CBRT_2)
    q = fma(q, h, CBRT_1)
    r = U32(bits(F32(fma(root * h, q, root))) | U32(u & SIGN))
    r = select(magnitude == INFINITY, u, r)
    r = select(magnitude > INFINITY, NAN, r)
    return from_bits(r)
