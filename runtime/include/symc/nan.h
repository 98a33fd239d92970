/* SPDX-License-Identifier: Apache-2.0
 *
 * symc runtime: the NaN of a row's results, looked for once, in a branch that is hardly ever taken.
 *
 * Loops over many rows use symc_canonical, which has no branch.
 */
#ifndef SYMC_NAN_H
#define SYMC_NAN_H

#include "symc/f32.h"

/* 1 if x or y is a NaN, else 0. */
SYMC_FN uint32_t symc_any_nan(float x, float y)
{
#if defined(__GNUC__) && (defined(__SSE__) || defined(__aarch64__) || (defined(__ARM_FP) && (__ARM_FP & 4) != 0))
    /* One comparison of two floats: not to be ordered is to be a NaN. */
    return (uint32_t)(__builtin_expect(__builtin_isunordered(x, y), 0) != 0);
#else
    return (uint32_t)(symc_is_nan(x) != 0u || symc_is_nan(y) != 0u);
#endif
}

/* The same for results of + - * /, but 0 where the machine, or symc/int/float.h, makes no NaN but 0x7fc00000. */
SYMC_FN uint32_t symc_odd_nan(float x, float y)
{
#if defined(SYMC_SOFT_FLOAT) || (defined(__riscv_flen) && __riscv_flen >= 32)
    (void)x;
    (void)y;
    return 0u;
#else
    return symc_any_nan(x, y);
#endif
}

/* Replaces every NaN among the n floats at y by 0x7fc00000. */
SYMC_SHARED_FN void symc_canonical_row(float *y, uint32_t n)
{
    uint32_t i;
    for (i = 0u; i < n; ++i) {
        if (symc_is_nan(y[i]) != 0u) {
            y[i] = symc_from_bits(SYMC_NAN);
        }
    }
}

#endif
