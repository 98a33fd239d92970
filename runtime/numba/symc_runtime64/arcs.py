# SPDX-License-Identifier: Apache-2.0
"""Arc tangent, sine and cosine, all as the angle of a point (x, y).

With c = j/32 next to y/x, the angle is atan(c) + atan(r), r = (y - c x) / (x + c y), |r| <= 1/63; above the
diagonal x and y change places. Numerator, denominator and quotient are pairs.

Printed by runtime/double/write.py from symc/ir/binary64/arcs.py.
"""

from __future__ import annotations

import numpy as np

from .core import SHIFT, Pair, abs_, bits, with_sign
from .jit import U64, called, inlined, public
from .pairs import minus, over, plus, root, sum_of, sum_ordered, times, times_double

__all__ = ["acos", "asin", "atan"]

PI_2_HI = 1.5707963267948966
PI_2_LO = 6.123233995736766e-17
ARC_IS_X = 1e-09
NOT_A_NUMBER = np.nan
PI_HI = 3.141592653589793
PI_LO = 1.2246467991473532e-16
ATAN_HI = np.array(
    [
        0.0, 0.031239833430268277, 0.06241880999595735, 0.09347678115858947,
        0.12435499454676144, 0.15499674192394097, 0.18534794999569476, 0.21535769969773805,
        0.24497866312686414, 0.2741674511196588, 0.3028848683749714, 0.3310960767041321,
        0.35877067027057225, 0.38588266939807375, 0.4124104415973873, 0.43833655985795783,
        0.4636476090008061, 0.48833395105640554, 0.5123894603107377, 0.5358112379604637,
        0.5585993153435624, 0.5807563535676704, 0.6022873461349642, 0.6231993299340659,
        0.6435011087932844, 0.6632029927060933, 0.6823165548747481, 0.7008544078844502,
        0.7188299996216245, 0.7362574289814281, 0.7531512809621944, 0.7695264804056583,
        0.7853981633974483,
    ],
    np.float64,
)
ATAN_LO = np.array(
    [
        0.0, -1.188442711587748e-18, -1.5490756308295046e-18, -6.2844725995420954e-18,
        -3.1253241424539383e-18, 9.585415594114324e-18, 4.180692268843079e-18, 4.738160130078733e-19,
        1.0698755618734451e-17, 8.261353575163773e-18, -1.1010827903001369e-17, -7.952610375793799e-18,
        -2.4623815582638635e-17, 2.378822732491941e-17, -1.587652227770689e-17, -2.494277030626541e-17,
        2.2698777452961687e-17, -1.1373236189329585e-17, -2.5462781472855804e-17, -4.0637956834825575e-18,
        -5.4556305485916264e-18, -1.441464378193067e-17, 2.950430737228402e-17, 2.672403885140095e-17,
        1.5834785051444286e-17, -3.076054864429649e-17, 6.943223671560008e-18, -1.987626234335816e-17,
        -2.1478388444456983e-17, 3.473937648299457e-17, -2.4256934659182068e-17, -3.704991905602721e-17,
        3.061616997868383e-17,
    ],
    np.float64,
)


@inlined
def polynomial_arc(t):
    p = -0.09086065566707738
    p = p * t + 0.11111110043435506
    p = p * t + -0.14285714285618217
    p = p * t + 0.19999999999999998
    p = p * t + -0.3333333333333333
    return p


@called
def angle_at(x, y):
    """The angle of (x, y), from 0 to pi/2; both at least 0, one above it."""
    steep = (y.hi > x.hi)
    n = x if steep else y
    d = y if steep else x
    shifted = n.hi / d.hi * 32.0 + SHIFT
    c = (shifted - SHIFT) * 0.03125
    r = over(minus(n, times_double(d, c)), plus(d, times_double(n, c)))
    z = r.hi * r.hi
    # A NaN may have any bits.
    k = U64(bits(shifted) & U64(63))
    j = U64(0) if (k > U64(32)) else k
    s = sum_of(ATAN_HI[j], r.hi)
    a = sum_ordered(s.hi, s.lo + (ATAN_LO[j] + (r.lo + r.hi * (z * polynomial_arc(z)))))
    return minus(Pair(PI_2_HI, PI_2_LO), a) if steep else a


@public
def atan(x):
    """Arc tangent; from 2^60 on it is pi/2 in the last place."""
    a = abs_(x)
    y = angle_at(Pair(1.0, 0.0), Pair(1.152921504606847e+18 if (a > 1.152921504606847e+18) else a, 0.0))
    return x if (a < ARC_IS_X) else with_sign(y.hi + y.lo, x)


@called
def beside(a):
    """sqrt((1 - a) (1 + a)) for 0 <= a < 1."""
    return root(times(sum_of(1.0, -a), sum_of(1.0, a)))


@public
def asin(x):
    """Arc sine."""
    a = abs_(x)
    y = angle_at(beside(a), Pair(a, 0.0))
    inner = x if (a < ARC_IS_X) else with_sign(y.hi + y.lo, x)
    return inner if (a < 1.0) else (with_sign(PI_2_HI, x) if (a == 1.0) else x * NOT_A_NUMBER)


@public
def acos(x):
    """Arc cosine."""
    a = abs_(x)
    y = angle_at(Pair(0.0 if (a < 1e-200) else a, 0.0), beside(a))
    z = minus(Pair(PI_HI, PI_LO), y)
    inner = z.hi + z.lo if (x < 0.0) else y.hi + y.lo
    return inner if (a < 1.0) else (0.0 if (x == 1.0) else (PI_HI if (x == -1.0) else x * NOT_A_NUMBER))
