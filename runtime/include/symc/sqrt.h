/* SPDX-License-Identifier: Apache-2.0
 *
 * symc runtime: square root, correctly rounded, without a call into the C library.
 *
 * IEEE-754 hardware rounds it correctly. Where no instruction can be had without a call that may set errno, the root
 * is computed in integers (define SYMC_SQRT_SOFT to have that everywhere).
 */
#ifndef SYMC_SQRT_H
#define SYMC_SQRT_H

#include "symc/f32.h"

#if !defined(SYMC_SQRT_SOFT) && !defined(__CUDACC_RTC__)
#if defined(__SSE__) || defined(_M_X64)
#include <xmmintrin.h>
#elif defined(__GNUC__) && (defined(__aarch64__) || (defined(__riscv_flen) && __riscv_flen >= 32))
/* has the instruction */
#elif defined(__GNUC__) && defined(__arm__) && defined(__ARM_FP) && (__ARM_FP & 4) != 0
/* has the instruction */
#else
#define SYMC_SQRT_SOFT 1
#endif
#endif

#if defined(SYMC_SQRT_SOFT)
/*
 * 24 binary digits of the square root of v/2^30, 1 <= v/2^30 < 4, behind its point, rounded down.
 *
 * y approaches 1/sqrt from below, y becoming y (3 - v y^2)/2 (Newton), with a relative error of 2^-3.5 after the best
 * straight line, then 2^-6, 2^-12; its 15 bits make 15 of the root, and the remainder of those the others. What is
 * missing after that, at most 6 units, the exact remainder tells: all v were tried.
 */
SYMC_FN uint32_t symc_sqrt_digits(uint32_t v)
{
#if defined(__AVR__)
    /* Digit by digit, which is smaller and, where 32 bits are four registers, no slower. */
    uint32_t root = 0u;
    uint32_t rest = 0u;
    uint8_t i;
    for (i = 0u; i < 25u; ++i) {
        rest = (rest << 2) | (uint8_t)((uint8_t)(v >> 24) >> 6);
        v <<= 2;
        root <<= 1;
        if (rest > root << 1) {
            rest -= (root << 1) | 1u;
            ++root;
        }
    }
    return root;
#else
    const uint32_t high = v >> 16;
    /* y times 2^15 */
    uint32_t y = 34943u - ((high * 4992u) >> 14);
    uint32_t root;
    uint32_t rest;
    y = (y * (0x18000u - ((((y * y) >> 15) * high) >> 14))) >> 16;
    y = ((y * (0x18000u - ((((y * y) >> 15) * high) >> 14))) >> 16) - 2u;
    root = (high * y) >> 15;
    root = (root << 10) + ((((v - ((root * root) << 2)) >> 6) * y) >> 16);
    /* Its lower 32 bits are all that it has. */
    rest = (v << 18) - root * root;
    while (rest > 2u * root) {
        rest -= 2u * root + 1u;
        ++root;
    }
    return root;
#endif
}

/*
 * x = m 2^(E - 150), m of 24 bits: 25 binary digits of sqrt(m 2^25) or, for even E, sqrt(m 2^26). The last digit rounds;
 * what is left over never matters, because no square root lies half-way between two floats.
 */
SYMC_SLOW_FN float symc_sqrt_soft(float x)
{
    const uint32_t u = symc_bits(x);
    uint32_t exponent = (u >> 23) + 127u;
    uint32_t m = u & 0x007fffffu;
    if ((u & SYMC_MAGNITUDE) == 0u || u == SYMC_INFINITY) {
        return x;
    }
    if (u > SYMC_INFINITY) {
        return symc_from_bits(SYMC_NAN);
    }
    if (u >= 0x00800000u) {
        m |= 0x00800000u;
    } else {
        ++exponent;
        while (m < 0x00800000u) {
            m <<= 1;
            --exponent;
        }
    }
    /* exponent is E + 127; half of it is the biased exponent of the root. */
    m = symc_sqrt_digits(m << (7u + (exponent & 1u)));
    return symc_from_bits((((exponent >> 1) - 1u) << 23) + ((m + 1u) >> 1));
}
#endif

/* sqrt(x): NaN below zero, -0 for -0. */
SYMC_FN float symc_sqrt(float x)
{
#if SYMC_DEVICE
    float r;
    asm("sqrt.rn.f32 %0, %1;" : "=f"(r) : "f"(x));
    return symc_canonical(r);
#elif defined(SYMC_SQRT_SOFT)
    return symc_sqrt_soft(x);
#elif defined(__NO_MATH_ERRNO__)
    return symc_canonical(__builtin_sqrtf(x));
#elif defined(__SSE__) || defined(_M_X64)
    return symc_canonical(_mm_cvtss_f32(_mm_sqrt_ss(_mm_set_ss(x))));
#elif defined(__aarch64__)
    float r;
    __asm__("fsqrt %s0, %s1" : "=w"(r) : "w"(x));
    return symc_canonical(r);
#elif defined(__arm__)
    float r;
    __asm__("vsqrt.f32 %0, %1" : "=t"(r) : "t"(x));
    return symc_canonical(r);
#else
    float r;
    __asm__("fsqrt.s %0, %1" : "=f"(r) : "f"(x));
    return symc_canonical(r);
#endif
}

#endif
