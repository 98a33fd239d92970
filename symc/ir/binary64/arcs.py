"""Arc tangent, sine and cosine, all as the angle of a point (x, y).

With c = j/32 next to y/x, the angle is atan(c) + atan(r), r = (y - c x) / (x + c y), |r| <= 1/63; above the
diagonal x and y change places. Numerator, denominator and quotient are pairs.
"""

from __future__ import annotations

from symc.ir.binary64.constants import ARC, ATAN_HI, ATAN_LO, PI_2_HI, PI_2_LO, PI_HI, PI_LO
from symc.ir.binary64.language import SHIFT, Double, Pair, bits, lookup, magnitude, polynomial, where, with_sign
from symc.ir.binary64.pairs import minus, over, plus, root, sum_of, sum_ordered, times, times_double

NOT_A_NUMBER = float("nan")
# Below this atan and asin are x itself, in the last place.
ARC_IS_X = 1e-9


def angle_at(x: Pair, y: Pair) -> Pair:
    """The angle of (x, y), from 0 to pi/2; both at least 0, one above it."""
    steep = y.hi > x.hi
    n = where(steep, x, y)
    d = where(steep, y, x)
    shifted = n.hi / d.hi * 32.0 + SHIFT
    c = (shifted - SHIFT) * 0.03125
    r = over(minus(n, times_double(d, c)), plus(d, times_double(n, c)))
    z = r.hi * r.hi
    # A NaN may have any bits.
    k = bits(shifted) & 63
    j = where(k > 32, 0, k)
    s = sum_of(lookup(ATAN_HI, j), r.hi)
    a = sum_ordered(s.hi, s.lo + (lookup(ATAN_LO, j) + (r.lo + r.hi * (z * polynomial(z, ARC)))))
    return where(steep, minus(Pair(PI_2_HI, PI_2_LO), a), a)


def atan(x: Double) -> Double:
    """Arc tangent; from 2^60 on it is pi/2 in the last place."""
    a = magnitude(x)
    y = angle_at(Pair(1.0, 0.0), Pair(where(a > 1152921504606846976.0, 1152921504606846976.0, a), 0.0))
    return where(a < ARC_IS_X, x, with_sign(y.hi + y.lo, x))


def beside(a: Double) -> Pair:
    """sqrt((1 - a) (1 + a)) for 0 <= a < 1."""
    return root(times(sum_of(1.0, -a), sum_of(1.0, a)))


def asin(x: Double) -> Double:
    """Arc sine."""
    a = magnitude(x)
    y = angle_at(beside(a), Pair(a, 0.0))
    inner = where(a < ARC_IS_X, x, with_sign(y.hi + y.lo, x))
    return where(a < 1.0, inner, where(a == 1.0, with_sign(PI_2_HI, x), x * NOT_A_NUMBER))


def acos(x: Double) -> Double:
    """Arc cosine."""
    a = magnitude(x)
    y = angle_at(Pair(where(a < 1e-200, 0.0, a), 0.0), beside(a))
    z = minus(Pair(PI_HI, PI_LO), y)
    inner = where(x < 0.0, z.hi + z.lo, y.hi + y.lo)
    return where(a < 1.0, inner, where(x == 1.0, 0.0, where(x == -1.0, PI_HI, x * NOT_A_NUMBER)))
