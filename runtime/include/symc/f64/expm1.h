/* SPDX-License-Identifier: Apache-2.0
 *
 * symc runtime: e^x - 1, correctly rounded (proved over all 2^32 inputs, with and without fused multiply-add).
 */
#ifndef SYMC_F64_EXPM1_H
#define SYMC_F64_EXPM1_H

#include "symc/f32.h"
#include "symc/f64/core.h"

/* begin EXPM1_R */
/* poly/fit.py: (exp(r) - 1 - r) / r^2 on |r| <= ln(2)/2, for exp(r) - 1; relative error 2^-61.6. */
#define SYMC_EXPM1_R_2 0x1p-1
#define SYMC_EXPM1_R_3 0x1.5555555555559p-3
#define SYMC_EXPM1_R_4 0x1.5555555555558p-5
#define SYMC_EXPM1_R_5 0x1.111111110f71cp-7
#define SYMC_EXPM1_R_6 0x1.6c16c16c177e4p-10
#define SYMC_EXPM1_R_7 0x1.a01a01af997e5p-13
#define SYMC_EXPM1_R_8 0x1.a01a01983865fp-16
#define SYMC_EXPM1_R_9 0x1.71ddf932b4e02p-19
#define SYMC_EXPM1_R_10 0x1.27e5063d8d4d8p-22
#define SYMC_EXPM1_R_11 0x1.af5d258b7b04dp-26
#define SYMC_EXPM1_R_12 0x1.1f24f86096198p-29
/* end EXPM1_R */

/*
 * x = n ln(2) + r as in exp.h, e^x - 1 = 2^n (e^r - 1) + (2^n - 1). For small |x|, n is 0 and e^r - 1 = r + r^2 P(r)
 * keeps its full relative precision.
 */
SYMC_FN float symc_expm1(float x)
{
    const uint32_t u = symc_bits(x);
    const uint32_t magnitude = u & SYMC_MAGNITUDE;
    /* From |x| = 105 on the result is -1 or infinity. */
    const uint32_t clamped = symc_select((uint32_t)(magnitude < 0x42d20000u), magnitude, 0x42d20000u);
    const double v = symc_widen(symc_from_bits(clamped | (u & SYMC_SIGN)));

    const double shifted = SYMC_FMA(v, SYMC_COEF(0x1.71547652b82fep+0), SYMC_SHIFT);
    const double n = shifted - SYMC_SHIFT;
    const double r = SYMC_FMA(-n, SYMC_COEF(0x1.cf79abc9e3b3ap-40), SYMC_FMA(-n, SYMC_COEF(0x1.62e42fefap-1), v));

    double p = SYMC_COEF(SYMC_EXPM1_R_12);
    p = SYMC_FMA(p, r, SYMC_COEF(SYMC_EXPM1_R_11));
    p = SYMC_FMA(p, r, SYMC_COEF(SYMC_EXPM1_R_10));
    p = SYMC_FMA(p, r, SYMC_COEF(SYMC_EXPM1_R_9));
    p = SYMC_FMA(p, r, SYMC_COEF(SYMC_EXPM1_R_8));
    p = SYMC_FMA(p, r, SYMC_COEF(SYMC_EXPM1_R_7));
    p = SYMC_FMA(p, r, SYMC_COEF(SYMC_EXPM1_R_6));
    p = SYMC_FMA(p, r, SYMC_COEF(SYMC_EXPM1_R_5));
    p = SYMC_FMA(p, r, SYMC_COEF(SYMC_EXPM1_R_4));
    p = SYMC_FMA(p, r, SYMC_COEF(SYMC_EXPM1_R_3));
    p = SYMC_FMA(p, r, SYMC_COEF(SYMC_EXPM1_R_2));
    p = SYMC_FMA(symc_mul64(r, r), p, r);

    const double scale = symc_power_of_two(shifted);
    const float y = symc_narrow(SYMC_FMA(p, scale, scale - 1.0));
    /* The sign is that of x, also for -0. */
    const uint32_t bits = symc_bits(y) | (u & SYMC_SIGN);
    return symc_from_bits(symc_select((uint32_t)(magnitude > SYMC_INFINITY), SYMC_NAN, bits));
}

#endif
