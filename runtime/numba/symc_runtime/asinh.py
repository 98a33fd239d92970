# SPDX-License-Identifier: Apache-2.0
"""Inverse hyperbolic sine: f64/asinh.h."""

from __future__ import annotations

import numpy as np

from .f32 import INFINITY, MAGNITUDE, NAN, SIGN, bits, from_bits, select
from .f64 import UNIT, bits64, fma, from_bits64
from .jit import F32, F64, U32, U64, inlined, public
from .logarithm import log_join, log_split

__all__ = ["asinh"]

# begin ASINH
ASINH_1 = np.float64(float.fromhex("-0x1.555555555551fp-3"))
ASINH_2 = np.float64(float.fromhex("0x1.3333333325658p-4"))
ASINH_3 = np.float64(float.fromhex("-0x1.6db6db5a85b7bp-5"))
ASINH_4 = np.float64(float.fromhex("0x1.f1c70f8513aa8p-6"))
ASINH_5 = np.float64(float.fromhex("-0x1.6e8938f2994aep-6"))
ASINH_6 = np.float64(float.fromhex("0x1.1c0b330af4f2ap-6"))
ASINH_7 = np.float64(float.fromhex("-0x1.c0f2a160df2adp-7"))
ASINH_8 = np.float64(float.fromhex("0x1.2c7c07745402fp-7"))
# end ASINH


@inlined
def improved(v, r):
    """1/sqrt(v) from an approximation r of it: one step of third order."""
    h = v * r * r
    return r * fma(h, fma(h, F64(0.375), F64(-1.25)), F64(1.875))


@inlined
def sqrt64(v):
    """The square root of a normal float64 whose square is one too, within one unit in the last place."""
    r = from_bits64(U64(0x5FE6EB50C7B537A9) - U64(bits64(v) >> U64(1)))
    r = improved(v, improved(v, r))
    root = v * r
    return fma(F64(0.5) * r, fma(-root, root, v), root)


@inlined
def asinh_small(w, z):
    """asinh(w) for |w| <= 1/4, z = w**2."""
    p = ASINH_8
    p = fma(p, z, ASINH_7)
    p = fma(p, z, ASINH_6)
    p = fma(p, z, ASINH_5)
    p = fma(p, z, ASINH_4)
    p = fma(p, z, ASINH_3)
    p = fma(p, z, ASINH_2)
    p = fma(p, z, ASINH_1)
    return fma(w * z, p, w)


@public
def asinh(x):
    """The inverse hyperbolic sine, correctly rounded."""
    u = bits(x)
    magnitude = U32(u & MAGNITUDE)
    v = F64(from_bits(magnitude))
    z = v * v
    k, f = log_split(v + sqrt64(z + UNIT))
    large = log_join(k, f)
    r = bits(F32(select(magnitude < U32(0x3E800000), asinh_small(v, z), large)))
    r = U32(r + U32(U32(magnitude == U32(0x4BDD65A5)) + U32(magnitude == U32(0x655890D3))))
    r = U32(r + U32(magnitude == U32(0x6EB1A8EC)))
    r = U32(select(magnitude >= INFINITY, magnitude, r) | U32(u & SIGN))
    return from_bits(select(magnitude > INFINITY, NAN, r))
