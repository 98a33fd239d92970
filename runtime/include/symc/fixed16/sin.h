/* SPDX-License-Identifier: Apache-2.0
 *
 * symc runtime: sine and cosine in fixed point of 16 bits.
 *
 * A result with F fraction bits, F <= 14, is at most 1/2 + 2^(F - 14) units from the real value: 1.5 units at the most.
 */
#ifndef SYMC_FIXED16_SIN_H
#define SYMC_FIXED16_SIN_H

#include "symc/fixed16/product.h"

/* begin FIXED16_SIN */
/* poly/fit.py: sin(pi/2 v) / v in t = -v^2, 0 <= v <= 1, times 2^15; relative error 2^-18.6. */
#define SYMC_FIXED16_SIN_0 INT32_C(51472)
#define SYMC_FIXED16_SIN_1 INT32_C(21167)
#define SYMC_FIXED16_SIN_2 INT32_C(2607)
#define SYMC_FIXED16_SIN_3 INT32_C(144)
/* end FIXED16_SIN */

/* The sine of `phase` 2^-32 of a whole turn, times 2^15. */
SYMC_SHARED_FN int16_t symc_fixed16_wave(uint32_t phase)
{
    /* Of a quarter turn, its upper 16 bits; the second and the fourth go backwards. */
    const uint16_t part = (uint16_t)((phase << 2) >> 16);
    const uint16_t v = (phase & 0x40000000u) != 0u ? (uint16_t)~part : part;
    const uint16_t h = symc_fixed16_high(v, v);
    uint16_t p = (uint16_t)((uint16_t)SYMC_FIXED16_SIN_2 - symc_fixed16_high((uint16_t)SYMC_FIXED16_SIN_3, h));
    p = (uint16_t)((uint16_t)SYMC_FIXED16_SIN_1 - symc_fixed16_high(p, h));
    p = (uint16_t)((uint16_t)SYMC_FIXED16_SIN_0 - symc_fixed16_high(p, h));
    p = symc_fixed16_high(p, v);
    p = p > 0x7fffu ? 0x7fffu : p;
    return (phase & 0x80000000u) != 0u ? (int16_t)(-(int16_t)p) : (int16_t)p;
}

/* m 2^-f radians as a part of a whole turn, times 2^32, 0 <= f <= 14. */
SYMC_FN uint32_t symc_fixed16_turn(int16_t m, uint32_t f)
{
    /* 1 / (2 pi), times 2^32. */
    return (uint32_t)(int32_t)m * (uint32_t)(((UINT64_C(0x28be60db9391054a) >> (31u + f)) + 1u) >> 1);
}

SYMC_FN int16_t symc_fixed16_sin(int16_t m, uint32_t f, uint32_t point)
{
    return symc_fixed16_down(symc_fixed16_wave(symc_fixed16_turn(m, f)), 15u - point);
}

SYMC_FN int16_t symc_fixed16_cos(int16_t m, uint32_t f, uint32_t point)
{
    return symc_fixed16_down(symc_fixed16_wave(symc_fixed16_turn(m, f) + 0x40000000u), 15u - point);
}

#endif
