/* SPDX-License-Identifier: Apache-2.0
 *
 * symc runtime: the square root in fixed point, to the nearest: at most 1/2 unit from the real root.
 */
#ifndef SYMC_FIXED_SQRT_H
#define SYMC_FIXED_SQRT_H

#include "symc/fixed/core.h"

/* One digit of a root, twice of which is `twice`; two of the number's go by way of a byte, which spares AVR a loop. */
#define SYMC_FIXED_PAIR(rest, digits, twice)                              \
    rest = (rest << 2) | (uint32_t)((uint8_t)(digits >> 24) >> 6);        \
    digits <<= 2;                                                         \
    twice <<= 1;                                                          \
    if (rest > twice) {                                                   \
        rest -= twice + 1u;                                               \
        twice += 2u;                                                      \
    }

/* The integer nearest to the root of x, x < 2^60; digit by digit, as on paper. */
SYMC_SHARED_FN uint32_t symc_fixed_root(uint64_t x)
{
    uint32_t digits = (uint32_t)(x >> 30) << 2;
    uint32_t rest = 0u;
    uint32_t twice = 0u;
    uint32_t turn;
    for (turn = 0u; turn < 10u; turn++) {
        SYMC_FIXED_PAIR(rest, digits, twice)
        SYMC_FIXED_PAIR(rest, digits, twice)
        SYMC_FIXED_PAIR(rest, digits, twice)
        if (turn == 4u) {
            digits = (uint32_t)x << 2;
        }
    }
    return (twice >> 1) + (uint32_t)(rest > twice >> 1);
}

/* The root of m 2^k, 0 <= k <= 59; 0 where m is not above 0. */
SYMC_FN int32_t symc_fixed_sqrt(int32_t m, uint32_t k)
{
    return m > 0 ? (int32_t)symc_fixed_root((uint64_t)(uint32_t)m << k) : 0;
}

#endif
