/* SPDX-License-Identifier: Apache-2.0
 *
 * symc runtime: arc sine in radians, in integers, correctly rounded (proved over all 2^32 inputs).
 */
#ifndef SYMC_INT_ASIN_H
#define SYMC_INT_ASIN_H

#include "symc/f32.h"
#include "symc/int/core.h"
#include "symc/int/shared.h"

/* begin Q_ASIN */
/* poly/fit.py: (asin(s)/s - 1)/s^2 in z = s^2, |s| <= 1/2, times 2^63, 2^62, ...; relative error 2^-67.6. */
#define SYMC_Q_ASIN_1 INT64_C(1537228672809129216)
#define SYMC_Q_ASIN_2 INT64_C(345876451382048640)
#define SYMC_Q_ASIN_3 INT64_C(102939420054659200)
#define SYMC_Q_ASIN_4 INT64_C(35027997082548304)
#define SYMC_Q_ASIN_5 INT64_C(12896672102931912)
#define SYMC_Q_ASIN_6 INT64_C(5001587331941645)
#define SYMC_Q_ASIN_7 INT64_C(2012610392173940)
#define SYMC_Q_ASIN_8 INT64_C(831946618438744)
#define SYMC_Q_ASIN_9 INT64_C(353944791292626)
#define SYMC_Q_ASIN_10 INT64_C(142992908820077)
#define SYMC_Q_ASIN_11 INT64_C(87261781883959)
#define SYMC_Q_ASIN_12 INT64_C(-10844397810145)
#define SYMC_Q_ASIN_13 INT64_C(63705208180593)
#define SYMC_Q_ASIN_14 INT64_C(-34917558553053)
#define SYMC_Q_ASIN_15 INT64_C(19446034532525)
/* end Q_ASIN */

/* asin(s)/s - 1, times 2^64, for z = s^2 2^65, s <= 1/2. */
SYMC_FN uint64_t symc_asin_series(uint64_t z)
{
    SYMC_TABLE int64_t coefficients[15] = {
        SYMC_Q_ASIN_15, SYMC_Q_ASIN_14, SYMC_Q_ASIN_13, SYMC_Q_ASIN_12, SYMC_Q_ASIN_11, SYMC_Q_ASIN_10, SYMC_Q_ASIN_9,
        SYMC_Q_ASIN_8,  SYMC_Q_ASIN_7,  SYMC_Q_ASIN_6,  SYMC_Q_ASIN_5,  SYMC_Q_ASIN_4,  SYMC_Q_ASIN_3,  SYMC_Q_ASIN_2,
        SYMC_Q_ASIN_1
    };
    uint64_t p = (uint64_t)coefficients[0];
    uint32_t i;
    for (i = 1u; i < 15u; ++i) {
        /* p is signed: as an unsigned factor it is 2^64 too large where it is negative. */
        p = (uint64_t)coefficients[i] + symc_mul_upper64(z, p) - (z & (0u - (p >> 63)));
    }
    return symc_mul_upper64(z, p);
}

/* 62 binary digits of the square root of v/2^62, 1/4 <= v/2^62 < 1. */
SYMC_FN uint64_t symc_asin_root(uint64_t v)
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
 * asin(s) = a 2^(e - 63), a at least 2^62, for s = |x| if 2^-30 <= |x| < 1/2 and for s = sqrt((1 - |x|)/2) if
 * 1/2 <= |x| < 1, where asin |x| = pi/2 - 2 asin(s). What is under the root is exact.
 */
SYMC_SHARED_FN uint64_t symc_asin_kernel(uint32_t magnitude, int32_t *e)
{
    const uint32_t m = (magnitude & UINT32_C(0x007fffff)) | UINT32_C(0x00800000);
    uint64_t s;
    uint64_t z;
    if (magnitude < 0x3f000000u) {
        *e = (int32_t)(magnitude >> 23) - 126;
        s = (uint64_t)m << 39;
        z = ((uint64_t)m * m << 15) >> (uint32_t)(-2 - 2 * *e);
    } else {
        /* (1 - |x|)/2 = rest 2^-25 = v 2^(37 - shift), the exponent even, 1/4 <= v < 1. */
        const uint32_t rest = (UINT32_C(1) << 24) - m;
        const uint32_t shift = (symc_leading_zeros(rest) + 29u) | 1u;
        *e = 18 - (int32_t)(shift >> 1);
        s = (symc_asin_root((uint64_t)rest << shift) << 1) | 1u;
        z = (uint64_t)rest << 40;
    }
    return s + symc_mul_upper64(s, symc_asin_series(z));
}

/* The value a 2^(e - 63), below 1, as a multiple of 2^-63. */
SYMC_FN uint64_t symc_asin_fixed(uint64_t a, int32_t e)
{
    return a >> (uint32_t)-e;
}

/* The bits of the float nearest to a 2^(e - 63). */
SYMC_FN uint32_t symc_asin_pack(uint64_t a, int32_t e)
{
    const uint32_t zeros = symc_leading_zeros64(a);
    return symc_pack(a << zeros, e - (int32_t)zeros);
}

SYMC_FN float symc_asin(float x)
{
    const uint32_t u = symc_bits(x);
    const uint32_t magnitude = u & SYMC_MAGNITUDE;
    uint64_t a;
    int32_t e;
    /* Below 2^-12, asin |x| = |x|, rounded; pi/2 is so too. */
    if (magnitude < 0x39800000u) {
        return x;
    }
    if (magnitude >= SYMC_ONE) {
        return symc_from_bits(magnitude > SYMC_ONE ? SYMC_NAN : (u & SYMC_SIGN) | 0x3fc90fdbu);
    }
    a = symc_asin_kernel(magnitude, &e);
    if (magnitude >= 0x3f000000u) {
        a = UINT64_C(0xc90fdaa22168c235) - 2u * symc_asin_fixed(a, e);
        e = 0;
    }
    return symc_from_bits((u & SYMC_SIGN) | symc_asin_pack(a, e));
}

#endif
