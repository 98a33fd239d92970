/* SPDX-License-Identifier: Apache-2.0
 *
 * symc runtime: logarithm to the base 10, correctly rounded, in integers (proved over all 2^32 inputs).
 */
#ifndef SYMC_INT_LOG10_H
#define SYMC_INT_LOG10_H

#include "symc/int/logarithm.h"

/* Zero, subnormal and negative numbers, infinity, NaN, and what the rounding test is unsure of. */
SYMC_SLOW_FN float symc_log10_slow(float x)
{
    return symc_log_of(x, SYMC_LOG10_2_Q55, SYMC_LOG10_E_Q63);
}

SYMC_LARGE_FN float symc_log10(float x)
{
    const uint32_t u = symc_bits(x);
    uint32_t unsure;
    uint32_t r;
    if (u - 0x00800000u >= 0x7f000000u) {
        return symc_log10_slow(x);
    }
    r = symc_log_fast_scaled(u, INT64_C(0x9a209a84fbcff8), UINT32_C(0xde5bd8a9), 57u, &unsure);
    return unsure != 0u ? symc_log10_slow(x) : symc_from_bits(r);
}

#endif
