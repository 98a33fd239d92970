/* SPDX-License-Identifier: Apache-2.0
 *
 * symc runtime: logarithms in fixed point of 16 bits.
 *
 * A result with F fraction bits, F <= 14, is at most 3/4 + 2^(F - 16) units from the real logarithm: 1 unit at the most.
 */
#ifndef SYMC_FIXED16_LOG_H
#define SYMC_FIXED16_LOG_H

#include "symc/fixed16/product.h"

/* begin FIXED16_LOG2 */
/* poly/fit.py: log2(1 + v/16) / v in t = -v, 0 <= v <= 1, times 2^19; relative error 2^-16.8. */
#define SYMC_FIXED16_LOG2_1 INT32_C(47274)
#define SYMC_FIXED16_LOG2_2 INT32_C(1475)
#define SYMC_FIXED16_LOG2_3 INT32_C(57)
/* end FIXED16_LOG2 */

/* log2(z 2^-15) times 2^16, 2^15 <= z. */
SYMC_SHARED_FN uint16_t symc_fixed16_log2_of(uint16_t z)
{
    /* r = 2^13 / (1 + i / 16), rounded up, and the logarithm of 2^13 / r to base 2, times 2^16. */
    SYMC_TABLE uint16_t inverse[16] = {
        UINT16_C(8192), UINT16_C(7711), UINT16_C(7282), UINT16_C(6899), UINT16_C(6554), UINT16_C(6242), UINT16_C(5958), UINT16_C(5699),
        UINT16_C(5462), UINT16_C(5243), UINT16_C(5042), UINT16_C(4855), UINT16_C(4682), UINT16_C(4520), UINT16_C(4370), UINT16_C(4229)
    };
    SYMC_TABLE uint16_t logarithm[16] = {
        UINT16_C(0), UINT16_C(5721), UINT16_C(11133), UINT16_C(16242), UINT16_C(21092), UINT16_C(25704), UINT16_C(30106), UINT16_C(34309),
        UINT16_C(38325), UINT16_C(42194), UINT16_C(45890), UINT16_C(49463), UINT16_C(52894), UINT16_C(56223), UINT16_C(59414), UINT16_C(62515)
    };
    const uint16_t i = (uint16_t)((z >> 11) & 15u);
    /* z r is 1 + v / 16 in Q28; what is left of it without the 1 has 24 bits. */
    const uint16_t v = (uint16_t)(((uint32_t)z * SYMC_AT(inverse, i)) >> 8);
    const uint16_t above = (uint16_t)SYMC_AT(logarithm, i);
    uint16_t p = (uint16_t)((uint16_t)SYMC_FIXED16_LOG2_2 - symc_fixed16_high((uint16_t)SYMC_FIXED16_LOG2_3, v));
    uint16_t whole;
    p = (uint16_t)((uint16_t)SYMC_FIXED16_LOG2_1 - symc_fixed16_high(p, v));
    whole = (uint16_t)(above + ((symc_fixed16_high(p, v) + 4u) >> 3));
    /* Next to 2 it would be 1, which has 17 bits. */
    return whole < above ? UINT16_MAX : whole;
}

/*
 * log2(m 2^-f) times c 2^-62 with `point` fraction bits, -15 <= point <= 14. The lowest number where m is not above 0.
 */
SYMC_FN int16_t symc_fixed16_log_of(int16_t m, int16_t f, uint64_t c, int16_t point)
{
    /* With 16 bits more than the result has, and with one. */
    const uint32_t factor = (uint32_t)(c >> (46 - point));
    const uint16_t nearest = (uint16_t)(((c >> (60 - point)) + 1u) >> 1);
    uint16_t z = (uint16_t)m;
    int16_t whole = (int16_t)(15 - f);
    uint32_t sum;
    if (m <= 0) {
        return INT16_MIN;
    }
    for (; z < 0x8000u; whole--) {
        z = (uint16_t)(z << 1);
    }
    sum = ((uint32_t)symc_fixed16_log2_of(z) * nearest >> 1) + (uint32_t)(int32_t)whole * factor;
    return symc_fixed16_signed((uint16_t)((sum + 0x8000u) >> 16));
}

SYMC_FN int16_t symc_fixed16_log(int16_t m, int16_t f, int16_t point)
{
    return symc_fixed16_log_of(m, f, UINT64_C(0x2c5c85fdf473de6b), point);
}

SYMC_FN int16_t symc_fixed16_log2(int16_t m, int16_t f, int16_t point)
{
    return symc_fixed16_log_of(m, f, UINT64_C(0x4000000000000000), point);
}

SYMC_FN int16_t symc_fixed16_log10(int16_t m, int16_t f, int16_t point)
{
    return symc_fixed16_log_of(m, f, UINT64_C(0x134413509f79fef3), point);
}

#endif
