/* SPDX-License-Identifier: Apache-2.0
 *
 * symc runtime: 2^x, correctly rounded (proved over all 2^32 inputs, with and without fused multiply-add).
 */
#ifndef SYMC_F64_EXP2_H
#define SYMC_F64_EXP2_H

#include "symc/f32.h"
#include "symc/f64/core.h"

/* begin EXP2_G */
/* poly/fit.py: (2^g - 1) / g on |g| <= 1/2; relative error 2^-57.1. */
#define SYMC_EXP2_G_1 0x1.62e42fefa39efp-1
#define SYMC_EXP2_G_2 0x1.ebfbdff82c5b3p-3
#define SYMC_EXP2_G_3 0x1.c6b08d704a26fp-5
#define SYMC_EXP2_G_4 0x1.3b2ab6fb9dacfp-7
#define SYMC_EXP2_G_5 0x1.5d87fe78456p-10
#define SYMC_EXP2_G_6 0x1.430913167858bp-13
#define SYMC_EXP2_G_7 0x1.ffcbfe676a945p-17
#define SYMC_EXP2_G_8 0x1.62bfb4b0d62a5p-20
#define SYMC_EXP2_G_9 0x1.b5208038b59fp-24
#define SYMC_EXP2_G_10 0x1.e63b6e9a848a8p-28
#define SYMC_EXP2_G_11 0x1.f0ec32c49e61p-32
/* end EXP2_G */

/*
 * x = n + g with |g| <= 1/2, which is exact, then 2^x = 2^n (1 + g P(g)). The scaled double is rounded to float once,
 * so overflow and subnormal results need no case of their own.
 */
SYMC_FN float symc_exp2(float x)
{
    const uint32_t u = symc_bits(x);
    const uint32_t magnitude = u & SYMC_MAGNITUDE;
    /* From |x| = 160 on the result is 0 or infinity. */
    const uint32_t clamped = symc_select((uint32_t)(magnitude < 0x43200000u), magnitude, 0x43200000u);
    const double v = symc_widen(symc_from_bits(clamped | (u & SYMC_SIGN)));

    const double shifted = v + SYMC_SHIFT;
    const double g = v - (shifted - SYMC_SHIFT);

    double p = SYMC_COEF(SYMC_EXP2_G_11);
    p = SYMC_FMA(p, g, SYMC_COEF(SYMC_EXP2_G_10));
    p = SYMC_FMA(p, g, SYMC_COEF(SYMC_EXP2_G_9));
    p = SYMC_FMA(p, g, SYMC_COEF(SYMC_EXP2_G_8));
    p = SYMC_FMA(p, g, SYMC_COEF(SYMC_EXP2_G_7));
    p = SYMC_FMA(p, g, SYMC_COEF(SYMC_EXP2_G_6));
    p = SYMC_FMA(p, g, SYMC_COEF(SYMC_EXP2_G_5));
    p = SYMC_FMA(p, g, SYMC_COEF(SYMC_EXP2_G_4));
    p = SYMC_FMA(p, g, SYMC_COEF(SYMC_EXP2_G_3));
    p = SYMC_FMA(p, g, SYMC_COEF(SYMC_EXP2_G_2));
    p = SYMC_FMA(p, g, SYMC_COEF(SYMC_EXP2_G_1));
    p = SYMC_FMA(p, g, 1.0);

    uint32_t r = symc_bits(symc_narrow(symc_mul64(p, symc_power_of_two(shifted))));
    /* For two arguments the double is exactly half-way between two floats, and "to even" is the wrong side. */
    r += (uint32_t)(u == 0x3b429d37u) + (uint32_t)(u == 0xbcf3a937u);
    return symc_from_bits(symc_select((uint32_t)(magnitude > SYMC_INFINITY), SYMC_NAN, r));
}

#endif
