/* SPDX-License-Identifier: Apache-2.0
 *
 * symc runtime: e^r - 1 for small r in integers, which the exponential and the hyperbolic functions share.
 *
 * Numbers are fixed-point: one in Q31 is an integer times 2^-31.
 */
#ifndef SYMC_INT_EXPSERIES_H
#define SYMC_INT_EXPSERIES_H

#include "symc/int/core.h"
#include "symc/int/shared.h"

/* begin Q_EXP */
/* poly/fit.py: (exp(r) - 1) / r on 0 <= r <= ln(2); relative error 2^-34.4. */
#define SYMC_Q_EXP_1 UINT32_C(2147483658)
#define SYMC_Q_EXP_2 INT32_C(2147482815)
#define SYMC_Q_EXP_3 INT32_C(1431678090)
#define SYMC_Q_EXP_4 INT32_C(715551481)
#define SYMC_Q_EXP_5 INT32_C(288126583)
#define SYMC_Q_EXP_6 INT32_C(89164543)
#define SYMC_Q_EXP_7 INT32_C(38250913)
/* end Q_EXP */

/* begin Q_EXP64 */
/* poly/fit.py: (exp(r) - 1) / r on |r| <= 0.352; relative error 2^-59.6. */
#define SYMC_Q_EXP64_1 INT64_C(4611686018427387904)
#define SYMC_Q_EXP64_2 INT64_C(2305843009213693952)
#define SYMC_Q_EXP64_3 INT64_C(768614336404564608)
#define SYMC_Q_EXP64_4 INT64_C(192153584101141344)
#define SYMC_Q_EXP64_5 INT64_C(38430716820228064)
#define SYMC_Q_EXP64_6 INT64_C(6405119470027136)
#define SYMC_Q_EXP64_7 INT64_C(915017067158593)
#define SYMC_Q_EXP64_8 INT64_C(114377133674600)
#define SYMC_Q_EXP64_9 INT64_C(12708570164230)
#define SYMC_Q_EXP64_10 INT64_C(1270853451834)
#define SYMC_Q_EXP64_11 INT64_C(115534230303)
#define SYMC_Q_EXP64_12 INT64_C(9649862530)
#define SYMC_Q_EXP64_13 INT32_C(735881276)
/* end Q_EXP64 */

/* 1 / ln(2), rounded down; times 16 bits of a significand it fits into 31. */
#define SYMC_INVERSE_LN2_Q14 23637u
/* ln(2) in Q63; in Q64, and the next 32 bits. */
#define SYMC_LN2_Q63 INT64_C(0x58b90bfbe8e7bcd6)
#define SYMC_LN2_Q64 UINT64_C(0xb17217f7d1cf79ab)
#define SYMC_LN2_LOW UINT32_C(0xc9e3b398)

/*
 * e^r in Q31 for r in Q32, 0 <= r <= ln(2); every product is rounded down, so that one unit is added. The terms shrink:
 * each holds one bit more than the one before.
 */
SYMC_FN uint32_t symc_exp_q31(uint32_t r)
{
    const uint32_t half = r >> 1;
    uint32_t p = (uint32_t)SYMC_Q_EXP_7;
    p = symc_mul_high(p, half) + (uint32_t)SYMC_Q_EXP_6;
    p = symc_mul_high(p, half) + (uint32_t)SYMC_Q_EXP_5;
    p = symc_mul_high(p, half) + (uint32_t)SYMC_Q_EXP_4;
    p = symc_mul_high(p, half) + (uint32_t)SYMC_Q_EXP_3;
    p = symc_mul_high(p, half) + (uint32_t)SYMC_Q_EXP_2;
    p = symc_mul_high(p, half) + (uint32_t)SYMC_Q_EXP_1;
    return symc_mul_high(p, r) + 0x80000001u;
}

/* The bits of the float nearest to 2^n m, m in Q31 and at least 1, where that is normal. */
SYMC_FN uint32_t symc_exp_round(uint32_t m, uint32_t n)
{
    return (n << 23) + 0x3f000000u + (((m >> 7) + 1u) >> 1);
}

/* The bits of e^x or 2^x, u those of x: of NaN, for |x| <= 2^-25, and where the result is 0 or infinity. */
SYMC_FN uint32_t symc_exp_special(uint32_t u)
{
    const uint32_t magnitude = u & SYMC_MAGNITUDE;
    if (magnitude <= 0x33000000u) {
        return SYMC_ONE;
    }
    if (magnitude > SYMC_INFINITY) {
        return SYMC_NAN;
    }
    return (u & SYMC_SIGN) != 0u ? 0u : SYMC_INFINITY;
}

/* e^r (from = 0) or (e^r - 1)/r (from = 1) in Q62, for r in Q64, |r| <= 0.352. */
SYMC_SLOW_FN uint64_t symc_exp_series(int64_t r, uint32_t from)
{
    SYMC_TABLE int64_t c[14] = {
        INT64_C(1) << 62, SYMC_Q_EXP64_1, SYMC_Q_EXP64_2, SYMC_Q_EXP64_3,  SYMC_Q_EXP64_4,  SYMC_Q_EXP64_5,
        SYMC_Q_EXP64_6,   SYMC_Q_EXP64_7, SYMC_Q_EXP64_8, SYMC_Q_EXP64_9,  SYMC_Q_EXP64_10, SYMC_Q_EXP64_11,
        SYMC_Q_EXP64_12,  SYMC_Q_EXP64_13
    };
    return (uint64_t)symc_polynomial64(c + from, 13u - from, r);
}

/* The fraction of |x| in Q64 for 2^-41 <= |x| < 2^23, from its bit pattern. */
SYMC_FN uint64_t symc_exp_fraction(uint32_t magnitude)
{
    const uint32_t e = magnitude >> 23;
    const uint64_t m = (magnitude & 0x007fffffu) | 0x00800000u;
    return m << (e - 86u);
}

/* |x| = n ln(2) + r for an |x| below 128 with this bit pattern: returns r in Q64, |r| at most 0.352, and n. */
SYMC_SLOW_FN int64_t symc_exp_reduce(uint32_t magnitude, int32_t *n)
{
    const uint32_t e = magnitude >> 23;
    const uint32_t m = (magnitude & 0x007fffffu) | 0x00800000u;
    /* |x| / ln(2), rounded; below 1/2 for |x| < 1/4. */
    const uint32_t nearest = e < 125u ? 0u : ((((m >> 8) * SYMC_INVERSE_LN2_Q14) >> (155u - e)) + 1u) >> 1;
    *n = (int32_t)nearest;
#if SYMC_NARROW_MUL
    return (int64_t)(symc_exp_fraction(magnitude) - symc_mul_wide(nearest, (uint32_t)SYMC_LN2_Q64) -
                     symc_joined(nearest * (uint32_t)(SYMC_LN2_Q64 >> 32), 0u) - symc_mul_high(nearest, SYMC_LN2_LOW));
#else
    return (int64_t)(symc_exp_fraction(magnitude) - nearest * SYMC_LN2_Q64 -
                     (((uint64_t)nearest * SYMC_LN2_LOW) >> 32));
#endif
}

#endif
