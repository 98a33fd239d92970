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
    const uint32_t bits = (uint32_t)m;
    const int32_t below = m < 0 ? -(int32_t)(~bits >> k) - 1 : (int32_t)(bits >> k);
    return below + (int32_t)((bits >> (k - 1u)) & 1u);
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

#if defined(__AVR__) && defined(__AVR_HAVE_MUL__) && defined(__GNUC__)
/*
 * The upper half of the 64-bit product, rounded. The columns are those of symc_mul_high; before the fourth of them goes,
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
            "lsl %D[high]\n\tadc %[carry], %[zero]\n\tadc %A[high], %[zero]\n\tadc %B[high], %[zero]\n\t"
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
#endif

/* a b 2^-k, 0 <= k <= 63. */
SYMC_FN int32_t symc_fixed_mul(int32_t a, int32_t b, uint32_t k)
{
    if (k == 0u) {
        return symc_fixed_signed((uint32_t)a * (uint32_t)b);
    }
#if defined(__AVR__) && defined(__AVR_HAVE_MUL__) && defined(__GNUC__)
    if (k == 32u) {
        const uint32_t correction = (a < 0 ? (uint32_t)b : 0u) + (b < 0 ? (uint32_t)a : 0u);
        return symc_fixed_signed(symc_fixed_high((uint32_t)a, (uint32_t)b) - correction);
    }
#endif
    return symc_fixed_narrow((uint64_t)((int64_t)a * b), k);
}

/* floor(n / d) modulo 2^32, and the rest of it; d is not 0. */
SYMC_FN uint32_t symc_fixed_quotient(uint64_t n, uint32_t d, uint32_t *rest)
{
    const uint64_t q = n / d;
    *rest = (uint32_t)(n - q * d);
    return (uint32_t)q;
}

/* a / b 2^k, 0 <= k <= 31; 0 where b is 0. */
SYMC_FN int32_t symc_fixed_div(int32_t a, int32_t b, uint32_t k)
{
    const uint32_t d = symc_fixed_size(b);
    uint32_t rest;
    uint32_t q;
    if (b == 0) {
        return 0;
    }
    q = symc_fixed_quotient((uint64_t)symc_fixed_size(a) << k, d, &rest);
    if ((a < 0) != (b < 0)) {
        /* A tie goes up, which is towards 0 here. */
        return symc_fixed_signed(0u - (q + (uint32_t)(rest > d - rest)));
    }
    return symc_fixed_signed(q + (uint32_t)(rest >= d - rest));
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

/* floor(m c 2^-32). */
SYMC_FN int32_t symc_fixed_part(int32_t m, uint32_t c)
{
    return symc_fixed_signed(symc_mul_high((uint32_t)m, c) - (m < 0 ? c : 0u));
}

#endif
