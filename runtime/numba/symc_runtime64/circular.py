# SPDX-License-Identifier: Apache-2.0
"""sine, cosine and tangent of any angle.

x = k pi/64 + r with |r| <= pi/128, r as a pair: up to 2^15 by parts of pi/64 with which the products are exact
(Cody and Waite), above by the bits of 2/pi that matter for x, in integers (Payne and Hanek 1983). Then sin(a + r) =
sin(a) cos(r) + cos(a) sin(r), with tables of the sines of multiples of pi/64. No double is closer than 2^-60 to a
multiple of pi/2, which both reductions leave enough bits for (Muller et al., "Handbook of Floating-Point
Arithmetic", 2018, chapter 10).

Printed by runtime/double/write.py from symc/ir/binary64/circular.py.
"""

from __future__ import annotations

import numpy as np

from .core import SHIFT, Angle, Pair, abs_, bits, times_sign
from .jit import F64, U64, called, inlined, public
from .pairs import over, product_of, sum_of, sum_ordered, times

__all__ = ["cos", "sin", "tan"]

INV_PI_64 = 20.371832715762604
PI_64_1 = 0.049087385210441425
PI_64_2 = 1.8990939082199894e-12
PI_64_3 = 6.319582027222395e-23
PI_64_4 = 2.649508643865281e-33
LOW_WORD = 0xffffffff
PI_2_HI = 1.5707963267948966
PI_2_LO = 6.123233995736766e-17
SINE_IS_X = 7.4e-09
INFINITE = np.inf
TWO_OVER_PI = np.array(
    [
        0, 0, 0xa2f9836e, 0x4e441529,
        0xfc2757d1, 0xf534ddc0, 0xdb629599, 0x3c439041,
        0xfe5163ab, 0xdebbc561, 0xb7246e3a, 0x424dd2e0,
        0x6492eea, 0x9d1921c, 0xfe1deb1c, 0xb129a73e,
        0xe88235f5, 0x2ebb4484, 0xe99c7026, 0xb45f7e41,
        0x3991d639, 0x835339f4, 0x9c845f8b, 0xbdf9283b,
        0x1ff897ff, 0xde05980f, 0xef2f118b, 0x5a0a6d1f,
        0x6d367ecf, 0x27cb09b7, 0x4f463f66, 0x9e5fea2d,
        0x7527bac7, 0xebe5f17b, 0x3d0739f7, 0x8a5292ea,
        0x6bfb5fb1, 0x1f8d5d08, 0x56033046, 0xfc7b6bab,
        0xf0cfbc20, 0x9af4361d,
    ],
    np.uint64,
)
SIN_HI = np.array(
    [
        0.0, 0.049067674327418015, 0.0980171403295606, 0.14673047445536175,
        0.19509032201612828, 0.2429801799032639, 0.2902846772544624, 0.33688985339222005,
        0.3826834323650898, 0.4275550934302821, 0.47139673682599764, 0.5141027441932218,
        0.5555702330196022, 0.5956993044924334, 0.6343932841636455, 0.6715589548470184,
        0.7071067811865476, 0.7409511253549591, 0.773010453362737, 0.8032075314806449,
        0.8314696123025452, 0.8577286100002721, 0.881921264348355, 0.9039892931234433,
        0.9238795325112867, 0.9415440651830208, 0.9569403357322088, 0.970031253194544,
        0.9807852804032304, 0.989176509964781, 0.9951847266721969, 0.9987954562051724,
        1.0,
    ],
    np.float64,
)
SIN_LO = np.array(
    [
        0.0, -6.79610372051828e-19, -1.634582362244256e-18, 3.726947147046568e-18,
        -7.991079068461731e-18, -8.751431529719663e-18, -1.892797870777425e-17, -4.200094003347509e-19,
        -1.0050772696461588e-17, 9.411189816295473e-18, 6.516678136069013e-18, -4.5712707523615624e-17,
        4.709410940561677e-17, -1.3438641936579467e-17, 1.0420901929280035e-17, -4.048903774929669e-17,
        -4.833646656726457e-17, -1.4708616952297345e-17, -3.256590703364977e-17, -3.306060980481491e-17,
        1.4073856984728024e-18, -4.818344793633662e-17, -1.9843248405890562e-17, -6.609754468748431e-18,
        1.7645047084336677e-17, -2.789637954769834e-17, 4.05538698618757e-17, 1.8365300348428844e-17,
        1.8546939997825006e-17, -4.098730993704711e-17, -4.248691367830441e-17, -1.2291693337075465e-17,
        0.0,
    ],
    np.float64,
)


@inlined
def polynomial_cosine(t):
    p = -2.755706720166181e-07
    p = p * t + 2.480158730063655e-05
    p = p * t + -0.0013888888888888887
    p = p * t + 0.041666666666666664
    return p


@inlined
def polynomial_sine(t):
    p = 2.7557016797426853e-06
    p = p * t + -0.00019841269840128943
    p = p * t + 0.008333333333333331
    p = p * t + -0.16666666666666666
    return p


@called
def near_angle(x):
    """The angle of 0 <= x < 2^15; all steps but the last are exact."""
    shifted = x * INV_PI_64 + SHIFT
    n = shifted - SHIFT
    a = sum_of(x - n * PI_64_1, -(n * PI_64_2))
    b = sum_of(a.hi, -(n * PI_64_3))
    r = sum_of(b.hi, a.lo + b.lo - n * PI_64_4)
    return Angle(bits(shifted), r.hi, r.lo)


@called
def far_angle(x):
    """The angle of x >= 2^15: the product of its significand with 192 bits of 2/pi, modulo 4."""
    u = bits(x)
    e = U64(u >> U64(52))
    start = U64(0) if (e < U64(1013)) else U64(e - U64(1013))
    i = U64(start >> U64(5))
    left = U64(start & U64(31))
    right = U64(U64(32) - left)
    m0 = U64(u & U64(LOW_WORD))
    m1 = U64(U64(U64(u >> U64(32)) & U64(1048575)) | U64(1048576))
    t0 = U64(TWO_OVER_PI[i])
    t1 = U64(TWO_OVER_PI[U64(i + U64(1))])
    t2 = U64(TWO_OVER_PI[U64(i + U64(2))])
    t3 = U64(TWO_OVER_PI[U64(i + U64(3))])
    t4 = U64(TWO_OVER_PI[U64(i + U64(4))])
    t5 = U64(TWO_OVER_PI[U64(i + U64(5))])
    t6 = U64(TWO_OVER_PI[U64(i + U64(6))])
    # The bits of 2/pi that matter, the last word first.
    w0 = U64(U64(U64(t5 << left) | U64(t6 >> right)) & U64(LOW_WORD))
    w1 = U64(U64(U64(t4 << left) | U64(t5 >> right)) & U64(LOW_WORD))
    w2 = U64(U64(U64(t3 << left) | U64(t4 >> right)) & U64(LOW_WORD))
    w3 = U64(U64(U64(t2 << left) | U64(t3 >> right)) & U64(LOW_WORD))
    w4 = U64(U64(U64(t1 << left) | U64(t2 >> right)) & U64(LOW_WORD))
    w5 = U64(U64(U64(t0 << left) | U64(t1 >> right)) & U64(LOW_WORD))
    # Each word of the product is what both halves of the significand add to it, and the carry from below.
    p0 = U64(m0 * w0)
    p1 = U64(m0 * w1)
    p2 = U64(m0 * w2)
    p3 = U64(m0 * w3)
    p4 = U64(m0 * w4)
    q0 = U64(m1 * w0)
    q1 = U64(m1 * w1)
    q2 = U64(m1 * w2)
    q3 = U64(m1 * w3)
    s1 = U64(U64(U64(p0 >> U64(32)) + U64(p1 & U64(LOW_WORD))) + U64(q0 & U64(LOW_WORD)))
    s2 = (
        U64(U64(U64(U64(U64(s1 >> U64(32)) + U64(p1 >> U64(32))) + U64(q0 >> U64(32))) + U64(p2 & U64(LOW_WORD)))
            + U64(q1 & U64(LOW_WORD)))
    )
    s3 = (
        U64(U64(U64(U64(U64(s2 >> U64(32)) + U64(p2 >> U64(32))) + U64(q1 >> U64(32))) + U64(p3 & U64(LOW_WORD)))
            + U64(q2 & U64(LOW_WORD)))
    )
    s4 = (
        U64(U64(U64(U64(U64(s3 >> U64(32)) + U64(p3 >> U64(32))) + U64(q2 >> U64(32))) + U64(p4 & U64(LOW_WORD)))
            + U64(q3 & U64(LOW_WORD)))
    )
    s5 = U64(U64(U64(U64(U64(s4 >> U64(32)) + U64(p4 >> U64(32))) + U64(q3 >> U64(32))) + U64(m0 * w5)) + U64(m1 * w4))
    top = U64(U64(s5 << U64(32)) | U64(s4 & U64(LOW_WORD)))
    # Two bits of quarter turns and five of their parts, rounded; what is left has a sign.
    k = U64(U64(top + U64(72057594037927936)) >> U64(57))
    rest = U64(top - U64(k << U64(57)))
    first = F64(U64(rest >> U64(32))) - (0.0 if (U64(rest >> U64(63)) == U64(0)) else 4294967296.0)
    upper = sum_ordered(first * 9.313225746154785e-10, F64(U64(rest & U64(LOW_WORD))) * 2.168404344971009e-19)
    lower = (
        sum_ordered(F64(U64(s3 & U64(LOW_WORD))) * 5.048709793414476e-29,
            F64(U64(s2 & U64(LOW_WORD))) * 1.1754943508222875e-38)
    )
    f = sum_of(upper.hi, upper.lo + lower.hi)
    r = times(Pair(f.hi, f.lo + lower.lo), Pair(PI_2_HI, PI_2_LO))
    return Angle(k, r.hi, r.lo)


@called
def angle_of(x):
    """The angle of x >= 0."""
    return near_angle(x) if (x < 32768.0) else far_angle(x)


@called
def sine_of(a, quarters):
    """The sine of the angle and so many quarter turns."""
    j = U64(a.k & U64(31))
    q = U64(U64(a.k >> U64(5)) + quarters)
    odd = (U64(q & U64(1)) == U64(1))
    sin_hi = SIN_HI[j]
    sin_lo = SIN_LO[j]
    cos_hi = SIN_HI[U64(U64(32) - j)]
    cos_lo = SIN_LO[U64(U64(32) - j)]
    # With cos(r) and with sin(r).
    c_hi = cos_hi if odd else sin_hi
    c_lo = cos_lo if odd else sin_lo
    s_hi = -sin_hi if odd else cos_hi
    s_lo = -sin_lo if odd else cos_lo
    z = a.hi * a.hi
    cosine = z * z * polynomial_cosine(z) - 0.5 * z - a.hi * a.lo
    sine = a.lo + a.hi * (z * polynomial_sine(z))
    p = product_of(s_hi, a.hi)
    s = sum_of(c_hi, p.hi)
    y = sum_ordered(s.hi, s.lo + (p.lo + (c_hi * cosine + s_hi * sine) + (c_lo + s_lo * a.hi)))
    turned = (U64(q & U64(2)) == U64(2))
    return Pair(-y.hi if turned else y.hi, -y.lo if turned else y.lo)


@public
def sin(x):
    """Sine of radians."""
    a = abs_(x)
    y = sine_of(angle_of(a), U64(0))
    s = y.hi + y.lo
    return x if (a < SINE_IS_X) else (times_sign(s, x) if (a < INFINITE) else x - x)


@public
def cos(x):
    """Cosine of radians."""
    a = abs_(x)
    y = sine_of(angle_of(a), U64(1))
    return y.hi + y.lo if (a < INFINITE) else x - x


@public
def tan(x):
    """Tangent of radians."""
    a = abs_(x)
    angle = angle_of(a)
    y = over(sine_of(angle, U64(0)), sine_of(angle, U64(1)))
    return x if (a < SINE_IS_X) else (times_sign(y.hi + y.lo, x) if (a < INFINITE) else x - x)
