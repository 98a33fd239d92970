# SPDX-License-Identifier: Apache-2.0
"""x to the y, and the cube root.

Printed by runtime/double/write.py from symc/ir/binary64/powers.py.
"""

from __future__ import annotations

import numpy as np

from .core import Pair, abs_, bits, floor, from_bits, with_sign
from .exponential import exp_scaled, within
from .jit import U64, called, inlined, public
from .logarithm import log_any
from .pairs import product_of, times_double

__all__ = ["cbrt", "pow_"]

INFINITE = np.inf
NOT_A_NUMBER = np.nan


@inlined
def polynomial_cbrt(t):
    p = 5.655254894221102e-05
    p = p * t + -0.001596887337316374
    p = p * t + 0.018251656689589422
    p = p * t + -0.11212010655657866
    p = p * t + 0.48881233581505845
    p = p * t + 0.6084349186865862
    return p


@called
def is_odd(y):
    """Whether y is an odd integer."""
    return (floor(y) == y) & (floor(y * 0.5) != y * 0.5)


@public
def pow_(x, y):
    """x to the y as 2^(y log x); the special values are those of C99."""
    a = abs_(x)
    # Beyond this any other base than 1 overflows or becomes 0.
    t = times_double(log_any(a), within(y, -7e+19, 7e+19))
    size = exp_scaled(Pair(within(t.hi, -760.0, 720.0), t.lo if (abs_(t.hi) < 800.0) else 0.0), 0.0)
    grows = y if (a == INFINITE) else -y
    edge = INFINITE if (grows > 0.0) else 0.0
    known = edge if (a == 0.0) | (a == INFINITE) else (1.0 if (a == 1.0) else size)
    whole = (floor(y) == y) | (a == 0.0) | (a == INFINITE)
    meant = NOT_A_NUMBER if (x < 0.0) & (not whole) else known
    turned = with_sign(meant, x) if is_odd(y) else meant
    usual = turned if (x == x) & (y == y) else x + y
    return 1.0 if (y == 0.0) | (x == 1.0) else usual


@public
def cbrt(x):
    """Cube root: 2^(k/3 ...) times a guess, which two of Halley's steps and one in pairs improve."""
    a = abs_(x)
    tiny = (a < 2.2250738585072014e-308)
    u = bits(a * 1.8014398509481984e+16 if tiny else a)
    # The exponent as 3 k and what is left of it, k from -1000 on.
    e = U64(U64(u >> U64(52)) + U64(1977))
    k = U64(e // U64(3))
    m = from_bits(U64(U64(u & U64(4503599627370495)) | U64(U64(U64(e - U64(k * U64(3))) + U64(1023)) << U64(52))))
    t0 = polynomial_cbrt(m)
    c0 = t0 * t0 * t0
    t1 = t0 * ((c0 + (m + m)) / (c0 + c0 + m))
    c1 = t1 * t1 * t1
    t = t1 * ((c1 + (m + m)) / (c1 + c1 + m))
    s = product_of(t, t)
    c = times_double(s, t)
    y = t - (c.hi - m + c.lo) / (s.hi * 3.0)
    r = from_bits(U64(bits(y) + U64(U64((U64(k - U64(18)) if tiny else k) - U64(1000)) << U64(52))))
    return with_sign(r, x) if (a > 0.0) & (a < INFINITE) else x
