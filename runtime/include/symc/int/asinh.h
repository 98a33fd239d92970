/* SPDX-License-Identifier: Apache-2.0
 *
 * symc runtime: inverse hyperbolic sine, correctly rounded, in integers (proved over all 2^32 inputs).
 */
#ifndef SYMC_INT_ASINH_H
#define SYMC_INT_ASINH_H

#include "symc/int/logarithm.h"

/* begin Q_ASINH */
/* poly/fit.py: (asinh(x) - x) / x^3 in z = x^2, |x| <= 1/4; relative error 2^-72.4. */
#define SYMC_Q_ASINH_1 INT64_C(-1537228672809129298)
#define SYMC_Q_ASINH_2 INT64_C(691752902764105523)
#define SYMC_Q_ASINH_3 INT64_C(-411757680216002954)
#define SYMC_Q_ASINH_4 INT64_C(280223976715985491)
#define SYMC_Q_ASINH_5 INT64_C(-206346738966653960)
#define SYMC_Q_ASINH_6 INT64_C(160050638455461590)
#define SYMC_Q_ASINH_7 INT64_C(-128791794647682723)
#define SYMC_Q_ASINH_8 INT64_C(106326322281832946)
#define SYMC_Q_ASINH_9 INT64_C(-87310396145619980)
#define SYMC_Q_ASINH_10 INT64_C(57821404866469471)
/* end Q_ASINH */

/* m 2^(e - 63), its highest bit set. */
typedef struct {
    uint64_t m;
    int32_t e;
} symc_scaled;

/* The square root of r 2^(2e - 60), r not 0: 32 digits one by one, 32 more from the remainder. */
SYMC_SHARED_FN symc_scaled symc_sqrt_scaled(uint64_t r, int32_t e)
{
    const uint32_t pairs = symc_leading_zeros64(r) >> 1;
    uint64_t root = 0u;
    uint64_t digit = UINT64_C(1) << 62;
    uint64_t rest = r << (2u * pairs);
    uint32_t low = 0u;
    uint32_t i;
    symc_scaled result;
    while (digit != 0u) {
        const uint64_t trial = root + digit;
        const uint32_t fits = (uint32_t)(rest >= trial);
        rest -= fits != 0u ? trial : 0u;
        root = (root >> 1) + (fits != 0u ? digit : 0u);
        digit >>= 2;
    }
    root *= 2u;
    for (i = 0u; i < 32u; ++i) {
        const uint32_t fits = (uint32_t)(2u * rest >= root);
        rest = 2u * rest - (fits != 0u ? root : 0u);
        low = (low << 1) | fits;
    }
    root *= UINT64_C(1) << 31;
    result.m = root + low;
    result.e = e + 1 - (int32_t)pairs;
    return result;
}

/* The bits of asinh(w) for w = m 2^(e - 63) <= 1/4; z = w^2 has 64 fraction bits. */
SYMC_SLOW_FN uint32_t symc_asinh_small(uint64_t m, int32_t e, uint64_t z)
{
    SYMC_TABLE int64_t c[] = {
        SYMC_Q_ASINH_1, SYMC_Q_ASINH_2, SYMC_Q_ASINH_3, SYMC_Q_ASINH_4, SYMC_Q_ASINH_5,
        SYMC_Q_ASINH_6, SYMC_Q_ASINH_7, SYMC_Q_ASINH_8, SYMC_Q_ASINH_9, SYMC_Q_ASINH_10
    };
    /* The sum of the series is below 0, at -z/6. */
    const int64_t p = symc_product64(symc_polynomial64(c, 9u, (int64_t)z), (int64_t)z);
    return symc_nearest64(m - symc_mul_high64(m, 0u - ((uint64_t)p << 1)), e);
}

/* The bits of log(x + root), x = m 2^(e - 63). */
SYMC_SLOW_FN uint32_t symc_log_of_sum(uint64_t m, int32_t e, symc_scaled root)
{
    const int32_t top = e > root.e ? e : root.e;
    const uint64_t sum = (m >> (1 + top - e)) + (root.m >> (1 + top - root.e));
    const uint32_t zeros = symc_leading_zeros64(sum);
    return symc_log_bits(sum << zeros, top + 1 - (int32_t)zeros, SYMC_LN2_Q55, 0);
}

/* The bits of asinh(x) for x > 0 with the bits u. */
SYMC_SLOW_FN uint32_t symc_asinh_wide(uint32_t u)
{
    int32_t e;
    uint64_t m = symc_unpack(u, &e);
    /* x^2 = z 2^(2e - 46) */
    uint64_t z = m * m;
    m <<= 40;
    if (e < -2) {
        return symc_asinh_small(m, e, e < -9 ? z >> (-18 - 2 * e) : z << (18 + 2 * e));
    }
    if (e < 0) {
        return symc_log_of_sum(m, e, symc_sqrt_scaled((z << (14 + 2 * e)) + (UINT64_C(1) << 60), 0));
    }
    /* From 2^31 on, 1 is too little. */
    z = (z << 14) + (e < 31 ? UINT64_C(1) << (60 - 2 * e) : 0u);
    return symc_log_of_sum(m, e, symc_sqrt_scaled(z, e));
}

/* asinh(x) = log(x + sqrt(x^2 + 1)), or near 0 a series; from 2^17 on log(2x) is close enough to try that first. */
SYMC_LARGE_FN float symc_asinh(float x)
{
    const uint32_t sign = symc_bits(x) & SYMC_SIGN;
    const uint32_t u = symc_bits(x) & SYMC_MAGNITUDE;
    uint32_t unsure = 1u;
    uint32_t r = 0u;
    if (u > SYMC_INFINITY) {
        return symc_from_bits(SYMC_NAN);
    }
    /* Below 2^-12, x - x^3/6 rounds to x. */
    if (u < 0x39800000u || u == SYMC_INFINITY) {
        return x;
    }
    if (u >= 0x48000000u) {
        r = symc_log_fast(u, 1, &unsure);
    }
    return symc_from_bits(sign | (unsure != 0u ? symc_asinh_wide(u) : r));
}

#endif
