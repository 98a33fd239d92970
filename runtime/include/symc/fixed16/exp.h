/* SPDX-License-Identifier: Apache-2.0
 *
 * symc runtime: powers of a constant in fixed point of 16 bits.
 *
 * A result y 2^-F is at most 1/2 + y 2^(F - 15) units from the real power: 1.5 units at the most.
 */
#ifndef SYMC_FIXED16_EXP_H
#define SYMC_FIXED16_EXP_H

#include "symc/fixed16/product.h"

/* begin FIXED16_EXP2 */
/* poly/fit.py: (2^u - 1) / u on 0 <= u <= 1, times 2^16; relative error 2^-17.5. */
#define SYMC_FIXED16_EXP2_1 INT32_C(45419)
#define SYMC_FIXED16_EXP2_2 INT32_C(15814)
#define SYMC_FIXED16_EXP2_3 INT32_C(3423)
#define SYMC_FIXED16_EXP2_4 INT32_C(880)
/* end FIXED16_EXP2 */

/* 2^(t 2^-16) with `point` fraction bits. */
SYMC_SHARED_FN int16_t symc_fixed16_power(uint32_t t, int16_t point)
{
    const uint16_t u = (uint16_t)t;
    const int16_t r = (int16_t)(15 - point - symc_fixed16_signed((uint16_t)(t >> 16)));
    uint16_t p = (uint16_t)(symc_fixed16_high((uint16_t)SYMC_FIXED16_EXP2_4, u) + (uint16_t)SYMC_FIXED16_EXP2_3);
    p = (uint16_t)(symc_fixed16_high(p, u) + (uint16_t)SYMC_FIXED16_EXP2_2);
    /* One less, so that next to u = 1, where the sum is 2^16, it has 16 bits. */
    p = (uint16_t)(symc_fixed16_high(p, u) + (uint16_t)(SYMC_FIXED16_EXP2_1 - 1));
    p = (uint16_t)(0x8000u | ((uint16_t)((uint32_t)p * u >> 16) >> 1));
    if (r <= 0) {
        return INT16_MAX;
    }
    return r > 16 ? 0 : symc_fixed16_signed((uint16_t)(((uint32_t)(uint16_t)(p >> (r - 1)) + 1u) >> 1));
}

/* b^(m 2^-f) with `point` fraction bits, 2 <= f <= 14; base is the logarithm of b to base 2, times 2^30. */
SYMC_FN int16_t symc_fixed16_power_of(int16_t m, uint32_t f, uint32_t base, int16_t point)
{
    return symc_fixed16_power(symc_fixed16_part(m, (base + ((UINT32_C(1) << (f - 2u)) >> 1)) >> (f - 2u)), point);
}

SYMC_FN int16_t symc_fixed16_exp(int16_t m, uint32_t f, int16_t point)
{
    return symc_fixed16_power_of(m, f, UINT32_C(0x5c551d95), point);
}

SYMC_FN int16_t symc_fixed16_exp2(int16_t m, uint32_t f, int16_t point)
{
    return symc_fixed16_power_of(m, f, UINT32_C(0x40000000), point);
}

#endif
