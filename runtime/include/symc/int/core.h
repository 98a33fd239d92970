/* SPDX-License-Identifier: Apache-2.0
 *
 * symc runtime: the integer operations inside the functions of profile INT.
 *
 * Numbers are fixed-point fractions or a 64-bit significand with an exponent. No operation here, and none in the
 * functions, is a float one: a flush-to-zero mode, x87 registers or -ffast-math cannot reach them.
 */
#ifndef SYMC_INT_CORE_H
#define SYMC_INT_CORE_H

#include "symc/config.h"
#include "symc/f32.h"

/*
 * SYMC_LARGE_FN: a function that processors inline which multiply 32 bits into 64; others share one copy. What they would
 * have to keep on the stack for it in the function around it is then there no longer than the call.
 */
#if defined(__AVR__) || (defined(__thumb__) && !defined(__thumb2__))
#define SYMC_NARROW_MUL 1 /* 32 bits is all of a product that it can have. */
#else
#define SYMC_NARROW_MUL 0
#endif
#if SYMC_NARROW_MUL
#define SYMC_LARGE_FN SYMC_SHARED_FN
#else
#define SYMC_LARGE_FN SYMC_FN
#endif

/* Cores that cannot count zeros share one copy of how it is done instead; RISC-V where code is to be small. */
#if SYMC_NARROW_MUL || (defined(__riscv) && !defined(__riscv_zbb) && defined(__OPTIMIZE_SIZE__))
#define SYMC_COUNTING_FN SYMC_SHARED_FN
#else
#define SYMC_COUNTING_FN SYMC_FN
#endif

/* The number of zero bits above the highest one; v is not 0. */
SYMC_COUNTING_FN uint32_t symc_leading_zeros(uint32_t v)
{
#if SYMC_DEVICE
    return (uint32_t)__clz((int)v);
#elif defined(__GNUC__) && !defined(__AVR__) && (!defined(__riscv) || defined(__riscv_zbb)) && \
    !(defined(__ARM_ARCH) && __ARM_ARCH_ISA_THUMB == 1)
    return (uint32_t)__builtin_clz(v);
#elif defined(__AVR__)
    /* By bytes and then by bits: a shift by more than one is a loop there. */
    uint8_t n = 0u;
    while (v < 0x01000000u) {
        n = (uint8_t)(n + 8u);
        v <<= 8;
    }
    while (v < SYMC_SIGN) {
        ++n;
        v <<= 1;
    }
    return n;
#else
    /* Cores without the instruction would call a function of the compiler's library for it. */
    uint32_t n = 0u;
    if (v < 0x00010000u) {
        n += 16u;
        v <<= 16;
    }
    if (v < 0x01000000u) {
        n += 8u;
        v <<= 8;
    }
    if (v < 0x10000000u) {
        n += 4u;
        v <<= 4;
    }
    if (v < 0x40000000u) {
        n += 2u;
        v <<= 2;
    }
    return n + (uint32_t)(v < 0x80000000u);
#endif
}

/* The same for 64 bits. */
SYMC_FN uint32_t symc_leading_zeros64(uint64_t v)
{
    const uint32_t high = (uint32_t)(v >> 32);
    return high != 0u ? symc_leading_zeros(high) : 32u + symc_leading_zeros((uint32_t)v);
}

/* The upper half of the 64-bit product. */
#if defined(__AVR__) && defined(__AVR_HAVE_MUL__) && defined(__GNUC__)
/*
 * gcc would compute all 64 bits, and of 64-bit factors. Here the 16 products of bytes are added up column by column;
 * three bytes hold the sum of a column, the lowest of them goes when the next column begins.
 */
#define SYMC_HIGH_PRODUCT \
    "clr %[zero]\n\t" \
    "mul %A[a], %A[b]\n\tmov %C[high], r1\n\tclr %D[high]\n\tclr %[carry]\n\t" \
    "mul %A[a], %B[b]\n\tadd %C[high], r0\n\tadc %D[high], r1\n\tadc %[carry], %[zero]\n\t" \
    "mul %B[a], %A[b]\n\tadd %C[high], r0\n\tadc %D[high], r1\n\tadc %[carry], %[zero]\n\t" \
    "clr %A[high]\n\t" \
    "mul %A[a], %C[b]\n\tadd %D[high], r0\n\tadc %[carry], r1\n\tadc %A[high], %[zero]\n\t" \
    "mul %B[a], %B[b]\n\tadd %D[high], r0\n\tadc %[carry], r1\n\tadc %A[high], %[zero]\n\t" \
    "mul %C[a], %A[b]\n\tadd %D[high], r0\n\tadc %[carry], r1\n\tadc %A[high], %[zero]\n\t" \
    "clr %B[high]\n\t" \
    "mul %A[a], %D[b]\n\tadd %[carry], r0\n\tadc %A[high], r1\n\tadc %B[high], %[zero]\n\t" \
    "mul %B[a], %C[b]\n\tadd %[carry], r0\n\tadc %A[high], r1\n\tadc %B[high], %[zero]\n\t" \
    "mul %C[a], %B[b]\n\tadd %[carry], r0\n\tadc %A[high], r1\n\tadc %B[high], %[zero]\n\t" \
    "mul %D[a], %A[b]\n\tadd %[carry], r0\n\tadc %A[high], r1\n\tadc %B[high], %[zero]\n\t" \
    "clr %C[high]\n\t" \
    "mul %B[a], %D[b]\n\tadd %A[high], r0\n\tadc %B[high], r1\n\tadc %C[high], %[zero]\n\t" \
    "mul %C[a], %C[b]\n\tadd %A[high], r0\n\tadc %B[high], r1\n\tadc %C[high], %[zero]\n\t" \
    "mul %D[a], %B[b]\n\tadd %A[high], r0\n\tadc %B[high], r1\n\tadc %C[high], %[zero]\n\t" \
    "clr %D[high]\n\t" \
    "mul %C[a], %D[b]\n\tadd %B[high], r0\n\tadc %C[high], r1\n\tadc %D[high], %[zero]\n\t" \
    "mul %D[a], %C[b]\n\tadd %B[high], r0\n\tadc %C[high], r1\n\tadc %D[high], %[zero]\n\t" \
    "mul %D[a], %D[b]\n\tadd %C[high], r0\n\tadc %D[high], r1\n\t" \
    "clr r1"
#define SYMC_HIGH_OPERANDS \
    : [high] "=&r"(high), [carry] "=&r"(carry), [zero] "=&r"(zero) : [a] "r"(a), [b] "r"(b) : "r0"
SYMC_SHARED_FN uint32_t symc_mul_high(uint32_t a, uint32_t b)
{
    uint32_t high;
    uint8_t carry;
    uint8_t zero;
    __asm__(SYMC_HIGH_PRODUCT SYMC_HIGH_OPERANDS);
    return high;
}
#elif SYMC_NARROW_MUL
/* From four products of halves; gcc would call a function for all 64 bits, and of 64-bit factors. */
SYMC_SHARED_FN uint32_t symc_mul_high(uint32_t a, uint32_t b)
{
    const uint32_t a0 = a & 0xffffu;
    const uint32_t a1 = a >> 16;
    const uint32_t b0 = b & 0xffffu;
    const uint32_t b1 = b >> 16;
    const uint32_t middle = a1 * b0 + ((a0 * b0) >> 16);
    const uint32_t other = a0 * b1 + (middle & 0xffffu);
    return a1 * b1 + (middle >> 16) + (other >> 16);
}
#else
SYMC_FN uint32_t symc_mul_high(uint32_t a, uint32_t b)
{
    return (uint32_t)(((uint64_t)a * b) >> 32);
}
#endif

/* The upper half of the signed 64-bit product, rounded down. */
#if SYMC_NARROW_MUL
SYMC_SHARED_FN int32_t symc_mul_high_signed(int32_t a, int32_t b)
#else
SYMC_FN int32_t symc_mul_high_signed(int32_t a, int32_t b)
#endif
{
#if SYMC_NARROW_MUL && !defined(__AVR__)
    const int32_t a0 = (int32_t)((uint32_t)a & 0xffffu);
    const int32_t a1 = a >> 16;
    const int32_t b0 = (int32_t)((uint32_t)b & 0xffffu);
    const int32_t b1 = b >> 16;
    const int32_t middle = a1 * b0 + (int32_t)(((uint32_t)a0 * (uint32_t)b0) >> 16);
    const int32_t other = a0 * b1 + (int32_t)((uint32_t)middle & 0xffffu);
    return a1 * b1 + (middle >> 16) + (other >> 16);
#elif defined(SYMC_HIGH_PRODUCT)
    int32_t high;
    uint8_t carry;
    uint8_t zero;
    /* A negative factor counted as 2^32 more. */
    __asm__(SYMC_HIGH_PRODUCT "\n\t"
            "sbrs %D[a], 7\n\trjmp 1f\n\t"
            "sub %A[high], %A[b]\n\tsbc %B[high], %B[b]\n\tsbc %C[high], %C[b]\n\tsbc %D[high], %D[b]\n"
            "1:\n\tsbrs %D[b], 7\n\trjmp 2f\n\t"
            "sub %A[high], %A[a]\n\tsbc %B[high], %B[a]\n\tsbc %C[high], %C[a]\n\tsbc %D[high], %D[a]\n"
            "2:" SYMC_HIGH_OPERANDS);
    return high;
#elif SYMC_NARROW_MUL
    const uint32_t correction = (a < 0 ? (uint32_t)b : 0u) + (b < 0 ? (uint32_t)a : 0u);
    return (int32_t)(symc_mul_high((uint32_t)a, (uint32_t)b) - correction);
#else
    return (int32_t)(((int64_t)a * b) >> 32);
#endif
}

#if SYMC_NARROW_MUL
/* high 2^32 + low. gcc would have AVR shift bit by bit. */
SYMC_FN uint64_t symc_joined(uint32_t high, uint32_t low)
{
#if defined(__AVR__)
    union { uint64_t all; uint32_t halves[2]; } number;
    number.halves[0] = low;
    number.halves[1] = high;
    return number.all;
#else
    return ((uint64_t)high << 32) | low;
#endif
}

/* The upper 32 bits of v. */
SYMC_FN uint32_t symc_upper(uint64_t v)
{
#if defined(__AVR__)
    union { uint64_t all; uint32_t halves[2]; } number;
    number.all = v;
    return number.halves[1];
#else
    return (uint32_t)(v >> 32);
#endif
}

/* All of the product. */
SYMC_FN uint64_t symc_mul_wide(uint32_t a, uint32_t b)
{
    return symc_joined(symc_mul_high(a, b), a * b);
}
#endif

/* The upper half of the 128-bit product. */
SYMC_LARGE_FN uint64_t symc_mul_high64(uint64_t a, uint64_t b)
{
    const uint32_t a0 = (uint32_t)a;
    const uint32_t a1 = (uint32_t)(a >> 32);
    const uint32_t b0 = (uint32_t)b;
    const uint32_t b1 = (uint32_t)(b >> 32);
#if SYMC_NARROW_MUL
    const uint64_t middle = symc_mul_wide(a1, b0) + symc_mul_high(a0, b0);
    const uint64_t other = symc_mul_wide(a0, b1) + (uint32_t)middle;
    return symc_mul_wide(a1, b1) + (middle >> 32) + (other >> 32);
#else
    const uint64_t middle = (uint64_t)a1 * b0 + (((uint64_t)a0 * b0) >> 32);
    const uint64_t other = (uint64_t)a0 * b1 + (uint32_t)middle;
    return (uint64_t)a1 * b1 + (middle >> 32) + (other >> 32);
#endif
}

/* The upper half of the signed 128-bit product, rounded down. */
SYMC_FN int64_t symc_mul_high_signed64(int64_t a, int64_t b)
{
    const uint64_t correction = (a < 0 ? (uint64_t)b : 0u) + (b < 0 ? (uint64_t)a : 0u);
    return (int64_t)(symc_mul_high64((uint64_t)a, (uint64_t)b) - correction);
}

/* The significand of a finite magnitude u other than 0, 2^23 <= m < 2^24, and e with u = m 2^(e - 23). */
SYMC_FN uint32_t symc_unpack(uint32_t u, int32_t *e)
{
    const uint32_t m = u & 0x007fffffu;
    uint32_t shift;
    if (u >= 0x00800000u) {
        *e = (int32_t)(u >> 23) - 127;
        return m | 0x00800000u;
    }
    shift = symc_leading_zeros(m) - 8u;
    *e = -126 - (int32_t)shift;
    return m << shift;
}

/*
 * Whether the float nearest to a value in [m - error, m + error] depends on where in it the value lies: m has 32
 * significant bits, of which a normal float keeps 24.
 */
SYMC_FN uint32_t symc_is_unsure(uint32_t m, uint32_t error)
{
    return (uint32_t)(((m + 0x80u + error) & 0xffu) <= 2u * error);
}

/*
 * The bits of the float nearest to m 2^(e - 63), ties to even, 2^63 <= m: subnormal results are rounded once, too
 * large ones are infinity.
 */
SYMC_FN uint32_t symc_pack(uint64_t m, int32_t e)
{
#if SYMC_NARROW
#if SYMC_NARROW_MUL
    const uint32_t high = symc_upper(m);
#else
    const uint32_t high = (uint32_t)(m >> 32);
#endif
    const uint32_t more = (uint32_t)((uint32_t)m != 0u);
    return symc_soft_round(0u, (symc_exponent)(e + 127), (high >> 1) | (high & 1u) | more);
#else
    const uint32_t extra = e < -126 ? (uint32_t)(-126 - e) : 0u;
    const uint32_t exponent = e < -126 ? 0u : (uint32_t)(e + 126);
    uint32_t kept;
    uint64_t rest;
    if (e > 127) {
        return SYMC_INFINITY;
    }
    if (extra > 24u) {
        return 0u;
    }
    /* The kept bits, and the others at the top of 64: extra + 40 of them. */
    kept = extra == 24u ? 0u : (uint32_t)(m >> 40) >> extra;
    rest = extra == 24u ? m : m << (24u - extra);
    kept += (uint32_t)(rest > 0x8000000000000000u || (rest == 0x8000000000000000u && (kept & 1u) != 0u));
    return (exponent << 23) + kept;
#endif
}

#endif
