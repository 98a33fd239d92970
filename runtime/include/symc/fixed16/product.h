/* SPDX-License-Identifier: Apache-2.0
 *
 * symc runtime: products in fixed point of 16 bits.
 */
#ifndef SYMC_FIXED16_PRODUCT_H
#define SYMC_FIXED16_PRODUCT_H

#include "symc/fixed16/core.h"

/* a b 2^-k, 0 <= k <= 31. */
SYMC_FN int16_t symc_fixed16_mul(int16_t a, int16_t b, uint32_t k)
{
    const uint32_t product = (uint32_t)((int32_t)a * b);
    const uint32_t nearest = k == 0u ? product : product + (UINT32_C(1) << (k - 1u));
    if (k < 16u) {
        return symc_fixed16_signed((uint16_t)((nearest << (16u - k)) >> 16));
    }
    /* Above 0, so that what is left of the shift is rounded down. */
    return symc_fixed16_signed((uint16_t)(((uint16_t)((nearest >> 16) ^ 0x8000u) >> (k - 16u)) - (0x8000u >> (k - 16u))));
}

/* The upper half of the product of two magnitudes, rounded. */
SYMC_FN uint16_t symc_fixed16_high(uint16_t a, uint16_t b)
{
    return (uint16_t)(((uint32_t)a * b + 0x8000u) >> 16);
}

/* m c 2^-16 for a magnitude c of 32 bits: the low 32 bits of it, rounded. */
SYMC_FN uint32_t symc_fixed16_part(int16_t m, uint32_t c)
{
    const uint32_t low = (uint32_t)(uint16_t)m * (uint16_t)c;
    const uint32_t high = (uint32_t)(uint16_t)m * (uint16_t)(c >> 16) + ((low + 0x8000u) >> 16);
    return m < 0 ? high - c : high;
}

#endif
