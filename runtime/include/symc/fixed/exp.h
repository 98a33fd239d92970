/* SPDX-License-Identifier: Apache-2.0
 *
 * symc runtime: powers of a constant in fixed point.
 *
 * A result y 2^-F is at most 1/2 + y 2^-30 units of its format from the real power: 2.5 units at the most.
 */
#ifndef SYMC_FIXED_EXP_H
#define SYMC_FIXED_EXP_H

#include "symc/fixed/product.h"

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
    uint32_t p = symc_fixed_high((uint32_t)SYMC_FIXED_EXP2_7, u) + (uint32_t)SYMC_FIXED_EXP2_6;
    p = symc_fixed_high(p, u) + (uint32_t)SYMC_FIXED_EXP2_5;
    p = symc_fixed_high(p, u) + (uint32_t)SYMC_FIXED_EXP2_4;
    p = symc_fixed_high(p, u) + (uint32_t)SYMC_FIXED_EXP2_3;
    p = symc_fixed_high(p, u) + (uint32_t)SYMC_FIXED_EXP2_2;
    /* One less, so that next to u = 1, where the sum is 2^32, it has 32 bits. */
    p = symc_fixed_high(p, u) + (SYMC_FIXED_EXP2_1 - 1u);
    p = 0x80000000u | (symc_fixed_high(p, u) >> 1);
    if (r <= 0) {
        return INT32_MAX;
    }
    return r > 32 ? 0 : symc_fixed_signed(((p >> (r - 1)) + 1u) >> 1);
}

/* b^(m 2^-f) with `point` fraction bits, 2 <= f <= 30; base is the logarithm of b to base 2, times 2^62. */
SYMC_FN int32_t symc_fixed_power_of(int32_t m, uint32_t f, uint64_t base, int32_t point)
{
    /* So many times m 2^-32 is the exponent, with 32 fraction bits. */
    const uint64_t factor = base >> (f - 2u);
    const uint32_t high = (uint32_t)(factor >> 32);
    const uint64_t whole = symc_fixed_wide((uint32_t)m, high);
    const uint32_t part = symc_fixed_part(m, (uint32_t)factor);
    const uint32_t u = (uint32_t)whole + part;
    /* Its integer part: what the sum carries, and what is too much of negative numbers. */
    const uint32_t n = (uint32_t)(whole >> 32) + (uint32_t)(u < part) - (part >> 31) - (m < 0 ? high : 0u);
    return symc_fixed_power(u, symc_fixed_signed((uint32_t)(31 - point) - n));
}

SYMC_FN int32_t symc_fixed_exp(int32_t m, uint32_t f, int32_t point)
{
    return symc_fixed_power_of(m, f, UINT64_C(0x5c551d94ae0bf85d), point);
}

SYMC_FN int32_t symc_fixed_exp2(int32_t m, uint32_t f, int32_t point)
{
    return symc_fixed_power_of(m, f, UINT64_C(0x4000000000000000), point);
}

#endif
