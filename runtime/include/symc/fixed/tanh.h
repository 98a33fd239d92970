/* SPDX-License-Identifier: Apache-2.0
 *
 * symc runtime: the hyperbolic tangent in fixed point, (1 - e) / (1 + e) with e = exp(-2 |x|).
 *
 * A result with F fraction bits, F <= 30, is at most 1/2 + 2^(F - 29) units from the real value: 2.5 units at the most.
 */
#ifndef SYMC_FIXED_TANH_H
#define SYMC_FIXED_TANH_H

#include "symc/fixed/exp.h"
#include "symc/fixed/quotient.h"

/* 3 <= f <= 30. */
SYMC_SHARED_FN int32_t symc_fixed_tanh(int32_t m, uint32_t f, uint32_t point)
{
    /* The lowest number is its own size; its tangent is -1. */
    const int32_t down = m < 0 ? m : -m;
    const uint32_t e = (uint32_t)symc_fixed_exp(down, f - 1u, 30);
    const uint32_t size = symc_fixed_ratio(0x40000000u - e, 0x40000000u + e, 31u, 0u);
    const int32_t capped = size > 0x7fffffffu ? INT32_MAX : (int32_t)size;
    return symc_fixed_down(m < 0 ? -capped : capped, 31u - point);
}

#endif
