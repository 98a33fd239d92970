# SPDX-License-Identifier: Apache-2.0
"""floor, ceil, round, trunc, sign and mod: round.h."""

from __future__ import annotations

from .f32 import INFINITY, MAGNITUDE, NAN, ONE, ONE32, SIGN, ZERO32, bits, from_bits, neg, select
from .jit import U32, called, inlined, public

__all__ = ["ceil", "floor", "mod", "round_", "sign", "trunc"]

FRACTION32 = U32(0x007FFFFF)
IMPLICIT32 = U32(0x00800000)
EIGHT = U32(8)
SIGNIFICAND_BITS = U32(23)
BIAS = U32(127)
SIGN_SHIFT = U32(31)


@inlined
def _fraction_mask(u):
    e = U32(U32(u >> SIGNIFICAND_BITS) - BIAS)
    return U32(FRACTION32 >> min(e, SIGNIFICAND_BITS))


@public
def trunc(x):
    """The integer next to x towards zero."""
    u = bits(x)
    magnitude = U32(u & MAGNITUDE)
    whole = U32(magnitude & ~_fraction_mask(magnitude))
    return from_bits(U32(U32(u & SIGN) | select(magnitude < ONE, ZERO32, whole)))


@public
def floor(x):
    """The greatest integer not above x."""
    u = bits(x)
    sign = U32(u & SIGN)
    magnitude = U32(u & MAGNITUDE)
    mask = _fraction_mask(magnitude)
    carry = U32(mask & U32(ZERO32 - U32(sign >> SIGN_SHIFT)))
    whole = U32(U32(magnitude + carry) & ~mask)
    below_one = select(u > SIGN, ONE, ZERO32)
    return from_bits(U32(sign | select(magnitude < ONE, below_one, whole)))


@public
def ceil(x):
    """The least integer not below x."""
    return neg(floor(neg(x)))


@public
def round_(x):
    """The nearest integer, the even one of two as near."""
    u = bits(x)
    magnitude = U32(u & MAGNITUDE)
    mask = _fraction_mask(magnitude)
    odd = U32(U32(U32(magnitude & U32(mask + ONE32)) != ZERO32) & mask)
    whole = U32(U32(U32(magnitude + U32(mask >> ONE32)) + odd) & ~mask)
    below_one = select(magnitude > U32(0x3F000000), ONE, ZERO32)
    return from_bits(U32(U32(u & SIGN) | select(magnitude < ONE, below_one, whole)))


@public
def sign(x):
    """-1 below zero, 1 above it, x itself for zeros and NaN."""
    u = bits(x)
    magnitude = U32(u & MAGNITUDE)
    has_one = U32(magnitude - ONE32) < INFINITY
    return from_bits(select(has_one, U32(U32(u & SIGN) | ONE), u))


@called
def _remainder(a, b):
    """The remainder of the finite magnitudes a >= b > 0, eight bits of the quotient at a time."""
    m = b if b < IMPLICIT32 else U32(U32(b & FRACTION32) | IMPLICIT32)
    e = ONE32 if b < IMPLICIT32 else U32(b >> SIGNIFICAND_BITS)
    rest = U32((a if a < IMPLICIT32 else U32(U32(a & FRACTION32) | IMPLICIT32)) % m)
    ahead = U32((ONE32 if a < IMPLICIT32 else U32(a >> SIGNIFICAND_BITS)) - e)
    while ahead != ZERO32 and rest != ZERO32:
        step = min(ahead, EIGHT)
        rest = U32(U32(rest << step) % m)
        ahead = U32(ahead - step)
    if rest == ZERO32:
        return ZERO32
    while rest < IMPLICIT32 and e > ONE32:
        rest = U32(rest << ONE32)
        e = U32(e - ONE32)
    return U32(U32(U32(e - ONE32) << SIGNIFICAND_BITS) + rest)


@public
def mod(x, y):
    """x - y floor(x / y): the remainder, of the sign of y; exact, or the exact remainder plus y rounded once."""
    a = U32(bits(x) & MAGNITUDE)
    b = U32(bits(y) & MAGNITUDE)
    sign_y = U32(bits(y) & SIGN)
    if a >= INFINITY or b > INFINITY or b == ZERO32:
        return from_bits(NAN)
    r = _remainder(a, b) if a >= b else a
    if r == ZERO32 or U32(bits(x) & SIGN) == sign_y:
        return from_bits(U32(r | sign_y))
    return from_bits(U32(r | U32(sign_y ^ SIGN))) + y
