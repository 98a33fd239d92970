/* SPDX-License-Identifier: Apache-2.0
 *
 * symc runtime: arc cosine in radians, in integers, correctly rounded (proved over all 2^32 inputs).
 */
#ifndef SYMC_INT_ACOS_H
#define SYMC_INT_ACOS_H

#include "symc/f32.h"
#include "symc/int/asin.h"
#include "symc/int/core.h"

/*
 * With asin.h's kernel: pi/2 - asin x for |x| < 1/2, 2 asin(s) for x >= 1/2, pi - 2 asin(s) for x <= -1/2. The
 * differences are multiples of 2^-62.
 */
SYMC_FN float symc_acos(float x)
{
    const uint32_t u = symc_bits(x);
    const uint32_t magnitude = u & SYMC_MAGNITUDE;
    const uint32_t negative = u >> 31;
    uint64_t a;
    int32_t e;
    if (magnitude >= SYMC_ONE) {
        return symc_from_bits(magnitude > SYMC_ONE ? SYMC_NAN : (0u - negative) & 0x40490fdbu);
    }
    /* Below 2^-30, pi/2, rounded. */
    if (magnitude < 0x30800000u) {
        return symc_from_bits(0x3fc90fdbu);
    }
    a = symc_asin_kernel(magnitude, &e);
    if (magnitude < 0x3f000000u) {
        a = symc_asin_fixed(a, e) >> 1;
        a = UINT64_C(0x6487ed5110b4611a) + (negative != 0u ? a : 0u - a);
        e = 0;
    } else if (negative != 0u) {
        a = UINT64_C(0xc90fdaa22168c235) - symc_asin_fixed(a, e);
        e = 0;
    }
    return symc_from_bits(symc_asin_pack(a, e + 1));
}

#endif
