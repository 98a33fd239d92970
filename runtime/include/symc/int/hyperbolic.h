/* SPDX-License-Identifier: Apache-2.0
 *
 * symc runtime: sinh and cosh in integers.
 */
#ifndef SYMC_INT_HYPERBOLIC_H
#define SYMC_INT_HYPERBOLIC_H

#include "symc/f32.h"
#include "symc/int/core.h"
#include "symc/int/expseries.h"

/* sinh 2^(sinh_exponent - 63) and cosh 2^(cosh_exponent - 63). */
typedef struct {
    uint64_t sinh;
    uint64_t cosh;
    int32_t sinh_exponent;
    int32_t cosh_exponent;
} symc_sinh_cosh;

/*
 * Both functions of |x| = n ln(2) + r for 2^-25 < |x| < 128: (2^n e^r -+ 2^-n e^-r)/2. For n = 0 sinh would lose its
 * leading bits; there it is |x| times the mean of (e^r - 1)/r for r and -r.
 */
SYMC_SLOW_FN symc_sinh_cosh symc_hyperbolic(uint32_t magnitude)
{
    symc_sinh_cosh h;
    int32_t n;
    const int64_t r = symc_exp_reduce(magnitude, &n);
    const uint64_t up = symc_exp_series(r, 0u);
    const uint64_t small = n < 32 ? symc_exp_series(-r, 0u) >> (2 * n) : 0u;
    h.cosh = up + small;
    h.cosh_exponent = n;
    if (n == 0) {
        const uint64_t m = (uint64_t)((magnitude & 0x007fffffu) | 0x00800000u) << 40;
        h.sinh = symc_mul_high64(m, symc_exp_series(r, 1u) + symc_exp_series(-r, 1u));
        h.sinh_exponent = (int32_t)(magnitude >> 23) - 126;
    } else {
        h.sinh = up - small;
        h.sinh_exponent = n;
    }
    return h;
}

#endif
