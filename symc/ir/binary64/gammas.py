"""The gamma function.

From 1/2 on the argument is raised to 16 and more by the recurrence, where Stirling's series holds; below 1/2 it is
pi / (sin(pi x) gamma(1 - x)). All but the series is computed in pairs (Abramowitz and Stegun, 6.1).
"""

from __future__ import annotations

from symc.ir.binary64.circular import sine_of
from symc.ir.binary64.constants import LN_SQRT_2PI_HI, LN_SQRT_2PI_LO, PI_HI, PI_LO, STIRLING
from symc.ir.binary64.exponential import exp_rest, exp_table, exponent, steps
from symc.ir.binary64.language import SHIFT, Angle, Double, Pair, bits, floor, magnitude, polynomial, where, with_sign
from symc.ir.binary64.logarithm import log_pair
from symc.ir.binary64.pairs import minus, over, plus, plus_double, scaled, sum_of, times, times_double
from symc.ir.binary64.powers import is_odd

INFINITE = float("inf")
NOT_A_NUMBER = float("nan")


def sine_pi(x: Double) -> Pair:
    """sin(pi x) of |x| < 2^40: x - k/64 is exact."""
    shifted = x * 64.0 + SHIFT
    r = times_double(Pair(PI_HI, PI_LO), x - (shifted - SHIFT) * 0.015625)
    return sine_of(Angle(bits(shifted), r.hi, r.lo), 0)


def gamma_log(z: Pair) -> Pair:
    """ln(gamma(z)) of z >= 16."""
    w = 1.0 / z.hi
    main = minus(times(log_pair(z), plus_double(z, -0.5)), z)
    return plus_double(plus(main, Pair(LN_SQRT_2PI_HI, LN_SQRT_2PI_LO)), w * polynomial(w * w, STIRLING))


def gamma(x: Double) -> Double:
    """Euler's gamma function."""
    low = x < 0.5
    b = where(x < -190.0, -190.25, where(x > 180.0, 180.0, x))
    y = where(low, sum_of(1.0, -b), Pair(b, 0.0))
    p = Pair(1.0, 0.0)
    z = y
    for _ in range(16):
        more = z.hi < 16.0
        p = where(more, times(p, z), p)
        z = where(more, plus_double(z, 1.0), z)
    logarithm = gamma_log(z)
    shifted = steps(logarithm.hi)
    n = shifted - SHIFT
    k = bits(shifted)
    e = exp_table(k, exp_rest(logarithm, n))
    power = exponent(n, k)
    above = over(e, p)
    below = over(times(Pair(PI_HI, PI_LO), p), times(sine_pi(b), e))
    r = where(low, scaled(below.hi + below.lo, -power), scaled(above.hi + above.lo, power))
    whole = floor(x) == x
    edge = where(x == 0.0, with_sign(INFINITE, x), NOT_A_NUMBER)
    vanished = where(is_odd(floor(x)), -0.0, 0.0)
    inner = where(magnitude(x) < 1e-17, 1.0 / x, where(x < -190.0, vanished, r))
    finite = where((x < 0.5) & whole, edge, inner)
    return where(x < INFINITE, where(x == -INFINITE, NOT_A_NUMBER, finite), x)
