/* SPDX-License-Identifier: Apache-2.0
 *
 * symc runtime: inverse hyperbolic tangent, correctly rounded, in integers (proved over all 2^32 inputs).
 */
#ifndef SYMC_INT_ATANH_H
#define SYMC_INT_ATANH_H

#include "symc/int/logarithm.h"

/* begin Q_ATANH */
/* poly/fit.py: (atanh(s) - s) / s^3 in z = s^2, |s| <= 1/4; relative error 2^-68.8. */
#define SYMC_Q_ATANH_1 INT64_C(3074457345618258562)
#define SYMC_Q_ATANH_2 INT64_C(1844674407370986599)
#define SYMC_Q_ATANH_3 INT64_C(1317624576685130575)
#define SYMC_Q_ATANH_4 INT64_C(1024819116318562774)
#define SYMC_Q_ATANH_5 INT64_C(838488282550288421)
#define SYMC_Q_ATANH_6 INT64_C(709494111485513060)
#define SYMC_Q_ATANH_7 INT64_C(614773477918479247)
#define SYMC_Q_ATANH_8 INT64_C(544792448928132607)
#define SYMC_Q_ATANH_9 INT64_C(459372810106855655)
#define SYMC_Q_ATANH_10 INT64_C(605260248089610380)
/* end Q_ATANH */

/* The bits of atanh(x) for x = m 2^(e - 63) <= 1/4; z = x^2 has 64 fraction bits. */
SYMC_SLOW_FN uint32_t symc_atanh_small(uint64_t m, int32_t e, uint64_t z)
{
    SYMC_TABLE int64_t c[] = {
        SYMC_Q_ATANH_1, SYMC_Q_ATANH_2, SYMC_Q_ATANH_3, SYMC_Q_ATANH_4, SYMC_Q_ATANH_5,
        SYMC_Q_ATANH_6, SYMC_Q_ATANH_7, SYMC_Q_ATANH_8, SYMC_Q_ATANH_9, SYMC_Q_ATANH_10
    };
    /* x (1 + z p), z p with 63 fraction bits */
    const uint64_t p = (uint64_t)symc_product64(symc_polynomial64(c, 9u, (int64_t)z), (int64_t)z);
    return symc_nearest64((m >> 1) + symc_mul_high64(m, p), e + 1);
}

/* log(m 2^-63), 0 < m, with 55 fraction bits. */
SYMC_SLOW_FN int64_t symc_log_fixed(uint64_t m)
{
    const uint32_t zeros = symc_leading_zeros64(m);
    int32_t k = -(int32_t)zeros;
    const int64_t f = symc_log_reduce(m << zeros, &k);
    const int64_t y = f + 2 * symc_product64(f, symc_log_excess(f));
    return (y >> 9) + k * SYMC_LN2_Q55;
}

/* The bits of atanh(x) for 0 < x < 1 with the bits u: (log(1 + x) - log(1 - x))/2, or near 0 a series. */
SYMC_SLOW_FN uint32_t symc_atanh_wide(uint32_t u)
{
    int32_t e;
    uint64_t m = symc_unpack(u, &e);
    if (e < -2) {
        return symc_atanh_small(m << 40, e, e < -9 ? (m * m) >> (-18 - 2 * e) : (m * m) << (18 + 2 * e));
    }
    m <<= 40 + e;
    m = (uint64_t)(symc_log_fixed(UINT64_C(0x8000000000000000) + m) - symc_log_fixed(UINT64_C(0x8000000000000000) - m));
    /* Half of it: 56 fraction bits. */
    return symc_nearest64(m, 7);
}

SYMC_LARGE_FN float symc_atanh(float x)
{
    const uint32_t sign = symc_bits(x) & SYMC_SIGN;
    const uint32_t u = symc_bits(x) & SYMC_MAGNITUDE;
    /* Below 2^-12, x + x^3/3 rounds to x. */
    if (u < 0x39800000u) {
        return x;
    }
    if (u >= SYMC_ONE) {
        return symc_from_bits(u == SYMC_ONE ? sign | SYMC_INFINITY : SYMC_NAN);
    }
    return symc_from_bits(sign | symc_atanh_wide(u));
}

#endif
