/* SPDX-License-Identifier: Apache-2.0
 *
 * symc runtime: quotients in fixed point.
 */
#ifndef SYMC_FIXED_QUOTIENT_H
#define SYMC_FIXED_QUOTIENT_H

#include "symc/fixed/product.h"

/*
 * The integer nearest to a / d 2^k, k <= 32, for a and d below 2^31 and a result below 2^32; a tie goes up, or where
 * `down` is 1 down.
 */
#if !defined(SYMC_FIXED_DIGITS) && \
    (defined(__AVR__) || defined(__i386__) || (defined(__ARM_ARCH) && __ARM_ARCH_ISA_THUMB == 1))
#define SYMC_FIXED_DIGITS 1
#elif !defined(SYMC_FIXED_DIGITS)
#define SYMC_FIXED_DIGITS 0
#endif
#if SYMC_FIXED_DIGITS
/* 2^30 over the upper half of d, at most a thousandth too small, 2^30 <= d < 2^31. */
SYMC_FN uint16_t symc_fixed_inverse(uint32_t d)
{
    /* 2^22 over the middle of each of 16 parts of [2^14, 2^15]; one step of Newton's doubles the five bits they have. */
    SYMC_TABLE uint8_t start[16] = {248u, 234u, 221u, 210u, 199u, 190u, 182u, 174u,
                                    167u, 160u, 154u, 148u, 143u, 138u, 134u, 130u};
    const uint16_t upper = (uint16_t)((d >> 16) + 1u);
    const uint8_t first = (uint8_t)SYMC_AT(start, (uint8_t)(d >> 24) >> 2 & 15u);
#if SYMC_FIXED_ASM
    return symc_fixed_newton(upper, first);
#else
    const uint32_t error = (0x800000u - (uint32_t)upper * first) >> 7;
    return (uint16_t)((first * error) >> 7);
#endif
}

/*
 * So many bytes of (rest 2^32 + below) / d, 2^30 <= d < 2^31, rest < d, and what is left in rest; `inverse` is 2^30 over the
 * upper half of d. Each byte is estimated from the upper half of the rest: it is right or one too small.
 */
#if !SYMC_FIXED_ASM
SYMC_FN uint32_t symc_fixed_bytes(uint32_t *rest, uint32_t below, uint32_t d, uint16_t inverse, uint8_t bytes)
{
    uint32_t q = 0u;
    for (; bytes != 0u; bytes--) {
        uint32_t byte = ((*rest >> 16) * inverse) >> 22;
        *rest = ((*rest << 8) | (below >> 24)) - byte * d;
        below <<= 8;
        if (*rest >= d) {
            *rest -= d;
            byte++;
        }
        q = (q << 8) + byte;
    }
    return q;
}
#endif

/* Such cores have no division of 64 bits, and the library's is slow or not linked: byte by byte, as on paper. */
SYMC_SHARED_FN uint32_t symc_fixed_ratio(uint32_t a, uint32_t d, uint8_t k, uint8_t down)
{
    uint32_t rest = a;
    uint32_t below = 0u;
    uint32_t q;
    if (d == 0u) {
        return 0u;
    }
    for (; d < 0x40000000u; k++) {
        d <<= 1;
    }
    for (; k <= 24u; k = (uint8_t)(k + 8u)) {
        below = (below >> 8) | (rest << 24);
        rest >>= 8;
    }
    for (; k < 32u; k++) {
        below = (below >> 1) | ((rest & 1u) != 0u ? 0x80000000u : 0u);
        rest >>= 1;
    }
    for (; k > 32u; k--) {
        rest <<= 1;
    }
    q = symc_fixed_bytes(&rest, below, d, symc_fixed_inverse(d), 4u);
    return q + (uint32_t)(rest << 1 >= d + down);
}
#else
SYMC_FN uint32_t symc_fixed_ratio(uint32_t a, uint32_t d, uint8_t k, uint8_t down)
{
    const uint64_t n = (uint64_t)a << k;
    const uint64_t q = d != 0u ? n / d : 0u;
    const uint64_t rest = n - q * d;
    return (uint32_t)q + (uint32_t)(2u * rest >= d + (uint64_t)down);
}
#endif

/* a / b 2^k, 0 <= k <= 31; 0 where b is 0. */
SYMC_FN int32_t symc_fixed_div(int32_t a, int32_t b, uint32_t k)
{
    const uint32_t negative = (uint32_t)((a < 0) != (b < 0));
    const uint32_t size =
        b == 0 ? 0u : symc_fixed_ratio(symc_fixed_size(a), symc_fixed_size(b), (uint8_t)k, (uint8_t)negative);
    /* A tie goes up, which is towards 0 for a number below it. */
    return symc_fixed_signed(negative != 0u ? 0u - size : size);
}

#endif
