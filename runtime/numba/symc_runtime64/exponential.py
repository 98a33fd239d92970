# SPDX-License-Identifier: Apache-2.0
"""e^x, 2^x, e^x - 1 and the hyperbolic functions.

x = n ln(2)/32 + r with |r| <= ln(2)/64; e^x = 2^(n/32) e^r by a table of 2^(j/32) and a polynomial, as a pair of
doubles. The pair is within 2^-65 of e^x, so what is made of it is rounded as if it were exact but for a few
thousandths of a unit (Tang, "Table-driven implementation of the exponential function in IEEE floating-point
arithmetic", 1989).

Printed by runtime/double/write.py from symc/ir/binary64/exponential.py.
"""

from __future__ import annotations

import numpy as np

from .core import SHIFT, Pair, abs_, bits, with_sign
from .jit import F64, U64, called, inlined, public
from .pairs import minus, over, plus, plus_double, power_of_two, product_of, scaled, sum_of, sum_ordered, times_double

__all__ = ["cosh", "exp", "exp2", "expm1", "sinh", "tanh"]

INV_LN2_32 = 46.16624130844683
LN2_32_1 = 0.021660849392446835
LN2_32_2 = 5.145609244655338e-14
LOG2_HI = 0.6931471805599453
LOG2_LO = 2.3190468138462996e-17
EXP2_HI = np.array(
    [
        1.0, 1.0218971486541166, 1.0442737824274138, 1.0671404006768237,
        1.0905077326652577, 1.1143867425958924, 1.1387886347566916, 1.1637248587775775,
        1.189207115002721, 1.215247359980469, 1.241857812073484, 1.2690509571917332,
        1.2968395546510096, 1.3252366431597413, 1.3542555469368927, 1.383909881963832,
        1.4142135623730951, 1.4451808069770467, 1.4768261459394993, 1.5091644275934228,
        1.5422108254079407, 1.5759808451078865, 1.6104903319492543, 1.645755478153965,
        1.681792830507429, 1.718619298122478, 1.7562521603732995, 1.7947090750031072,
        1.8340080864093424, 1.8741676341103, 1.9152065613971474, 1.9571441241754002,
    ],
    np.float64,
)
EXP2_LO = np.array(
    [
        0.0, 5.109225028973444e-17, 8.551889705537965e-17, -7.899853966841582e-17,
        -3.046782079812471e-17, 1.0410278456845571e-16, 8.912812676025408e-17, 3.8292048369240935e-17,
        3.982015231465646e-17, -7.712630692681488e-17, 4.658027591836937e-17, 2.667932131342186e-18,
        2.5382502794888315e-17, -2.8587312100388614e-17, 7.70094837980299e-17, -6.770511658794786e-17,
        -9.667293313452913e-17, -3.0237581349939873e-17, -3.483994556892796e-17, -1.016455327754295e-16,
        7.949834809697621e-17, -1.0136916471278304e-17, 2.4707192569797888e-17, -1.0125679913674773e-16,
        8.199010020581497e-17, -1.851380418263111e-17, 2.960140695448873e-17, 1.8227458427912087e-17,
        3.283107224245627e-17, -6.122763413004143e-17, -1.0619946056195963e-16, 8.960767791036668e-17,
    ],
    np.float64,
)


@inlined
def polynomial_exp(t):
    p = 0.00019841318424666782
    p = p * t + 0.0013888932613957815
    p = p * t + 0.00833333333331192
    p = p * t + 0.04166666666647395
    p = p * t + 0.16666666666666666
    p = p * t + 0.5
    return p


@inlined
def polynomial_sinh(t):
    p = 2.5053676698846197e-08
    p = p * t + 2.7557319170380913e-06
    p = p * t + 0.0001984126984127059
    p = p * t + 0.008333333333333333
    p = p * t + 0.16666666666666666
    return p


@inlined
def polynomial_tanh(t):
    p = -0.0014477946718750698
    p = p * t + 0.003592084901869294
    p = p * t + -0.008863235415079624
    p = p * t + 0.021869488535998266
    p = p * t + -0.05396825396825387
    p = p * t + 0.13333333333333333
    p = p * t + -0.3333333333333333
    return p


@called
def exp_table(k, r):
    """2^(j/32) e^r, j = k modulo 32."""
    j = U64(k & U64(31))
    t = EXP2_HI[j]
    # e^r - 1 - r.hi
    p = r.hi * r.hi * polynomial_exp(r.hi) + (r.lo + r.lo * r.hi)
    m = product_of(t, r.hi)
    s = sum_ordered(t, m.hi)
    tail = EXP2_LO[j]
    return sum_ordered(s.hi, s.lo + (m.lo + (t * p + (tail + tail * r.hi))))


@called
def exponent(n, k):
    """(n - j) / 32, j = k modulo 32: the power of two beside the table."""
    return (n - F64(U64(k & U64(31)))) * 0.03125


@called
def steps(x):
    """The integer next to 32 x / ln(2), in the low bits of its pattern."""
    return x * INV_LN2_32 + SHIFT


@called
def exp_rest(x, n):
    """x - n ln(2)/32; the first step is exact."""
    r = sum_of(x.hi - n * LN2_32_1, -(n * LN2_32_2))
    return sum_ordered(r.hi, r.lo + x.lo)


@called
def within(x, low, high):
    """x, or the bound it is beyond; NaN stays."""
    return low if (x < low) else (high if (x > high) else x)


@called
def exp_scaled(x, down):
    """e^x 2^-down for |x| <= 800."""
    shifted = steps(x.hi)
    n = shifted - SHIFT
    k = bits(shifted)
    e = exp_table(k, exp_rest(x, n))
    return scaled(e.hi + e.lo, exponent(n, k) - down)


@called
def exp_pair(x):
    """e^x for |x| <= 600."""
    shifted = steps(x.hi)
    n = shifted - SHIFT
    k = bits(shifted)
    e = exp_table(k, exp_rest(x, n))
    scale = power_of_two(exponent(n, k))
    return Pair(e.hi * scale, e.lo * scale)


@public
def exp(x):
    """e to the x."""
    return exp_scaled(Pair(within(x, -750.0, 710.0), 0.0), 0.0)


@public
def exp2(x):
    """2 to the x: x - n/32 is exact."""
    y = within(x, -1080.0, 1024.0)
    shifted = y * 32.0 + SHIFT
    n = shifted - SHIFT
    k = bits(shifted)
    r = times_double(Pair(LOG2_HI, LOG2_LO), y - n * 0.03125)
    e = exp_table(k, r)
    return scaled(e.hi + e.lo, exponent(n, k))


@public
def expm1(x):
    """e to the x, minus 1."""
    y = within(x, -50.0, 50.0)
    e = plus_double(exp_pair(Pair(y, 0.0)), -1.0)
    small = x if (abs_(x) < 1e-20) else x + x * x * polynomial_exp(x)
    return small if (abs_(x) < 0.0108) else (exp(x) if (x > 50.0) else e.hi + e.lo)


@public
def sinh(x):
    """Hyperbolic sine."""
    a = abs_(x)
    e = exp_pair(Pair(within(a, 0.0, 40.0), 0.0))
    d = minus(e, over(Pair(1.0, 0.0), e))
    z = x * x
    inner = x + x * (z * polynomial_sinh(z))
    outer = exp_scaled(Pair(within(a, 0.0, 720.0), 0.0), 1.0) if (a > 40.0) else (d.hi + d.lo) * 0.5
    return inner if (a < 0.0625) else with_sign(outer, x)


@public
def cosh(x):
    """Hyperbolic cosine."""
    a = abs_(x)
    e = exp_pair(Pair(within(a, 0.0, 40.0), 0.0))
    s = plus(e, over(Pair(1.0, 0.0), e))
    return exp_scaled(Pair(within(a, 0.0, 720.0), 0.0), 1.0) if (a > 40.0) else (s.hi + s.lo) * 0.5


@public
def tanh(x):
    """Hyperbolic tangent: (e^2x - 1) / (e^2x + 1)."""
    a = abs_(x)
    e = exp_pair(Pair(within(a, 0.0, 22.0) * 2.0, 0.0))
    q = over(plus_double(e, -1.0), plus_double(e, 1.0))
    z = x * x
    small = x if (a < 1e-20) else x + x * (z * polynomial_tanh(z))
    return small if (a < 0.0625) else with_sign(q.hi + q.lo, x)
