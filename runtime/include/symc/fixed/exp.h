/* SPDX-License-Identifier: Apache-2.0
 *
 * symc runtime: powers of a constant in fixed point.
 *
 * A result y 2^-F is at most 1/2 + y 2^-30 units of its format from the real power: 2.5 units at the most.
 */
#ifndef SYMC_FIXED_EXP_H
#define SYMC_FIXED_EXP_H

#include "symc/fixed/core.h"

/* begin FIXED_EXP2 */
/* poly/fit.py: (2^u - 1) / u on 0 <= u <= 1, times 2^32; relative error 2^-33.6. */
#define SYMC_FIXED_EXP2_1 UINT32_C(2977044485)
#define SYMC_FIXED_EXP2_2 INT32_C(1031764602)
#define SYMC_FIXED_EXP2_3 INT32_C(238391984)
#define SYMC_FIXED_EXP2_4 INT32_C(41293779)
#define SYMC_FIXED_EXP2_5 INT32_C(5762370)
#define SYMC_FIXED_EXP2_6 INT32_C(618238)
#define SYMC_FIXED_EXP2_7 INT32_C(91838)
/* end FIXED_EXP2 */

/* 2^(n + u 2^-32) with F fraction bits, where r = 31 - F - n. */
SYMC_SHARED_FN int32_t symc_fixed_power(uint32_t u, int32_t r)
{
    uint32_t p = symc_mul_high((uint32_t)SYMC_FIXED_EXP2_7, u) + (uint32_t)SYMC_FIXED_EXP2_6;
    p = symc_mul_high(p, u) + (uint32_t)SYMC_FIXED_EXP2_5;
    p = symc_mul_high(p, u) + (uint32_t)SYMC_FIXED_EXP2_4;
    p = symc_mul_high(p, u) + (uint32_t)SYMC_FIXED_EXP2_3;
    p = symc_mul_high(p, u) + (uint32_t)SYMC_FIXED_EXP2_2;
    p = symc_mul_high(p, u) + (uint32_t)SYMC_FIXED_EXP2_1;
    p = 0x80000000u | (symc_mul_high(p, u) >> 1);
    if (r <= 0) {
        return INT32_MAX;
    }
    return r > 32 ? 0 : symc_fixed_signed(((p >> (r - 1)) + 1u) >> 1);
}

/* b^(m 2^-f) with `point` fraction bits, 2 <= f <= 30: high 2^-30 + low 2^-62 is the logarithm of b to base 2. */
SYMC_FN int32_t symc_fixed_power_of(int32_t m, uint32_t f, int32_t high, uint32_t low, int32_t point)
{
    const uint64_t t = (uint64_t)((int64_t)m * high + symc_fixed_part(m, low));
    const uint32_t sign = UINT32_C(1) << (33u - f);
    const int32_t n = symc_fixed_signed(((uint32_t)(t >> (f + 30u)) ^ sign) - sign);
    return symc_fixed_power((uint32_t)(t >> (f - 2u)), 31 - point - n);
}

SYMC_FN int32_t symc_fixed_exp(int32_t m, uint32_t f, int32_t point)
{
    return symc_fixed_power_of(m, f, INT32_C(0x5c551d94), UINT32_C(0xae0bf85d), point);
}

SYMC_FN int32_t symc_fixed_exp2(int32_t m, uint32_t f, int32_t point)
{
    return symc_fixed_power_of(m, f, INT32_C(0x40000000), 0u, point);
}

#endif
