/* SPDX-License-Identifier: Apache-2.0
 *
 * symc runtime: natural logarithm, correctly rounded, in integers (proved over all 2^32 inputs).
 */
#ifndef SYMC_INT_LOG_H
#define SYMC_INT_LOG_H

#include "symc/f32.h"
#include "symc/int/core.h"
#include "symc/int/logarithm.h"

/* begin Q_LOG */
/* poly/fit.py: (log(1 + f) - f + f^2/2) / f^3, sqrt(1/2) <= 1 + f <= sqrt(2); relative error 2^-33.8. */
#define SYMC_Q_LOG_3 INT32_C(1431655789)
#define SYMC_Q_LOG_4 INT32_C(-1073741862)
#define SYMC_Q_LOG_5 INT32_C(858990158)
#define SYMC_Q_LOG_6 INT32_C(-715827053)
#define SYMC_Q_LOG_7 INT32_C(613731793)
#define SYMC_Q_LOG_8 INT32_C(-536920911)
#define SYMC_Q_LOG_9 INT32_C(473500423)
#define SYMC_Q_LOG_10 INT32_C(-426018930)
#define SYMC_Q_LOG_11 INT32_C(427192797)
#define SYMC_Q_LOG_12 INT32_C(-420798863)
#define SYMC_Q_LOG_13 INT32_C(228525291)
/* end Q_LOG */

/* Zero, subnormal and negative numbers, infinity, NaN, and what the rounding test is unsure of. */
SYMC_SLOW_FN float symc_log_slow(float x)
{
    return symc_log_of(x, SYMC_LN2_Q55, SYMC_ONE_Q63);
}

/*
 * x = 2^k (1 + f), sqrt(1/2) <= 1 + f < sqrt(2), log(1 + f) = f + f t. t has 32 fraction bits and the sum with k ln(2)
 * has 56: two units in the 32 leading bits of the result.
 */
SYMC_FN float symc_log(float x)
{
    const uint32_t u = symc_bits(x);
    const uint32_t offset = u - 0x3f3504f3u;
    const int32_t k = (int32_t)offset >> 23;
    /* The distance from 1, in units that double at 1. */
    const int32_t distance = (int32_t)(offset & 0x007fffffu) - INT32_C(0x004afb0d);
    const int32_t f24 = distance < 0 ? distance : distance * 2;
    const int32_t f = f24 * 256;
    int32_t p = SYMC_Q_LOG_13;
    int64_t v;
    uint32_t negative;
    uint32_t high;
    uint32_t zeros;
    uint32_t m;
    if (u - 0x00800000u >= 0x7f000000u) {
        return symc_log_slow(x);
    }
    p = symc_mul_high_signed(p, f) + SYMC_Q_LOG_12;
    p = symc_mul_high_signed(p, f) + SYMC_Q_LOG_11;
    p = symc_mul_high_signed(p, f) + SYMC_Q_LOG_10;
    p = symc_mul_high_signed(p, f) + SYMC_Q_LOG_9;
    p = symc_mul_high_signed(p, f) + SYMC_Q_LOG_8;
    p = symc_mul_high_signed(p, f) + SYMC_Q_LOG_7;
    p = symc_mul_high_signed(p, f) + SYMC_Q_LOG_6;
    p = symc_mul_high_signed(p, f) + SYMC_Q_LOG_5;
    p = symc_mul_high_signed(p, f) + SYMC_Q_LOG_4;
    p = symc_mul_high_signed(p, f) + SYMC_Q_LOG_3;
    p = symc_mul_high_signed(p, f);
    p = symc_mul_high_signed(p, f) - f24 * 128;
    /* ln(2) = 0xb17218 2^-24 - 0x082e3086 2^-56 */
    v = (int64_t)f24 * p - (int64_t)k * INT32_C(0x082e3086);
    v += (int64_t)((uint64_t)(uint32_t)(f24 + k * INT32_C(0xb17218)) << 32);

    negative = (uint32_t)((uint64_t)v >> 63);
    v = negative != 0u ? -v : v;
    high = (uint32_t)((uint64_t)v >> 32);
    if (high == 0u) {
        /* log(1); for every other x, |v| is at least 2^32. */
        return symc_from_bits(0u);
    }
    zeros = symc_leading_zeros(high);
    m = (high << zeros) | ((uint32_t)v >> (32u - zeros));
    /* The 32 bits are up to 1.5 too large or 2.5 too small: below 126 and above 129, the 8 that go decide. */
    if (((m + 0x82u) & 0xffu) < 4u) {
        return symc_log_slow(x);
    }
    return symc_from_bits((negative << 31) + ((133u - zeros) << 23) + (m >> 8) + ((m >> 7) & 1u));
}

#endif
