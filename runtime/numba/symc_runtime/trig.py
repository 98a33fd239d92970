# SPDX-License-Identifier: Apache-2.0
"""Sine, cosine and tangent of radians: f64/trig.h. An angle is (r, quarter turns taken away)."""

from __future__ import annotations

import numpy as np

from .f32 import INFINITY, MAGNITUDE, NAN, ONE32, SIGN, ZERO32, bits, from_bits, magnitude, select
from .f64 import SHIFT, UNIT, bits64, fma
from .jit import F32, F64, I64, U32, U64, called, inlined, public

__all__ = ["cos", "cos_fast", "sin", "sin_fast", "tan", "tan_fast"]

# begin SIN
SIN_1 = np.float64(float.fromhex("-0x1.5555555555548p-3"))
SIN_2 = np.float64(float.fromhex("0x1.111111110f73p-7"))
SIN_3 = np.float64(float.fromhex("-0x1.a01a019be9202p-13"))
SIN_4 = np.float64(float.fromhex("0x1.71de35552903dp-19"))
SIN_5 = np.float64(float.fromhex("-0x1.ae5e4b7fb18dap-26"))
SIN_6 = np.float64(float.fromhex("0x1.5d8b53366f97cp-33"))
# end SIN
# begin COS
COS_1 = np.float64(float.fromhex("-0x1.fffffffffff96p-2"))
COS_2 = np.float64(float.fromhex("0x1.555555554f058p-5"))
COS_3 = np.float64(float.fromhex("-0x1.6c16c164056ddp-10"))
COS_4 = np.float64(float.fromhex("0x1.a019f81818fc9p-16"))
COS_5 = np.float64(float.fromhex("-0x1.27df4434a0f76p-22"))
COS_6 = np.float64(float.fromhex("0x1.1b8b0f76dc64dp-29"))
# end COS
# begin SINE
SINE_1 = np.float64(float.fromhex("-0x1.55555555554cfp-3"))
SINE_2 = np.float64(float.fromhex("0x1.111111110a679p-7"))
SINE_3 = np.float64(float.fromhex("-0x1.a01a019a01189p-13"))
SINE_4 = np.float64(float.fromhex("0x1.71de37d13ec6cp-19"))
SINE_5 = np.float64(float.fromhex("-0x1.ae6340099ff72p-26"))
SINE_6 = np.float64(float.fromhex("0x1.60e2dbc7923c5p-33"))
SINE_7 = np.float64(float.fromhex("-0x1.9e903e5b15967p-41"))
# end SINE

ONE_OVER_PI = F32(float.fromhex("0x1.45f306p-2"))
SHIFT32 = F32(float.fromhex("0x1.8p23"))
PI_SHORT = F64(float.fromhex("0x1.921fb544p+1"))
PI_SHORT_LOW = F64(float.fromhex("0x1.0b4611a626331p-33"))
HALF_TURN = F32(0.5)
TWO_OVER_PI = F64(float.fromhex("0x1.45f306dc9c883p-1"))
PI_2_SHORT = F64(float.fromhex("0x1.921fb544p+0"))
PI_2_SHORT_LOW = F64(float.fromhex("0x1.0b4611a626331p-34"))
PI_2 = F64(float.fromhex("0x1.921fb54442d18p+0"))
PI_2_LOW = F64(float.fromhex("0x1.1a62633145c07p-54"))
TRIG_LIMIT = U32(0x48C00000)
TWO_OVER_PI_WORDS = np.array(
    [
        0x00000000, 0xA2F9836E, 0x4E441529, 0xFC2757D1, 0xF534DDC0,
        0xDB629599, 0x3C439041, 0xFE5163AB, 0xDEBBC561,
    ],
    dtype=np.uint64,
)  # fmt: skip


@inlined
def _reduce_short(x):
    v = F64(x)
    shifted = fma(v, TWO_OVER_PI, SHIFT)
    n = shifted - SHIFT
    r = fma(-n, PI_2_SHORT_LOW, fma(-n, PI_2_SHORT, v))
    return r, U32(bits64(shifted))


@inlined
def _two_over_pi_window(word, shift):
    """32 bits of 2/pi from bit `shift` of word `word` on."""
    both = U64(U64(TWO_OVER_PI_WORDS[word] << U64(32)) | TWO_OVER_PI_WORDS[word + 1])
    return U64(both >> U64(U64(32) - shift)) & U64(0xFFFFFFFF)


@called
def _reduce_long(x):
    u = bits(x)
    m = U64(U64(u & U32(0x007FFFFF)) | U64(0x00800000))
    exponent = I64(U32(u & MAGNITUDE) >> U32(23))
    position = max(exponent - I64(120), I64(0))
    word = position >> I64(5)
    shift = U64(position & I64(31))
    low = U64(m * _two_over_pi_window(word + 2, shift) + U64(U64(m * _two_over_pi_window(word + 3, shift)) >> U64(32)))
    high = U64(
        U64(U64(m * _two_over_pi_window(word, shift)) << U64(32))
        + U64(m * _two_over_pi_window(word + 1, shift))
        + U64(low >> U64(32))
    )
    quarter = U64(U64(high + U64(1 << 61)) >> U64(62))
    fraction = I64(U64(high - U64(quarter << U64(62))))
    v = fma(F64(low & U64(0xFFFFFFFF)), F64(2.0**-94), F64(fraction) * F64(2.0**-62))
    r = fma(v, PI_2, v * PI_2_LOW)
    if u >= SIGN:
        return -r, U32(U64(U64(0) - quarter))
    return r, U32(quarter)


@inlined
def _sin_kernel(r):
    z = r * r
    p = SIN_6
    p = fma(p, z, SIN_5)
    p = fma(p, z, SIN_4)
    p = fma(p, z, SIN_3)
    p = fma(p, z, SIN_2)
    p = fma(p, z, SIN_1)
    return fma(r * z, p, r)


@inlined
def _cos_kernel(r):
    z = r * r
    p = COS_6
    p = fma(p, z, COS_5)
    p = fma(p, z, COS_4)
    p = fma(p, z, COS_3)
    p = fma(p, z, COS_2)
    p = fma(p, z, COS_1)
    return fma(p, z, UNIT)


@inlined
def _sin_of(r, quarter):
    s = _sin_kernel(r)
    c = _cos_kernel(r)
    y = bits(F32(select(U32(quarter & ONE32) != ZERO32, c, s)))
    return from_bits(U32(y ^ U32(U32(quarter & U32(2)) << U32(30))))


@inlined
def _tan_of(r, quarter):
    s = _sin_kernel(r)
    c = _cos_kernel(r)
    odd = U32(quarter & ONE32) != ZERO32
    t = select(odd, c, s) / select(odd, s, c)
    return select(odd, -t, t)


@inlined
def _trig_slow(x):
    return U32(U32(TRIG_LIMIT - magnitude(x)) >> U32(31))


@inlined
def _keep_zero(x, y):
    return select(magnitude(x) == ZERO32, x, y)


@inlined
def _sine(r):
    z = r * r
    p = SINE_7
    p = fma(p, z, SINE_6)
    p = fma(p, z, SINE_5)
    p = fma(p, z, SINE_4)
    p = fma(p, z, SINE_3)
    p = fma(p, z, SINE_2)
    p = fma(p, z, SINE_1)
    return fma(r * z, p, r)


@inlined
def _less_half_turns(x, n):
    return fma(-n, PI_SHORT_LOW, fma(-n, PI_SHORT, x))


@public
def sin_fast(x):
    """(sine, slow)."""
    v = from_bits(magnitude(x))
    shifted = v * ONE_OVER_PI + SHIFT32
    n = F64(shifted - SHIFT32)
    y = bits(F32(_sine(_less_half_turns(F64(v), n))))
    y = U32(y - U32(magnitude(x) == U32(0x46199998)))
    turned = U32(bits(shifted) << U32(31))
    return from_bits(U32(U32(y ^ turned) ^ U32(bits(x) & SIGN))), _trig_slow(x)


@public
def cos_fast(x):
    """(cosine, slow)."""
    v = from_bits(magnitude(x))
    shifted = v * ONE_OVER_PI + HALF_TURN + SHIFT32
    half_turns = F64(shifted - SHIFT32 - HALF_TURN)
    y = bits(F32(_sine(_less_half_turns(F64(v), half_turns))))
    return from_bits(U32(y ^ U32(bits(shifted) << U32(31)))), _trig_slow(x)


@public
def tan_fast(x):
    """(tangent, slow)."""
    r, quarter = _reduce_short(x)
    return _keep_zero(x, F32(_tan_of(r, quarter))), _trig_slow(x)


@called
def _sin_slow(x, turn):
    if magnitude(x) >= INFINITY:
        return from_bits(NAN)
    r, quarter = _reduce_long(x)
    y = bits(_sin_of(r, U32(quarter + turn)))
    if turn == ONE32:
        y = U32(0x3F7F14BB) if magnitude(x) == U32(0x5F18B878) else y
        y = U32(0x3F78142F) if magnitude(x) == U32(0x6115CB11) else y
        y = U32(0x3F798BB5) if magnitude(x) == U32(0x7908CD73) else y
    return from_bits(y)


@called
def _tan_slow(x):
    if magnitude(x) >= INFINITY:
        return from_bits(NAN)
    r, quarter = _reduce_long(x)
    return F32(_tan_of(r, quarter))


@public
def sin(x):
    """The sine of x radians, correctly rounded."""
    y, slow = sin_fast(x)
    return y if slow == ZERO32 else _sin_slow(x, U32(0))


@public
def cos(x):
    """The cosine of x radians, correctly rounded."""
    y, slow = cos_fast(x)
    return y if slow == ZERO32 else _sin_slow(x, U32(1))


@public
def tan(x):
    """The tangent of x radians, correctly rounded."""
    y, slow = tan_fast(x)
    return y if slow == ZERO32 else _tan_slow(x)
