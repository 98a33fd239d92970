/* SPDX-License-Identifier: Apache-2.0
 *
 * symc runtime: the arc tangent in fixed point of 16 bits.
 *
 * A result with F fraction bits, F <= 14, is at most 1/2 + 5 2^(F - 16) units from the real value: 1.75 units at the most.
 */
#ifndef SYMC_FIXED16_ATAN_H
#define SYMC_FIXED16_ATAN_H

#include "symc/fixed16/product.h"
#include "symc/fixed16/quotient.h"

/* begin FIXED16_ATAN */
/* poly/fit.py: atan(v) / v in t = -v^2, 0 <= v <= 1, times 2^15; relative error 2^-17.1. */
#define SYMC_FIXED16_ATAN_0 INT32_C(32767)
#define SYMC_FIXED16_ATAN_1 INT32_C(10893)
#define SYMC_FIXED16_ATAN_2 INT32_C(6312)
#define SYMC_FIXED16_ATAN_3 INT32_C(3767)
#define SYMC_FIXED16_ATAN_4 INT32_C(1697)
#define SYMC_FIXED16_ATAN_5 INT32_C(380)
/* end FIXED16_ATAN */

/* The arc tangent of v 2^-16, times 2^15. */
SYMC_SHARED_FN uint16_t symc_fixed16_arc(uint16_t v)
{
    const uint16_t h = symc_fixed16_high(v, v);
    uint16_t p = (uint16_t)((uint16_t)SYMC_FIXED16_ATAN_4 - symc_fixed16_high((uint16_t)SYMC_FIXED16_ATAN_5, h));
    p = (uint16_t)((uint16_t)SYMC_FIXED16_ATAN_3 - symc_fixed16_high(p, h));
    p = (uint16_t)((uint16_t)SYMC_FIXED16_ATAN_2 - symc_fixed16_high(p, h));
    p = (uint16_t)((uint16_t)SYMC_FIXED16_ATAN_1 - symc_fixed16_high(p, h));
    p = (uint16_t)((uint16_t)SYMC_FIXED16_ATAN_0 - symc_fixed16_high(p, h));
    return symc_fixed16_high(p, v);
}

/* 1 <= f <= 14. */
SYMC_SHARED_FN int16_t symc_fixed16_atan(int16_t m, uint8_t f, uint8_t point)
{
    const uint16_t size = symc_fixed16_size(m);
    const uint16_t one = (uint16_t)(UINT32_C(1) << f);
    uint16_t angle;
    if (size < one) {
        angle = symc_fixed16_arc((uint16_t)((uint32_t)size << (16u - f)));
    } else {
        /* pi/2 without that of the inverse, of which 1 itself has no 16 bits. */
        const uint16_t inverse = size == one ? UINT16_MAX : symc_fixed16_ratio(one, size, 16u, 0u);
        angle = (uint16_t)(UINT16_C(51472) - symc_fixed16_arc(inverse));
    }
    /* Up to pi/2 in Q15 needs 16 bits: the sign comes after the first of them. */
    angle = (uint16_t)(((uint32_t)angle + (UINT32_C(1) << (14u - point))) >> (15u - point));
    return m < 0 ? (int16_t)-(int16_t)angle : (int16_t)angle;
}

#endif
