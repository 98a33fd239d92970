/* SPDX-License-Identifier: Apache-2.0
 *
 * symc runtime: log(1 + x), correctly rounded, in integers (proved over all 2^32 inputs).
 */
#ifndef SYMC_INT_LOG1P_H
#define SYMC_INT_LOG1P_H

#include "symc/int/logarithm.h"

/* The bits of log(1 + x) for finite x > -1 with the bits u, not near 0. */
SYMC_SLOW_FN uint32_t symc_log1p_wide(uint32_t u)
{
    int32_t e;
    /* 1 + x with 62 fraction bits, or, from 1 on, 62 - e: exact up to 2^40, and from 2^63 on 1 is too little. */
    uint64_t m = (uint64_t)symc_unpack(u & SYMC_MAGNITUDE, &e) << 39;
    uint32_t zeros;
    if (e < 0) {
        m >>= -e;
        m = (UINT64_C(1) << 62) + ((u & SYMC_SIGN) != 0u ? 0u - m : m);
        e = 0;
    } else if (e < 63) {
        m += UINT64_C(1) << (62 - e);
    }
    zeros = symc_leading_zeros64(m);
    return symc_log_bits(m << zeros, e + 1 - (int32_t)zeros, SYMC_LN2_Q55, 0);
}

/* From 2^34 on, log(x) is close enough to try that first. */
SYMC_LARGE_FN float symc_log1p(float x)
{
    const uint32_t u = symc_bits(x);
    const uint32_t magnitude = u & SYMC_MAGNITUDE;
    uint32_t unsure = 1u;
    uint32_t r = 0u;
    /* Below 2^-26, x - x^2/2 rounds to x. */
    if (magnitude < 0x32800000u || u == SYMC_INFINITY) {
        return x;
    }
    if (u >= 0xbf800000u || magnitude > SYMC_INFINITY) {
        return symc_from_bits(u == 0xbf800000u ? SYMC_INFINITY | SYMC_SIGN : SYMC_NAN);
    }
    /* Three results are less than 2^-56 of them away from half-way between two floats. */
    if (u == 0x35400003u || u == 0xb53ffffdu || u == 0x3efd81adu) {
        return symc_from_bits(u == 0x35400003u ? 0x353fffffu : u == 0xb53ffffdu ? 0xb5400001u : 0x3ecdeee1u);
    }
    if (u - 0x50800000u < SYMC_INFINITY - 0x50800000u) {
        r = symc_log_fast(u, 0, &unsure);
    }
    return symc_from_bits(unsure != 0u ? symc_log1p_wide(u) : r);
}

#endif
