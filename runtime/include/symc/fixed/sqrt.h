/* SPDX-License-Identifier: Apache-2.0
 *
 * symc runtime: the square root in fixed point, to the nearest: at most 1/2 unit from the real root.
 */
#ifndef SYMC_FIXED_SQRT_H
#define SYMC_FIXED_SQRT_H

#include "symc/fixed/core.h"

/* The integer nearest to the root of x, x < 2^60; digit by digit, as on paper. */
SYMC_SHARED_FN uint32_t symc_fixed_root(uint64_t x)
{
    uint32_t halves[2];
    uint32_t rest = 0u;
    uint32_t root = 0u;
    uint32_t turn;
    uint32_t pair;
    halves[0] = (uint32_t)(x >> 30);
    halves[1] = (uint32_t)x & 0x3fffffffu;
    for (turn = 0u; turn < 2u; turn++) {
        uint32_t digits = halves[turn] << 2;
        for (pair = 0u; pair < 15u; pair++) {
            const uint32_t trial = (root << 2) | 1u;
            /* By way of a byte, which spares cores without a shifter a loop. */
            rest = (rest << 2) | (uint32_t)((uint8_t)(digits >> 24) >> 6);
            digits <<= 2;
            root <<= 1;
            if (rest >= trial) {
                rest -= trial;
                root |= 1u;
            }
        }
    }
    return root + (uint32_t)(rest > root);
}

/* The root of m 2^k, 0 <= k <= 59; 0 where m is not above 0. */
SYMC_FN int32_t symc_fixed_sqrt(int32_t m, uint32_t k)
{
    return m > 0 ? (int32_t)symc_fixed_root((uint64_t)(uint32_t)m << k) : 0;
}

#endif
