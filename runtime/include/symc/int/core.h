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

/* The number of zero bits above the highest one; v is not 0. */
SYMC_FN uint32_t symc_leading_zeros(uint32_t v)
{
#if SYMC_DEVICE
    return (uint32_t)__clz((int)v);
#elif defined(__GNUC__) && !defined(__AVR__) && (!defined(__riscv) || defined(__riscv_zbb)) && \
    !(defined(__ARM_ARCH) && __ARM_ARCH_ISA_THUMB == 1)
    return (uint32_t)__builtin_clz(v);
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
SYMC_FN uint32_t symc_mul_high(uint32_t a, uint32_t b)
{
    return (uint32_t)(((uint64_t)a * b) >> 32);
}

/* The upper half of the signed 64-bit product, rounded down. */
SYMC_FN int32_t symc_mul_high_signed(int32_t a, int32_t b)
{
    return (int32_t)(((int64_t)a * b) >> 32);
}

/* The upper half of the 128-bit product. */
SYMC_FN uint64_t symc_mul_high64(uint64_t a, uint64_t b)
{
    const uint32_t a0 = (uint32_t)a;
    const uint32_t a1 = (uint32_t)(a >> 32);
    const uint32_t b0 = (uint32_t)b;
    const uint32_t b1 = (uint32_t)(b >> 32);
    const uint64_t middle = (uint64_t)a1 * b0 + (((uint64_t)a0 * b0) >> 32);
    const uint64_t other = (uint64_t)a0 * b1 + (uint32_t)middle;
    return (uint64_t)a1 * b1 + (middle >> 32) + (other >> 32);
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
}

#endif
