"""Logarithms and the inverse hyperbolic functions.

x = 2^n m with 0.707 <= m < 1.414, and c is the reciprocal in 12 bits of the middle of one of 64 intervals that
holds m: ln(x) = n ln(2) - ln(c) + ln(1 + r), r = c m - 1 exactly, |r| < 2^-7. Around 1 c is 1, so that r keeps all
digits there. The result is a pair within 2^-67 of its size (Tang, "Table-driven implementation of the logarithm
function in IEEE floating-point arithmetic", 1990).
"""

from __future__ import annotations

from symc.ir.binary64.constants import (
    INV_LN2_HI,
    INV_LN2_LO,
    INV_LN10_HI,
    INV_LN10_LO,
    LN2_1,
    LN2_2,
    LOG,
    LOG2_HI,
    LOG2_LO,
    LOG_C,
    LOG_HI,
    LOG_LO,
)
from symc.ir.binary64.language import (
    SHIFT,
    Double,
    Pair,
    Word,
    as_double,
    bits,
    from_bits,
    lookup,
    magnitude,
    polynomial,
    where,
    with_sign,
)
from symc.ir.binary64.pairs import (
    over,
    plus,
    plus_double,
    power_of_two,
    product_of,
    root,
    sum_of,
    sum_ordered,
    times,
)

# The pattern where the intervals begin, and the interval around 1.
LOG_START = 0x3FE6A00000000000
LOG_ONE = 37
INFINITE = float("inf")
NOT_A_NUMBER = float("nan")


def log_sum(n: Double, j: Word, r: Pair) -> Pair:
    """n ln(2) - ln(c_j) + ln(1 + r)."""
    s = product_of(r.hi, r.hi)
    cube = r.hi * s.hi * polynomial(r.hi, LOG)
    # Exact: both are multiples of 2^-42.
    u = sum_of(n * LN2_1 + lookup(LOG_HI, j), r.hi)
    v = sum_of(u.hi, -0.5 * s.hi)
    rest = (r.lo - (0.5 * s.lo + r.hi * r.lo)) + cube
    return sum_ordered(v.hi, v.lo + (u.lo + ((n * LN2_2 + lookup(LOG_LO, j)) + rest)))


def log_exponent(u: Word) -> Double:
    """n of a normal number with the pattern u."""
    return as_double((u + 0x4000000000000000 - LOG_START) >> 52) - 1024.0


def log_interval(u: Word) -> Word:
    """The interval of a normal number with the pattern u."""
    return ((u - LOG_START) >> 46) & 63


def log_rest(m: Double, tail: Double, j: Word) -> Pair:
    """c_j (m + tail) - 1: of m in two halves the products are exact."""
    c = lookup(LOG_C, j)
    upper = from_bits(bits(m) & 0xFFFFFFFFF8000000)
    r = sum_of(upper * c - 1.0, (m - upper) * c)
    return sum_ordered(r.hi, r.lo + tail * c)


def log_normal(x: Double, scale: Double) -> Pair:
    """ln(x 2^-scale) of a normal number."""
    u = bits(x)
    n = log_exponent(u)
    j = log_interval(u)
    m = from_bits(u - (bits(n + SHIFT) << 52))
    return log_sum(n - scale, j, log_rest(m, 0.0, j))


def log_pair(x: Pair) -> Pair:
    """ln(x) of x from 2^-1000 to 2^1000."""
    u = bits(x.hi)
    n = log_exponent(u)
    j = log_interval(u)
    m = from_bits(u - (bits(n + SHIFT) << 52))
    return log_sum(n, j, log_rest(m, x.lo * power_of_two(-n), j))


def log1p_pair(a: Pair) -> Pair:
    """ln(1 + a) of -1 < a < 2^1000."""
    inner = (a.hi > -0.00390625) & (a.hi < 0.0078125)
    s = sum_of(1.0, a.hi)
    x = sum_ordered(s.hi, s.lo + a.lo)
    u = bits(x.hi)
    n = log_exponent(u)
    j = log_interval(u)
    m = from_bits(u - (bits(n + SHIFT) << 52))
    r = log_rest(m, x.lo * power_of_two(-n), j)
    return log_sum(where(inner, 0.0, n), where(inner, LOG_ONE, j), where(inner, a, r))


def log_any(x: Double) -> Pair:
    """ln(x) of a positive finite number, subnormal ones too."""
    tiny = x < 2.2250738585072014e-308
    return log_normal(where(tiny, x * 18014398509481984.0, x), where(tiny, 54.0, 0.0))


def log_special(x: Double, y: Double) -> Double:
    """The logarithm of x: y where x is positive and finite."""
    edge = where(x == 0.0, -INFINITE, where(x < 0.0, NOT_A_NUMBER, x))
    return where((x > 0.0) & (x < INFINITE), y, edge)


def log(x: Double) -> Double:
    """Natural logarithm."""
    y = log_any(x)
    return log_special(x, y.hi + y.lo)


def log2(x: Double) -> Double:
    """Logarithm to base 2."""
    y = times(log_any(x), Pair(INV_LN2_HI, INV_LN2_LO))
    return log_special(x, y.hi + y.lo)


def log10(x: Double) -> Double:
    """Logarithm to base 10."""
    y = times(log_any(x), Pair(INV_LN10_HI, INV_LN10_LO))
    return log_special(x, y.hi + y.lo)


def log1p(x: Double) -> Double:
    """Natural logarithm of 1 + x."""
    y = log1p_pair(Pair(where(x > 1e290, 1e290, x), 0.0))
    inner = where(magnitude(x) < 5e-20, x, y.hi + y.lo)
    edge = where(x == -1.0, -INFINITE, where(x < -1.0, NOT_A_NUMBER, inner))
    return where(x > 1e290, log(x), edge)


def log_double(a: Double) -> Double:
    """ln(2 a) of a large number."""
    y = plus(log_any(a), Pair(LOG2_HI, LOG2_LO))
    return where(a < INFINITE, y.hi + y.lo, a)


def asinh(x: Double) -> Double:
    """Inverse hyperbolic sine: ln(1 + a + a^2 / (1 + sqrt(1 + a^2)))."""
    a = magnitude(x)
    b = where(a > 1073741824.0, 1.0, a)
    s = product_of(b, b)
    d = plus_double(root(plus_double(s, 1.0)), 1.0)
    y = log1p_pair(plus_double(over(s, d), b))
    outer = where(a > 1073741824.0, log_double(a), y.hi + y.lo)
    return where(a < 9.3e-10, x, with_sign(outer, x))


def acosh(x: Double) -> Double:
    """Inverse hyperbolic cosine: ln(1 + t + sqrt(t (t + 2))), t = x - 1."""
    b = where(x > 1073741824.0, 2.0, x)
    t = sum_of(b, -1.0)
    y = log1p_pair(plus(t, root(times(t, plus_double(t, 2.0)))))
    inner = where(x > 1.0, y.hi + y.lo, where(x == 1.0, 0.0, x * NOT_A_NUMBER))
    return where(x > 1073741824.0, log_double(x), inner)


def atanh(x: Double) -> Double:
    """Inverse hyperbolic tangent: ln(1 + 2 a / (1 - a)) / 2."""
    a = magnitude(x)
    y = log1p_pair(over(Pair(a + a, 0.0), sum_of(1.0, -a)))
    inner = where(a < 9.3e-10, x, with_sign((y.hi + y.lo) * 0.5, x))
    return where(a < 1.0, inner, where(a == 1.0, with_sign(INFINITE, x), x * NOT_A_NUMBER))
