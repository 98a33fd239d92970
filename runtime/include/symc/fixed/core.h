/* SPDX-License-Identifier: Apache-2.0
 *
 * symc runtime: fixed-point arithmetic. A value is an int32_t m and a format f that the program knows: m 2^-f.
 *
 * Every result is rounded to the nearest multiple of its unit, ties upward: floor(exact + 1/2). No operand of 32 bits
 * makes an operation undefined: no signed number is shifted or overflows, and no result hangs on how a compiler
 * converts. Where a result does not fit, which programs are proved never to meet, it is some int32_t.
 */
#ifndef SYMC_FIXED_CORE_H
#define SYMC_FIXED_CORE_H

#include "symc/config.h"
#include "symc/int/core.h"

/* The number with these bits; C leaves the conversion of what is above INT32_MAX to the compiler. */
SYMC_FN int32_t symc_fixed_signed(uint32_t bits)
{
    return bits <= 0x7fffffffu ? (int32_t)bits : -(int32_t)(~bits) - 1;
}

/* m 2^-k, 1 <= k <= 31. */
SYMC_FN int32_t symc_fixed_down(int32_t m, uint32_t k)
{
    /* Above 0 by 2^31, so that the shift rounds down. */
    const uint32_t above = (uint32_t)m ^ 0x80000000u;
    const uint32_t nearest = k == 1u ? (above >> 1) + (above & 1u) : ((above >> (k - 1u)) + 1u) >> 1;
    return symc_fixed_signed(nearest - (0x80000000u >> k));
}

/* m 2^k, 0 <= k <= 31. */
SYMC_FN int32_t symc_fixed_up(int32_t m, uint32_t k)
{
    return symc_fixed_signed((uint32_t)m << k);
}

SYMC_FN int32_t symc_fixed_add(int32_t a, int32_t b)
{
    return symc_fixed_signed((uint32_t)a + (uint32_t)b);
}

SYMC_FN int32_t symc_fixed_sub(int32_t a, int32_t b)
{
    return symc_fixed_signed((uint32_t)a - (uint32_t)b);
}

SYMC_FN int32_t symc_fixed_neg(int32_t m)
{
    return symc_fixed_signed(0u - (uint32_t)m);
}

/* |m|, which is 2^31 for the lowest number. */
SYMC_FN uint32_t symc_fixed_size(int32_t m)
{
    return m < 0 ? 0u - (uint32_t)m : (uint32_t)m;
}

SYMC_FN int32_t symc_fixed_abs(int32_t m)
{
    return symc_fixed_signed(symc_fixed_size(m));
}

/* The number of 64 bits w, in two's complement, times 2^-k, 1 <= k <= 63. */
SYMC_FN int32_t symc_fixed_narrow(uint64_t w, uint32_t k)
{
    const uint32_t low = (uint32_t)((w + (UINT64_C(1) << (k - 1u))) >> k);
    const uint32_t sign = k > 32u ? UINT32_C(1) << (63u - k) : 0u;
    return symc_fixed_signed((low ^ sign) - sign);
}

/* The product of two magnitudes. */
#if defined(__ARM_ARCH) && __ARM_ARCH_ISA_THUMB == 1
/* The core multiplies to 32 bits alone; its compiler's library would take factors of 64. */
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
/*
 * The columns are those of symc_mul_high; before the fourth of them goes,
 * its highest bit is added to the fifth.
 */
SYMC_SHARED_FN uint32_t symc_fixed_high(uint32_t a, uint32_t b)
{
    uint32_t high;
    uint8_t carry;
    uint8_t zero;
    __asm__("clr %[zero]\n\t"
            "mul %A[a], %A[b]\n\tmov %C[high], r1\n\tclr %D[high]\n\tclr %[carry]\n\t"
            "mul %A[a], %B[b]\n\tadd %C[high], r0\n\tadc %D[high], r1\n\tadc %[carry], %[zero]\n\t"
            "mul %B[a], %A[b]\n\tadd %C[high], r0\n\tadc %D[high], r1\n\tadc %[carry], %[zero]\n\t"
            "clr %A[high]\n\t"
            "mul %A[a], %C[b]\n\tadd %D[high], r0\n\tadc %[carry], r1\n\tadc %A[high], %[zero]\n\t"
            "mul %B[a], %B[b]\n\tadd %D[high], r0\n\tadc %[carry], r1\n\tadc %A[high], %[zero]\n\t"
            "mul %C[a], %A[b]\n\tadd %D[high], r0\n\tadc %[carry], r1\n\tadc %A[high], %[zero]\n\t"
            "clr %B[high]\n\t"
            "mul %A[a], %D[b]\n\tadd %[carry], r0\n\tadc %A[high], r1\n\tadc %B[high], %[zero]\n\t"
            "mul %B[a], %C[b]\n\tadd %[carry], r0\n\tadc %A[high], r1\n\tadc %B[high], %[zero]\n\t"
            "mul %C[a], %B[b]\n\tadd %[carry], r0\n\tadc %A[high], r1\n\tadc %B[high], %[zero]\n\t"
            "mul %D[a], %A[b]\n\tadd %[carry], r0\n\tadc %A[high], r1\n\tadc %B[high], %[zero]\n\t"
            "lsl %[carry]\n\tadc %A[high], %[zero]\n\tadc %B[high], %[zero]\n\t"
            "clr %C[high]\n\t"
            "mul %B[a], %D[b]\n\tadd %A[high], r0\n\tadc %B[high], r1\n\tadc %C[high], %[zero]\n\t"
            "mul %C[a], %C[b]\n\tadd %A[high], r0\n\tadc %B[high], r1\n\tadc %C[high], %[zero]\n\t"
            "mul %D[a], %B[b]\n\tadd %A[high], r0\n\tadc %B[high], r1\n\tadc %C[high], %[zero]\n\t"
            "clr %D[high]\n\t"
            "mul %C[a], %D[b]\n\tadd %B[high], r0\n\tadc %C[high], r1\n\tadc %D[high], %[zero]\n\t"
            "mul %D[a], %C[b]\n\tadd %B[high], r0\n\tadc %C[high], r1\n\tadc %D[high], %[zero]\n\t"
            "mul %D[a], %D[b]\n\tadd %C[high], r0\n\tadc %D[high], r1\n\t"
            "clr r1"
            : [high] "=&r"(high), [carry] "=&r"(carry), [zero] "=&r"(zero)
            : [a] "r"(a), [b] "r"(b)
            : "r0");
    return high;
}
#elif defined(__ARM_ARCH) && __ARM_ARCH_ISA_THUMB == 1
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
#if defined(__AVR__) || (defined(__ARM_ARCH) && __ARM_ARCH_ISA_THUMB == 1)
    if (k == 32u) {
        return symc_fixed_signed(symc_fixed_high((uint32_t)a, (uint32_t)b) - symc_fixed_excess(a, b));
    }
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
/* One digit of a quotient, and what is left of its numerator. */
#define SYMC_FIXED_DIGIT(rest, d, q) \
    q <<= 1;                         \
    if (rest >= d) {                 \
        rest -= d;                   \
        q |= 1u;                     \
    }

/*
 * Digit by digit: such cores have no division of 64 bits, and the library's is slow or not linked. The quotient has 32 digits at most;
 * for the last k of them the numerator has none of its own.
 */
SYMC_SHARED_FN uint32_t symc_fixed_ratio(uint32_t a, uint32_t d, uint32_t k, uint32_t down)
{
    uint32_t own = 32u - k;
    uint32_t rest = own < 32u ? a >> own : 0u;
    uint32_t q = 0u;
    if (d == 0u) {
        return 0u;
    }
    while (own-- != 0u) {
        rest = (rest << 1) | ((a >> own) & 1u);
        SYMC_FIXED_DIGIT(rest, d, q)
    }
    for (; (k & 3u) != 0u; k--) {
        rest <<= 1;
        SYMC_FIXED_DIGIT(rest, d, q)
    }
    for (; k != 0u; k -= 4u) {
        rest <<= 1;
        SYMC_FIXED_DIGIT(rest, d, q)
        rest <<= 1;
        SYMC_FIXED_DIGIT(rest, d, q)
        rest <<= 1;
        SYMC_FIXED_DIGIT(rest, d, q)
        rest <<= 1;
        SYMC_FIXED_DIGIT(rest, d, q)
    }
    return q + (uint32_t)(rest << 1 >= d + down);
}
#else
SYMC_FN uint32_t symc_fixed_ratio(uint32_t a, uint32_t d, uint32_t k, uint32_t down)
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
    const uint32_t size = b == 0 ? 0u : symc_fixed_ratio(symc_fixed_size(a), symc_fixed_size(b), k, negative);
    /* A tie goes up, which is towards 0 for a number below it. */
    return symc_fixed_signed(negative != 0u ? 0u - size : size);
}

/* The greatest integer not above m 2^-f, 1 <= f <= 30. */
SYMC_FN int32_t symc_fixed_floor(int32_t m, uint32_t f)
{
    return m < 0 ? -(int32_t)(~(uint32_t)m >> f) - 1 : (int32_t)((uint32_t)m >> f);
}

/* The least integer not below it. */
SYMC_FN int32_t symc_fixed_ceil(int32_t m, uint32_t f)
{
    return symc_fixed_floor(m, f) + (int32_t)(((uint32_t)m & ((UINT32_C(1) << f) - 1u)) != 0u);
}

/* The integer next to it towards 0. */
SYMC_FN int32_t symc_fixed_trunc(int32_t m, uint32_t f)
{
    return m < 0 ? symc_fixed_ceil(m, f) : symc_fixed_floor(m, f);
}

/* The integer nearest to it, ties to the even one. */
SYMC_FN int32_t symc_fixed_round(int32_t m, uint32_t f)
{
    const int32_t up = symc_fixed_down(m, f);
    const uint32_t fraction = (uint32_t)m & ((UINT32_C(1) << f) - 1u);
    return fraction == UINT32_C(1) << (f - 1u) ? symc_fixed_signed((uint32_t)up & ~UINT32_C(1)) : up;
}

/* x, or the nearest of two bounds; `bit` is set in what `outside` points to where it is not between them. */
SYMC_FN int32_t symc_fixed_inside(int32_t x, int32_t low, int32_t high, uint32_t bit, uint32_t *outside)
{
    if (x >= low && x <= high) {
        return x;
    }
    *outside |= bit;
    return x < low ? low : high;
}

SYMC_FN int32_t symc_fixed_min(int32_t a, int32_t b)
{
    return a < b ? a : b;
}

SYMC_FN int32_t symc_fixed_max(int32_t a, int32_t b)
{
    return a > b ? a : b;
}

SYMC_FN int32_t symc_fixed_relu(int32_t m)
{
    return m < 0 ? 0 : m;
}

SYMC_FN int32_t symc_fixed_if_positive(int32_t m, int32_t a, int32_t b)
{
    return m > 0 ? a : b;
}

SYMC_FN int32_t symc_fixed_sign(int32_t m)
{
    return (int32_t)(m > 0) - (int32_t)(m < 0);
}

#endif
