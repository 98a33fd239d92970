/* SPDX-License-Identifier: Apache-2.0
 *
 * symc runtime: reciprocal of a 64-bit significand in integers, without a division.
 */
#ifndef SYMC_INT_RECIPROCAL_H
#define SYMC_INT_RECIPROCAL_H

#include "symc/int/core.h"

/*
 * 2^127 / d, 2^63 < the result < 2^64, for 2^63 <= d, with an error of a few units: with D = d 2^-64, r becomes
 * r (2 - D r), which squares the error (Newton). It is 1/17 after the straight line at the start, below 2^-16 after two
 * steps in 32 bits and below 2^-61 after two in 64 bits. 1 and 2 are 2^31 and 2^32, or 2^63 and 2^64: what exceeds the
 * word on the way to a difference comes back with it.
 */
SYMC_FN uint64_t symc_reciprocal64(uint64_t d)
{
    const uint32_t h = (uint32_t)(d >> 32);
    /* 48/17 - 32/17 D. */
    uint32_t r = UINT32_C(1768515945) - symc_mul_high(h, UINT32_C(4042322161));
    uint64_t s;
    r = symc_mul_high(r, 0u - symc_mul_high(h, r)) << 1;
    r = symc_mul_high(r, 0u - symc_mul_high(h, r)) << 1;
    s = (uint64_t)r << 32;
    s = symc_mul_high64(s, 0u - symc_mul_high64(d, s)) << 1;
    return symc_mul_high64(s, 0u - symc_mul_high64(d, s)) << 1;
}

#endif
