/* SPDX-License-Identifier: Apache-2.0
 *
 * symc runtime: the hyperbolic tangent in fixed point of 16 bits, (1 - e) / (1 + e) with e = exp(-2 |x|).
 *
 * A result with F fraction bits, F <= 14, is at most 1/2 + 5 2^(F - 16) units from the real value: 1.75 units at the most.
 */
#ifndef SYMC_FIXED16_TANH_H
#define SYMC_FIXED16_TANH_H

#include "symc/fixed16/exp.h"
#include "symc/fixed16/quotient.h"

/* 3 <= f <= 14. */
SYMC_FN int16_t symc_fixed16_tanh(int16_t m, uint32_t f, uint32_t point)
{
    /* The lowest number is its own size; its tangent is -1. */
    const int16_t down = m < 0 ? m : (int16_t)-m;
    const uint16_t e = (uint16_t)symc_fixed16_exp(down, f - 1u, 14);
    const uint16_t size = symc_fixed16_ratio((uint16_t)(0x4000u - e), (uint16_t)(0x4000u + e), 15u, 0u);
    const int16_t capped = size > 0x7fffu ? INT16_MAX : (int16_t)size;
    return symc_fixed16_down(m < 0 ? (int16_t)-capped : capped, 15u - point);
}

#endif
