/* SPDX-License-Identifier: Apache-2.0
 *
 * symc runtime: inverse hyperbolic cosine, correctly rounded, in integers (proved over all 2^32 inputs).
 */
#ifndef SYMC_INT_ACOSH_H
#define SYMC_INT_ACOSH_H

#include "symc/int/asinh.h"

/* The bits of acosh(x) for finite x > 1 with the bits u: with w = sqrt(x^2 - 1) log(x + w), or near 1 asinh(w). */
SYMC_SLOW_FN uint32_t symc_acosh_wide(uint32_t u)
{
    int32_t e;
    const uint64_t m = symc_unpack(u, &e);
    /* x^2 - 1 = z 2^(2e - 60); from 2^31 on, 1 is too little. */
    const uint64_t z = ((m * m) << 14) - (e < 31 ? UINT64_C(1) << (60 - 2 * e) : 0u);
    const symc_scaled w = symc_sqrt_scaled(z, e);
    return u < 0x3f830000u ? symc_asinh_small(w.m, w.e, z << 4) : symc_log_of_sum(m << 40, e, w);
}

/* From 2^17 on, log(2x) is close enough to try that first. */
SYMC_LARGE_FN float symc_acosh(float x)
{
    const uint32_t u = symc_bits(x);
    uint32_t unsure = 1u;
    uint32_t r = 0u;
    if (u - SYMC_ONE >= SYMC_INFINITY - SYMC_ONE) {
        return symc_from_bits(u == SYMC_INFINITY ? u : SYMC_NAN);
    }
    if (u == SYMC_ONE) {
        return symc_from_bits(0u);
    }
    if (u >= 0x48000000u) {
        r = symc_log_fast(u, 1, &unsure);
    }
    return symc_from_bits(unsure != 0u ? symc_acosh_wide(u) : r);
}

#endif
