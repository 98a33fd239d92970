# SPDX-License-Identifier: Apache-2.0
"""Error function and its complement: f64/erf.h."""

from __future__ import annotations

import numpy as np

from .f32 import INFINITY, MAGNITUDE, NAN, ONE, SIGN, bits, from_bits, select
from .f64 import INVERSE_LN2, LN2_SHORT, LN2_SHORT_LOW, SHIFT, UNIT, fma, power_of_two
from .jit import F32, F64, U32, inlined, public

__all__ = ["erf", "erfc"]

# begin ERF
ERF_1 = np.float64(float.fromhex("-0x1.812746b0379dbp-2"))
ERF_2 = np.float64(float.fromhex("0x1.ce2f21a041c13p-4"))
ERF_3 = np.float64(float.fromhex("-0x1.b82ce3122baa8p-6"))
ERF_4 = np.float64(float.fromhex("0x1.565bccfe87db3p-8"))
ERF_5 = np.float64(float.fromhex("-0x1.c02db0f1a5d84p-11"))
ERF_6 = np.float64(float.fromhex("0x1.f9a2c9a2703fdp-14"))
ERF_7 = np.float64(float.fromhex("-0x1.f4cb1d761952ep-17"))
ERF_8 = np.float64(float.fromhex("0x1.b98729094e10ap-20"))
ERF_9 = np.float64(float.fromhex("-0x1.5c30991cfa3b3p-23"))
ERF_10 = np.float64(float.fromhex("0x1.d825ac7f00845p-27"))
ERF_11 = np.float64(float.fromhex("-0x1.ae971bdba3fe3p-31"))
# end ERF
# begin ERFC_EXP
ERFC_EXP_2 = np.float64(float.fromhex("0x1.000000000000ap-1"))
ERFC_EXP_3 = np.float64(float.fromhex("0x1.5555555555502p-3"))
ERFC_EXP_4 = np.float64(float.fromhex("0x1.5555555550607p-5"))
ERFC_EXP_5 = np.float64(float.fromhex("0x1.11111111251e2p-7"))
ERFC_EXP_6 = np.float64(float.fromhex("0x1.6c16c184b3612p-10"))
ERFC_EXP_7 = np.float64(float.fromhex("0x1.a01a013b60614p-13"))
ERFC_EXP_8 = np.float64(float.fromhex("0x1.a019989abd987p-16"))
ERFC_EXP_9 = np.float64(float.fromhex("0x1.71def9ae4f87ep-19"))
ERFC_EXP_10 = np.float64(float.fromhex("0x1.28aec2ed8e5adp-22"))
ERFC_EXP_11 = np.float64(float.fromhex("0x1.adcc0a4d9b034p-26"))
# end ERFC_EXP
# begin ERFC
ERFC_0 = np.float64(float.fromhex("0x1.48f8f10299b71p-3"))
ERFC_1 = np.float64(float.fromhex("-0x1.4d30ad1614803p-2"))
ERFC_2 = np.float64(float.fromhex("0x1.4001c9090d88fp-2"))
ERFC_3 = np.float64(float.fromhex("-0x1.0d6b6cf12b545p-2"))
ERFC_4 = np.float64(float.fromhex("0x1.8b2dab04c43c9p-3"))
ERFC_5 = np.float64(float.fromhex("-0x1.f2ed982097602p-4"))
ERFC_6 = np.float64(float.fromhex("0x1.096cac3ba77dcp-4"))
ERFC_7 = np.float64(float.fromhex("-0x1.c97d0b246f1e4p-6"))
ERFC_8 = np.float64(float.fromhex("0x1.245cef6d30a22p-7"))
ERFC_9 = np.float64(float.fromhex("-0x1.96f721a4ef5cfp-10"))
ERFC_10 = np.float64(float.fromhex("-0x1.f3843eeab817dp-13"))
ERFC_11 = np.float64(float.fromhex("0x1.010582e20cba1p-12"))
ERFC_12 = np.float64(float.fromhex("-0x1.9abb0b1e97593p-15"))
ERFC_13 = np.float64(float.fromhex("-0x1.0d80f6c6a45f5p-16"))
ERFC_14 = np.float64(float.fromhex("0x1.4bdd5256a676cp-17"))
ERFC_15 = np.float64(float.fromhex("0x1.f7e98addd1bbdp-25"))
ERFC_16 = np.float64(float.fromhex("-0x1.526a8701aec8ap-20"))
ERFC_17 = np.float64(float.fromhex("0x1.29700f2c11835p-22"))
# end ERFC

ERF_0_HIGH = F64(float.fromhex("0x1.20dd75p+0"))
ERF_0_LOW = F64(float.fromhex("0x1.0a6db446b8ea4p-30"))
ERFC_END = U32(0x41210000)
TWO = F64(2.0)


@inlined
def erf_small(v):
    """erf(v), 0 <= v < 1."""
    z = v * v
    p = ERF_11
    p = fma(p, z, ERF_10)
    p = fma(p, z, ERF_9)
    p = fma(p, z, ERF_8)
    p = fma(p, z, ERF_7)
    p = fma(p, z, ERF_6)
    p = fma(p, z, ERF_5)
    p = fma(p, z, ERF_4)
    p = fma(p, z, ERF_3)
    p = fma(p, z, ERF_2)
    p = fma(p, z, ERF_1)
    p = fma(p, z, ERF_0_LOW)
    return fma(p, v, v * ERF_0_HIGH)


@inlined
def erfc_large(v):
    """erfc(v), 1 <= v <= 10.0625."""
    w = -(v * v)
    shifted = fma(w, INVERSE_LN2, SHIFT)
    n = shifted - SHIFT
    r = fma(-n, LN2_SHORT_LOW, fma(-n, LN2_SHORT, w))
    s = (v - F64(3.375)) / (v + F64(4.0))
    p = ERFC_EXP_11
    p = fma(p, r, ERFC_EXP_10)
    p = fma(p, r, ERFC_EXP_9)
    p = fma(p, r, ERFC_EXP_8)
    p = fma(p, r, ERFC_EXP_7)
    p = fma(p, r, ERFC_EXP_6)
    p = fma(p, r, ERFC_EXP_5)
    p = fma(p, r, ERFC_EXP_4)
    p = fma(p, r, ERFC_EXP_3)
    p = fma(p, r, ERFC_EXP_2)
    p = fma(p, r, UNIT)
    p = fma(p, r, UNIT)
    q = ERFC_17
    q = fma(q, s, ERFC_16)
    q = fma(q, s, ERFC_15)
    q = fma(q, s, ERFC_14)
    q = fma(q, s, ERFC_13)
    q = fma(q, s, ERFC_12)
    q = fma(q, s, ERFC_11)
    q = fma(q, s, ERFC_10)
    q = fma(q, s, ERFC_9)
    q = fma(q, s, ERFC_8)
    q = fma(q, s, ERFC_7)
    q = fma(q, s, ERFC_6)
    q = fma(q, s, ERFC_5)
    q = fma(q, s, ERFC_4)
    q = fma(q, s, ERFC_3)
    q = fma(q, s, ERFC_2)
    q = fma(q, s, ERFC_1)
    q = fma(q, s, ERFC_0)
    return (p * q) * power_of_two(shifted)


@inlined
def erf_clamp(magnitude):
    """|x|, or 10.0625 where it is more."""
    return F64(from_bits(select(magnitude < ERFC_END, magnitude, ERFC_END)))


@public
def erf(x):
    """The error function, correctly rounded."""
    u = bits(x)
    magnitude = U32(u & MAGNITUDE)
    v = erf_clamp(magnitude)
    small = erf_small(v)
    large = UNIT - erfc_large(v)
    r = U32(bits(F32(select(magnitude < ONE, small, large))) | U32(u & SIGN))
    return from_bits(select(magnitude > INFINITY, NAN, r))


@public
def erfc(x):
    """1 - erf(x), correctly rounded."""
    u = bits(x)
    magnitude = U32(u & MAGNITUDE)
    v = erf_clamp(magnitude)
    negative = u >= SIGN
    small = erf_small(v)
    large = erfc_large(v)
    small = select(negative, UNIT + small, UNIT - small)
    large = select(negative, TWO - large, large)
    r = bits(F32(select(magnitude < ONE, small, large)))
    r = U32(r - U32(u == U32(0xB76C9F62)))
    return from_bits(select(magnitude > INFINITY, NAN, r))
