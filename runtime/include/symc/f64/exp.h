/* SPDX-License-Identifier: Apache-2.0
 *
 * symc runtime: e^x, correctly rounded (proved over all 2^32 inputs, with and without fused multiply-add).
 */
#ifndef SYMC_F64_EXP_H
#define SYMC_F64_EXP_H

#include "symc/f32.h"
#include "symc/f64/core.h"

/* begin EXP */
/* poly/fit.py: (exp(r) - 1 - r) / r^2 on |r| <= ln(2)/2; relative error 2^-57.9. */
#define SYMC_EXP_2 0x1.000000000000ap-1
#define SYMC_EXP_3 0x1.5555555555502p-3
#define SYMC_EXP_4 0x1.5555555550607p-5
#define SYMC_EXP_5 0x1.11111111251e2p-7
#define SYMC_EXP_6 0x1.6c16c184b3612p-10
#define SYMC_EXP_7 0x1.a01a013b60614p-13
#define SYMC_EXP_8 0x1.a019989abd987p-16
#define SYMC_EXP_9 0x1.71def9ae4f87ep-19
#define SYMC_EXP_10 0x1.28aec2ed8e5adp-22
#define SYMC_EXP_11 0x1.adcc0a4d9b034p-26
/* end EXP */

/*
 * x = n ln(2) + r with |r| <= ln(2)/2, ln(2) in two parts (Cody and Waite), then e^x = 2^n (1 + r + r^2 P(r)).
 * The scaled double is rounded to float once, so overflow and subnormal results need no case of their own.
 */
SYMC_FN float symc_exp(float x)
{
    const uint32_t u = symc_bits(x);
    const uint32_t magnitude = u & SYMC_MAGNITUDE;
    /* From |x| = 105 on the result is 0 or infinity. */
    const uint32_t clamped = symc_select((uint32_t)(magnitude < 0x42d20000u), magnitude, 0x42d20000u);
    const double v = symc_widen(symc_from_bits(clamped | (u & SYMC_SIGN)));

    const double shifted = SYMC_FMA(v, 0x1.71547652b82fep+0, SYMC_SHIFT);
    const double n = shifted - SYMC_SHIFT;
    const double r = SYMC_FMA(-n, 0x1.cf79abc9e3b3ap-40, SYMC_FMA(-n, 0x1.62e42fefap-1, v));

    double p = SYMC_EXP_11;
    p = SYMC_FMA(p, r, SYMC_EXP_10);
    p = SYMC_FMA(p, r, SYMC_EXP_9);
    p = SYMC_FMA(p, r, SYMC_EXP_8);
    p = SYMC_FMA(p, r, SYMC_EXP_7);
    p = SYMC_FMA(p, r, SYMC_EXP_6);
    p = SYMC_FMA(p, r, SYMC_EXP_5);
    p = SYMC_FMA(p, r, SYMC_EXP_4);
    p = SYMC_FMA(p, r, SYMC_EXP_3);
    p = SYMC_FMA(p, r, SYMC_EXP_2);
    p = SYMC_FMA(p, r, 1.0);
    p = SYMC_FMA(p, r, 1.0);

    const float y = symc_narrow(symc_mul64(p, symc_power_of_two(shifted)));
    return symc_from_bits(symc_select((uint32_t)(magnitude > SYMC_INFINITY), SYMC_NAN, symc_bits(y)));
}

#endif
