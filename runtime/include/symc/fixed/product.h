/* SPDX-License-Identifier: Apache-2.0
 *
 * symc runtime: products in fixed point.
 */
#ifndef SYMC_FIXED_PRODUCT_H
#define SYMC_FIXED_PRODUCT_H

#include "symc/fixed/core.h"

/* SYMC_FIXED_THUMB: cores that multiply to 32 bits alone; their compiler's library would take factors of 64. */
#if defined(__ARM_ARCH) && __ARM_ARCH_ISA_THUMB == 1
#define SYMC_FIXED_THUMB 1
#else
#define SYMC_FIXED_THUMB 0
#endif

/* The product of two magnitudes. */
#if SYMC_FIXED_THUMB
SYMC_SHARED_FN uint64_t symc_fixed_wide(uint32_t a, uint32_t b)
{
    const uint32_t a0 = a & 0xffffu;
    const uint32_t a1 = a >> 16;
    const uint32_t b0 = b & 0xffffu;
    const uint32_t b1 = b >> 16;
    const uint32_t low = a0 * b0;
    const uint32_t middle = a1 * b0 + (low >> 16);
    const uint32_t other = a0 * b1 + (middle & 0xffffu);
    return ((uint64_t)(a1 * b1 + (middle >> 16) + (other >> 16)) << 32) | (other << 16) | (low & 0xffffu);
}
#else
SYMC_FN uint64_t symc_fixed_wide(uint32_t a, uint32_t b)
{
    return (uint64_t)a * b;
}
#endif

/* The upper half of it, rounded. */
#if defined(__AVR__) && defined(__AVR_HAVE_MUL__) && defined(__GNUC__)
#define SYMC_FIXED_ASM 1
#include "symc/fixed/avr.h"
#else
#define SYMC_FIXED_ASM 0
#if SYMC_FIXED_THUMB
SYMC_SHARED_FN uint32_t symc_fixed_high(uint32_t a, uint32_t b)
{
    const uint32_t a0 = a & 0xffffu;
    const uint32_t a1 = a >> 16;
    const uint32_t b0 = b & 0xffffu;
    const uint32_t b1 = b >> 16;
    const uint32_t middle = a1 * b0 + ((a0 * b0) >> 16);
    const uint32_t other = a0 * b1 + (middle & 0xffffu);
    return a1 * b1 + (middle >> 16) + ((other + 0x8000u) >> 16);
}
#else
SYMC_FN uint32_t symc_fixed_high(uint32_t a, uint32_t b)
{
    return (uint32_t)((symc_fixed_wide(a, b) + 0x80000000u) >> 32);
}
#endif
#endif

/* What the upper half of a product of magnitudes is too large by, where they are the bits of signed numbers. */
SYMC_FN uint32_t symc_fixed_excess(int32_t a, int32_t b)
{
    return (a < 0 ? (uint32_t)b : 0u) + (b < 0 ? (uint32_t)a : 0u);
}

/* a b 2^-k, 0 <= k <= 63. */
SYMC_FN int32_t symc_fixed_mul(int32_t a, int32_t b, uint32_t k)
{
    if (k == 0u) {
        return symc_fixed_signed((uint32_t)a * (uint32_t)b);
    }
#if SYMC_FIXED_ASM
    if (k == 32u) {
        return symc_fixed_signed(symc_fixed_high_signed((uint32_t)a, (uint32_t)b));
    }
#elif SYMC_FIXED_THUMB
    if (k == 32u) {
        return symc_fixed_signed(symc_fixed_high((uint32_t)a, (uint32_t)b) - symc_fixed_excess(a, b));
    }
#endif
#if SYMC_FIXED_ASM || SYMC_FIXED_THUMB || defined(__AVR__)
    return symc_fixed_narrow(
        symc_fixed_wide((uint32_t)a, (uint32_t)b) - ((uint64_t)symc_fixed_excess(a, b) << 32), k);
#else
    return symc_fixed_narrow((uint64_t)((int64_t)a * b), k);
#endif
}

/* m c 2^-32 for a magnitude c. */
SYMC_FN uint32_t symc_fixed_part(int32_t m, uint32_t c)
{
    return symc_fixed_high((uint32_t)m, c) - (m < 0 ? c : 0u);
}

#endif
