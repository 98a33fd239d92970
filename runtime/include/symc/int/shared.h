/* SPDX-License-Identifier: Apache-2.0
 *
 * symc runtime: what large functions of profile INT share, and the qualifier of what there shall be one copy of.
 */
#ifndef SYMC_INT_SHARED_H
#define SYMC_INT_SHARED_H

#include "symc/config.h"
#include "symc/int/core.h"

/* SYMC_SHARED_FN: a function so large that a small target wants one copy of it, however often it is called. */
#if defined(__CUDACC__)
#define SYMC_SHARED_FN static __device__ __noinline__
#elif defined(__GNUC__)
#define SYMC_SHARED_FN static __attribute__((noinline, unused))
#elif defined(_MSC_VER)
#define SYMC_SHARED_FN static __declspec(noinline)
#else
#define SYMC_SHARED_FN static inline
#endif

/* symc_mul_high, where it is needed often: an 8-bit core calls it, the others have an instruction or inline it. */
#if defined(__AVR__) && defined(__AVR_HAVE_MUL__) && defined(__GNUC__)
/*
 * gcc would compute all 64 bits, and of 64-bit factors. Here the 16 products of bytes are added up column by column;
 * three bytes hold the sum of a column, the lowest of them goes when the next column begins.
 */
SYMC_SHARED_FN uint32_t symc_mul_upper(uint32_t a, uint32_t b)
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
#else
SYMC_FN uint32_t symc_mul_upper(uint32_t a, uint32_t b)
{
    return symc_mul_high(a, b);
}
#endif

/* The upper half of the 128-bit product, too small by at most 2: for 64-bit polynomials. */
#if defined(__AVR__)
SYMC_SHARED_FN
#else
SYMC_FN
#endif
uint64_t symc_mul_upper64(uint64_t a, uint64_t b)
{
    const uint32_t a1 = (uint32_t)(a >> 32);
    const uint32_t b1 = (uint32_t)(b >> 32);
    const uint64_t product = ((uint64_t)symc_mul_upper(a1, b1) << 32) | (uint32_t)(a1 * b1);
    return product + symc_mul_upper(a1, (uint32_t)b) + symc_mul_upper((uint32_t)a, b1);
}

#endif
