/* SPDX-License-Identifier: Apache-2.0
 *
 * symc runtime: floor, ceil, round, trunc, sign and mod. The first five are exact; mod is exact or rounded once.
 *
 * Integer operations on the bits: no instruction set lacks them, and no flush-to-zero mode changes them. A zero keeps
 * its sign, as do the zeros that negative numbers round to; a NaN stays one.
 */
#ifndef SYMC_ROUND_H
#define SYMC_ROUND_H

#include "symc/f32.h"

/* The bits of a magnitude u from 1 on that stand for less than one; none from 2^23 on. */
SYMC_FN uint32_t symc_fraction_mask(uint32_t u)
{
    const uint32_t e = (u >> 23) - 127u;
    return 0x007fffffu >> symc_select((uint32_t)(e < 23u), e, 23u);
}

/* The integer next to x towards zero. */
SYMC_FN float symc_trunc(float x)
{
    const uint32_t u = symc_bits(x);
    const uint32_t magnitude = u & SYMC_MAGNITUDE;
    const uint32_t whole = magnitude & ~symc_fraction_mask(magnitude);
    return symc_from_bits((u & SYMC_SIGN) | symc_select((uint32_t)(magnitude < SYMC_ONE), 0u, whole));
}

/* The greatest integer not above x. */
SYMC_FN float symc_floor(float x)
{
    const uint32_t u = symc_bits(x);
    const uint32_t sign = u & SYMC_SIGN;
    const uint32_t magnitude = u & SYMC_MAGNITUDE;
    const uint32_t mask = symc_fraction_mask(magnitude);
    /* A fraction of a negative number carries into its whole part, and that into the exponent where it must. */
    const uint32_t whole = (magnitude + (mask & (0u - (sign >> 31)))) & ~mask;
    const uint32_t below_one = symc_select((uint32_t)(u > SYMC_SIGN), SYMC_ONE, 0u);
    return symc_from_bits(sign | symc_select((uint32_t)(magnitude < SYMC_ONE), below_one, whole));
}

/* The least integer not below x. */
SYMC_FN float symc_ceil(float x)
{
    return symc_neg(symc_floor(symc_neg(x)));
}

/* The nearest integer, the even one of two as near. */
SYMC_FN float symc_round(float x)
{
    const uint32_t u = symc_bits(x);
    const uint32_t magnitude = u & SYMC_MAGNITUDE;
    const uint32_t mask = symc_fraction_mask(magnitude);
    /* The last bit of the whole part; for 1 <= |x| < 2 it is that of the exponent, which is odd too. */
    const uint32_t odd = (uint32_t)((magnitude & (mask + 1u)) != 0u) & mask;
    const uint32_t whole = (magnitude + (mask >> 1) + odd) & ~mask;
    const uint32_t below_one = symc_select((uint32_t)(magnitude > 0x3f000000u), SYMC_ONE, 0u);
    return symc_from_bits((u & SYMC_SIGN) | symc_select((uint32_t)(magnitude < SYMC_ONE), below_one, whole));
}

/* -1 below zero, 1 above it, x itself for zeros and NaN. */
SYMC_FN float symc_sign(float x)
{
    const uint32_t u = symc_bits(x);
    const uint32_t magnitude = u & SYMC_MAGNITUDE;
    const uint32_t has_one = (uint32_t)(magnitude - 1u < SYMC_INFINITY);
    return symc_from_bits(symc_select(has_one, (u & SYMC_SIGN) | SYMC_ONE, u));
}

/* The remainder of the finite magnitudes a >= b > 0: long division, eight bits of the quotient at a time. */
SYMC_SLOW_FN uint32_t symc_mod_remainder(uint32_t a, uint32_t b)
{
    /* Each is m 2^(e - 150), with an e of 1 for subnormals. */
    const uint32_t m = symc_select((uint32_t)(b < 0x00800000u), b, (b & 0x007fffffu) | 0x00800000u);
    uint32_t e = symc_select((uint32_t)(b < 0x00800000u), 1u, b >> 23);
    uint32_t rest = symc_select((uint32_t)(a < 0x00800000u), a, (a & 0x007fffffu) | 0x00800000u) % m;
    uint32_t ahead = symc_select((uint32_t)(a < 0x00800000u), 1u, a >> 23) - e;
    while (ahead != 0u && rest != 0u) {
        const uint32_t step = symc_select((uint32_t)(ahead < 8u), ahead, 8u);
        rest = (rest << step) % m;
        ahead -= step;
    }
    if (rest == 0u) {
        return 0u;
    }
    while (rest < 0x00800000u && e > 1u) {
        rest <<= 1;
        --e;
    }
    return ((e - 1u) << 23) + rest;
}

/*
 * x - y floor(x / y), as Julia's and Python's floored modulus: a remainder of the sign of y, a zero too. It is exact
 * where x and y have one sign; else the exact remainder plus y, rounded. NaN for infinite x and for y = 0.
 */
SYMC_FN float symc_mod(float x, float y)
{
    const uint32_t a = symc_bits(x) & SYMC_MAGNITUDE;
    const uint32_t b = symc_bits(y) & SYMC_MAGNITUDE;
    const uint32_t sign = symc_bits(y) & SYMC_SIGN;
    uint32_t r = a;
    if (a >= SYMC_INFINITY || b > SYMC_INFINITY || b == 0u) {
        return symc_from_bits(SYMC_NAN);
    }
    if (a >= b) {
        r = symc_mod_remainder(a, b);
    }
    if (r == 0u || (symc_bits(x) & SYMC_SIGN) == sign) {
        return symc_from_bits(r | sign);
    }
    return symc_add(symc_from_bits(r | (sign ^ SYMC_SIGN)), y);
}

#endif
