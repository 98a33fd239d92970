/* SPDX-License-Identifier: Apache-2.0
 *
 * symc runtime: x^y with 64 bits, for the pairs that 32 do not decide, and for subnormal x, y and results.
 */
#ifndef SYMC_INT_POW64_H
#define SYMC_INT_POW64_H

#include "symc/int/core.h"
#include "symc/int/expseries.h"
#include "symc/int/logarithm.h"
#include "symc/int/pow160.h"
#include "symc/int/shared.h"

/* a b 2^-32, less than 1 below that; a is a_high 2^32 + a_low. */
SYMC_LARGE_FN uint64_t symc_pow_multiply(uint32_t a_high, uint32_t a_low, uint32_t b)
{
#if SYMC_NARROW_MUL
    return symc_mul_wide(a_high, b) + symc_mul_high(a_low, b);
#else
    return (uint64_t)a_high * b + symc_mul_high(a_low, b);
#endif
}

/* 2^-45 in Q62. */
#define SYMC_POW_ERROR 0x20000u

/* The bits of x^y for a finite x > 0 other than 1 with the bits u, and a finite y other than 0. */
SYMC_SLOW_FN uint32_t symc_pow_decide(uint32_t u, uint32_t y)
{
    int32_t k;
    int32_t n;
    int32_t point = 55;
    uint32_t negative;
    uint32_t significand = symc_pow_unpack(u, &k);
    uint32_t r;
    uint64_t fraction;
    int64_t f = symc_log_reduce((uint64_t)significand << 40, &k);
    const int64_t excess = symc_log_excess(f);
    if (k == 0) {
        const uint32_t zeros = symc_leading_zeros(symc_pow_upper((uint64_t)(f < 0 ? -f : f))) - 1u;
        point = 63 + (int32_t)zeros;
        f = (int64_t)((uint64_t)f << zeros);
    }
    f = (f >> 1) + symc_product64(f, excess);
    f += 2 * symc_product64(f, SYMC_LOG2_E_Q63);
    if (k != 0) {
        f = (f >> 8) + k * SYMC_LOG2_2_Q55;
    }
    negative = (uint32_t)(f < 0) ^ (y >> 31);
    fraction = (uint64_t)(f < 0 ? -f : f);
    significand = symc_pow_unpack(y & SYMC_MAGNITUDE, &n) << 8;
    fraction = symc_pow_multiply(symc_pow_upper(fraction), (uint32_t)fraction, significand);
    /* |w| = fraction 2^-point, 2^53 <= fraction < 2^63 */
    point -= n + 1;
    n = 0;
    if (point >= 64) {
        fraction = point < 128 ? fraction >> (point - 64) : 0u;
    } else {
        if (point >= 46) {
            n = (int32_t)(symc_pow_upper(fraction) >> (point - 32));
        }
        if (point < 46 || n >= 152) {
            return negative != 0u ? 0u : SYMC_INFINITY;
        }
        fraction <<= 64 - point;
    }
    if (negative != 0u) {
        fraction = ~fraction;
        n = -n - 1;
    }
    n += 1 + (int32_t)(fraction >> 63);
    fraction = symc_exp_series(2 * symc_product64((int64_t)fraction, SYMC_LN2_Q63), 0u);
    /* 2^62 2^g, with an error below SYMC_POW_ERROR. */
    r = symc_nearest64(fraction - SYMC_POW_ERROR, n);
    if (r != symc_nearest64(fraction + SYMC_POW_ERROR, n)) {
        return symc_bits(symc_pow_slow(symc_from_bits(u), symc_from_bits(y)));
    }
    return r;
}

#endif
