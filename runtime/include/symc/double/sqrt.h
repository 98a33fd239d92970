/* SPDX-License-Identifier: Apache-2.0
 *
 * symc runtime, binary64: square root, correctly rounded, without a call into the C library.
 *
 * IEEE-754 hardware rounds it correctly. Where no instruction can be had without a call that may set errno, the root
 * is computed digit by digit in integers (define SYMC_DOUBLE_SQRT_SOFT to have that everywhere).
 */
#ifndef SYMC_DOUBLE_SQRT_H
#define SYMC_DOUBLE_SQRT_H

#include "symc/double/core.h"

#if !defined(SYMC_DOUBLE_SQRT_SOFT) && !defined(__CUDACC_RTC__)
#if defined(__SSE2__) || defined(_M_X64)
#include <emmintrin.h>
#elif defined(__GNUC__) && (defined(__aarch64__) || (defined(__riscv_flen) && __riscv_flen >= 64))
/* has the instruction */
#elif defined(__GNUC__) && defined(__arm__) && defined(__ARM_FP) && (__ARM_FP & 8) != 0
/* has the instruction */
#else
#define SYMC_DOUBLE_SQRT_SOFT 1
#endif
#endif

#if defined(SYMC_DOUBLE_SQRT_SOFT)
/*
 * x = m 2^(E - 1075), m of 53 bits: the 54 binary digits of the root of m 2^54 or, for odd exponents, m 2^55, one by
 * one, the remainder below 2^56. The last digit rounds; what is left over never matters, because no square root lies
 * half-way between two doubles.
 */
SYMC_SHARED_FN double symc_double_sqrt_soft(double x)
{
    const uint64_t u = symc_bits64(x);
    uint32_t exponent = (uint32_t)(u >> 52);
    uint64_t m = u & UINT64_C(0x000fffffffffffff);
    uint64_t rest = 0;
    uint64_t root = 0;
    if ((u & SYMC_DOUBLE_MAGNITUDE) == 0U || u == SYMC_DOUBLE_INFINITY) {
        return x;
    }
    if (u > SYMC_DOUBLE_INFINITY) {
        return symc_from_bits64(SYMC_DOUBLE_NAN);
    }
    /* exponent becomes E + 1023; half of it is the biased exponent of the root. */
    if (exponent != 0U) {
        m |= UINT64_C(0x0010000000000000);
        exponent += 1023U;
    } else {
        exponent = 1024U;
        while (m < UINT64_C(0x0010000000000000)) {
            m <<= 1;
            --exponent;
        }
    }
    /* Two digits of the radicand for one of the root: first those of m, then zeros. */
    m <<= 10U + (exponent & 1U);
    for (uint32_t i = 0; i < 54U; ++i) {
        const uint64_t trial = (root << 2) | 1U;
        rest = (rest << 2) | (m >> 62);
        m <<= 2;
        root <<= 1;
        if (rest >= trial) {
            rest -= trial;
            root |= 1U;
        }
    }
    return symc_from_bits64(((uint64_t)((exponent >> 1) - 1U) << 52) + ((root + 1U) >> 1));
}
#endif

/* sqrt(x): NaN below zero, -0 for -0. */
SYMC_FN double symc_double_sqrt(double x)
{
#if SYMC_DEVICE
    return symc_double_canonical(__dsqrt_rn(x));
#elif defined(SYMC_DOUBLE_SQRT_SOFT)
    return symc_double_sqrt_soft(x);
#elif defined(__NO_MATH_ERRNO__)
    return symc_double_canonical(__builtin_sqrt(x));
#elif defined(__SSE2__) || defined(_M_X64)
    const __m128d v = _mm_set_sd(x);
    return symc_double_canonical(_mm_cvtsd_f64(_mm_sqrt_sd(v, v)));
#elif defined(__aarch64__)
    double r;
    __asm__("fsqrt %d0, %d1" : "=w"(r) : "w"(x));
    return symc_double_canonical(r);
#elif defined(__arm__)
    double r;
    __asm__("vsqrt.f64 %P0, %P1" : "=w"(r) : "w"(x));
    return symc_double_canonical(r);
#else
    double r;
    __asm__("fsqrt.d %0, %1" : "=f"(r) : "f"(x));
    return symc_double_canonical(r);
#endif
}

#endif
