/* SPDX-License-Identifier: Apache-2.0
 *
 * symc runtime: fixed-point arithmetic. A value is an int32_t m and a format f that the program knows: m 2^-f.
 *
 * Every result is rounded to the nearest multiple of its unit, ties upward: floor(exact + 1/2). No operand of 32 bits
 * makes an operation undefined: no signed number is shifted or overflows, and no result hangs on how a compiler
 * converts. Where a result does not fit, which programs are proved never to meet, it is some int32_t.
 */
#ifndef SYMC_FIXED_CORE_H
#define SYMC_FIXED_CORE_H

#include "symc/config.h"
#include "symc/int/core.h"

/* The number with these bits; C leaves the conversion of what is above INT32_MAX to the compiler. */
SYMC_FN int32_t symc_fixed_signed(uint32_t bits)
{
    return bits <= 0x7fffffffu ? (int32_t)bits : -(int32_t)(~bits) - 1;
}

/* m 2^-k, 1 <= k <= 31. */
SYMC_FN int32_t symc_fixed_down(int32_t m, uint32_t k)
{
    /* Above 0 by 2^31, so that the shift rounds down. */
    const uint32_t above = (uint32_t)m ^ 0x80000000u;
    const uint32_t nearest = k == 1u ? (above >> 1) + (above & 1u) : ((above >> (k - 1u)) + 1u) >> 1;
    return symc_fixed_signed(nearest - (0x80000000u >> k));
}

/* m 2^k, 0 <= k <= 31. */
SYMC_FN int32_t symc_fixed_up(int32_t m, uint32_t k)
{
    return symc_fixed_signed((uint32_t)m << k);
}

SYMC_FN int32_t symc_fixed_add(int32_t a, int32_t b)
{
    return symc_fixed_signed((uint32_t)a + (uint32_t)b);
}

SYMC_FN int32_t symc_fixed_sub(int32_t a, int32_t b)
{
    return symc_fixed_signed((uint32_t)a - (uint32_t)b);
}

SYMC_FN int32_t symc_fixed_neg(int32_t m)
{
    return symc_fixed_signed(0u - (uint32_t)m);
}

/* |m|, which is 2^31 for the lowest number. */
SYMC_FN uint32_t symc_fixed_size(int32_t m)
{
    return m < 0 ? 0u - (uint32_t)m : (uint32_t)m;
}

SYMC_FN int32_t symc_fixed_abs(int32_t m)
{
    return symc_fixed_signed(symc_fixed_size(m));
}

/* The number of 64 bits w, in two's complement, times 2^-k, 1 <= k <= 63. */
SYMC_FN int32_t symc_fixed_narrow(uint64_t w, uint32_t k)
{
    const uint32_t low = (uint32_t)((w + (UINT64_C(1) << (k - 1u))) >> k);
    const uint32_t sign = k > 32u ? UINT32_C(1) << (63u - k) : 0u;
    return symc_fixed_signed((low ^ sign) - sign);
}

/* The greatest integer not above m 2^-f, 1 <= f <= 30. */
SYMC_FN int32_t symc_fixed_floor(int32_t m, uint32_t f)
{
    return m < 0 ? -(int32_t)(~(uint32_t)m >> f) - 1 : (int32_t)((uint32_t)m >> f);
}

/* The least integer not below it. */
SYMC_FN int32_t symc_fixed_ceil(int32_t m, uint32_t f)
{
    return symc_fixed_floor(m, f) + (int32_t)(((uint32_t)m & ((UINT32_C(1) << f) - 1u)) != 0u);
}

/* The integer next to it towards 0. */
SYMC_FN int32_t symc_fixed_trunc(int32_t m, uint32_t f)
{
    return m < 0 ? symc_fixed_ceil(m, f) : symc_fixed_floor(m, f);
}

/* The integer nearest to it, ties to the even one. */
SYMC_FN int32_t symc_fixed_round(int32_t m, uint32_t f)
{
    const int32_t up = symc_fixed_down(m, f);
    const uint32_t fraction = (uint32_t)m & ((UINT32_C(1) << f) - 1u);
    return fraction == UINT32_C(1) << (f - 1u) ? symc_fixed_signed((uint32_t)up & ~UINT32_C(1)) : up;
}

/* x, or the nearest of two bounds; `bit` is set in what `outside` points to where it is not between them. */
SYMC_FN int32_t symc_fixed_inside(int32_t x, int32_t low, int32_t high, uint32_t bit, uint32_t *outside)
{
    if (x >= low && x <= high) {
        return x;
    }
    *outside |= bit;
    return x < low ? low : high;
}

SYMC_FN int32_t symc_fixed_min(int32_t a, int32_t b)
{
    return a < b ? a : b;
}

SYMC_FN int32_t symc_fixed_max(int32_t a, int32_t b)
{
    return a > b ? a : b;
}

SYMC_FN int32_t symc_fixed_relu(int32_t m)
{
    return m < 0 ? 0 : m;
}

SYMC_FN int32_t symc_fixed_if_positive(int32_t m, int32_t a, int32_t b)
{
    return m > 0 ? a : b;
}

SYMC_FN int32_t symc_fixed_sign(int32_t m)
{
    return (int32_t)(m > 0) - (int32_t)(m < 0);
}

#endif
