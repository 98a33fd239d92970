/* SPDX-License-Identifier: Apache-2.0
 *
 * symc runtime: the binary64 operations inside the functions.
 *
 * A product that feeds a sum is written SYMC_FMA or symc_mul64, so that no compiler decides by itself what is fused.
 */
#ifndef SYMC_F64_CORE_H
#define SYMC_F64_CORE_H

#include "symc/config.h"

/* Adding 1.5 * 2^52 rounds |v| < 2^51 to an integer, which then stands in the low bits of the sum's pattern. */
#define SYMC_SHIFT 0x1.8p52

/*
 * A coefficient, written as a literal. A GPU takes two instructions to make a binary64 literal, more than to use it, and
 * compilers make it again for every row. Read from constant memory it stays in a register or takes one instruction; the
 * read is written as an instruction because the compiler would put the literal back.
 */
#if SYMC_DEVICE
#define SYMC_COEF(literal) \
    ([] { \
        static __constant__ double coefficient = (literal); \
        double v; \
        asm("ld.const.f64 %0, [%1];" : "=d"(v) : "l"(__cvta_generic_to_constant(&coefficient))); \
        return v; \
    }())
#else
#define SYMC_COEF(literal) literal
#endif

/* The bit pattern of v. */
SYMC_FN uint64_t symc_bits64(double v)
{
#if SYMC_DEVICE
    return (uint64_t)__double_as_longlong(v);
#elif defined(__cplusplus) && defined(__GNUC__)
    uint64_t bits;
    __builtin_memcpy(&bits, &v, sizeof bits);
    return bits;
#elif defined(__cplusplus)
    return __builtin_bit_cast(uint64_t, v);
#else
    union { double value; uint64_t bits; } cast;
    cast.value = v;
    return cast.bits;
#endif
}

/* The double with this bit pattern. */
SYMC_FN double symc_from_bits64(uint64_t bits)
{
#if SYMC_DEVICE
    return __longlong_as_double((long long)bits);
#elif defined(__cplusplus) && defined(__GNUC__)
    double v;
    __builtin_memcpy(&v, &bits, sizeof v);
    return v;
#elif defined(__cplusplus)
    return __builtin_bit_cast(double, bits);
#else
    union { double value; uint64_t bits; } cast;
    cast.bits = bits;
    return cast.value;
#endif
}

/* condition (0 or 1) ? a : b, without a branch. */
SYMC_FN double symc_select64(uint64_t condition, double a, double b)
{
    const uint64_t mask = 0u - condition;
    return symc_from_bits64((symc_bits64(a) & mask) | (symc_bits64(b) & ~mask));
}

/* x as a double: exact. */
SYMC_FN double symc_widen(float x)
{
#if SYMC_DEVICE
    double v;
    asm("cvt.f64.f32 %0, %1;" : "=d"(v) : "f"(x));
    return v;
#else
    return (double)x;
#endif
}

/* The float nearest to v, ties to even, subnormals and overflow included. */
SYMC_FN float symc_narrow(double v)
{
#if SYMC_DEVICE
    float x;
    asm("cvt.rn.f32.f64 %0, %1;" : "=f"(x) : "d"(v));
    return x;
#else
    return (float)v;
#endif
}

/* a * b, rounded, and never fused with an addition that follows. */
SYMC_FN double symc_mul64(double a, double b)
{
#if SYMC_DEVICE
    return __dmul_rn(a, b);
#else
    return a * b;
#endif
}

/* 2^n for -1022 <= n <= 1023, n given as the bit pattern of n + SYMC_SHIFT. */
SYMC_FN double symc_power_of_two(double shifted)
{
    return symc_from_bits64((symc_bits64(shifted) + 1023u) << 52);
}

#endif
