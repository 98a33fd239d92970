"""sine, cosine and tangent of any angle.

x = k pi/64 + r with |r| <= pi/128, r as a pair: up to 2^15 by parts of pi/64 with which the products are exact
(Cody and Waite), above by the bits of 2/pi that matter for x, in integers (Payne and Hanek 1983). Then sin(a + r) =
sin(a) cos(r) + cos(a) sin(r), with tables of the sines of multiples of pi/64. No double is closer than 2^-60 to a
multiple of pi/2, which both reductions leave enough bits for (Muller et al., "Handbook of Floating-Point
Arithmetic", 2018, chapter 10).
"""

from __future__ import annotations

from symc.ir.binary64.constants import (
    COSINE,
    INV_PI_64,
    PI_2_HI,
    PI_2_LO,
    PI_64_1,
    PI_64_2,
    PI_64_3,
    PI_64_4,
    SIN_HI,
    SIN_LO,
    SINE,
    TWO_OVER_PI,
)
from symc.ir.binary64.language import (
    SHIFT,
    Angle,
    Double,
    Pair,
    Word,
    as_double,
    bits,
    lookup,
    magnitude,
    polynomial,
    times_sign,
    where,
    word_at,
)
from symc.ir.binary64.pairs import over, product_of, sum_of, sum_ordered, times

LOW_WORD = 0xFFFFFFFF
INFINITE = float("inf")
# Below this the sine is x itself, in the last place.
SINE_IS_X = 7.4e-9


def near_angle(x: Double) -> Angle:
    """The angle of 0 <= x < 2^15; all steps but the last are exact."""
    shifted = x * INV_PI_64 + SHIFT
    n = shifted - SHIFT
    a = sum_of(x - n * PI_64_1, -(n * PI_64_2))
    b = sum_of(a.hi, -(n * PI_64_3))
    r = sum_of(b.hi, (a.lo + b.lo) - n * PI_64_4)
    return Angle(bits(shifted), r.hi, r.lo)


def far_angle(x: Double) -> Angle:
    """The angle of x >= 2^15: the product of its significand with 192 bits of 2/pi, modulo 4."""
    u = bits(x)
    e = u >> 52
    start = where(e < 1013, 0, e - 1013)
    i = start >> 5
    left = start & 31
    right = 32 - left
    m0 = u & LOW_WORD
    m1 = ((u >> 32) & 0xFFFFF) | 0x100000
    t0 = word_at(TWO_OVER_PI, i)
    t1 = word_at(TWO_OVER_PI, i + 1)
    t2 = word_at(TWO_OVER_PI, i + 2)
    t3 = word_at(TWO_OVER_PI, i + 3)
    t4 = word_at(TWO_OVER_PI, i + 4)
    t5 = word_at(TWO_OVER_PI, i + 5)
    t6 = word_at(TWO_OVER_PI, i + 6)
    # The bits of 2/pi that matter, the last word first.
    w0 = ((t5 << left) | (t6 >> right)) & LOW_WORD
    w1 = ((t4 << left) | (t5 >> right)) & LOW_WORD
    w2 = ((t3 << left) | (t4 >> right)) & LOW_WORD
    w3 = ((t2 << left) | (t3 >> right)) & LOW_WORD
    w4 = ((t1 << left) | (t2 >> right)) & LOW_WORD
    w5 = ((t0 << left) | (t1 >> right)) & LOW_WORD
    # Each word of the product is what both halves of the significand add to it, and the carry from below.
    p0 = m0 * w0
    p1 = m0 * w1
    p2 = m0 * w2
    p3 = m0 * w3
    p4 = m0 * w4
    q0 = m1 * w0
    q1 = m1 * w1
    q2 = m1 * w2
    q3 = m1 * w3
    s1 = (p0 >> 32) + (p1 & LOW_WORD) + (q0 & LOW_WORD)
    s2 = (s1 >> 32) + (p1 >> 32) + (q0 >> 32) + (p2 & LOW_WORD) + (q1 & LOW_WORD)
    s3 = (s2 >> 32) + (p2 >> 32) + (q1 >> 32) + (p3 & LOW_WORD) + (q2 & LOW_WORD)
    s4 = (s3 >> 32) + (p3 >> 32) + (q2 >> 32) + (p4 & LOW_WORD) + (q3 & LOW_WORD)
    s5 = (s4 >> 32) + (p4 >> 32) + (q3 >> 32) + m0 * w5 + m1 * w4
    top = (s5 << 32) | (s4 & LOW_WORD)
    # Two bits of quarter turns and five of their parts, rounded; what is left has a sign.
    k = (top + 0x0100000000000000) >> 57
    rest = top - (k << 57)
    first = as_double(rest >> 32) - where((rest >> 63) == 0, 0.0, 4294967296.0)
    upper = sum_ordered(first * 9.313225746154785e-10, as_double(rest & LOW_WORD) * 2.168404344971009e-19)
    lower = sum_ordered(
        as_double(s3 & LOW_WORD) * 5.048709793414476e-29, as_double(s2 & LOW_WORD) * 1.1754943508222875e-38
    )
    f = sum_of(upper.hi, upper.lo + lower.hi)
    r = times(Pair(f.hi, f.lo + lower.lo), Pair(PI_2_HI, PI_2_LO))
    return Angle(k, r.hi, r.lo)


def angle_of(x: Double) -> Angle:
    """The angle of x >= 0."""
    return where(x < 32768.0, near_angle(x), far_angle(x))


def sine_of(a: Angle, quarters: Word) -> Pair:
    """The sine of the angle and so many quarter turns."""
    j = a.k & 31
    q = (a.k >> 5) + quarters
    odd = (q & 1) == 1
    sin_hi = lookup(SIN_HI, j)
    sin_lo = lookup(SIN_LO, j)
    cos_hi = lookup(SIN_HI, 32 - j)
    cos_lo = lookup(SIN_LO, 32 - j)
    # With cos(r) and with sin(r).
    c_hi = where(odd, cos_hi, sin_hi)
    c_lo = where(odd, cos_lo, sin_lo)
    s_hi = where(odd, -sin_hi, cos_hi)
    s_lo = where(odd, -sin_lo, cos_lo)
    z = a.hi * a.hi
    cosine = (z * z * polynomial(z, COSINE) - 0.5 * z) - a.hi * a.lo
    sine = a.lo + a.hi * (z * polynomial(z, SINE))
    p = product_of(s_hi, a.hi)
    s = sum_of(c_hi, p.hi)
    y = sum_ordered(s.hi, s.lo + (p.lo + (c_hi * cosine + s_hi * sine) + (c_lo + s_lo * a.hi)))
    turned = (q & 2) == 2
    return Pair(where(turned, -y.hi, y.hi), where(turned, -y.lo, y.lo))


def sin(x: Double) -> Double:
    """Sine of radians."""
    a = magnitude(x)
    y = sine_of(angle_of(a), 0)
    s = y.hi + y.lo
    return where(a < SINE_IS_X, x, where(a < INFINITE, times_sign(s, x), x - x))


def cos(x: Double) -> Double:
    """Cosine of radians."""
    a = magnitude(x)
    y = sine_of(angle_of(a), 1)
    return where(a < INFINITE, y.hi + y.lo, x - x)


def tan(x: Double) -> Double:
    """Tangent of radians."""
    a = magnitude(x)
    angle = angle_of(a)
    y = over(sine_of(angle, 0), sine_of(angle, 1))
    return where(a < SINE_IS_X, x, where(a < INFINITE, times_sign(y.hi + y.lo, x), x - x))
