/* SPDX-License-Identifier: Apache-2.0
 *
 * symc runtime: error function and its complement in integers, correctly rounded (proved over all 2^32 inputs).
 */
#ifndef SYMC_INT_ERF_H
#define SYMC_INT_ERF_H

#include "symc/f32.h"
#include "symc/int/core.h"
#include "symc/int/reciprocal.h"

/* begin Q_ERF */
/* poly/fit.py: erf(x) / x in t = x^2 / 2, 0 <= x <= 1, times 2^62; relative error 2^-62.6. */
#define SYMC_Q_ERF_0 INT64_C(5203730428379116614)
#define SYMC_Q_ERF_1 INT64_C(-3469153618919410599)
#define SYMC_Q_ERF_2 INT64_C(2081492171351594206)
#define SYMC_Q_ERF_3 INT64_C(-991186748260419597)
#define SYMC_Q_ERF_4 INT64_C(385461513162115552)
#define SYMC_Q_ERF_5 INT64_C(-126151040000119599)
#define SYMC_Q_ERF_6 INT64_C(35581056806180846)
#define SYMC_Q_ERF_7 INT64_C(-8810514265914705)
#define SYMC_Q_ERF_8 INT64_C(1943365200509599)
#define SYMC_Q_ERF_9 INT64_C(-386046537974854)
#define SYMC_Q_ERF_10 INT64_C(69209530292468)
#define SYMC_Q_ERF_11 INT64_C(-10726393849641)
#define SYMC_Q_ERF_12 INT64_C(1120207706548)
/* end Q_ERF */
/* begin Q_ERFC_EXP */
/* poly/fit.py: e^r on |r| <= ln(2)/2, times 2^62; relative error 2^-63.7. */
#define SYMC_Q_ERFC_EXP_0 INT64_C(4611686018427387904)
#define SYMC_Q_ERFC_EXP_1 INT64_C(4611686018427387894)
#define SYMC_Q_ERFC_EXP_2 INT64_C(2305843009213693943)
#define SYMC_Q_ERFC_EXP_3 INT64_C(768614336404566805)
#define SYMC_Q_ERFC_EXP_4 INT64_C(192153584101142658)
#define SYMC_Q_ERFC_EXP_5 INT64_C(38430716820093018)
#define SYMC_Q_ERFC_EXP_6 INT64_C(6405119469964051)
#define SYMC_Q_ERFC_EXP_7 INT64_C(915017070799449)
#define SYMC_Q_ERFC_EXP_8 INT64_C(114377134937135)
#define SYMC_Q_ERFC_EXP_9 INT64_C(12708522348701)
#define SYMC_Q_ERFC_EXP_10 INT64_C(1270842346651)
#define SYMC_Q_ERFC_EXP_11 INT64_C(115836323296)
#define SYMC_Q_ERFC_EXP_12 INT64_C(9685308949)
/* end Q_ERFC_EXP */
/* begin Q_ERFC */
/* poly/fit.py: erfc(x) e^(x^2) in s = (x - 3.375) / (x + 4), 1 <= x <= 10.0625, times 2^63; relative error 2^-60.2. */
#define SYMC_Q_ERFC_0 INT64_C(1481560102008484118)
#define SYMC_Q_ERFC_1 INT64_C(-3001109990482120038)
#define SYMC_Q_ERFC_2 INT64_C(2882366575979067009)
#define SYMC_Q_ERFC_3 INT64_C(-2426716300222138296)
#define SYMC_Q_ERFC_4 INT64_C(1779725253494030600)
#define SYMC_Q_ERFC_5 INT64_C(-1123486208343510874)
#define SYMC_Q_ERFC_6 INT64_C(597682846545862760)
#define SYMC_Q_ERFC_7 INT64_C(-257543101550414919)
#define SYMC_Q_ERFC_8 INT64_C(82292876388146726)
#define SYMC_Q_ERFC_9 INT64_C(-14318832239425964)
#define SYMC_Q_ERFC_10 INT64_C(-2196889923829087)
#define SYMC_Q_ERFC_11 INT64_C(2260883114788469)
#define SYMC_Q_ERFC_12 INT64_C(-451687629460892)
#define SYMC_Q_ERFC_13 INT64_C(-148618461082009)
#define SYMC_Q_ERFC_14 INT64_C(91708536903531)
#define SYMC_Q_ERFC_15 INT64_C(1622240688078)
#define SYMC_Q_ERFC_16 INT64_C(-13020408510699)
#define SYMC_Q_ERFC_17 INT64_C(1713160238372)
#define SYMC_Q_ERFC_18 INT64_C(1585235132779)
#define SYMC_Q_ERFC_19 INT64_C(-536337433643)
/* end Q_ERFC */

/* 10.0625, where erfc(x) is less than half of the smallest float. */
#define SYMC_ERFC_END 0x41210000u

/*
 * erf(v) = v P(v^2) for v = m 2^(e - 23) < 1: returns the significand of the result, at least 2^63, and its exponent in
 * *exponent. The error is below 2^-59 of the result.
 */
SYMC_SLOW_FN uint64_t symc_erf_small(uint32_t m, int32_t e, int32_t *exponent)
{
    SYMC_TABLE int64_t coefficients[13] = {
        SYMC_Q_ERF_0, SYMC_Q_ERF_1, SYMC_Q_ERF_2, SYMC_Q_ERF_3, SYMC_Q_ERF_4, SYMC_Q_ERF_5, SYMC_Q_ERF_6,
        SYMC_Q_ERF_7, SYMC_Q_ERF_8, SYMC_Q_ERF_9, SYMC_Q_ERF_10, SYMC_Q_ERF_11, SYMC_Q_ERF_12
    };
    /* v^2 / 2 in units of 2^-64: the square of m has at most 48 bits. */
    const int64_t t = (int64_t)(e < -32 ? 0u : (((uint64_t)m * m) << 15) >> (-2 - 2 * e));
    /* The third power of t < 2^-24 is nothing. */
    uint32_t degree = e < -12 ? 2u : 12u;
    int64_t p = coefficients[degree];
    uint64_t y;
    uint32_t zeros;
    while (degree-- > 0u) {
        p = coefficients[degree] + symc_mul_high_signed64(p, t);
    }
    /* v 2^-e and P in units of 2^-63, their product, 0.84 to 2.26, in units of 2^-62. */
    y = symc_mul_high64((uint64_t)m << 40, (uint64_t)p << 1);
    zeros = symc_leading_zeros64(y);
    *exponent = e + 1 - (int32_t)zeros;
    return y << zeros;
}

/*
 * erfc(v) = e^(-v^2) Q(s), s = (v - 3.375) / (v + 4), for v = m 2^(e - 23), 1 <= v <= 10.0625: returns it in units of
 * 2^(-63 - *k). The error is below 2^-56 of the result.
 */
SYMC_SLOW_FN uint64_t symc_erfc_large(uint32_t m, int32_t e, uint32_t *k)
{
    SYMC_TABLE int64_t power[13] = {
        SYMC_Q_ERFC_EXP_0, SYMC_Q_ERFC_EXP_1, SYMC_Q_ERFC_EXP_2, SYMC_Q_ERFC_EXP_3, SYMC_Q_ERFC_EXP_4,
        SYMC_Q_ERFC_EXP_5, SYMC_Q_ERFC_EXP_6, SYMC_Q_ERFC_EXP_7, SYMC_Q_ERFC_EXP_8, SYMC_Q_ERFC_EXP_9,
        SYMC_Q_ERFC_EXP_10, SYMC_Q_ERFC_EXP_11, SYMC_Q_ERFC_EXP_12
    };
    SYMC_TABLE int64_t scaled[20] = {
        SYMC_Q_ERFC_0, SYMC_Q_ERFC_1, SYMC_Q_ERFC_2, SYMC_Q_ERFC_3, SYMC_Q_ERFC_4, SYMC_Q_ERFC_5, SYMC_Q_ERFC_6,
        SYMC_Q_ERFC_7, SYMC_Q_ERFC_8, SYMC_Q_ERFC_9, SYMC_Q_ERFC_10, SYMC_Q_ERFC_11, SYMC_Q_ERFC_12, SYMC_Q_ERFC_13,
        SYMC_Q_ERFC_14, SYMC_Q_ERFC_15, SYMC_Q_ERFC_16, SYMC_Q_ERFC_17, SYMC_Q_ERFC_18, SYMC_Q_ERFC_19
    };
    /* v^2 < 128 in units of 2^-57, exact. */
    const uint64_t square = ((uint64_t)m * m) << (2 * e + 11);
    /* v^2 / ln(2), rounded: in units of 2^-24 before. */
    const uint32_t n = (symc_mul_high((uint32_t)(square >> 32), UINT32_C(0xb8aa3b29)) + 0x00800000u) >> 24;
    /* r = n ln(2) - v^2 in units of 2^-64, |r| < 0.35: whole units drop out. ln(2) has 96 bits here. */
    const uint64_t multiple = n * UINT64_C(0xb17217f7d1cf79ab) + ((n * UINT64_C(0xc9e3b398)) >> 32);
    const int64_t r = (int64_t)(multiple - (square << 7));
    /* v + 4 in units of 2^-23, 5 to 14.1. */
    const uint32_t d = (m << e) + (UINT32_C(4) << 23);
    const uint32_t zeros = symc_leading_zeros(d);
    /* 7.375 / (v + 4) in units of 2^-64, 0.5 to 1.475: 7.375/8 times the reciprocal of (v + 4)/16, or twice that. */
    const uint64_t c = symc_mul_high64(symc_reciprocal64((uint64_t)(d << zeros) << 32), UINT64_C(0xec00000000000000));
    /* s = 1 - c, |s| < 0.48; again the whole unit drops out. */
    const int64_t s = (int64_t)(0u - (c << (zeros - 5u)));
    int64_t p = power[12];
    int64_t q = scaled[19];
    uint32_t i;
    for (i = 12u; i-- > 0u;) {
        p = power[i] + symc_mul_high_signed64(p, r);
    }
    for (i = 19u; i-- > 0u;) {
        q = scaled[i] + symc_mul_high_signed64(q, s);
    }
    *k = n;
    return symc_mul_high64((uint64_t)p << 1, (uint64_t)q << 1);
}

SYMC_LARGE_FN float symc_erf(float x)
{
    const uint32_t sign = symc_bits(x) & SYMC_SIGN;
    const uint32_t magnitude = symc_bits(x) & SYMC_MAGNITUDE;
    int32_t e;
    uint32_t m;
    uint32_t k;
    uint64_t y;
    if (magnitude > SYMC_INFINITY) {
        return symc_from_bits(SYMC_NAN);
    }
    if (magnitude == 0u) {
        return x;
    }
    /* From 3.9375 on. */
    if (magnitude >= 0x407c0000u) {
        return symc_from_bits(sign | SYMC_ONE);
    }
    m = symc_unpack(magnitude, &e);
    if (e < 0) {
        y = symc_erf_small(m, e, &e);
    } else {
        y = symc_erfc_large(m, e, &k);
        /* 1 - erfc(x), 0.84 to 1, in units of 2^-64. */
        y = 0u - (y >> (k - 1u));
        e = -1;
    }
    return symc_from_bits(sign | symc_pack(y, e));
}

SYMC_LARGE_FN float symc_erfc(float x)
{
    const uint32_t negative = symc_bits(x) >> 31;
    const uint32_t magnitude = symc_bits(x) & SYMC_MAGNITUDE;
    int32_t e;
    uint32_t m;
    uint32_t k;
    uint32_t zeros;
    uint64_t y;
    if (magnitude > SYMC_INFINITY) {
        return symc_from_bits(SYMC_NAN);
    }
    /* Below 2^-26: 1. */
    if (magnitude < 0x32800000u) {
        return symc_from_bits(SYMC_ONE);
    }
    /* From 10.0625 on, and for negative x from 4.5 on: 0 and 2. */
    if (magnitude >= SYMC_ERFC_END || (negative != 0u && magnitude >= 0x40900000u)) {
        return symc_from_bits(negative << 30);
    }
    m = symc_unpack(magnitude, &e);
    k = 0u;
    if (e < 0) {
        y = symc_erf_small(m, e, &e);
        y >>= -e;
        /* 1 - erf(x) or 1 + erf(-x), in units of 2^-63. */
        y = (UINT64_C(1) << 63) + (negative != 0u ? y : 0u - y);
    } else {
        y = symc_erfc_large(m, e, &k);
        if (negative != 0u) {
            /* 2 - erfc(-x), in units of 2^-63. */
            y = 0u - (y >> k);
            k = 0u;
        }
    }
    zeros = symc_leading_zeros64(y);
    return symc_from_bits(symc_pack(y << zeros, -(int32_t)(zeros + k)));
}

#endif
