/* SPDX-License-Identifier: Apache-2.0
 *
 * symc runtime: the arc tangent in fixed point.
 *
 * A result with F fraction bits, F <= 30, is at most 1/2 + 2^(F - 28) units from the real value: 4.5 units at the most.
 */
#ifndef SYMC_FIXED_ATAN_H
#define SYMC_FIXED_ATAN_H

#include "symc/fixed/quotient.h"

/* begin FIXED_ATAN */
/* poly/fit.py: atan(v) / v in t = -v^2, 0 <= v <= 1, times 2^31; relative error 2^-34.9. */
#define SYMC_FIXED_ATAN_0 INT32_C(2147483647)
#define SYMC_FIXED_ATAN_1 INT32_C(715827760)
#define SYMC_FIXED_ATAN_2 INT32_C(429492541)
#define SYMC_FIXED_ATAN_3 INT32_C(306717886)
#define SYMC_FIXED_ATAN_4 INT32_C(238034111)
#define SYMC_FIXED_ATAN_5 INT32_C(192060550)
#define SYMC_FIXED_ATAN_6 INT32_C(153519862)
#define SYMC_FIXED_ATAN_7 INT32_C(112971288)
#define SYMC_FIXED_ATAN_8 INT32_C(69426386)
#define SYMC_FIXED_ATAN_9 INT32_C(31751856)
#define SYMC_FIXED_ATAN_10 INT32_C(9273423)
#define SYMC_FIXED_ATAN_11 INT32_C(1270917)
/* end FIXED_ATAN */

/* The arc tangent of v 2^-32, times 2^31. */
SYMC_SHARED_FN uint32_t symc_fixed_arc(uint32_t v)
{
    SYMC_TABLE uint32_t c[12] = {SYMC_FIXED_ATAN_0, SYMC_FIXED_ATAN_1, SYMC_FIXED_ATAN_2,  SYMC_FIXED_ATAN_3,
                                 SYMC_FIXED_ATAN_4, SYMC_FIXED_ATAN_5, SYMC_FIXED_ATAN_6,  SYMC_FIXED_ATAN_7,
                                 SYMC_FIXED_ATAN_8, SYMC_FIXED_ATAN_9, SYMC_FIXED_ATAN_10, SYMC_FIXED_ATAN_11};
    const uint32_t h = symc_fixed_high(v, v);
    uint32_t p = SYMC_AT(c, 11);
    uint32_t k;
    for (k = 11u; k-- > 0u;) {
        p = SYMC_AT(c, k) - symc_fixed_high(p, h);
    }
    return symc_fixed_high(p, v);
}

/* 1 <= f <= 30. */
SYMC_SHARED_FN int32_t symc_fixed_atan(int32_t m, uint32_t f, uint32_t point)
{
    const uint32_t size = symc_fixed_size(m);
    uint32_t angle;
    if (size < UINT32_C(1) << f) {
        angle = symc_fixed_arc(size << (32u - f));
    } else {
        /* pi/2 without that of the inverse, of which 1 itself has no 32 bits. */
        const uint32_t one = UINT32_C(1) << f;
        const uint32_t inverse = size == one ? UINT32_MAX : symc_fixed_ratio(one, size, 32u, 0u);
        angle = UINT32_C(0xc90fdaa2) - symc_fixed_arc(inverse);
    }
    /* Up to pi/2 in Q31 needs 32 bits: the sign comes after the first of them. */
    angle = (angle + (UINT32_C(1) << (30u - point))) >> (31u - point);
    return m < 0 ? -(int32_t)angle : (int32_t)angle;
}

#endif
