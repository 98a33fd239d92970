/* SPDX-License-Identifier: Apache-2.0
 *
 * symc runtime, binary64: floor, ceil, round, trunc, sign and mod. The first five are exact; mod is exact or rounded once.
 *
 * Integer operations on the bits: no instruction set lacks them. A zero keeps its sign, as do the zeros that negative
 * numbers round to; a NaN stays one.
 */
#ifndef SYMC_DOUBLE_ROUND_H
#define SYMC_DOUBLE_ROUND_H

#include "symc/double/core.h"

#define SYMC_DOUBLE_FRACTION UINT64_C(0x000fffffffffffff)
#define SYMC_DOUBLE_IMPLICIT UINT64_C(0x0010000000000000)

/* The bits of a magnitude u from 1 on that stand for less than one; none from 2^52 on. */
SYMC_FN uint64_t symc_double_fraction_mask(uint64_t u)
{
    const uint64_t e = (u >> 52) - 1023U;
    return SYMC_DOUBLE_FRACTION >> (e < 52U ? e : 52U);
}

/* The integer next to x towards zero. */
SYMC_FN double symc_double_trunc(double x)
{
    const uint64_t u = symc_bits64(x);
    const uint64_t magnitude = u & SYMC_DOUBLE_MAGNITUDE;
    const uint64_t whole = magnitude & ~symc_double_fraction_mask(magnitude);
    return symc_from_bits64((u & SYMC_DOUBLE_SIGN) | (magnitude < SYMC_DOUBLE_ONE ? 0U : whole));
}

/* The greatest integer not above x. */
SYMC_FN double symc_double_floor(double x)
{
    const uint64_t u = symc_bits64(x);
    const uint64_t sign = u & SYMC_DOUBLE_SIGN;
    const uint64_t magnitude = u & SYMC_DOUBLE_MAGNITUDE;
    const uint64_t mask = symc_double_fraction_mask(magnitude);
    /* A fraction of a negative number carries into its whole part, and that into the exponent where it must. */
    const uint64_t whole = (magnitude + (sign != 0U ? mask : 0U)) & ~mask;
    const uint64_t below_one = u > SYMC_DOUBLE_SIGN ? SYMC_DOUBLE_ONE : 0U;
    return symc_from_bits64(sign | (magnitude < SYMC_DOUBLE_ONE ? below_one : whole));
}

/* The least integer not below x. */
SYMC_FN double symc_double_ceil(double x)
{
    return symc_double_neg(symc_double_floor(symc_double_neg(x)));
}

/* The nearest integer, the even one of two as near. */
SYMC_FN double symc_double_round(double x)
{
    const uint64_t u = symc_bits64(x);
    const uint64_t magnitude = u & SYMC_DOUBLE_MAGNITUDE;
    const uint64_t mask = symc_double_fraction_mask(magnitude);
    /* The last bit of the whole part; for 1 <= |x| < 2 it is that of the exponent, which is odd too. */
    const uint64_t odd = (magnitude & (mask + 1U)) != 0U ? (mask & 1U) : 0U;
    const uint64_t whole = (magnitude + (mask >> 1) + odd) & ~mask;
    const uint64_t below_one = magnitude > UINT64_C(0x3fe0000000000000) ? SYMC_DOUBLE_ONE : 0U;
    return symc_from_bits64((u & SYMC_DOUBLE_SIGN) | (magnitude < SYMC_DOUBLE_ONE ? below_one : whole));
}

/* -1 below zero, 1 above it, x itself for zeros and NaN. */
SYMC_FN double symc_double_sign(double x)
{
    const uint64_t u = symc_bits64(x);
    const uint64_t magnitude = u & SYMC_DOUBLE_MAGNITUDE;
    return symc_from_bits64(magnitude - 1U < SYMC_DOUBLE_INFINITY ? (u & SYMC_DOUBLE_SIGN) | SYMC_DOUBLE_ONE : u);
}

/* The significand of a finite magnitude u other than 0, 2^52 to 2^53, its exponent in *e: u = m 2^(*e - 1075). */
SYMC_FN uint64_t symc_double_unpack(uint64_t u, int32_t *e)
{
    uint64_t m = u & SYMC_DOUBLE_FRACTION;
    *e = (int32_t)(u >> 52);
    if (*e != 0) {
        return m | SYMC_DOUBLE_IMPLICIT;
    }
    *e = 1;
    while (m < SYMC_DOUBLE_IMPLICIT) {
        m <<= 1;
        --*e;
    }
    return m;
}

/* The remainder of the finite magnitudes a >= b > 0: long division by bits, so that no 64-bit division is called. */
SYMC_SHARED_FN uint64_t symc_double_mod_remainder(uint64_t a, uint64_t b)
{
    int32_t ahead;
    int32_t e;
    uint64_t rest = symc_double_unpack(a, &ahead);
    const uint64_t m = symc_double_unpack(b, &e);
    for (ahead -= e; ahead > 0; --ahead) {
        rest -= rest >= m ? m : 0U;
        rest <<= 1;
    }
    rest -= rest >= m ? m : 0U;
    if (rest == 0U) {
        return 0U;
    }
    /* A subnormal b has zeros behind its significand, and so has the remainder. */
    if (e < 1) {
        return rest >> (uint32_t)(1 - e);
    }
    while (rest < SYMC_DOUBLE_IMPLICIT && e > 1) {
        rest <<= 1;
        --e;
    }
    return ((uint64_t)(uint32_t)(e - 1) << 52) + rest;
}

/*
 * x - y floor(x / y), as Julia's and Python's floored modulus: a remainder of the sign of y, a zero too. It is exact
 * where x and y have one sign; else the exact remainder plus y, rounded. NaN for infinite x and for y = 0.
 */
SYMC_FN double symc_double_mod(double x, double y)
{
    const uint64_t a = symc_bits64(x) & SYMC_DOUBLE_MAGNITUDE;
    const uint64_t b = symc_bits64(y) & SYMC_DOUBLE_MAGNITUDE;
    const uint64_t sign = symc_bits64(y) & SYMC_DOUBLE_SIGN;
    uint64_t r = a;
    if (a >= SYMC_DOUBLE_INFINITY || b > SYMC_DOUBLE_INFINITY || b == 0U) {
        return symc_from_bits64(SYMC_DOUBLE_NAN);
    }
    if (a >= b) {
        r = symc_double_mod_remainder(a, b);
    }
    if (r == 0U || (symc_bits64(x) & SYMC_DOUBLE_SIGN) == sign) {
        return symc_from_bits64(r | sign);
    }
    return symc_double_add(symc_from_bits64(r | (sign ^ SYMC_DOUBLE_SIGN)), y);
}

#endif
