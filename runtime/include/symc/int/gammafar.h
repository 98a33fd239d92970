/* SPDX-License-Identifier: Apache-2.0
 *
 * symc runtime: gamma function of magnitudes that need no computation, for both profiles.
 */
#ifndef SYMC_INT_GAMMAFAR_H
#define SYMC_INT_GAMMAFAR_H

#include "symc/f32.h"

/* 43: beyond, gamma(x) is infinite or, for negative x, less than half of the smallest float. */
#define SYMC_GAMMA_END 0x422c0000u

/* |x| >= 43, infinities and NaN: infinity for x > 0, NaN at negative integers, else a zero with the sign of gamma. */
SYMC_SLOW_FN float symc_gamma_far(float x)
{
    const uint32_t u = symc_bits(x);
    const uint32_t magnitude = u & SYMC_MAGNITUDE;
    /* The bits of |x| behind the point: 18 to 1 of the 24, none from 2^23 on. */
    const uint32_t places = 150u - (magnitude >> 23);
    if (magnitude > SYMC_INFINITY) {
        return symc_from_bits(SYMC_NAN);
    }
    if (u < SYMC_SIGN) {
        return symc_from_bits(SYMC_INFINITY);
    }
    if (magnitude >= 0x4b000000u || (magnitude & (((uint32_t)1u << places) - 1u)) == 0u) {
        return symc_from_bits(SYMC_NAN);
    }
    /* Negative where the integer part of |x| is even. */
    return symc_from_bits(((~magnitude >> places) & 1u) << 31);
}

#endif
