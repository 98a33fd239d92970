/* SPDX-License-Identifier: Apache-2.0
 *
 * symc runtime: inverse hyperbolic cosine, correctly rounded, in integers (proved over all 2^32 inputs).
 */
#ifndef SYMC_INT_ACOSH_H
#define SYMC_INT_ACOSH_H

#include "symc/int/asinh.h"

/* acosh(x) = log(x + w) with w = sqrt(x^2 - 1), or near 1 asinh(w). */
SYMC_SLOW_FN float symc_acosh(float x)
{
    const uint32_t u = symc_bits(x);
    int32_t e;
    uint64_t m;
    uint64_t z;
    symc_scaled w;
    if (u - SYMC_ONE >= SYMC_INFINITY - SYMC_ONE) {
        return symc_from_bits(u == SYMC_INFINITY ? u : SYMC_NAN);
    }
    if (u == SYMC_ONE) {
        return symc_from_bits(0u);
    }
    m = symc_unpack(u, &e);
    /* x^2 - 1 = z 2^(2e - 60); from 2^31 on, 1 is too little. */
    z = ((m * m) << 14) - (e < 31 ? UINT64_C(1) << (60 - 2 * e) : 0u);
    w = symc_sqrt_scaled(z, e);
    if (u < 0x3f830000u) {
        return symc_from_bits(symc_asinh_small(w.m, w.e, z << 4));
    }
    return symc_from_bits(symc_log_of_sum(m << 40, e, w));
}

#endif
