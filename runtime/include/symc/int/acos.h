/* SPDX-License-Identifier: Apache-2.0
 *
 * symc runtime: arc cosine in radians, in integers, correctly rounded (proved over all 2^32 inputs).
 *
 * With asin.h's evaluations: pi/2 - asin x for |x| < 1/2, 2 asin(s) for x >= 1/2, pi - 2 asin(s) for x <= -1/2.
 */
#ifndef SYMC_INT_ACOS_H
#define SYMC_INT_ACOS_H

#include "symc/f32.h"
#include "symc/int/asin.h"
#include "symc/int/core.h"

/* acos x where 32 bits do not decide; differences are multiples of 2^-62. */
SYMC_SLOW_FN uint32_t symc_acos_slow(uint32_t u)
{
    const uint32_t magnitude = u & SYMC_MAGNITUDE;
    const uint32_t negative = u >> 31;
    int32_t e;
    uint64_t a = symc_asin_long(magnitude, &e);
    if (magnitude < 0x3f000000u) {
        a >>= (uint32_t)(1 - e);
        a = UINT64_C(0x6487ed5110b4611a) + (negative != 0u ? a : 0u - a);
        e = 0;
    } else if (negative != 0u) {
        a = UINT64_C(0xc90fdaa22168c235) - (a >> (uint32_t)-e);
        e = 0;
    }
    return symc_nearest64(a, e + 1);
}

/* The bits of acos x, u those of x; differences are multiples of 2^-30. */
SYMC_SHARED_FN uint32_t symc_acos_of(uint32_t u)
{
    const uint32_t magnitude = u & SYMC_MAGNITUDE;
    const uint32_t negative = u >> 31;
    uint32_t y;
    uint32_t a;
    int32_t e;
    if (magnitude >= SYMC_ONE) {
        return magnitude > SYMC_ONE ? SYMC_NAN : (0u - negative) & 0x40490fdbu;
    }
    /* Below 2^-30, pi/2, rounded. */
    if (magnitude < 0x30800000u) {
        return 0x3fc90fdbu;
    }
    a = symc_asin_short(magnitude, &e);
    if (magnitude < 0x3f000000u) {
        a >>= (uint32_t)(1 - e);
        a = UINT32_C(0x6487ed51) + (negative != 0u ? a : 0u - a);
        e = 0;
    } else if (negative != 0u) {
        a = UINT32_C(0xc90fdaa2) - (a >> (uint32_t)-e);
        e = 0;
    }
    y = symc_asin_decide(a, e + 1, SYMC_Q_ASIN_ERROR);
    return y != 0u ? y : symc_acos_slow(u);
}

SYMC_FN float symc_acos(float x)
{
    return symc_from_bits(symc_acos_of(symc_bits(x)));
}

#endif
