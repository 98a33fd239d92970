/* SPDX-License-Identifier: Apache-2.0
 *
 * symc runtime: arc cosine in radians, correctly rounded (proved over all 2^32 inputs, with and without fused
 * multiply-add).
 */
#ifndef SYMC_F64_ACOS_H
#define SYMC_F64_ACOS_H

#include "symc/f32.h"
#include "symc/f64/asin.h"
#include "symc/f64/core.h"

/*
 * With asin.h's kernel: pi/2 - asin x for |x| <= 1/2 (inner), 2 asin(s) for x > 1/2, pi - 2 asin(s) for x < -1/2. The
 * multiple of pi is a sum of two doubles.
 */
SYMC_FN float symc_acos(float x)
{
    const uint32_t u = symc_bits(x);
    const uint32_t magnitude = u & SYMC_MAGNITUDE;
    const uint64_t negative = (uint64_t)(u >> 31);
    const uint64_t inner = (uint64_t)(magnitude <= 0x3f000000u);
    const double p = symc_asin_kernel(magnitude, inner);
    const double arc = symc_from_bits64(symc_bits64(symc_select64(inner, p, p + p)) ^ ((inner ^ negative) << 63));
    const double outer = symc_select64(negative, 0x1.921fb54442d18p+1, 0.0);
    const double outer_rest = symc_select64(negative, 0x1.1a62633145c07p-53, 0.0);
    const double base = symc_select64(inner, 0x1.921fb54442d18p+0, outer);
    const double rest = symc_select64(inner, 0x1.1a62633145c07p-54, outer_rest);
    uint32_t y = symc_bits(symc_narrow(base + (arc + rest)));
    /* Two arc cosines are so close to half-way between two floats that the double is half-way: one unit on. */
    y += (uint32_t)(u == 0x328885a3u) + (uint32_t)(u == 0x39826222u);
    return symc_from_bits(symc_select((uint32_t)(magnitude > SYMC_ONE), SYMC_NAN, y));
}

#endif
