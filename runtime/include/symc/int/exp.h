/* SPDX-License-Identifier: Apache-2.0
 *
 * symc runtime: e^x in integers, correctly rounded (proved over all 2^32 inputs).
 */
#ifndef SYMC_INT_EXP_H
#define SYMC_INT_EXP_H

#include "symc/f32.h"
#include "symc/int/core.h"
#include "symc/int/expseries.h"

/* The cases that symc_exp leaves: special values, results that are not normal, and what 32 bits do not decide. */
SYMC_SLOW_FN float symc_exp_slow(float x)
{
    const uint32_t u = symc_bits(x);
    int32_t n;
    int64_t r;
    /* Left are 2^-25 < |x| < 105. */
    if ((u & SYMC_MAGNITUDE) - 0x33000001u >= 0x42d20000u - 0x33000001u) {
        return symc_from_bits(symc_exp_special(u));
    }
    r = symc_exp_reduce(u & SYMC_MAGNITUDE, &n);
    if ((u & SYMC_SIGN) != 0u) {
        r = -r;
        n = -n;
    }
    return symc_from_bits(symc_nearest64(symc_exp_series(r, 0u), n + 1));
}

/*
 * |x| = n ln(2) + r with 0 <= r < ln(2), so that e^x = 2^n e^r, or 2^(-n - 1) e^(ln(2) - r) for negative x. n is found
 * from 16 bits of x: where it comes out one too low, e^r or e^(ln(2) - r) leaves the range 1 to 2.
 */
SYMC_LARGE_FN float symc_exp(float x)
{
    const uint32_t u = symc_bits(x);
    const uint32_t magnitude = u & SYMC_MAGNITUDE;
    const uint32_t negative = 0u - (u >> 31);
    const uint32_t e = magnitude >> 23;
    const uint32_t significand = (u << 8) | 0x80000000u;
    uint32_t n = 0u;
    uint32_t r;
    uint32_t m;
    /* Left are 2^-25 < |x| < 87.3, where results are normal. */
    if (magnitude - 0x33000001u >= 0x42ae999au - 0x33000001u) {
        return symc_exp_slow(x);
    }
    if (e >= 126u) {
        n = ((significand >> 16) * SYMC_INVERSE_LN2_Q14) >> (156u - e);
        /* The fraction of |x| in Q32; ln(2) is 2977044471.82. */
        r = (significand << (e - 126u)) - n * 2977044472u + ((n * 46u) >> 8);
    } else {
        r = significand >> (126u - e);
    }
    r = negative != 0u ? 2977044472u - r : r;
    m = symc_exp_q31(r);
    /* The error of m is below 3 units (2.3 observed): half-way points, which are integers, matter up to 2 away. */
    if (m < 0x80000000u || symc_is_unsure(m, 2u) != 0u) {
        return symc_exp_slow(x);
    }
    return symc_from_bits(symc_exp_round(m, n ^ negative));
}

/* As in profile F64, where loops vectorise with it; here nothing is ever slow. */
SYMC_FN float symc_exp_fast(float x, uint32_t *slow)
{
    (void)slow;
    return symc_exp(x);
}

#endif
