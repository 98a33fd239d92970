/* SPDX-License-Identifier: Apache-2.0
 *
 * symc runtime: the square root of a double, correctly rounded, without a call into the C library; see symc/sqrt.h.
 */
#ifndef SYMC_F64_SQRT_H
#define SYMC_F64_SQRT_H

#include "symc/f64/core.h"

#if defined(SYMC_SQRT_SOFT)
#define SYMC_SQRT64_SOFT 1
#elif !defined(__CUDACC_RTC__)
#if defined(__SSE2__) || defined(_M_X64)
#include <emmintrin.h>
#elif defined(__GNUC__) && (defined(__aarch64__) || (defined(__riscv_flen) && __riscv_flen >= 64))
/* has the instruction */
#elif defined(__GNUC__) && defined(__arm__) && defined(__ARM_FP) && (__ARM_FP & 8) != 0
/* has the instruction */
#else
#define SYMC_SQRT64_SOFT 1
#endif
#endif

#if defined(SYMC_SQRT64_SOFT)
/*
 * v = m 2^E, 1 <= m < 4 and E even: 54 binary digits of sqrt(m), one by one, each from two more digits of m. The last
 * one rounds; what is left over never matters, because no square root lies half-way between two doubles.
 */
SYMC_SLOW_FN double symc_sqrt64_soft(double v)
{
    const uint64_t u = symc_bits64(v);
    const uint64_t exponent = (u >> 52) + 1023u;
    uint64_t m = ((u & 0x000fffffffffffffull) | 0x0010000000000000ull) << (10u + (exponent & 1u));
    uint64_t rest = 0u;
    uint64_t root = 0u;
    uint32_t i;
    if (u == 0u || (u >> 63) != 0u) {
        return v;
    }
    for (i = 0u; i < 54u; ++i) {
        rest = (rest << 2) | (m >> 62);
        m <<= 2;
        root <<= 1;
        if (rest > 2u * root) {
            rest -= 2u * root + 1u;
            ++root;
        }
    }
    return symc_from_bits64((((exponent >> 1) - 1u) << 52) + ((root + 1u) >> 1));
}
#endif

/* sqrt(v) for a normal v > 0 and for +0; anything for other doubles. */
SYMC_FN double symc_sqrt64(double v)
{
#if SYMC_DEVICE
    return __dsqrt_rn(v);
#elif defined(SYMC_SQRT64_SOFT)
    return symc_sqrt64_soft(v);
#elif defined(__NO_MATH_ERRNO__)
    return __builtin_sqrt(v);
#elif defined(__SSE2__) || defined(_M_X64)
    return _mm_cvtsd_f64(_mm_sqrt_sd(_mm_setzero_pd(), _mm_set_sd(v)));
#elif defined(__aarch64__)
    double r;
    __asm__("fsqrt %d0, %d1" : "=w"(r) : "w"(v));
    return r;
#elif defined(__arm__)
    double r;
    __asm__("vsqrt.f64 %P0, %P1" : "=w"(r) : "w"(v));
    return r;
#else
    double r;
    __asm__("fsqrt.d %0, %1" : "=f"(r) : "f"(v));
    return r;
#endif
}

#endif
