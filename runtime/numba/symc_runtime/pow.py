# SPDX-License-Identifier: Apache-2.0
"""Powers: f64/pow.h."""

from __future__ import annotations

import numpy as np

from .f32 import INFINITY, MAGNITUDE, NAN, ONE, ONE32, SIGN, ZERO32, abs_, bits, from_bits, magnitude, select
from .f64 import HAS_FMA, IMPLICIT, INVERSE_LN2, SHIFT, UNIT, bits64, fma, from_bits64, power_of_two
from .jit import F32, F64, I64, U32, U64, called, inlined, public
from .logarithm import FRACTION, LN2_HIGH, log_split

__all__ = ["pow_", "pow_fast"]

# begin LOG2
LOG2_0 = np.float64(float.fromhex("0x1.71547652b82fep+1"))
LOG2_1 = np.float64(float.fromhex("0x1.ec709dc3a08f8p-1"))
LOG2_2 = np.float64(float.fromhex("0x1.2776c50e48ea6p-1"))
LOG2_3 = np.float64(float.fromhex("0x1.a61763d00c1a6p-2"))
LOG2_4 = np.float64(float.fromhex("0x1.484a9becd248cp-2"))
LOG2_5 = np.float64(float.fromhex("0x1.0cb42144a278ep-2"))
LOG2_6 = np.float64(float.fromhex("0x1.c0c8ee657ba2ep-3"))
LOG2_7 = np.float64(float.fromhex("0x1.d9298e83a7bf3p-3"))
# end LOG2
# begin EXP2
EXP2_0 = np.float64(float.fromhex("0x1p+0"))
EXP2_1 = np.float64(float.fromhex("0x1.62e42fefa3a28p-1"))
EXP2_2 = np.float64(float.fromhex("0x1.ebfbdff82c61fp-3"))
EXP2_3 = np.float64(float.fromhex("0x1.c6b08d70394eap-5"))
EXP2_4 = np.float64(float.fromhex("0x1.3b2ab6fb81fb7p-7"))
EXP2_5 = np.float64(float.fromhex("0x1.5d87fea4bb73bp-10"))
EXP2_6 = np.float64(float.fromhex("0x1.4309138806c9cp-13"))
EXP2_7 = np.float64(float.fromhex("0x1.ffcb3ed7601dfp-17"))
EXP2_8 = np.float64(float.fromhex("0x1.62be67c4416cep-20"))
EXP2_9 = np.float64(float.fromhex("0x1.b689fa7d3bda1p-24"))
EXP2_10 = np.float64(float.fromhex("0x1.e8b8369ed5524p-28"))
# end EXP2

LN2_MIDDLE = F64(float.fromhex("0x1.ef35793c76p-45"))
LN2_LOWEST = F64(float.fromhex("0x1.cc01f97b57a08p-87"))
LN2 = F64(float.fromhex("0x1.62e42fefa39efp-1"))
ZERO = F32(0.0)
LIMIT = U64(0x4063000000000000)  # 152.0
MAGNITUDE64 = U64(0x7FFFFFFFFFFFFFFF)
POW_LOW = F64(1.0 - 2.0**-42)
POW_HIGH = F64(1.0 + 2.0**-42)
VELTKAMP = F64(2.0**27 + 1.0)
INVERSE_FACTORIALS = np.array(
    [
        [float.fromhex(high), float.fromhex(low)]
        for high, low in (
            ("0x1.1eed8eff8d898p-29", "-0x1.2aec959e14c06p-83"),
            ("0x1.ae64567f544e4p-26", "-0x1.c062e06d1f209p-80"),
            ("0x1.27e4fb7789f5cp-22", "0x1.cbbc05b4fa99ap-76"),
            ("0x1.71de3a556c734p-19", "-0x1.c154f8ddc6c00p-73"),
            ("0x1.a01a01a01a01ap-16", "0x1.a01a01a01a01ap-76"),
            ("0x1.a01a01a01a01ap-13", "0x1.a01a01a01a01ap-73"),
            ("0x1.6c16c16c16c17p-10", "-0x1.f49f49f49f49fp-65"),
            ("0x1.1111111111111p-7", "0x1.1111111111111p-63"),
            ("0x1.5555555555555p-5", "0x1.5555555555555p-59"),
            ("0x1.5555555555555p-3", "0x1.5555555555555p-57"),
            ("0x1p-1", "0x0p+0"),
            ("0x1p+0", "0x0p+0"),
        )
    ]
)


@inlined
def _pow_split(x):
    """(k, f, log2(1 + f)) for finite x > 0."""
    k, f = log_split(F64(x))
    s = f / (F64(2.0) + f)
    z = s * s
    p = LOG2_7
    p = fma(p, z, LOG2_6)
    p = fma(p, z, LOG2_5)
    p = fma(p, z, LOG2_4)
    p = fma(p, z, LOG2_3)
    p = fma(p, z, LOG2_2)
    p = fma(p, z, LOG2_1)
    p = fma(p, z, LOG2_0)
    return k, f, s * p


@inlined
def _pow_exp2(w):
    magnitude = U64(bits64(w) & MAGNITUDE64)
    limit = from_bits64(U64(LIMIT | U64(bits64(w) ^ magnitude)))
    v = select(magnitude > LIMIT, limit, w)
    shifted = v + SHIFT
    g = v - (shifted - SHIFT)
    p = EXP2_10
    p = fma(p, g, EXP2_9)
    p = fma(p, g, EXP2_8)
    p = fma(p, g, EXP2_7)
    p = fma(p, g, EXP2_6)
    p = fma(p, g, EXP2_5)
    p = fma(p, g, EXP2_4)
    p = fma(p, g, EXP2_3)
    p = fma(p, g, EXP2_2)
    p = fma(p, g, EXP2_1)
    p = fma(p, g, EXP2_0)
    return p * power_of_two(shifted)


@public
def pow_fast(x, y):
    """(x**y, slow)."""
    ux = bits(x)
    uy = bits(y)
    ax = U32(ux & MAGNITUDE)
    ay = U32(uy & MAGNITUDE)
    v = F64(y)
    k, _, log2 = _pow_split(from_bits(ax))
    power = _pow_exp2(v * (k + log2))
    low = bits(F32(power * POW_LOW))
    high = bits(F32(power * POW_HIGH))

    shifted = v + SHIFT
    huge = ay >= U32(0x4B800000)
    whole = huge | (bits64(shifted - SHIFT) == bits64(v))
    odd = (U32(U32(bits64(shifted)) & ONE32) != ZERO32) & whole & (not huge)
    sign = select(odd, U32(ux & SIGN), ZERO32)

    # Compared as floats: LLVM makes ax - 1 and ax == 0 one subtraction with a borrow, which it cannot vectorise.
    x_zero = x == ZERO
    y_zero = y == ZERO
    ordinary = (not x_zero) & (ax < INFINITY) & (not y_zero) & (ay < INFINITY)
    no_real = (ux >= SIGN) & (not whole)
    slow = select(ordinary & (not no_real), U32(low ^ high), ZERO32)

    y_infinite = ay == INFINITY
    grown = select(uy >= SIGN, ZERO32, INFINITY)
    shrunk = U32(INFINITY - grown)
    r = select(no_real, NAN, U32(high | sign))
    r = select(y_infinite & (ax > ONE), grown, r)
    r = select(y_infinite & (ax < ONE), shrunk, r)
    r = select(y_infinite & (ax == ONE), ONE, r)
    r = select(x_zero, U32(shrunk | sign), r)
    r = select(ax == INFINITY, U32(grown | sign), r)
    r = select((ax > INFINITY) | (ay > INFINITY), NAN, r)
    r = select(y_zero | (ux == ONE), ONE, r)
    return from_bits(r), slow


@inlined
def _two_sum(a, b):
    high = a + b
    part = high - a
    return high, (a - (high - part)) + (b - part)


@inlined
def _two_product(a, b):
    high = a * b
    if HAS_FMA:
        return high, fma(a, b, -high)
    a_scaled = a * VELTKAMP
    b_scaled = b * VELTKAMP
    a_high = a_scaled - (a_scaled - a)
    b_high = b_scaled - (b_scaled - b)
    a_low = a - a_high
    b_low = b - b_high
    return high, ((a_high * b_high - high) + a_high * b_low + a_low * b_high) + a_low * b_low


@inlined
def _pair_add(a, b):
    high, high_rest = _two_sum(a[0], b[0])
    low, low_rest = _two_sum(a[1], b[1])
    first, rest = _two_sum(high, high_rest + low)
    return _two_sum(first, rest + low_rest)


@inlined
def _pair_multiply(a, b):
    high, rest = _two_product(a[0], b[0])
    return _two_sum(high, rest + fma(a[0], b[1], a[1] * b[0]))


@inlined
def _pair_ln2(n):
    tail, rest = _two_sum(n * LN2_MIDDLE, n * LN2_LOWEST)
    high, low = _two_sum(n * LN2_HIGH, tail)
    return high, low + rest


@called
def _pair_expm1(r):
    t = (r[0] * F64(2.0**-6), r[1] * F64(2.0**-6))
    u = (INVERSE_FACTORIALS[0, 0], INVERSE_FACTORIALS[0, 1])
    for i in range(1, 12):
        u = _pair_add(_pair_multiply(u, t), (INVERSE_FACTORIALS[i, 0], INVERSE_FACTORIALS[i, 1]))
    u = _pair_multiply(u, t)
    for _ in range(6):
        u = _pair_add((u[0] + u[0], u[1] + u[1]), _pair_multiply(u, u))
    return u


@called
def _pow_exact(x, y):
    """(1, x**y) if that is exact in at most 32 bits, else (0, anything)."""
    pattern = bits64(F64(x))
    v = F64(y)
    m = I64(U64(pattern & FRACTION) | IMPLICIT)
    e = I64(pattern >> U64(52)) - I64(1075)
    while m & 1 == 0:
        m >>= 1
        e += 1
    if m == 1:
        exponent = F64(e) * v
        shifted = exponent + SHIFT
        return shifted - SHIFT == exponent, power_of_two(shifted)
    if not (v > 0.0 and v < 34.0):
        return False, UNIT
    p = I64(8.0 * v)
    if F64(p) != 8.0 * v:
        return False, UNIT
    j = 3
    while j > 0 and p & 1 == 0:
        p >>= 1
        j -= 1
    for _ in range(j):
        root = 0
        digit = 1 << 11
        while digit != 0:
            if (root | digit) * (root | digit) <= m:
                root |= digit
            digit >>= 1
        if root * root != m or e & 1 != 0:
            return False, UNIT
        m = root
        e //= 2
    product = 1
    for _ in range(p):
        product *= m
        if product >= 1 << 32:
            return False, UNIT
    return True, F64(product) * power_of_two(F64(e * p) + SHIFT)


@called
def _pow_accurate(x, y):
    k, f, log2 = _pow_split(x)
    a = -(log2 * LN2)
    e = _pair_expm1((a, F64(0.0)))
    d = (f, F64(0.0))
    d = _pair_add(_pair_add(d, e), _pair_multiply(d, e))
    log_m = _pair_add((-a, F64(0.0)), d)
    w = _two_sum(log_m[0], log_m[1] + F64(-0.5) * (d[0] * d[0]))
    w = _pair_multiply(_pair_add(_pair_ln2(k), w), (F64(y), F64(0.0)))
    shifted = fma(w[0], INVERSE_LN2, SHIFT)
    n = shifted - SHIFT
    w = _pair_expm1(_pair_add(w, _pair_ln2(-n)))
    high, low = _pair_add((UNIT, F64(0.0)), w)
    pattern = bits64(high)
    if low < 0.0:
        pattern = U64(pattern - U64(1))
    if low != 0.0:
        pattern = U64(pattern | U64(1))
    return from_bits64(pattern) * power_of_two(shifted)


@called
def _pow_slow(x, y):
    a = abs_(x)
    exact, power = _pow_exact(a, y)
    if not exact:
        power = _pow_accurate(a, y)
    odd = (U64(bits64(F64(y) + SHIFT) & U64(1)) != U64(0)) & (magnitude(y) < U32(0x4B800000))
    r = bits(F32(power))
    return from_bits(U32(r | U32(bits(x) & SIGN)) if odd else r)


@public
def pow_(x, y):
    """x**y, special values as in C99 Annex F."""
    r, slow = pow_fast(x, y)
    return r if slow == ZERO32 else _pow_slow(x, y)
