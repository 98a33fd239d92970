# SPDX-License-Identifier: Apache-2.0
"""symc runtime for Numba: float32 operations and correctly rounded functions, the same bits as the C headers.

Each function takes and returns float32 (a comparison returns 1.0 or 0.0) and is meant to be called from code compiled
with njit(fastmath=False, error_model="numpy"). The algorithms and coefficients are those of the headers symc/*.h,
where the comments explain them; polynomial blocks of both are written by one script. NaN results are 0x7fc00000.

`sin_fast`, `cos_fast`, `tan_fast` and `pow_fast` return (result, slow): branch-free, for loops that should vectorise.
Where slow is not 0 the element must be computed again by the full function.
"""

from __future__ import annotations

import llvmlite.binding as llvm
import numpy as np
from llvmlite import ir
from numba import config, njit, types
from numba.extending import intrinsic

_F32 = np.float32
_F64 = np.float64
_U32 = np.uint32
_U64 = np.uint64
_I64 = np.int64

SIGN = _U32(0x80000000)
MAGNITUDE = _U32(0x7FFFFFFF)
ONE = _U32(0x3F800000)
INFINITY = _U32(0x7F800000)
NAN = _U32(0x7FC00000)
ZERO32 = _U32(0)
ONE32 = _U32(1)
SHIFT = _F64(float.fromhex("0x1.8p52"))

# begin EXP
EXP_2 = np.float64(float.fromhex("0x1.000000000000ap-1"))
EXP_3 = np.float64(float.fromhex("0x1.5555555555502p-3"))
EXP_4 = np.float64(float.fromhex("0x1.5555555550607p-5"))
EXP_5 = np.float64(float.fromhex("0x1.11111111251e2p-7"))
EXP_6 = np.float64(float.fromhex("0x1.6c16c184b3612p-10"))
EXP_7 = np.float64(float.fromhex("0x1.a01a013b60614p-13"))
EXP_8 = np.float64(float.fromhex("0x1.a019989abd987p-16"))
EXP_9 = np.float64(float.fromhex("0x1.71def9ae4f87ep-19"))
EXP_10 = np.float64(float.fromhex("0x1.28aec2ed8e5adp-22"))
EXP_11 = np.float64(float.fromhex("0x1.adcc0a4d9b034p-26"))
# end EXP
# begin LOG
LOG_1 = np.float64(float.fromhex("0x1.555555555557cp-1"))
LOG_2 = np.float64(float.fromhex("0x1.999999998578bp-2"))
LOG_3 = np.float64(float.fromhex("0x1.2492493ddb9b3p-2"))
LOG_4 = np.float64(float.fromhex("0x1.c71c54e5b3c86p-3"))
LOG_5 = np.float64(float.fromhex("0x1.7465b98004548p-3"))
LOG_6 = np.float64(float.fromhex("0x1.39ade99147091p-3"))
LOG_7 = np.float64(float.fromhex("0x1.2e94890d5ecacp-3"))
# end LOG
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
# begin EXPM1
EXPM1_2 = np.float64(float.fromhex("0x1.0000000000005p-1"))
EXPM1_3 = np.float64(float.fromhex("0x1.55555555553e7p-3"))
EXPM1_4 = np.float64(float.fromhex("0x1.5555555551c61p-5"))
EXPM1_5 = np.float64(float.fromhex("0x1.11111111332ecp-7"))
EXPM1_6 = np.float64(float.fromhex("0x1.6c16c182c9accp-10"))
EXPM1_7 = np.float64(float.fromhex("0x1.a01a039e803bp-13"))
EXPM1_8 = np.float64(float.fromhex("0x1.a01995e2cbc3cp-16"))
EXPM1_9 = np.float64(float.fromhex("0x1.71d2db1dc9332p-19"))
EXPM1_10 = np.float64(float.fromhex("0x1.28b774af76a0bp-22"))
EXPM1_11 = np.float64(float.fromhex("0x1.cb81980084798p-26"))
# end EXPM1
# begin LOG2
LOG2_0 = np.float64(float.fromhex("0x1.71547652b82fep+1"))
LOG2_1 = np.float64(float.fromhex("0x1.ec709dc3a08f8p-1"))
LOG2_2 = np.float64(float.fromhex("0x1.2776c50e48ea6p-1"))
LOG2_3 = np.float64(float.fromhex("0x1.a61763d00c1a6p-2"))
LOG2_4 = np.float64(float.fromhex("0x1.484a9becd248cp-2"))
LOG2_5 = np.float64(float.fromhex("0x1.0cb42144a278ep-2"))
LOG2_6 = np.float64(float.fromhex("0x1.c0c8ee657ba2ep-3"))
LOG2_7 = np.float64(float.fromhex("0x1.d9298e83a7bf3p-3"))
# end LOG2
# begin EXP2
EXP2_0 = np.float64(float.fromhex("0x1p+0"))
EXP2_1 = np.float64(float.fromhex("0x1.62e42fefa3a28p-1"))
EXP2_2 = np.float64(float.fromhex("0x1.ebfbdff82c61fp-3"))
EXP2_3 = np.float64(float.fromhex("0x1.c6b08d70394eap-5"))
EXP2_4 = np.float64(float.fromhex("0x1.3b2ab6fb81fb7p-7"))
EXP2_5 = np.float64(float.fromhex("0x1.5d87fea4bb73bp-10"))
EXP2_6 = np.float64(float.fromhex("0x1.4309138806c9cp-13"))
EXP2_7 = np.float64(float.fromhex("0x1.ffcb3ed7601dfp-17"))
EXP2_8 = np.float64(float.fromhex("0x1.62be67c4416cep-20"))
EXP2_9 = np.float64(float.fromhex("0x1.b689fa7d3bda1p-24"))
EXP2_10 = np.float64(float.fromhex("0x1.e8b8369ed5524p-28"))
# end EXP2

INVERSE_LN2 = _F64(float.fromhex("0x1.71547652b82fep+0"))
LN2_HIGH = _F64(float.fromhex("0x1.62e42fefa38p-1"))
LN2_LOW = _F64(float.fromhex("0x1.ef35793c7673p-45"))
LN2_MIDDLE = _F64(float.fromhex("0x1.ef35793c76p-45"))
LN2_LOWEST = _F64(float.fromhex("0x1.cc01f97b57a08p-87"))
LN2_SHORT = _F64(float.fromhex("0x1.62e42fefap-1"))
LN2_SHORT_LOW = _F64(float.fromhex("0x1.cf79abc9e3b3ap-40"))
LN2 = _F64(float.fromhex("0x1.62e42fefa39efp-1"))
TWO_OVER_PI = _F64(float.fromhex("0x1.45f306dc9c883p-1"))
PI_2_SHORT = _F64(float.fromhex("0x1.921fb544p+0"))
PI_2_SHORT_LOW = _F64(float.fromhex("0x1.0b4611a626331p-34"))
PI_2 = _F64(float.fromhex("0x1.921fb54442d18p+0"))
PI_2_LOW = _F64(float.fromhex("0x1.1a62633145c07p-54"))
K_BIAS = _F64(2.0**52 + 1023.0)
SQRT_HALF = _U64(0x3FE6A09E667F3BCD)
SPLIT_OFFSET = _U64(0x3FF0000000000000 - 0x3FE6A09E667F3BCD)
TWO_52 = _U64(0x4330000000000000)
FRACTION = _U64(0x000FFFFFFFFFFFFF)
IMPLICIT = _U64(0x0010000000000000)
UNIT = _F64(1.0)
TRIG_LIMIT = _U32(0x48C00000)
POW_LIMIT = _F64(152.0)
POW_LOW = _F64(1.0 - 2.0**-42)
POW_HIGH = _F64(1.0 + 2.0**-42)
VELTKAMP = _F64(2.0**27 + 1.0)

TWO_OVER_PI_WORDS = np.array(
    [
        0x00000000, 0xA2F9836E, 0x4E441529, 0xFC2757D1, 0xF534DDC0,
        0xDB629599, 0x3C439041, 0xFE5163AB, 0xDEBBC561,
    ],
    dtype=np.uint64,
)  # fmt: skip

# 1/12!, ..., 1/1!, each as two doubles.
INVERSE_FACTORIALS = np.array(
    [
        [float.fromhex(high), float.fromhex(low)]
        for high, low in (
            ("0x1.1eed8eff8d898p-29", "-0x1.2aec959e14c06p-83"),
            ("0x1.ae64567f544e4p-26", "-0x1.c062e06d1f209p-80"),
            ("0x1.27e4fb7789f5cp-22", "0x1.cbbc05b4fa99ap-76"),
            ("0x1.71de3a556c734p-19", "-0x1.c154f8ddc6c00p-73"),
            ("0x1.a01a01a01a01ap-16", "0x1.a01a01a01a01ap-76"),
            ("0x1.a01a01a01a01ap-13", "0x1.a01a01a01a01ap-73"),
            ("0x1.6c16c16c16c17p-10", "-0x1.f49f49f49f49fp-65"),
            ("0x1.1111111111111p-7", "0x1.1111111111111p-63"),
            ("0x1.5555555555555p-5", "0x1.5555555555555p-59"),
            ("0x1.5555555555555p-3", "0x1.5555555555555p-57"),
            ("0x1p-1", "0x0p+0"),
            ("0x1p+0", "0x0p+0"),
        )
    ]
)


def _machine_fuses() -> bool:
    """Whether code will be generated for a CPU with fused multiply-add (results are the same with and without)."""
    if config.CPU_NAME or config.CPU_FEATURES:
        return "+fma" in (config.CPU_FEATURES or "")
    triple = llvm.get_default_triple()
    return triple.startswith(("aarch64", "arm64")) or bool(llvm.get_host_cpu_features().get("fma", False))


HAS_FMA = _machine_fuses()

_inlined = njit(fastmath=False, error_model="numpy", forceinline=True)
_called = njit(fastmath=False, error_model="numpy")


# Bit casts and the fused multiply-add, as single LLVM instructions.


@intrinsic
def bits(typing_context, x):
    """The bit pattern of a float32, as uint32."""

    def generate(context, builder, signature, args):
        return builder.bitcast(args[0], ir.IntType(32))

    return types.uint32(types.float32), generate


@intrinsic
def from_bits(typing_context, u):
    """The float32 with the bit pattern u (uint32)."""

    def generate(context, builder, signature, args):
        return builder.bitcast(args[0], ir.FloatType())

    return types.float32(types.uint32), generate


@intrinsic
def _bits64(typing_context, v):
    def generate(context, builder, signature, args):
        return builder.bitcast(args[0], ir.IntType(64))

    return types.uint64(types.float64), generate


@intrinsic
def _from_bits64(typing_context, u):
    def generate(context, builder, signature, args):
        return builder.bitcast(args[0], ir.DoubleType())

    return types.float64(types.uint64), generate


@intrinsic
def _fma(typing_context, a, b, c):
    def generate(context, builder, signature, args):
        if HAS_FMA:
            return builder.fma(*args)
        return builder.fadd(builder.fmul(args[0], args[1]), args[2])

    return types.float64(types.float64, types.float64, types.float64), generate


@intrinsic
def _root(typing_context, x):
    def generate(context, builder, signature, args):
        return builder.call(builder.module.declare_intrinsic("llvm.sqrt", [ir.FloatType()]), args)

    return types.float32(types.float32), generate


# binary32


@_inlined
def _magnitude(x):
    return _U32(bits(x) & MAGNITUDE)


@_inlined
def _is_nan(x):
    return _magnitude(x) > INFINITY


@_inlined
def canonical(x):
    """x, with any NaN replaced by 0x7fc00000."""
    return from_bits(NAN if _is_nan(x) else bits(x))


@_inlined
def neg(x):
    """The sign bit flips, of a NaN too."""
    return from_bits(_U32(bits(x) ^ SIGN))


@_inlined
def abs_(x):
    """The sign bit is cleared, of a NaN too."""
    return from_bits(_magnitude(x))


@_inlined
def relu(x):
    """0 for x < 0, else x: -0 and NaN stay."""
    u = bits(x)
    return from_bits(ZERO32 if (u > SIGN) & (u <= _U32(INFINITY | SIGN)) else u)


@_inlined
def _total_order(x):
    u = bits(x)
    return np.int32(_U32(u ^ MAGNITUDE) if u >= SIGN else u)


@_inlined
def minimum(x, y):
    """The lesser; a NaN operand gives NaN; min(-0, +0) is -0."""
    r = bits(x) if _total_order(x) < _total_order(y) else bits(y)
    return from_bits(NAN if _is_nan(x) | _is_nan(y) else r)


@_inlined
def maximum(x, y):
    """The greater; a NaN operand gives NaN; max(-0, +0) is +0."""
    r = bits(y) if _total_order(x) < _total_order(y) else bits(x)
    return from_bits(NAN if _is_nan(x) | _is_nan(y) else r)


@_inlined
def lt(x, y):
    """1.0 where x < y, else 0.0."""
    return _F32(x < y)


@_inlined
def le(x, y):
    """1.0 where x <= y, else 0.0."""
    return _F32(x <= y)


@_inlined
def gt(x, y):
    """1.0 where x > y, else 0.0."""
    return _F32(x > y)


@_inlined
def ge(x, y):
    """1.0 where x >= y, else 0.0."""
    return _F32(x >= y)


@_inlined
def eq(x, y):
    """1.0 where x == y, else 0.0."""
    return _F32(x == y)


@_inlined
def ne(x, y):
    """1.0 where x != y or an operand is a NaN, else 0.0."""
    return _F32(x != y)


@_inlined
def sqrt(x):
    """The square root, correctly rounded by the hardware; NaN below zero, -0 for -0."""
    u = bits(x)
    return from_bits(NAN if (u > INFINITY) & (u != SIGN) else bits(_root(x)))


# binary64


@_inlined
def _power_of_two(shifted):
    """2**n, n given as n + SHIFT."""
    return _from_bits64(_U64(_bits64(shifted) + _U64(1023)) << _U64(52))


# exp.h


@_inlined
def exp(x):
    """e**x, correctly rounded."""
    u = bits(x)
    magnitude = _U32(u & MAGNITUDE)
    clamped = _U32(min(magnitude, _U32(0x42D20000)))
    v = _F64(from_bits(_U32(clamped | _U32(u & SIGN))))
    shifted = _fma(v, INVERSE_LN2, SHIFT)
    n = shifted - SHIFT
    r = _fma(-n, LN2_SHORT_LOW, _fma(-n, LN2_SHORT, v))
    p = EXP_11
    p = _fma(p, r, EXP_10)
    p = _fma(p, r, EXP_9)
    p = _fma(p, r, EXP_8)
    p = _fma(p, r, EXP_7)
    p = _fma(p, r, EXP_6)
    p = _fma(p, r, EXP_5)
    p = _fma(p, r, EXP_4)
    p = _fma(p, r, EXP_3)
    p = _fma(p, r, EXP_2)
    p = _fma(p, r, UNIT)
    p = _fma(p, r, UNIT)
    y = bits(_F32(p * _power_of_two(shifted)))
    return from_bits(NAN if magnitude > INFINITY else y)


# log.h


@_inlined
def _split(x):
    """(k, f): x = 2**k (1 + f) with sqrt(1/2) <= 1 + f < sqrt(2), for finite x > 0."""
    offset = _U64(_bits64(_F64(x)) + SPLIT_OFFSET)
    k = _from_bits64(_U64(offset >> _U64(52)) | TWO_52) - K_BIAS
    f = _from_bits64(_U64(offset & FRACTION) + SQRT_HALF) - UNIT
    return k, f


@_inlined
def log(x):
    """The natural logarithm, correctly rounded."""
    u = bits(x)
    k, f = _split(x)
    s = f / (_F64(2.0) + f)
    z = s * s
    p = LOG_7
    p = _fma(p, z, LOG_6)
    p = _fma(p, z, LOG_5)
    p = _fma(p, z, LOG_4)
    p = _fma(p, z, LOG_3)
    p = _fma(p, z, LOG_2)
    p = _fma(p, z, LOG_1)
    exact = _fma(k, LN2_HIGH, f)
    rest = _fma(k, LN2_LOW, s * _fma(z, p, -f))
    r = bits(_F32(exact + rest))
    r = _U32(r - (_U32(u == _U32(0x3C413D3A)) + _U32(u == _U32(0x41178FEB))))
    r = _U32(r + (_U32(u == _U32(0x4C5D65A5)) + _U32(u == _U32(0x65D890D3)) + _U32(u == _U32(0x6F31A8EC))))
    r = u if u == INFINITY else r
    r = NAN if u > INFINITY else r
    r = _U32(INFINITY | SIGN) if _U32(u & MAGNITUDE) == ZERO32 else r
    return from_bits(r)


# tanh.h


@_inlined
def tanh(x):
    """The hyperbolic tangent, correctly rounded."""
    u = bits(x)
    magnitude = _U32(u & MAGNITUDE)
    half = _F64(from_bits(_U32(min(magnitude, _U32(0x41200000)))))
    v = half + half
    shifted = _fma(v, INVERSE_LN2, SHIFT)
    n = shifted - SHIFT
    r = _fma(-n, LN2_SHORT_LOW, _fma(-n, LN2_SHORT, v))
    p = EXPM1_11
    p = _fma(p, r, EXPM1_10)
    p = _fma(p, r, EXPM1_9)
    p = _fma(p, r, EXPM1_8)
    p = _fma(p, r, EXPM1_7)
    p = _fma(p, r, EXPM1_6)
    p = _fma(p, r, EXPM1_5)
    p = _fma(p, r, EXPM1_4)
    p = _fma(p, r, EXPM1_3)
    p = _fma(p, r, EXPM1_2)
    p = _fma(r * r, p, r)
    scale = _power_of_two(shifted)
    e = _fma(p, scale, scale - UNIT)
    y = _U32(bits(_F32(e / (e + _F64(2.0)))) | _U32(u & SIGN))
    return from_bits(NAN if magnitude > INFINITY else y)


# trig.h: an angle is (r, quarter turns taken away)


@_inlined
def _reduce_short(x):
    v = _F64(x)
    shifted = _fma(v, TWO_OVER_PI, SHIFT)
    n = shifted - SHIFT
    r = _fma(-n, PI_2_SHORT_LOW, _fma(-n, PI_2_SHORT, v))
    return r, _U32(_bits64(shifted))


@_inlined
def _two_over_pi_window(word, shift):
    """32 bits of 2/pi from bit `shift` of word `word` on."""
    both = _U64(_U64(TWO_OVER_PI_WORDS[word] << _U64(32)) | TWO_OVER_PI_WORDS[word + 1])
    return _U64(both >> _U64(_U64(32) - shift)) & _U64(0xFFFFFFFF)


@_called
def _reduce_long(x):
    u = bits(x)
    m = _U64(_U64(u & _U32(0x007FFFFF)) | _U64(0x00800000))
    exponent = _I64(_U32(u & MAGNITUDE) >> _U32(23))
    position = max(exponent - _I64(120), _I64(0))
    word = position >> _I64(5)
    shift = _U64(position & _I64(31))
    low = _U64(
        m * _two_over_pi_window(word + 2, shift) + _U64(_U64(m * _two_over_pi_window(word + 3, shift)) >> _U64(32))
    )
    high = _U64(
        _U64(_U64(m * _two_over_pi_window(word, shift)) << _U64(32))
        + _U64(m * _two_over_pi_window(word + 1, shift))
        + _U64(low >> _U64(32))
    )
    quarter = _U64(_U64(high + _U64(1 << 61)) >> _U64(62))
    fraction = _I64(_U64(high - _U64(quarter << _U64(62))))
    v = _fma(_F64(low & _U64(0xFFFFFFFF)), _F64(2.0**-94), _F64(fraction) * _F64(2.0**-62))
    r = _fma(v, PI_2, v * PI_2_LOW)
    if u >= SIGN:
        return -r, _U32(_U64(_U64(0) - quarter))
    return r, _U32(quarter)


@_inlined
def _sin_kernel(r):
    z = r * r
    p = SIN_6
    p = _fma(p, z, SIN_5)
    p = _fma(p, z, SIN_4)
    p = _fma(p, z, SIN_3)
    p = _fma(p, z, SIN_2)
    p = _fma(p, z, SIN_1)
    return _fma(r * z, p, r)


@_inlined
def _cos_kernel(r):
    z = r * r
    p = COS_6
    p = _fma(p, z, COS_5)
    p = _fma(p, z, COS_4)
    p = _fma(p, z, COS_3)
    p = _fma(p, z, COS_2)
    p = _fma(p, z, COS_1)
    return _fma(p, z, UNIT)


@_inlined
def _sin_of(r, quarter):
    s = _sin_kernel(r)
    c = _cos_kernel(r)
    y = bits(_F32(c if _U32(quarter & ONE32) != ZERO32 else s))
    return from_bits(_U32(y ^ _U32(_U32(quarter & _U32(2)) << _U32(30))))


@_inlined
def _tan_of(r, quarter):
    s = _sin_kernel(r)
    c = _cos_kernel(r)
    odd = _U32(quarter & ONE32) != ZERO32
    t = (c if odd else s) / (s if odd else c)
    return -t if odd else t


@_inlined
def _trig_slow(x):
    return _U32(1) if _magnitude(x) > TRIG_LIMIT else _U32(0)


@_inlined
def _keep_zero(x, y):
    return x if _magnitude(x) == ZERO32 else y


@_inlined
def sin_fast(x):
    """(sine, slow)."""
    r, quarter = _reduce_short(x)
    y = bits(_sin_of(r, quarter))
    y = _U32(y - _U32(_magnitude(x) == _U32(0x46199998)))
    return _keep_zero(x, from_bits(y)), _trig_slow(x)


@_inlined
def cos_fast(x):
    """(cosine, slow)."""
    r, quarter = _reduce_short(x)
    return _sin_of(r, _U32(quarter + ONE32)), _trig_slow(x)


@_inlined
def tan_fast(x):
    """(tangent, slow)."""
    r, quarter = _reduce_short(x)
    return _keep_zero(x, _F32(_tan_of(r, quarter))), _trig_slow(x)


@_called
def _sin_slow(x, turn):
    if _magnitude(x) >= INFINITY:
        return from_bits(NAN)
    r, quarter = _reduce_long(x)
    y = bits(_sin_of(r, _U32(quarter + turn)))
    if turn == ONE32:
        y = _U32(0x3F7F14BB) if _magnitude(x) == _U32(0x5F18B878) else y
        y = _U32(0x3F78142F) if _magnitude(x) == _U32(0x6115CB11) else y
        y = _U32(0x3F798BB5) if _magnitude(x) == _U32(0x7908CD73) else y
    return from_bits(y)


@_called
def _tan_slow(x):
    if _magnitude(x) >= INFINITY:
        return from_bits(NAN)
    r, quarter = _reduce_long(x)
    return _F32(_tan_of(r, quarter))


@_inlined
def sin(x):
    """The sine of x radians, correctly rounded."""
    y, slow = sin_fast(x)
    return y if slow == ZERO32 else _sin_slow(x, _U32(0))


@_inlined
def cos(x):
    """The cosine of x radians, correctly rounded."""
    y, slow = cos_fast(x)
    return y if slow == ZERO32 else _sin_slow(x, _U32(1))


@_inlined
def tan(x):
    """The tangent of x radians, correctly rounded."""
    y, slow = tan_fast(x)
    return y if slow == ZERO32 else _tan_slow(x)


# pow.h


@_inlined
def _pow_split(x):
    """(k, f, log2(1 + f)) for finite x > 0."""
    k, f = _split(x)
    s = f / (_F64(2.0) + f)
    z = s * s
    p = LOG2_7
    p = _fma(p, z, LOG2_6)
    p = _fma(p, z, LOG2_5)
    p = _fma(p, z, LOG2_4)
    p = _fma(p, z, LOG2_3)
    p = _fma(p, z, LOG2_2)
    p = _fma(p, z, LOG2_1)
    p = _fma(p, z, LOG2_0)
    return k, f, s * p


@_inlined
def _pow_exp2(w):
    v = _from_bits64(
        _U64(_U64(0x4063000000000000) | _U64(_bits64(w) & _U64(1 << 63)))
        if _U64(_bits64(w) & _U64((1 << 63) - 1)) > _U64(0x4063000000000000)
        else _bits64(w)
    )
    shifted = v + SHIFT
    g = v - (shifted - SHIFT)
    p = EXP2_10
    p = _fma(p, g, EXP2_9)
    p = _fma(p, g, EXP2_8)
    p = _fma(p, g, EXP2_7)
    p = _fma(p, g, EXP2_6)
    p = _fma(p, g, EXP2_5)
    p = _fma(p, g, EXP2_4)
    p = _fma(p, g, EXP2_3)
    p = _fma(p, g, EXP2_2)
    p = _fma(p, g, EXP2_1)
    p = _fma(p, g, EXP2_0)
    return p * _power_of_two(shifted)


@_inlined
def pow_fast(x, y):
    """(x**y, slow)."""
    ux = bits(x)
    uy = bits(y)
    ax = _U32(ux & MAGNITUDE)
    ay = _U32(uy & MAGNITUDE)
    v = _F64(y)
    k, _, log2 = _pow_split(from_bits(ax))
    power = _pow_exp2(v * (k + log2))
    low = bits(_F32(power * POW_LOW))
    high = bits(_F32(power * POW_HIGH))

    shifted = v + SHIFT
    huge = ay >= _U32(0x4B800000)
    whole = huge | (_bits64(shifted - SHIFT) == _bits64(v))
    odd = (_U32(_U32(_bits64(shifted)) & ONE32) != ZERO32) & whole & (not huge)
    sign = _U32(ux & SIGN) if odd else ZERO32

    ordinary = (ax != ZERO32) & (ax < INFINITY) & (ay != ZERO32) & (ay < INFINITY)
    no_real = (ux >= SIGN) & (not whole)
    slow = _U32(low ^ high) if ordinary & (not no_real) else ZERO32

    y_infinite = ay == INFINITY
    grown = ZERO32 if uy >= SIGN else INFINITY
    shrunk = _U32(INFINITY - grown)
    r = NAN if no_real else _U32(high | sign)
    r = grown if y_infinite & (ax > ONE) else r
    r = shrunk if y_infinite & (ax < ONE) else r
    r = ONE if y_infinite & (ax == ONE) else r
    r = _U32(shrunk | sign) if ax == ZERO32 else r
    r = _U32(grown | sign) if ax == INFINITY else r
    r = NAN if (ax > INFINITY) | (ay > INFINITY) else r
    r = ONE if (ay == ZERO32) | (ux == ONE) else r
    return from_bits(r), slow


# An unevaluated sum (hi, lo) of two doubles.


@_inlined
def _two_sum(a, b):
    high = a + b
    part = high - a
    return high, (a - (high - part)) + (b - part)


@_inlined
def _two_product(a, b):
    high = a * b
    if HAS_FMA:
        return high, _fma(a, b, -high)
    a_scaled = a * VELTKAMP
    b_scaled = b * VELTKAMP
    a_high = a_scaled - (a_scaled - a)
    b_high = b_scaled - (b_scaled - b)
    a_low = a - a_high
    b_low = b - b_high
    return high, ((a_high * b_high - high) + a_high * b_low + a_low * b_high) + a_low * b_low


@_inlined
def _pair_add(a, b):
    high, high_rest = _two_sum(a[0], b[0])
    low, low_rest = _two_sum(a[1], b[1])
    first, rest = _two_sum(high, high_rest + low)
    return _two_sum(first, rest + low_rest)


@_inlined
def _pair_multiply(a, b):
    high, rest = _two_product(a[0], b[0])
    return _two_sum(high, rest + _fma(a[0], b[1], a[1] * b[0]))


@_inlined
def _pair_ln2(n):
    tail, rest = _two_sum(n * LN2_MIDDLE, n * LN2_LOWEST)
    high, low = _two_sum(n * LN2_HIGH, tail)
    return high, low + rest


@_called
def _pair_expm1(r):
    t = (r[0] * _F64(2.0**-6), r[1] * _F64(2.0**-6))
    u = (INVERSE_FACTORIALS[0, 0], INVERSE_FACTORIALS[0, 1])
    for i in range(1, 12):
        u = _pair_add(_pair_multiply(u, t), (INVERSE_FACTORIALS[i, 0], INVERSE_FACTORIALS[i, 1]))
    u = _pair_multiply(u, t)
    for _ in range(6):
        u = _pair_add((u[0] + u[0], u[1] + u[1]), _pair_multiply(u, u))
    return u


@_called
def _pow_exact(x, y):
    """(1, x**y) if that is exact in at most 53 bits, else (0, anything)."""
    pattern = _bits64(_F64(x))
    v = _F64(y)
    m = _I64(_U64(pattern & FRACTION) | IMPLICIT)
    e = _I64(pattern >> _U64(52)) - _I64(1075)
    while m & 1 == 0:
        m >>= 1
        e += 1
    if m == 1:
        exponent = _F64(e) * v
        shifted = exponent + SHIFT
        return shifted - SHIFT == exponent, _power_of_two(shifted)
    if not (v > 0.0 and v < 34.0):
        return False, UNIT
    p = _I64(8.0 * v)
    if _F64(p) != 8.0 * v:
        return False, UNIT
    j = 3
    while j > 0 and p & 1 == 0:
        p >>= 1
        j -= 1
    for _ in range(j):
        root = 0
        digit = 1 << 11
        while digit != 0:
            if (root | digit) * (root | digit) <= m:
                root |= digit
            digit >>= 1
        if root * root != m or e & 1 != 0:
            return False, UNIT
        m = root
        e //= 2
    product = 1
    for _ in range(p):
        product *= m
        if product >= 1 << 53:
            return False, UNIT
    return True, _F64(product) * _power_of_two(_F64(e * p) + SHIFT)


@_called
def _pow_accurate(x, y):
    k, f, log2 = _pow_split(x)
    a = -(log2 * LN2)
    e = _pair_expm1((a, _F64(0.0)))
    d = (f, _F64(0.0))
    d = _pair_add(_pair_add(d, e), _pair_multiply(d, e))
    log_m = _pair_add((-a, _F64(0.0)), d)
    w = _two_sum(log_m[0], log_m[1] + _F64(-0.5) * (d[0] * d[0]))
    w = _pair_multiply(_pair_add(_pair_ln2(k), w), (_F64(y), _F64(0.0)))
    shifted = _fma(w[0], INVERSE_LN2, SHIFT)
    n = shifted - SHIFT
    w = _pair_expm1(_pair_add(w, _pair_ln2(-n)))
    high, low = _pair_add((UNIT, _F64(0.0)), w)
    pattern = _bits64(high)
    if low < 0.0:
        pattern = _U64(pattern - _U64(1))
    if low != 0.0:
        pattern = _U64(pattern | _U64(1))
    return _from_bits64(pattern) * _power_of_two(shifted)


@_called
def _pow_slow(x, y):
    a = abs_(x)
    exact, power = _pow_exact(a, y)
    if not exact:
        power = _pow_accurate(a, y)
    odd = (_U64(_bits64(_F64(y) + SHIFT) & _U64(1)) != _U64(0)) & (_magnitude(y) < _U32(0x4B800000))
    r = bits(_F32(power))
    return from_bits(_U32(r | _U32(bits(x) & SIGN)) if odd else r)


@_inlined
def pow_(x, y):
    """x**y, special values as in C99 Annex F."""
    r, slow = pow_fast(x, y)
    return r if slow == ZERO32 else _pow_slow(x, y)
