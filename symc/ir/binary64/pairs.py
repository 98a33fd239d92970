"""Arithmetic with pairs of doubles, without fused multiply-add (Dekker 1971; Knuth, TAOCP 2, 4.2.2)."""

from __future__ import annotations

from symc.ir.binary64.language import SHIFT, Double, Pair, bits, from_bits, sqrt

# 2^27 + 1 splits a double into two halves of 26 bits.
SPLITTER = 134217729.0


def sum_of(a: Double, b: Double) -> Pair:
    """a + b and what rounding leaves of it."""
    s = a + b
    t = s - a
    return Pair(s, (a - (s - t)) + (b - t))


def sum_ordered(a: Double, b: Double) -> Pair:
    """a + b and what rounding leaves of it, where a = 0 or |a| >= |b|."""
    s = a + b
    return Pair(s, b - (s - a))


def upper_half(a: Double) -> Double:
    """The first 26 bits of a, for |a| < 2^996."""
    c = a * SPLITTER
    return c - (c - a)


def product_of(a: Double, b: Double) -> Pair:
    """a b and what rounding leaves of it, for factors below 2^996 whose product's last bits are above 2^-1074."""
    p = a * b
    ah = upper_half(a)
    bh = upper_half(b)
    al = a - ah
    bl = b - bh
    return Pair(p, ((ah * bh - p) + ah * bl + al * bh) + al * bl)


def plus(a: Pair, b: Pair) -> Pair:
    """a + b; the error is below 2^-104 of the sum unless it cancels, and then of the greater summand."""
    s = sum_of(a.hi, b.hi)
    t = sum_of(a.lo, b.lo)
    u = sum_ordered(s.hi, s.lo + t.hi)
    return sum_ordered(u.hi, u.lo + t.lo)


def plus_double(a: Pair, b: Double) -> Pair:
    """a + b."""
    s = sum_of(a.hi, b)
    return sum_ordered(s.hi, s.lo + a.lo)


def minus(a: Pair, b: Pair) -> Pair:
    """a - b."""
    return plus(a, Pair(-b.hi, -b.lo))


def times(a: Pair, b: Pair) -> Pair:
    """a b; the error is below 2^-102 of it."""
    p = product_of(a.hi, b.hi)
    return sum_ordered(p.hi, p.lo + (a.hi * b.lo + a.lo * b.hi))


def times_double(a: Pair, b: Double) -> Pair:
    """a b."""
    p = product_of(a.hi, b)
    return sum_ordered(p.hi, p.lo + a.lo * b)


def over(a: Pair, b: Pair) -> Pair:
    """a / b; the error is below 2^-100 of it."""
    q = a.hi / b.hi
    p = product_of(q, b.hi)
    rest = ((a.hi - p.hi) - p.lo) + (a.lo - q * b.lo)
    return sum_ordered(q, rest / b.hi)


def root(a: Pair) -> Pair:
    """The square root of a > 0."""
    r = sqrt(a.hi)
    p = product_of(r, r)
    rest = ((a.hi - p.hi) - p.lo) + a.lo
    return sum_ordered(r, rest / (r + r))


def power_of_two(n: Double) -> Double:
    """2^n for integers -1022 <= n <= 1023."""
    return from_bits((bits(n + SHIFT) + 1023) << 52)


def scaled(v: Double, n: Double) -> Double:
    """v 2^n for 2^-400 < |v| < 2^400 and integers |n| <= 1200: rounded once, where it is subnormal."""
    half = (n * 0.5 + SHIFT) - SHIFT
    return v * power_of_two(half) * power_of_two(n - half)
