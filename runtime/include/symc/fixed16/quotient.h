/* SPDX-License-Identifier: Apache-2.0
 *
 * symc runtime: quotients in fixed point of 16 bits.
 */
#ifndef SYMC_FIXED16_QUOTIENT_H
#define SYMC_FIXED16_QUOTIENT_H

#include "symc/fixed/quotient.h"
#include "symc/fixed16/core.h"

/*
 * The integer nearest to a / d 2^k, k <= 16, for a and d up to 2^15 and a result below 2^16; a tie goes up, or where
 * `down` is 1 down.
 */
#if SYMC_FIXED_DIGITS && SYMC_FIXED_ASM
SYMC_SHARED_FN uint16_t symc_fixed16_ratio(uint16_t a, uint16_t d, uint8_t k, uint8_t down)
{
    uint16_t rest = a;
    uint16_t below = 0u;
    uint16_t q;
    if (d == 0u) {
        return 0u;
    }
    for (; k < 16u; k++) {
        below = (uint16_t)((below >> 1) | ((rest & 1u) != 0u ? 0x8000u : 0u));
        rest >>= 1;
    }
    q = symc_fixed_digits(&rest, below, d);
    return (uint16_t)(q + (uint16_t)(rest >= (uint16_t)(d - rest + down)));
}
#elif SYMC_FIXED_DIGITS
SYMC_SHARED_FN uint16_t symc_fixed16_ratio(uint16_t a, uint16_t d, uint8_t k, uint8_t down)
{
    uint32_t divisor = (uint32_t)d << 16;
    uint32_t rest;
    uint32_t q;
    if (d == 0u) {
        return 0u;
    }
    for (; divisor < 0x40000000u; k++) {
        divisor <<= 1;
    }
    rest = (uint32_t)a << k;
    q = symc_fixed_bytes(&rest, 0u, divisor, symc_fixed_inverse(divisor), 2u);
    return (uint16_t)(q + (uint32_t)(rest << 1 >= divisor + down));
}
#else
SYMC_FN uint16_t symc_fixed16_ratio(uint16_t a, uint16_t d, uint8_t k, uint8_t down)
{
    const uint32_t n = (uint32_t)a << k;
    const uint32_t q = d != 0u ? n / d : 0u;
    const uint32_t rest = n - q * d;
    return (uint16_t)(q + (uint32_t)(2u * rest >= d + (uint32_t)down));
}
#endif

/* a / b 2^k, 0 <= k <= 15; 0 where b is 0. */
SYMC_FN int16_t symc_fixed16_div(int16_t a, int16_t b, uint32_t k)
{
    const uint8_t negative = (uint8_t)((a < 0) != (b < 0));
    const uint16_t size =
        b == 0 ? 0u : symc_fixed16_ratio(symc_fixed16_size(a), symc_fixed16_size(b), (uint8_t)k, negative);
    /* A tie goes up, which is towards 0 for a number below it. */
    return symc_fixed16_signed(negative != 0u ? (uint16_t)(0u - size) : size);
}

#endif
