/*
 * symc runtime: square root, correctly rounded, without a call into the C library.
 *
 * IEEE-754 hardware rounds it correctly. Where no instruction can be had without a call that may set errno, the root
 * is computed digit by digit in integers (define SYMC_SQRT_SOFT to have that everywhere).
 */
#ifndef SYMC_SQRT_H
#define SYMC_SQRT_H

#include "symc/f32.h"

#if !defined(SYMC_SQRT_SOFT) && !SYMC_DEVICE
#if defined(__SSE__) || defined(_M_X64)
#include <xmmintrin.h>
#elif !defined(__GNUC__) || !(defined(__aarch64__) || (defined(__riscv_flen) && __riscv_flen >= 32))
#define SYMC_SQRT_SOFT 1
#endif
#endif

#if defined(SYMC_SQRT_SOFT)
/* sqrt(m 2^e) = sqrt(m) 2^(e/2): 26 binary digits of the root of m 2^28 or 2^29, the last one sticky, then one rounding. */
SYMC_SLOW_FN float symc_sqrt_soft(float x)
{
    uint32_t u = symc_bits(x);
    int32_t exponent = (int32_t)(u >> 23);
    uint32_t m = u & 0x007fffffu;
    uint64_t rest;
    uint64_t root = 0u;
    uint64_t bit = 1ull << 50;
    if ((u & SYMC_MAGNITUDE) == 0u || u == SYMC_INFINITY) {
        return x;
    }
    if (u > SYMC_INFINITY) {
        return symc_from_bits(SYMC_NAN);
    }
    if (exponent == 0) {
        exponent = 1;
    } else {
        m |= 0x00800000u;
    }
    while ((m & 0x00800000u) == 0u) {
        m <<= 1;
        --exponent;
    }
    /* x = m 2^(exponent - 150), m of 24 bits. An even power of two is taken out, 51 or 52 bits of m are left. */
    rest = (uint64_t)m << ((exponent & 1) != 0 ? 27 : 28);
    exponent = (exponent - 127 - (exponent & 1 ? 0 : 1)) / 2;
    while (bit != 0u) {
        if (rest >= root + bit) {
            rest -= root + bit;
            root = (root >> 1) + bit;
        } else {
            root >>= 1;
        }
        bit >>= 2;
    }
    /* root has 26 bits: 24 of the result, one to round, one more made sticky. A square root is never half-way. */
    m = (uint32_t)root;
    m = (m >> 2) + ((m >> 1) & 1u);
    return symc_from_bits(((uint32_t)(exponent + 126) << 23) + m);
}
#endif

/* sqrt(x): NaN below zero, -0 for -0. */
SYMC_FN float symc_sqrt(float x)
{
#if SYMC_DEVICE
    float r;
    __asm__("sqrt.rn.f32 %0, %1;" : "=f"(r) : "f"(x));
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
#else
    float r;
    __asm__("fsqrt.s %0, %1" : "=f"(r) : "f"(x));
    return symc_canonical(r);
#endif
}

#endif
