/* SPDX-License-Identifier: Apache-2.0
 *
 * symc runtime: 2^x in integers, correctly rounded (proved over all 2^32 inputs).
 */
#ifndef SYMC_INT_EXP2_H
#define SYMC_INT_EXP2_H

#include "symc/f32.h"
#include "symc/int/core.h"
#include "symc/int/expseries.h"

/* The cases that symc_exp2 leaves: special values, integers, no normal result, and what 32 bits do not decide. */
SYMC_SLOW_FN float symc_exp2_slow(float x)
{
    const uint32_t u = symc_bits(x);
    const uint32_t magnitude = u & SYMC_MAGNITUDE;
    const uint32_t e = magnitude >> 23;
    int32_t n;
    int64_t r;
    uint64_t f;
    /* Left are 2^-25 < |x| < 160. */
    if (magnitude - 0x33000001u >= 0x43200000u - 0x33000001u) {
        return symc_from_bits(symc_exp_special(u));
    }
    /* x = n + f, exactly; 0 <= f < 1 becomes -1/2 <= f < 1/2. */
    n = e < 127u ? 0 : (int32_t)(((magnitude & 0x007fffffu) | 0x00800000u) >> (150u - e));
    f = symc_exp_fraction(magnitude);
    if ((u & SYMC_SIGN) != 0u) {
        n = -n - (int32_t)(f != 0u);
        f = 0u - f;
    }
    n += (int32_t)(f >> 63);
    r = 2 * symc_product64((int64_t)f, SYMC_LN2_Q63);
    return symc_from_bits(symc_nearest64(symc_exp_series(r, 0u), n + 1));
}

/*
 * |x| = n + f with 0 <= f < 1, so that 2^x = 2^n e^(f ln(2)), or 2^(-n - 1) e^((1 - f) ln(2)) for negative x.
 */
SYMC_LARGE_FN float symc_exp2(float x)
{
    const uint32_t u = symc_bits(x);
    const uint32_t magnitude = u & SYMC_MAGNITUDE;
    const uint32_t negative = 0u - (u >> 31);
    const uint32_t e = magnitude >> 23;
    const uint32_t significand = (u << 8) | 0x80000000u;
    uint32_t n = 0u;
    uint32_t f;
    uint32_t m;
    /* Left are 2^-25 < |x| < 126, where results are normal. */
    if (magnitude - 0x33000001u >= 0x42fc0000u - 0x33000001u) {
        return symc_exp2_slow(x);
    }
    if (e >= 127u) {
        n = significand >> (158u - e);
        f = significand << (e - 126u);
    } else {
        f = significand >> (126u - e);
    }
    /* 1 - f; 0 stays 0, which is an integer x. ln(2) is 2977044471.82 in Q32. */
    m = symc_exp_q31(symc_mul_high((f ^ negative) - negative, 2977044472u));
    /* The error of m is below 3 units (2.3 observed): half-way points, which are integers, matter up to 2 away. */
    if (f == 0u || m < 0x80000000u || symc_is_unsure(m, 2u) != 0u) {
        return symc_exp2_slow(x);
    }
    return symc_from_bits(symc_exp_round(m, n ^ negative));
}

#endif
