/* SPDX-License-Identifier: Apache-2.0
 *
 * symc runtime: hyperbolic tangent, correctly rounded (proved over all 2^32 inputs, with and without fused
 * multiply-add).
 */
#ifndef SYMC_F64_TANH_H
#define SYMC_F64_TANH_H

#include "symc/f32.h"
#include "symc/f64/core.h"

/* begin EXPM1 */
/* poly/fit.py: (exp(r) - 1 - r) / r^2 on |r| <= ln(2)/2, for exp(r) - 1; relative error 2^-51.1. */
#define SYMC_EXPM1_2 0x1.0000000000005p-1
#define SYMC_EXPM1_3 0x1.55555555553e7p-3
#define SYMC_EXPM1_4 0x1.5555555551c61p-5
#define SYMC_EXPM1_5 0x1.11111111332ecp-7
#define SYMC_EXPM1_6 0x1.6c16c182c9accp-10
#define SYMC_EXPM1_7 0x1.a01a039e803bp-13
#define SYMC_EXPM1_8 0x1.a01995e2cbc3cp-16
#define SYMC_EXPM1_9 0x1.71d2db1dc9332p-19
#define SYMC_EXPM1_10 0x1.28b774af76a0bp-22
#define SYMC_EXPM1_11 0x1.cb81980084798p-26
/* end EXPM1 */

/*
 * tanh(|x|) = E/(E + 2) with E = e^(2|x|) - 1 = 2^n (e^r - 1) + (2^n - 1), 2|x| = n ln(2) + r as in exp.h. For
 * small |x|, n is 0 and E keeps its full relative precision.
 */
SYMC_FN float symc_tanh(float x)
{
    const uint32_t u = symc_bits(x);
    const uint32_t magnitude = u & SYMC_MAGNITUDE;
    /* From |x| = 10 on the result is 1. */
    const uint32_t clamped = magnitude < 0x41200000u ? magnitude : 0x41200000u;
    const double half = symc_widen(symc_from_bits(clamped));
    const double v = half + half;

    const double shifted = SYMC_FMA(v, SYMC_COEF(0x1.71547652b82fep+0), SYMC_SHIFT);
    const double n = shifted - SYMC_SHIFT;
    const double r = SYMC_FMA(-n, SYMC_COEF(0x1.cf79abc9e3b3ap-40), SYMC_FMA(-n, SYMC_COEF(0x1.62e42fefap-1), v));

    double p = SYMC_COEF(SYMC_EXPM1_11);
    p = SYMC_FMA(p, r, SYMC_COEF(SYMC_EXPM1_10));
    p = SYMC_FMA(p, r, SYMC_COEF(SYMC_EXPM1_9));
    p = SYMC_FMA(p, r, SYMC_COEF(SYMC_EXPM1_8));
    p = SYMC_FMA(p, r, SYMC_COEF(SYMC_EXPM1_7));
    p = SYMC_FMA(p, r, SYMC_COEF(SYMC_EXPM1_6));
    p = SYMC_FMA(p, r, SYMC_COEF(SYMC_EXPM1_5));
    p = SYMC_FMA(p, r, SYMC_COEF(SYMC_EXPM1_4));
    p = SYMC_FMA(p, r, SYMC_COEF(SYMC_EXPM1_3));
    p = SYMC_FMA(p, r, SYMC_COEF(SYMC_EXPM1_2));
    p = SYMC_FMA(symc_mul64(r, r), p, r);

    const double scale = symc_power_of_two(shifted);
    const double e = SYMC_FMA(p, scale, scale - 1.0);
    const float y = symc_narrow(e / (e + 2.0));
    /* For a NaN y is 1, all of whose bits are bits of SYMC_NAN. */
    const uint32_t nan = 0u - (uint32_t)((int32_t)magnitude > (int32_t)SYMC_INFINITY);
    return symc_from_bits(symc_bits(y) | (u & SYMC_SIGN & ~nan) | (nan & SYMC_NAN));
}

#endif
