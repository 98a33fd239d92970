/* SPDX-License-Identifier: Apache-2.0
 *
 * symc runtime: the square root in fixed point of 16 bits, to the nearest: at most 1/2 unit from the real root.
 */
#ifndef SYMC_FIXED16_SQRT_H
#define SYMC_FIXED16_SQRT_H

#include "symc/fixed16/core.h"

/* The integer nearest to the root of x, x < 2^28; digit by digit, as on paper. */
SYMC_SHARED_FN uint16_t symc_fixed16_root(uint32_t x)
{
    uint16_t rest = 0u;
    uint16_t twice = 0u;
    uint8_t turn;
    x <<= 4;
    for (turn = 0u; turn < 14u; turn++) {
        rest = (uint16_t)((rest << 2) | (uint16_t)((uint8_t)(x >> 24) >> 6));
        x <<= 2;
        twice = (uint16_t)(twice << 1);
        if (rest > twice) {
            rest = (uint16_t)(rest - (twice + 1u));
            twice = (uint16_t)(twice + 2u);
        }
    }
    return (uint16_t)((twice >> 1) + (uint16_t)(rest > twice >> 1));
}

/* The root of m 2^k, 0 <= k <= 31; 0 where m is not above 0. */
SYMC_FN int16_t symc_fixed16_sqrt(int16_t m, uint32_t k)
{
    return m > 0 ? (int16_t)symc_fixed16_root((uint32_t)(uint16_t)m << k) : 0;
}

#endif
