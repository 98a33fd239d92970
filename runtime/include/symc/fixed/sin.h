/* SPDX-License-Identifier: Apache-2.0
 *
 * symc runtime: sine and cosine in fixed point.
 *
 * A result with F fraction bits, F <= 30, is at most 1/2 + 2^(F - 28) units from the real value: 4.5 units at the most.
 */
#ifndef SYMC_FIXED_SIN_H
#define SYMC_FIXED_SIN_H

#include "symc/fixed/product.h"

/* begin FIXED_SIN */
/* poly/fit.py: sin(pi/2 v) / v in t = -v^2, 0 <= v <= 1, times 2^31; relative error 2^-34.8. */
#define SYMC_FIXED_SIN_0 UINT32_C(3373259426)
#define SYMC_FIXED_SIN_1 INT32_C(1387197330)
#define SYMC_FIXED_SIN_2 INT32_C(171138547)
#define SYMC_FIXED_SIN_3 INT32_C(10053743)
#define SYMC_FIXED_SIN_4 INT32_C(344102)
#define SYMC_FIXED_SIN_5 INT32_C(7354)
/* end FIXED_SIN */

/* The sine of `phase` 2^-32 of a whole turn, times 2^31. */
SYMC_SHARED_FN int32_t symc_fixed_wave(uint32_t phase)
{
    /* Of a quarter turn; the second and the fourth go backwards. */
    const uint32_t v = (phase & 0x40000000u) != 0u ? ~(phase << 2) : phase << 2;
    const uint32_t h = symc_fixed_high(v, v);
    uint32_t p = (uint32_t)SYMC_FIXED_SIN_4 - symc_fixed_high((uint32_t)SYMC_FIXED_SIN_5, h);
    p = (uint32_t)SYMC_FIXED_SIN_3 - symc_fixed_high(p, h);
    p = (uint32_t)SYMC_FIXED_SIN_2 - symc_fixed_high(p, h);
    p = (uint32_t)SYMC_FIXED_SIN_1 - symc_fixed_high(p, h);
    p = (uint32_t)SYMC_FIXED_SIN_0 - symc_fixed_high(p, h);
    p = symc_fixed_high(p, v);
    p = p > 0x7fffffffu ? 0x7fffffffu : p;
    return (phase & 0x80000000u) != 0u ? -(int32_t)p : (int32_t)p;
}

/* m 2^-f radians as a part of a whole turn, times 2^32, 0 <= f <= 30. */
SYMC_FN uint32_t symc_fixed_turn(int32_t m, uint32_t f)
{
    /* 1 / (2 pi), times 2^64. */
    const uint64_t factor = UINT64_C(0x28be60db9391054a) >> f;
    return (uint32_t)m * (uint32_t)(factor >> 32) + symc_fixed_part(m, (uint32_t)factor);
}

SYMC_FN int32_t symc_fixed_sin(int32_t m, uint32_t f, uint32_t point)
{
    return symc_fixed_down(symc_fixed_wave(symc_fixed_turn(m, f)), 31u - point);
}

SYMC_FN int32_t symc_fixed_cos(int32_t m, uint32_t f, uint32_t point)
{
    return symc_fixed_down(symc_fixed_wave(symc_fixed_turn(m, f) + 0x40000000u), 31u - point);
}

#endif
