/* SPDX-License-Identifier: Apache-2.0
 *
 * symc runtime: arc sine in radians, in integers, correctly rounded (proved over all 2^32 inputs).
 *
 * For |x| >= 1/2, asin |x| = pi/2 - 2 asin(s) with s = sqrt((1 - |x|)/2); what is under the root is exact. 32 bits of
 * the result decide the float nearest to it for 9 inputs in 10, and 64 for the others.
 */
#ifndef SYMC_INT_ASIN_H
#define SYMC_INT_ASIN_H

#include "symc/f32.h"
#include "symc/int/core.h"
#include "symc/int/shared.h"

/* begin Q_ASIN */
/* poly/fit.py: (asin(s)/s - 1)/s^2 in z = s^2, |s| <= 1/2, times 2^31, 2^30, ...; relative error 2^-35.6. */
#define SYMC_Q_ASIN_1 INT32_C(357913948)
#define SYMC_Q_ASIN_2 INT32_C(80530217)
#define SYMC_Q_ASIN_3 INT32_C(23975252)
#define SYMC_Q_ASIN_4 INT32_C(8090501)
#define SYMC_Q_ASIN_5 INT32_C(3282718)
#define SYMC_Q_ASIN_6 INT32_C(530847)
#define SYMC_Q_ASIN_7 INT32_C(1147939)
/* end Q_ASIN */
/* begin Q_ASIN64 */
/* poly/fit.py: (asin(s)/s - 1)/s^2 in z = s^2, |s| <= 1/2, times 2^63; relative error 2^-58.2. */
#define SYMC_Q_ASIN64_1 INT64_C(1537228672809129216)
#define SYMC_Q_ASIN64_2 INT64_C(691752902764097280)
#define SYMC_Q_ASIN64_3 INT64_C(411757680218636544)
#define SYMC_Q_ASIN64_4 INT64_C(280223976660402112)
#define SYMC_Q_ASIN64_5 INT64_C(206346753646143808)
#define SYMC_Q_ASIN64_6 INT64_C(160050794646614496)
#define SYMC_Q_ASIN64_7 INT64_C(128807064579103040)
#define SYMC_Q_ASIN64_8 INT64_C(106489174659252736)
#define SYMC_Q_ASIN64_9 INT64_C(90609791801296736)
#define SYMC_Q_ASIN64_10 INT64_C(73212889786389248)
#define SYMC_Q_ASIN64_11 INT64_C(89353542451826112)
#define SYMC_Q_ASIN64_12 INT64_C(-22200987354863080)
#define SYMC_Q_ASIN64_13 INT64_C(260918594603669248)
#define SYMC_Q_ASIN64_14 INT64_C(-286022013268700736)
#define SYMC_Q_ASIN64_15 INT64_C(318591131036967552)
/* end Q_ASIN64 */

/* Units of 2^-31 by which symc_asin_short may be wrong, relative to s. */
#define SYMC_Q_ASIN_ERROR 2u

/* asin(s)/s - 1, times 2^64, for z = s^2 2^64, s <= 1/2. */
SYMC_SLOW_FN uint64_t symc_asin_series64(int64_t z)
{
    SYMC_TABLE int64_t c[15] = {
        SYMC_Q_ASIN64_1,  SYMC_Q_ASIN64_2,  SYMC_Q_ASIN64_3,  SYMC_Q_ASIN64_4,  SYMC_Q_ASIN64_5,
        SYMC_Q_ASIN64_6,  SYMC_Q_ASIN64_7,  SYMC_Q_ASIN64_8,  SYMC_Q_ASIN64_9,  SYMC_Q_ASIN64_10,
        SYMC_Q_ASIN64_11, SYMC_Q_ASIN64_12, SYMC_Q_ASIN64_13, SYMC_Q_ASIN64_14, SYMC_Q_ASIN64_15
    };
    return (uint64_t)symc_product64(symc_polynomial64(c, 14u, z), z) << 1;
}

/* The same, times 2^32 for z = s^2 2^33. */
SYMC_FN uint32_t symc_asin_series(uint32_t z)
{
    uint32_t p = SYMC_Q_ASIN_7;
    p = SYMC_Q_ASIN_6 + symc_mul_high(z, p);
    p = SYMC_Q_ASIN_5 + symc_mul_high(z, p);
    p = SYMC_Q_ASIN_4 + symc_mul_high(z, p);
    p = SYMC_Q_ASIN_3 + symc_mul_high(z, p);
    p = SYMC_Q_ASIN_2 + symc_mul_high(z, p);
    p = SYMC_Q_ASIN_1 + symc_mul_high(z, p);
    return symc_mul_high(z, p);
}

/* 62 binary digits of the square root of v/2^62, 1/4 <= v/2^62 < 1. */
SYMC_FN uint64_t symc_asin_root64(uint64_t v)
{
    uint64_t rest = 0u;
    uint64_t root = 0u;
    uint32_t i;
    v <<= 2;
    for (i = 0u; i < 62u; ++i) {
        rest = (rest << 2) | (v >> 62);
        v <<= 2;
        root <<= 1;
        if (rest > 2u * root) {
            rest -= 2u * root + 1u;
            ++root;
        }
    }
    return root;
}

/*
 * sqrt(V) 2^31 for V = v 2^-32, 2^30 <= v, too small by a few units: y approaches 1/sqrt(V) from below, y becoming
 * y (3 - V y^2)/2 (Newton), with a relative error of 2^-3.5 after the best straight line, then 2^-6, 2^-12, 2^-24. One
 * more step, for the root itself, brings in what V still differs from its square.
 */
SYMC_FN uint32_t symc_asin_root(uint32_t v)
{
    /* y 2^30 */
    uint32_t y = UINT32_C(2290047077) - symc_mul_high(v, UINT32_C(1308598334));
    uint32_t s;
    uint32_t i;
    for (i = 0u; i < 3u; ++i) {
        y = symc_mul_high(y, (UINT32_C(0x30000000) - symc_mul_high(v, symc_mul_high(y, y))) << 2) << 1;
    }
    /* Rounding can have made y too large by some units. */
    s = (symc_mul_high(v, y) << 1) - 64u;
    return s + (symc_mul_high((uint32_t)((((uint64_t)v << 30) - (uint64_t)s * s) >> 8), y) >> 22);
}

/*
 * asin(s) = a 2^(e - 31), a at least 2^30, for s = |x| if 2^-30 <= |x| < 1/2 and for s = sqrt((1 - |x|)/2) if
 * 1/2 <= |x| < 1.
 */
SYMC_SHARED_FN uint32_t symc_asin_short(uint32_t magnitude, int32_t *e)
{
    const uint32_t m = (magnitude & UINT32_C(0x007fffff)) | UINT32_C(0x00800000);
    uint32_t s;
    uint32_t z;
    if (magnitude < 0x3f000000u) {
        *e = (int32_t)(magnitude >> 23) - 126;
        s = m << 7;
        z = symc_mul_high(m << 8, m << 8);
        z = *e < -15 ? 0u : z >> (uint32_t)(-1 - 2 * *e);
    } else {
        /* (1 - |x|)/2 = rest 2^-25 = V 2^(7 - shift), the exponent even, 1/4 <= V < 1. */
        const uint32_t rest = (UINT32_C(1) << 24) - m;
        const uint32_t shift = (symc_leading_zeros(rest) - 1u) | 1u;
        *e = 3 - (int32_t)(shift >> 1);
        s = symc_asin_root(rest << shift);
        z = rest << 8;
    }
    return s + symc_mul_high(s, symc_asin_series(z));
}

/* The same as a 2^(e - 63), a at least 2^62. */
SYMC_SLOW_FN uint64_t symc_asin_long(uint32_t magnitude, int32_t *e)
{
    const uint32_t m = (magnitude & UINT32_C(0x007fffff)) | UINT32_C(0x00800000);
    uint64_t s;
    int64_t z;
    if (magnitude < 0x3f000000u) {
        *e = (int32_t)(magnitude >> 23) - 126;
        s = (uint64_t)m << 39;
        z = (int64_t)(((uint64_t)m * m << 15) >> (uint32_t)(-1 - 2 * *e));
    } else {
        const uint32_t rest = (UINT32_C(1) << 24) - m;
        const uint32_t shift = (symc_leading_zeros(rest) + 29u) | 1u;
        *e = 18 - (int32_t)(shift >> 1);
        s = (symc_asin_root64((uint64_t)rest << shift) << 1) | 1u;
        z = (int64_t)rest * (INT64_C(1) << 39);
    }
    return s + symc_mul_high64(s, symc_asin_series64(z));
}

/* The bits of the float nearest to a 2^(e - 31), a above 2^29, or 0 if `error` units of a could change it. */
SYMC_FN uint32_t symc_asin_decide(uint32_t a, int32_t e, uint32_t error)
{
    const uint32_t zeros = symc_leading_zeros(a);
    a <<= zeros;
    if (symc_is_unsure(a, error << zeros) != 0u) {
        return 0u;
    }
    return ((uint32_t)(e + 126 - (int32_t)zeros) << 23) + (a >> 8) + ((a >> 7) & 1u);
}

/* asin |x| where 32 bits do not decide. */
SYMC_SLOW_FN uint32_t symc_asin_slow(uint32_t magnitude)
{
    int32_t e;
    uint64_t a = symc_asin_long(magnitude, &e);
    if (magnitude >= 0x3f000000u) {
        /* Multiples of 2^-63. */
        a = UINT64_C(0xc90fdaa22168c235) - 2u * (a >> (uint32_t)-e);
        e = 0;
    }
    return symc_nearest64(a, e);
}

/* The bits of asin x, u those of x. */
SYMC_SHARED_FN uint32_t symc_asin_of(uint32_t u)
{
    const uint32_t magnitude = u & SYMC_MAGNITUDE;
    uint32_t error = SYMC_Q_ASIN_ERROR;
    uint32_t y;
    uint32_t a;
    int32_t e;
    /* Below 2^-12, |x|, rounded. */
    if (magnitude < 0x39800000u) {
        return u;
    }
    if (magnitude >= SYMC_ONE) {
        return magnitude > SYMC_ONE ? SYMC_NAN : (u & SYMC_SIGN) | 0x3fc90fdbu;
    }
    a = symc_asin_short(magnitude, &e);
    if (magnitude >= 0x3f000000u) {
        /* Multiples of 2^-31, so e = -1 keeps all of a; e = 0 only for |x| = 1/2. */
        a = UINT32_C(0xc90fdaa2) - (e < 0 ? a >> (uint32_t)(-1 - e) : a << 1);
        ++error;
        e = 0;
    }
    y = symc_asin_decide(a, e, error);
    return (u & SYMC_SIGN) | (y != 0u ? y : symc_asin_slow(magnitude));
}

SYMC_FN float symc_asin(float x)
{
    return symc_from_bits(symc_asin_of(symc_bits(x)));
}

#endif
