"""The error function and its complement.

erfc(x) = e^(-x^2) F(4/(4 + x)) from 1/8 on, F in 14 intervals by polynomials whose first two terms are pairs;
below, erf(x) is an odd polynomial. The other function is the difference from 1, or from 2 for negative arguments,
as a pair.
"""

from __future__ import annotations

from symc.ir.binary64.constants import ERF, ERF_1_HI, ERF_1_LO, ERFC
from symc.ir.binary64.exponential import exp_rest, exp_table, exponent, steps
from symc.ir.binary64.language import (
    SHIFT,
    Double,
    Pair,
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
    power_of_two,
    product_of,
    scaled,
    sum_of,
    sum_ordered,
    times,
)

# Where the complement is 0, and where its polynomials end.
ERFC_END = 28.0
ERF_RAISE = 2.0**600


def erf_small(x: Double) -> Pair:
    """erf(x) of |x| <= 1/8."""
    z = x * x
    p = product_of(x, ERF_1_HI)
    return sum_ordered(p.hi, p.lo + (x * ERF_1_LO + x * (z * polynomial(z, ERF))))


def erf_tiny(x: Double) -> Double:
    """2 x / sqrt(pi) of |x| < 2^-480, where the product's last bits would be lost: 2^600 times as large."""
    a = magnitude(x)
    y = where(a < 1e-150, a, 0.0) * ERF_RAISE
    p = product_of(y, ERF_1_HI)
    return with_sign((p.hi + (p.lo + y * ERF_1_LO)) / ERF_RAISE, x)


def erfc_factor(x: Double) -> Pair:
    """erfc(x) e^(x^2) of 1/8 <= x <= 28."""
    t = over(Pair(4.0, 0.0), sum_of(x, 4.0))
    k = bits((t.hi - 0.15625) * 16.0 + SHIFT) & 63
    # A NaN may have any bits.
    j = where(k > 13, 13, k)
    row = j * 14
    d = sum_ordered(t.hi - (as_double(j) * 0.0625 + 0.15625), t.lo)
    q = lookup(ERFC, row + 13)
    q = q * d.hi + lookup(ERFC, row + 12)
    q = q * d.hi + lookup(ERFC, row + 11)
    q = q * d.hi + lookup(ERFC, row + 10)
    q = q * d.hi + lookup(ERFC, row + 9)
    q = q * d.hi + lookup(ERFC, row + 8)
    q = q * d.hi + lookup(ERFC, row + 7)
    q = q * d.hi + lookup(ERFC, row + 6)
    q = q * d.hi + lookup(ERFC, row + 5)
    q = q * d.hi + lookup(ERFC, row + 4)
    p = times(Pair(lookup(ERFC, row + 2), lookup(ERFC, row + 3)), d)
    return plus(Pair(lookup(ERFC, row), lookup(ERFC, row + 1)), sum_ordered(p.hi, p.lo + d.hi * d.hi * q))


def erf(x: Double) -> Double:
    """Error function; from 6 on it is 1 in the last place."""
    a = magnitude(x)
    b = where(a < 6.0, a, 6.0)
    s = product_of(b, b)
    shifted = steps(-s.hi)
    n = shifted - SHIFT
    k = bits(shifted)
    e = times(exp_table(k, exp_rest(Pair(-s.hi, -s.lo), n)), erfc_factor(b))
    scale = power_of_two(exponent(n, k))
    y = minus(Pair(1.0, 0.0), Pair(e.hi * scale, e.lo * scale))
    small = erf_small(where(a < 0.125, x, 0.0))
    inner = where(a < 1e-150, erf_tiny(x), small.hi + small.lo)
    return where(a < 0.125, inner, where(x == x, with_sign(y.hi + y.lo, x), x))


def erfc(x: Double) -> Double:
    """1 - erf(x), without cancellation."""
    a = magnitude(x)
    b = where(a < ERFC_END, a, ERFC_END)
    s = product_of(b, b)
    shifted = steps(-s.hi)
    n = shifted - SHIFT
    k = bits(shifted)
    e = times(exp_table(k, exp_rest(Pair(-s.hi, -s.lo), n)), erfc_factor(b))
    power = exponent(n, k)
    right = scaled(e.hi + e.lo, power)
    scale = power_of_two(where(power < -200.0, -200.0, power))
    left = minus(Pair(2.0, 0.0), Pair(e.hi * scale, e.lo * scale))
    inner = minus(Pair(1.0, 0.0), erf_small(where(a < 0.125, x, 0.0)))
    outer = where(x < 0.0, left.hi + left.lo, right)
    return where(a < 0.125, inner.hi + inner.lo, where(x == x, outer, x))
