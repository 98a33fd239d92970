/* SPDX-License-Identifier: Apache-2.0
 *
 * symc runtime: binary32 operations that are exact or rounded once, and the bits of a float.
 *
 * Selections and comparisons work on bit patterns: compilers vectorise them, and no flush-to-zero mode changes them.
 * On a CUDA device + - * / are single PTX instructions, which no flag can fuse with a neighbour or make flush.
 */
#ifndef SYMC_F32_H
#define SYMC_F32_H

#include "symc/config.h"

#define SYMC_SIGN 0x80000000u
#define SYMC_MAGNITUDE 0x7fffffffu
#define SYMC_ONE 0x3f800000u
#define SYMC_INFINITY 0x7f800000u
#define SYMC_NAN 0x7fc00000u

/* The bit pattern of x. */
SYMC_FN uint32_t symc_bits(float x)
{
#if SYMC_DEVICE
    return __float_as_uint(x);
#elif defined(__cplusplus) && defined(__GNUC__)
    uint32_t bits;
    __builtin_memcpy(&bits, &x, sizeof bits);
    return bits;
#elif defined(__cplusplus)
    return __builtin_bit_cast(uint32_t, x);
#else
    union { float value; uint32_t bits; } cast;
    cast.value = x;
    return cast.bits;
#endif
}

/* The float with this bit pattern. */
SYMC_FN float symc_from_bits(uint32_t bits)
{
#if SYMC_DEVICE
    return __uint_as_float(bits);
#elif defined(__cplusplus) && defined(__GNUC__)
    float x;
    __builtin_memcpy(&x, &bits, sizeof x);
    return x;
#elif defined(__cplusplus)
    return __builtin_bit_cast(float, bits);
#else
    union { float value; uint32_t bits; } cast;
    cast.bits = bits;
    return cast.value;
#endif
}

/* condition (0 or 1) ? a : b, without a branch. */
SYMC_FN uint32_t symc_select(uint32_t condition, uint32_t a, uint32_t b)
{
    const uint32_t mask = 0u - condition;
    return (a & mask) | (b & ~mask);
}

/* 1 if x is a NaN, else 0. */
SYMC_FN uint32_t symc_is_nan(float x)
{
    return (uint32_t)((symc_bits(x) & SYMC_MAGNITUDE) > SYMC_INFINITY);
}

/* x, with any NaN replaced by 0x7fc00000. */
SYMC_FN float symc_canonical(float x)
{
    return symc_from_bits(symc_select(symc_is_nan(x), SYMC_NAN, symc_bits(x)));
}

/* ---- arithmetic, rounded once ---- */

/* avr-libc's division rounds some subnormal quotients wrongly. (Define SYMC_DIV_SOFT to have this one elsewhere.) */
#if defined(__AVR__) && !defined(SYMC_DIV_SOFT)
#define SYMC_DIV_SOFT 1
#endif

#if defined(SYMC_DIV_SOFT)
/* The significand of a finite magnitude u other than 0, 2^23 to 2^24, its exponent in *e: u = m 2^(*e - 23). */
SYMC_FN uint32_t symc_div_unpack(uint32_t u, int32_t *e)
{
    uint32_t m = u & 0x007fffffu;
    *e = (int32_t)(u >> 23) - 127;
    if (u >= 0x00800000u) {
        return m | 0x00800000u;
    }
    *e = -126;
    while (m < 0x00800000u) {
        m <<= 1;
        --*e;
    }
    return m;
}

/* x / y digit by digit: 25 bits of the quotient, the remainder tells what follows them. */
SYMC_SLOW_FN float symc_div_soft(float x, float y)
{
    const uint32_t sign = (symc_bits(x) ^ symc_bits(y)) & SYMC_SIGN;
    const uint32_t a = symc_bits(x) & SYMC_MAGNITUDE;
    const uint32_t b = symc_bits(y) & SYMC_MAGNITUDE;
    int32_t e;
    int32_t f;
    uint32_t rest;
    uint32_t d;
    uint32_t q = 0u;
    uint32_t i;
    if (a > SYMC_INFINITY || b > SYMC_INFINITY || (a == b && (a == 0u || a == SYMC_INFINITY))) {
        return symc_from_bits(SYMC_NAN);
    }
    if (a == 0u || b == SYMC_INFINITY) {
        return symc_from_bits(sign);
    }
    if (b == 0u || a == SYMC_INFINITY) {
        return symc_from_bits(sign | SYMC_INFINITY);
    }
    rest = symc_div_unpack(a, &e);
    d = symc_div_unpack(b, &f);
    e -= f;
    if (rest < d) {
        rest <<= 1;
        --e;
    }
    if (e > 127) {
        return symc_from_bits(sign | SYMC_INFINITY);
    }
    for (i = 0u; i < 25u; ++i) {
        q <<= 1;
        if (rest >= d) {
            rest -= d;
            q |= 1u;
        }
        rest <<= 1;
    }
    /* q has 25 bits, x / y = q 2^(e - 24) and a little more. A subnormal quotient keeps fewer of them. */
    while (e < -126 && q != 0u) {
        rest |= q & 1u;
        q >>= 1;
        ++e;
    }
    f = e < -126 ? -126 : e;
    q += (uint32_t)((q & 1u) != 0u && (rest != 0u || (q & 2u) != 0u));
    return symc_from_bits(sign | (((uint32_t)(f + 126) << 23) + (q >> 1)));
}
#endif

SYMC_FN float symc_add(float x, float y)
{
#if SYMC_DEVICE
    float r;
    asm("add.rn.f32 %0, %1, %2;" : "=f"(r) : "f"(x), "f"(y));
    return r;
#else
    return x + y;
#endif
}

SYMC_FN float symc_sub(float x, float y)
{
#if SYMC_DEVICE
    float r;
    asm("sub.rn.f32 %0, %1, %2;" : "=f"(r) : "f"(x), "f"(y));
    return r;
#else
    return x - y;
#endif
}

SYMC_FN float symc_mul(float x, float y)
{
#if SYMC_DEVICE
    float r;
    asm("mul.rn.f32 %0, %1, %2;" : "=f"(r) : "f"(x), "f"(y));
    return r;
#else
    return x * y;
#endif
}

SYMC_FN float symc_div(float x, float y)
{
#if SYMC_DEVICE
    float r;
    asm("div.rn.f32 %0, %1, %2;" : "=f"(r) : "f"(x), "f"(y));
    return r;
#elif defined(SYMC_DIV_SOFT)
    return symc_div_soft(x, y);
#else
    return x / y;
#endif
}

/* ---- exact ---- */

/* The sign bit flips, of a NaN too. */
SYMC_FN float symc_neg(float x)
{
    return symc_from_bits(symc_bits(x) ^ SYMC_SIGN);
}

/* The sign bit is cleared, of a NaN too. */
SYMC_FN float symc_abs(float x)
{
    return symc_from_bits(symc_bits(x) & SYMC_MAGNITUDE);
}

/* 0 for x < 0, else x: -0 and NaN stay. */
SYMC_FN float symc_relu(float x)
{
    const uint32_t u = symc_bits(x);
    const uint32_t below_zero = (uint32_t)(u - 0x80000001u <= 0xff800000u - 0x80000001u);
    return symc_from_bits(symc_select(below_zero, 0u, u));
}

/* An integer that orders floats as IEEE 754-2019 minimum does: -0 below +0. Not for NaN. */
SYMC_FN int32_t symc_total_order(float x)
{
    const uint32_t u = symc_bits(x);
    return (int32_t)(u ^ ((0u - (u >> 31)) & SYMC_MAGNITUDE));
}

/* An integer that orders floats as < does: -0 and +0 are equal. Not for NaN. */
SYMC_FN int32_t symc_order(float x)
{
    const uint32_t u = symc_bits(x);
    const uint32_t negative = 0u - (u >> 31);
    return (int32_t)(((u & SYMC_MAGNITUDE) ^ negative) - negative);
}

/* The lesser; a NaN operand gives NaN; min(-0, +0) is -0. */
SYMC_FN float symc_min(float x, float y)
{
    const uint32_t less = (uint32_t)(symc_total_order(x) < symc_total_order(y));
    const uint32_t r = symc_select(less, symc_bits(x), symc_bits(y));
    return symc_from_bits(symc_select(symc_is_nan(x) | symc_is_nan(y), SYMC_NAN, r));
}

/* The greater; a NaN operand gives NaN; max(-0, +0) is +0. */
SYMC_FN float symc_max(float x, float y)
{
    const uint32_t less = (uint32_t)(symc_total_order(x) < symc_total_order(y));
    const uint32_t r = symc_select(less, symc_bits(y), symc_bits(x));
    return symc_from_bits(symc_select(symc_is_nan(x) | symc_is_nan(y), SYMC_NAN, r));
}

/* 1.0f where condition is 1 and no operand is a NaN, else 0.0f. */
SYMC_FN float symc_truth(uint32_t condition, float x, float y)
{
    const uint32_t ordered = (symc_is_nan(x) | symc_is_nan(y)) ^ 1u;
    return symc_from_bits((0u - (condition & ordered)) & SYMC_ONE);
}

SYMC_FN float symc_lt(float x, float y)
{
    return symc_truth((uint32_t)(symc_order(x) < symc_order(y)), x, y);
}

SYMC_FN float symc_le(float x, float y)
{
    return symc_truth((uint32_t)(symc_order(x) <= symc_order(y)), x, y);
}

SYMC_FN float symc_gt(float x, float y)
{
    return symc_lt(y, x);
}

SYMC_FN float symc_ge(float x, float y)
{
    return symc_le(y, x);
}

SYMC_FN float symc_eq(float x, float y)
{
    return symc_truth((uint32_t)(symc_order(x) == symc_order(y)), x, y);
}

/* The only comparison that a NaN operand makes true. */
SYMC_FN float symc_ne(float x, float y)
{
    return symc_from_bits(symc_bits(symc_eq(x, y)) ^ SYMC_ONE);
}

#endif
