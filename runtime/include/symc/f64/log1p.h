/* SPDX-License-Identifier: Apache-2.0
 *
 * symc runtime: log(1 + x), correctly rounded (proved over all 2^32 inputs, with and without fused multiply-add).
 */
#ifndef SYMC_F64_LOG1P_H
#define SYMC_F64_LOG1P_H

#include "symc/f64/logarithm.h"

/*
 * 1 + x = 2^k (1 + f). For k = 0, f is x, also where 1 + x is rounded; elsewhere 1 + x is exact, but for x > 2^29,
 * whose logarithm feels nothing of it.
 */
SYMC_FN float symc_log1p(float x)
{
    const uint32_t u = symc_bits(x);
    const double v = symc_widen(x);
    symc_split parts = symc_log_split(1.0 + v);
    parts.f = symc_select64((uint64_t)(symc_bits64(parts.k) == 0u), v, parts.f);
    uint32_t r = symc_bits(symc_narrow(symc_log_join(parts)));
    /* Nine results are so close to half-way between two floats that the double is exactly half-way. */
    r += (uint32_t)(u == 0x35400003u) + (uint32_t)(u == 0x3710001bu) + (uint32_t)(u == 0x65d890d3u);
    r += (uint32_t)(u == 0x6f31a8ecu) + (uint32_t)(u == 0xbb0ec8c4u);
    r -= (uint32_t)(u == 0x3efd81adu) + (uint32_t)(u == 0x41078febu);
    r -= (uint32_t)(u == 0xb53ffffdu) + (uint32_t)(u == 0xb70fffe5u);
    r = symc_select((uint32_t)((u & SYMC_MAGNITUDE) == 0u) | (uint32_t)(u == SYMC_INFINITY), u, r);
    r = symc_select((uint32_t)((u & SYMC_MAGNITUDE) > SYMC_INFINITY) | (uint32_t)(u > 0xbf800000u), SYMC_NAN, r);
    return symc_from_bits(symc_select((uint32_t)(u == 0xbf800000u), SYMC_INFINITY | SYMC_SIGN, r));
}

#endif
