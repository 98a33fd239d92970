/* SPDX-License-Identifier: Apache-2.0
 *
 * symc runtime: fixed-point arithmetic in 16 bits. A value is an int16_t m and a format f that the program knows: m 2^-f.
 *
 * Every result is rounded to the nearest multiple of its unit, ties upward: floor(exact + 1/2). No operand of 16 bits
 * makes an operation undefined: no signed number is shifted or overflows, and no result hangs on how a compiler
 * converts or on how many bits its int has. Where a result does not fit, which programs are proved never to meet, it is
 * some int16_t.
 */
#ifndef SYMC_FIXED16_CORE_H
#define SYMC_FIXED16_CORE_H

#include "symc/config.h"
#include "symc/int/core.h"

/* The number with these bits; C leaves the conversion of what is above INT16_MAX to the compiler. */
SYMC_FN int16_t symc_fixed16_signed(uint16_t bits)
{
    return bits <= 0x7fffu ? (int16_t)bits : (int16_t)(-(int16_t)(uint16_t)~bits - 1);
}

/* m 2^-k, 1 <= k <= 15. */
SYMC_FN int16_t symc_fixed16_down(int16_t m, uint32_t k)
{
    /* Above 0 by 2^15, so that the shift rounds down. */
    const uint16_t above = (uint16_t)((uint16_t)m ^ 0x8000u);
    const uint16_t nearest =
        k == 1u ? (uint16_t)((above >> 1) + (above & 1u)) : (uint16_t)(((above >> (k - 1u)) + 1u) >> 1);
    return symc_fixed16_signed((uint16_t)(nearest - (0x8000u >> k)));
}

/* m 2^k, 0 <= k <= 15. */
SYMC_FN int16_t symc_fixed16_up(int16_t m, uint32_t k)
{
    return symc_fixed16_signed((uint16_t)((uint32_t)(uint16_t)m << k));
}

SYMC_FN int16_t symc_fixed16_add(int16_t a, int16_t b)
{
    return symc_fixed16_signed((uint16_t)((uint16_t)a + (uint16_t)b));
}

SYMC_FN int16_t symc_fixed16_sub(int16_t a, int16_t b)
{
    return symc_fixed16_signed((uint16_t)((uint16_t)a - (uint16_t)b));
}

SYMC_FN int16_t symc_fixed16_neg(int16_t m)
{
    return symc_fixed16_signed((uint16_t)(0u - (uint16_t)m));
}

/* |m|, which is 2^15 for the lowest number. */
SYMC_FN uint16_t symc_fixed16_size(int16_t m)
{
    return m < 0 ? (uint16_t)(0u - (uint16_t)m) : (uint16_t)m;
}

SYMC_FN int16_t symc_fixed16_abs(int16_t m)
{
    return symc_fixed16_signed(symc_fixed16_size(m));
}

/* The greatest integer not above m 2^-f, 1 <= f <= 14. */
SYMC_FN int16_t symc_fixed16_floor(int16_t m, uint32_t f)
{
    return m < 0 ? (int16_t)(-(int16_t)((uint16_t)~(uint16_t)m >> f) - 1) : (int16_t)((uint16_t)m >> f);
}

/* The least integer not below it. */
SYMC_FN int16_t symc_fixed16_ceil(int16_t m, uint32_t f)
{
    return (int16_t)(symc_fixed16_floor(m, f) + (int16_t)(((uint16_t)m & ((1u << f) - 1u)) != 0u));
}

/* The integer next to it towards 0. */
SYMC_FN int16_t symc_fixed16_trunc(int16_t m, uint32_t f)
{
    return m < 0 ? symc_fixed16_ceil(m, f) : symc_fixed16_floor(m, f);
}

/* The integer nearest to it, ties to the even one. */
SYMC_FN int16_t symc_fixed16_round(int16_t m, uint32_t f)
{
    const int16_t up = symc_fixed16_down(m, f);
    const uint16_t fraction = (uint16_t)((uint16_t)m & ((1u << f) - 1u));
    return fraction == 1u << (f - 1u) ? symc_fixed16_signed((uint16_t)((uint16_t)up & 0xfffeu)) : up;
}

/* x, or the nearest of two bounds; `bit` is set in what `outside` points to where it is not between them. */
SYMC_FN int16_t symc_fixed16_inside(int16_t x, int16_t low, int16_t high, uint32_t bit, uint32_t *outside)
{
    if (x >= low && x <= high) {
        return x;
    }
    *outside |= bit;
    return x < low ? low : high;
}

SYMC_FN int16_t symc_fixed16_min(int16_t a, int16_t b)
{
    return a < b ? a : b;
}

SYMC_FN int16_t symc_fixed16_max(int16_t a, int16_t b)
{
    return a > b ? a : b;
}

SYMC_FN int16_t symc_fixed16_relu(int16_t m)
{
    return m < 0 ? 0 : m;
}

SYMC_FN int16_t symc_fixed16_if_positive(int16_t m, int16_t a, int16_t b)
{
    return m > 0 ? a : b;
}

SYMC_FN int16_t symc_fixed16_sign(int16_t m)
{
    return (int16_t)((m > 0) - (m < 0));
}

#endif
