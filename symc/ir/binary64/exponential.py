"""e^x, 2^x, e^x - 1 and the hyperbolic functions.

x = n ln(2)/32 + r with |r| <= ln(2)/64; e^x = 2^(n/32) e^r by a table of 2^(j/32) and a polynomial, as a pair of
doubles. The pair is within 2^-65 of e^x, so what is made of it is rounded as if it were exact but for a few
thousandths of a unit (Tang, "Table-driven implementation of the exponential function in IEEE floating-point
arithmetic", 1989).
"""

from __future__ import annotations

from symc.ir.binary64.constants import (
    EXP,
    EXP2_HI,
    EXP2_LO,
    INV_LN2_32,
    LN2_32_1,
    LN2_32_2,
    LOG2_HI,
    LOG2_LO,
    SINH,
    TANH,
)
from symc.ir.binary64.language import (
    SHIFT,
    Double,
    Pair,
    Word,
    as_double,
    bits,
    lookup,
    magnitude,
    polynomial,
    where,
    with_sign,
)
from symc.ir.binary64.pairs import (
    minus,
    over,
    plus,
    plus_double,
    power_of_two,
    product_of,
    scaled,
    sum_of,
    sum_ordered,
    times_double,
)


def exp_table(k: Word, r: Pair) -> Pair:
    """2^(j/32) e^r, j = k modulo 32."""
    j = k & 31
    t = lookup(EXP2_HI, j)
    # e^r - 1 - r.hi
    p = r.hi * r.hi * polynomial(r.hi, EXP) + (r.lo + r.lo * r.hi)
    m = product_of(t, r.hi)
    s = sum_ordered(t, m.hi)
    tail = lookup(EXP2_LO, j)
    return sum_ordered(s.hi, s.lo + (m.lo + (t * p + (tail + tail * r.hi))))


def exponent(n: Double, k: Word) -> Double:
    """(n - j) / 32, j = k modulo 32: the power of two beside the table."""
    return (n - as_double(k & 31)) * 0.03125


def steps(x: Double) -> Double:
    """The integer next to 32 x / ln(2), in the low bits of its pattern."""
    return x * INV_LN2_32 + SHIFT


def exp_rest(x: Pair, n: Double) -> Pair:
    """x - n ln(2)/32; the first step is exact."""
    r = sum_of(x.hi - n * LN2_32_1, -(n * LN2_32_2))
    return sum_ordered(r.hi, r.lo + x.lo)


def within(x: Double, low: Double, high: Double) -> Double:
    """x, or the bound it is beyond; NaN stays."""
    return where(x < low, low, where(x > high, high, x))


def exp_scaled(x: Pair, down: Double) -> Double:
    """e^x 2^-down for |x| <= 800."""
    shifted = steps(x.hi)
    n = shifted - SHIFT
    k = bits(shifted)
    e = exp_table(k, exp_rest(x, n))
    return scaled(e.hi + e.lo, exponent(n, k) - down)


def exp_pair(x: Pair) -> Pair:
    """e^x for |x| <= 600."""
    shifted = steps(x.hi)
    n = shifted - SHIFT
    k = bits(shifted)
    e = exp_table(k, exp_rest(x, n))
    scale = power_of_two(exponent(n, k))
    return Pair(e.hi * scale, e.lo * scale)


def exp(x: Double) -> Double:
    """e to the x."""
    return exp_scaled(Pair(within(x, -750.0, 710.0), 0.0), 0.0)


def exp2(x: Double) -> Double:
    """2 to the x: x - n/32 is exact."""
    y = within(x, -1080.0, 1024.0)
    shifted = y * 32.0 + SHIFT
    n = shifted - SHIFT
    k = bits(shifted)
    r = times_double(Pair(LOG2_HI, LOG2_LO), y - n * 0.03125)
    e = exp_table(k, r)
    return scaled(e.hi + e.lo, exponent(n, k))


def expm1(x: Double) -> Double:
    """e to the x, minus 1."""
    y = within(x, -50.0, 50.0)
    e = plus_double(exp_pair(Pair(y, 0.0)), -1.0)
    small = where(magnitude(x) < 1e-20, x, x + x * x * polynomial(x, EXP))
    return where(magnitude(x) < 0.0108, small, where(x > 50.0, exp(x), e.hi + e.lo))


def sinh(x: Double) -> Double:
    """Hyperbolic sine."""
    a = magnitude(x)
    e = exp_pair(Pair(within(a, 0.0, 40.0), 0.0))
    d = minus(e, over(Pair(1.0, 0.0), e))
    z = x * x
    inner = x + x * (z * polynomial(z, SINH))
    outer = where(a > 40.0, exp_scaled(Pair(within(a, 0.0, 720.0), 0.0), 1.0), (d.hi + d.lo) * 0.5)
    return where(a < 0.0625, inner, with_sign(outer, x))


def cosh(x: Double) -> Double:
    """Hyperbolic cosine."""
    a = magnitude(x)
    e = exp_pair(Pair(within(a, 0.0, 40.0), 0.0))
    s = plus(e, over(Pair(1.0, 0.0), e))
    return where(a > 40.0, exp_scaled(Pair(within(a, 0.0, 720.0), 0.0), 1.0), (s.hi + s.lo) * 0.5)


def tanh(x: Double) -> Double:
    """Hyperbolic tangent: (e^2x - 1) / (e^2x + 1)."""
    a = magnitude(x)
    e = exp_pair(Pair(within(a, 0.0, 22.0) * 2.0, 0.0))
    q = over(plus_double(e, -1.0), plus_double(e, 1.0))
    z = x * x
    small = where(a < 1e-20, x, x + x * (z * polynomial(z, TANH)))
    return where(a < 0.0625, small, with_sign(q.hi + q.lo, x))
