/* SPDX-License-Identifier: Apache-2.0
 *
 * symc runtime: the bits of a binary32 float.
 */
#ifndef SYMC_BITS_H
#define SYMC_BITS_H

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

#endif
