"""x to the y, and the cube root."""

from __future__ import annotations

from symc.ir.binary64.constants import CBRT
from symc.ir.binary64.exponential import exp_scaled, within
from symc.ir.binary64.language import (
    Double,
    Flag,
    Pair,
    bits,
    floor,
    from_bits,
    magnitude,
    polynomial,
    where,
    with_sign,
)
from symc.ir.binary64.logarithm import log_any
from symc.ir.binary64.pairs import product_of, times_double

INFINITE = float("inf")
NOT_A_NUMBER = float("nan")


def is_odd(y: Double) -> Flag:
    """Whether y is an odd integer."""
    return (floor(y) == y) & (floor(y * 0.5) != y * 0.5)


def pow(x: Double, y: Double) -> Double:
    """x to the y as 2^(y log x); the special values are those of C99."""
    a = magnitude(x)
    # Beyond this any other base than 1 overflows or becomes 0.
    t = times_double(log_any(a), within(y, -7e19, 7e19))
    size = exp_scaled(Pair(within(t.hi, -760.0, 720.0), where(magnitude(t.hi) < 800.0, t.lo, 0.0)), 0.0)
    grows = where(a == INFINITE, y, -y)
    edge = where(grows > 0.0, INFINITE, 0.0)
    known = where((a == 0.0) | (a == INFINITE), edge, where(a == 1.0, 1.0, size))
    whole = (floor(y) == y) | (a == 0.0) | (a == INFINITE)
    meant = where((x < 0.0) & ~whole, NOT_A_NUMBER, known)
    turned = where(is_odd(y), with_sign(meant, x), meant)
    usual = where((x == x) & (y == y), turned, x + y)
    return where((y == 0.0) | (x == 1.0), 1.0, usual)


def cbrt(x: Double) -> Double:
    """Cube root: 2^(k/3 ...) times a guess, which two of Halley's steps and one in pairs improve."""
    a = magnitude(x)
    tiny = a < 2.2250738585072014e-308
    u = bits(where(tiny, a * 18014398509481984.0, a))
    # The exponent as 3 k and what is left of it, k from -1000 on.
    e = (u >> 52) + 1977
    k = e // 3
    m = from_bits((u & 0x000FFFFFFFFFFFFF) | ((e - k * 3 + 1023) << 52))
    t0 = polynomial(m, CBRT)
    c0 = t0 * t0 * t0
    t1 = t0 * ((c0 + (m + m)) / ((c0 + c0) + m))
    c1 = t1 * t1 * t1
    t = t1 * ((c1 + (m + m)) / ((c1 + c1) + m))
    s = product_of(t, t)
    c = times_double(s, t)
    y = t - ((c.hi - m) + c.lo) / (s.hi * 3.0)
    r = from_bits(bits(y) + ((where(tiny, k - 18, k) - 1000) << 52))
    return where((a > 0.0) & (a < INFINITE), with_sign(r, x), x)
