# SPDX-License-Identifier: Apache-2.0
"""Arithmetic with pairs of doubles, without fused multiply-add (Dekker 1971; Knuth, TAOCP 2, 4.2.2).

Printed by runtime/double/write.py from symc/ir/binary64/pairs.py.
"""

from __future__ import annotations

from .core import SHIFT, Pair, bits, from_bits, sqrt
from .jit import U64, inlined

__all__ = []

SPLITTER = 134217729.0


@inlined
def sum_of(a, b):
    """a + b and what rounding leaves of it."""
    s = a + b
    t = s - a
    return Pair(s, a - (s - t) + (b - t))


@inlined
def sum_ordered(a, b):
    """a + b and what rounding leaves of it, where a = 0 or |a| >= |b|."""
    s = a + b
    return Pair(s, b - (s - a))


@inlined
def upper_half(a):
    """The first 26 bits of a, for |a| < 2^996."""
    c = a * SPLITTER
    return c - (c - a)


@inlined
def product_of(a, b):
    """a b and what rounding leaves of it, for factors below 2^996 whose product's last bits are above 2^-1074."""
    p = a * b
    ah = upper_half(a)
    bh = upper_half(b)
    al = a - ah
    bl = b - bh
    return Pair(p, ah * bh - p + ah * bl + al * bh + al * bl)


@inlined
def plus(a, b):
    """a + b; the error is below 2^-104 of the sum unless it cancels, and then of the greater summand."""
    s = sum_of(a.hi, b.hi)
    t = sum_of(a.lo, b.lo)
    u = sum_ordered(s.hi, s.lo + t.hi)
    return sum_ordered(u.hi, u.lo + t.lo)


@inlined
def plus_double(a, b):
    """a + b."""
    s = sum_of(a.hi, b)
    return sum_ordered(s.hi, s.lo + a.lo)


@inlined
def minus(a, b):
    """a - b."""
    return plus(a, Pair(-b.hi, -b.lo))


@inlined
def times(a, b):
    """a b; the error is below 2^-102 of it."""
    p = product_of(a.hi, b.hi)
    return sum_ordered(p.hi, p.lo + (a.hi * b.lo + a.lo * b.hi))


@inlined
def times_double(a, b):
    """a b."""
    p = product_of(a.hi, b)
    return sum_ordered(p.hi, p.lo + a.lo * b)


@inlined
def over(a, b):
    """a / b; the error is below 2^-100 of it."""
    q = a.hi / b.hi
    p = product_of(q, b.hi)
    rest = a.hi - p.hi - p.lo + (a.lo - q * b.lo)
    return sum_ordered(q, rest / b.hi)


@inlined
def root(a):
    """The square root of a > 0."""
    r = sqrt(a.hi)
    p = product_of(r, r)
    rest = a.hi - p.hi - p.lo + a.lo
    return sum_ordered(r, rest / (r + r))


@inlined
def power_of_two(n):
    """2^n for integers -1022 <= n <= 1023."""
    return from_bits(U64(U64(bits(n + SHIFT) + U64(1023)) << U64(52)))


@inlined
def scaled(v, n):
    """v 2^n for 2^-400 < |v| < 2^400 and integers |n| <= 1200: rounded once, where it is subnormal."""
    half = n * 0.5 + SHIFT - SHIFT
    return v * power_of_two(half) * power_of_two(n - half)
