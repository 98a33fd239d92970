/* SPDX-License-Identifier: Apache-2.0
 *
 * symc runtime: natural logarithm, correctly rounded, in integers (proved over all 2^32 inputs).
 */
#ifndef SYMC_INT_LOG_H
#define SYMC_INT_LOG_H

#include "symc/int/logarithm.h"

/* Zero, subnormal and negative numbers, infinity, NaN, and what the rounding test is unsure of. */
SYMC_SLOW_FN float symc_log_slow(float x)
{
    return symc_log_of(x, SYMC_LN2_Q55, 0);
}

SYMC_LARGE_FN float symc_log(float x)
{
    const uint32_t u = symc_bits(x);
    uint32_t unsure;
    uint32_t r;
    if (u - 0x00800000u >= 0x7f000000u) {
        return symc_log_slow(x);
    }
    r = symc_log_fast(u, 0, &unsure);
    return unsure != 0u ? symc_log_slow(x) : symc_from_bits(r);
}

#endif
