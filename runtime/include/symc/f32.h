/* SPDX-License-Identifier: Apache-2.0
 *
 * symc runtime: binary32 operations that are exact or rounded once, and the bits of a float.
 *
 * Selections and comparisons work on bit patterns: compilers vectorise them, and no flush-to-zero mode changes them.
 * On a CUDA device + - * / are single PTX instructions, which no flag can fuse with a neighbour or make flush.
 */
#ifndef SYMC_F32_H
#define SYMC_F32_H

#include "symc/bits.h"
#include "symc/int/float.h"

/* ---- arithmetic, rounded once ---- */

SYMC_FN float symc_add(float x, float y)
{
#if SYMC_DEVICE
    float r;
    asm("add.rn.f32 %0, %1, %2;" : "=f"(r) : "f"(x), "f"(y));
    return r;
#elif defined(SYMC_SOFT_FLOAT)
    return symc_from_bits(symc_soft_add(symc_bits(x), symc_bits(y)));
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
#elif defined(SYMC_SOFT_FLOAT)
    return symc_from_bits(symc_soft_add(symc_bits(x), symc_bits(y) ^ SYMC_SIGN));
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
#elif defined(SYMC_SOFT_FLOAT)
    return symc_from_bits(symc_soft_mul(symc_bits(x), symc_bits(y)));
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
    return symc_from_bits(symc_soft_div(symc_bits(x), symc_bits(y)));
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
