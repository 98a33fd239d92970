/* SPDX-License-Identifier: Apache-2.0
 *
 * symc runtime: inverse hyperbolic cosine, correctly rounded (proved over all 2^32 inputs, with and without fused
 * multiply-add).
 */
#ifndef SYMC_F64_ACOSH_H
#define SYMC_F64_ACOSH_H

#include "symc/f64/asinh.h"

/* acosh(x) = log(x + w) with w = sqrt(x^2 - 1), or near 1 asinh(w). */
SYMC_FN float symc_acosh(float x)
{
    const uint32_t u = symc_bits(x);
    const double v = symc_widen(x);
    /* The product is exact wherever 1 matters. */
    const double z = symc_mul64(v - 1.0, v + 1.0);
    const double w = symc_newton_root(z);
    const double large = symc_log_join(symc_log_split(v + w));
    const double y = symc_select64((uint64_t)(u < 0x3f830000u), symc_asinh_small(w, z), large);
    uint32_t r = symc_bits(symc_narrow(y));
    /* Two results are so close to half-way between two floats that the double is exactly half-way. */
    r += (uint32_t)(u == 0x655890d3u) + (uint32_t)(u == 0x6eb1a8ecu);
    r = symc_select((uint32_t)(u == SYMC_ONE), 0u, r);
    r = symc_select((uint32_t)(u == SYMC_INFINITY), u, r);
    return symc_from_bits(symc_select((uint32_t)(u - SYMC_ONE > SYMC_INFINITY - SYMC_ONE), SYMC_NAN, r));
}

#endif
