/* SPDX-License-Identifier: Apache-2.0
 *
 * symc runtime: e^r - 1 for small r in integers, which the exponential and the hyperbolic functions share.
 *
 * Numbers are fixed-point: one in Q31 is an integer times 2^-31.
 */
#ifndef SYMC_INT_EXPSERIES_H
#define SYMC_INT_EXPSERIES_H

#include "symc/int/core.h"

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
/* poly/fit.py: (exp(r) - 1) / r on |r| <= 0.352; relative error 2^-59.5. */
#define SYMC_Q_EXP64_1 UINT64_C(9223372036854775808)
#define SYMC_Q_EXP64_2 INT64_C(4611686018427387904)
#define SYMC_Q_EXP64_3 INT64_C(1537228672809129216)
#define SYMC_Q_EXP64_4 INT64_C(384307168202282560)
#define SYMC_Q_EXP64_5 INT64_C(76861433640456512)
#define SYMC_Q_EXP64_6 INT64_C(12810238940059164)
#define SYMC_Q_EXP64_7 INT64_C(1830034134294215)
#define SYMC_Q_EXP64_8 INT64_C(228754267264869)
#define SYMC_Q_EXP64_9 INT64_C(25417140806447)
#define SYMC_Q_EXP64_10 INT64_C(2541707566612)
#define SYMC_Q_EXP64_11 INT64_C(231064330055)
#define SYMC_Q_EXP64_12 INT64_C(19297788150)
#define SYMC_Q_EXP64_13 INT32_C(1484428052)
/* end Q_EXP64 */

/* 1 / ln(2), rounded down; times 16 bits of a significand it fits into 31. */
#define SYMC_INVERSE_LN2_Q14 23637u
/* ln(2) in Q64 and the next 32 bits. */
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

/* (e^r - 1) / r in Q63 for r = size or, if negative is 1, r = -size; size in Q64 and at most 0.352. */
SYMC_SLOW_FN uint64_t symc_exp_series(uint64_t size, uint32_t negative)
{
    SYMC_TABLE uint64_t term[] = {
        (uint64_t)SYMC_Q_EXP64_13, (uint64_t)SYMC_Q_EXP64_12, (uint64_t)SYMC_Q_EXP64_11, (uint64_t)SYMC_Q_EXP64_10,
        (uint64_t)SYMC_Q_EXP64_9,  (uint64_t)SYMC_Q_EXP64_8,  (uint64_t)SYMC_Q_EXP64_7,  (uint64_t)SYMC_Q_EXP64_6,
        (uint64_t)SYMC_Q_EXP64_5,  (uint64_t)SYMC_Q_EXP64_4,  (uint64_t)SYMC_Q_EXP64_3,  (uint64_t)SYMC_Q_EXP64_2,
        (uint64_t)SYMC_Q_EXP64_1,
    };
    uint64_t p = term[0];
    uint32_t i;
    for (i = 1u; i < 13u; ++i) {
        const uint64_t product = symc_mul_high64(p, size);
        p = negative != 0u ? term[i] - product : term[i] + product;
    }
    return p;
}

/* e^r in Q63, r as above. */
SYMC_FN uint64_t symc_exp_q63(uint64_t size, uint32_t negative)
{
    const uint64_t rest = symc_mul_high64(symc_exp_series(size, negative), size);
    return negative != 0u ? 0x8000000000000000u - rest : 0x8000000000000000u + rest;
}

/*
 * |x| = n ln(2) + r for an |x| below 128 with this bit pattern: returns |r| in Q64, at most 0.352, and n; the sign of r
 * is in *negative.
 */
SYMC_FN uint64_t symc_exp_reduce(uint32_t magnitude, uint32_t *n, uint32_t *negative)
{
    const uint32_t e = magnitude >> 23;
    const uint32_t m = (magnitude & 0x007fffffu) | 0x00800000u;
    /* |x| / ln(2), which is below 1/2 for |x| < 1/4, and the fraction of |x|. */
    const uint32_t half = e < 125u ? 0u : (uint32_t)1u << (155u - e);
    const uint32_t nearest = e < 125u ? 0u : ((m >> 8) * SYMC_INVERSE_LN2_Q14 + half) >> (156u - e);
    const uint64_t x = e >= 86u ? (uint64_t)m << (e - 86u) : e > 62u ? (uint64_t)m >> (86u - e) : 0u;
    const uint64_t r = x - nearest * SYMC_LN2_Q64 - (((uint64_t)nearest * SYMC_LN2_LOW) >> 32);
    *n = nearest;
    *negative = (uint32_t)(r >> 63);
    return *negative != 0u ? 0u - r : r;
}

/* The bits of the float nearest to m 2^(e - 63), m not 0. */
SYMC_SLOW_FN uint32_t symc_exp_pack(uint64_t m, int32_t e)
{
    const uint32_t shift = symc_leading_zeros64(m);
    return symc_pack(m << shift, e - (int32_t)shift);
}

#endif
