# SPDX-License-Identifier: Apache-2.0
"""The gamma function.

From 1/2 on the argument is raised to 16 and more by the recurrence, where Stirling's series holds; below 1/2 it is
pi / (sin(pi x) gamma(1 - x)). All but the series is computed in pairs (Abramowitz and Stegun, 6.1).

Printed by runtime/double/write.py from symc/ir/binary64/gammas.py.
"""

from __future__ import annotations

import numpy as np

from .circular import sine_of
from .core import SHIFT, Angle, Pair, abs_, bits, floor, with_sign
from .exponential import exp_rest, exp_table, exponent, steps
from .jit import U64, called, inlined, public
from .logarithm import log_pair
from .pairs import minus, over, plus, plus_double, scaled, sum_of, times, times_double
from .powers import is_odd

__all__ = ["gamma"]

PI_HI = 3.141592653589793
PI_LO = 1.2246467991473532e-16
LN_SQRT_2PI_HI = 0.9189385332046728
LN_SQRT_2PI_LO = -3.8782941580672414e-17
NOT_A_NUMBER = np.nan
INFINITE = np.inf


@inlined
def polynomial_stirling(t):
    p = -1.3924322169059011
    p = p * t + 0.17964437236883057
    p = p * t + -0.029550653594771242
    p = p * t + 0.00641025641025641
    p = p * t + -0.0019175269175269176
    p = p * t + 0.0008417508417508417
    p = p * t + -0.0005952380952380953
    p = p * t + 0.0007936507936507937
    p = p * t + -0.002777777777777778
    p = p * t + 0.08333333333333333
    return p


@called
def sine_pi(x):
    """sin(pi x) of |x| < 2^40: x - k/64 is exact."""
    shifted = x * 64.0 + SHIFT
    r = times_double(Pair(PI_HI, PI_LO), x - (shifted - SHIFT) * 0.015625)
    return sine_of(Angle(bits(shifted), r.hi, r.lo), U64(0))


@called
def gamma_log(z):
    """ln(gamma(z)) of z >= 16."""
    w = 1.0 / z.hi
    main = minus(times(log_pair(z), plus_double(z, -0.5)), z)
    return plus_double(plus(main, Pair(LN_SQRT_2PI_HI, LN_SQRT_2PI_LO)), w * polynomial_stirling(w * w))


@public
def gamma(x):
    """Euler's gamma function."""
    low = (x < 0.5)
    b = -190.25 if (x < -190.0) else (180.0 if (x > 180.0) else x)
    y = sum_of(1.0, -b) if low else Pair(b, 0.0)
    p = Pair(1.0, 0.0)
    z = y
    for _ in range(16):
        more = (z.hi < 16.0)
        p = times(p, z) if more else p
        z = plus_double(z, 1.0) if more else z
    logarithm = gamma_log(z)
    shifted = steps(logarithm.hi)
    n = shifted - SHIFT
    k = bits(shifted)
    e = exp_table(k, exp_rest(logarithm, n))
    power = exponent(n, k)
    above = over(e, p)
    below = over(times(Pair(PI_HI, PI_LO), p), times(sine_pi(b), e))
    r = scaled(below.hi + below.lo, -power) if low else scaled(above.hi + above.lo, power)
    whole = (floor(x) == x)
    edge = with_sign(INFINITE, x) if (x == 0.0) else NOT_A_NUMBER
    vanished = -0.0 if is_odd(floor(x)) else 0.0
    inner = 1.0 / x if (abs_(x) < 1e-17) else (vanished if (x < -190.0) else r)
    finite = edge if (x < 0.5) & whole else inner
    return (NOT_A_NUMBER if (x == -INFINITE) else finite) if (x < INFINITE) else x
