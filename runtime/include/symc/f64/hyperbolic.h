/* SPDX-License-Identifier: Apache-2.0
 *
 * symc runtime: what sinh and cosh share.
 */
#ifndef SYMC_F64_HYPERBOLIC_H
#define SYMC_F64_HYPERBOLIC_H

#include "symc/f32.h"
#include "symc/f64/core.h"

/* begin SINH */
/* poly/fit.py: (sinh(r) - r) / r^3 in z = r^2, |r| <= ln(2)/2; relative error 2^-61.6. */
#define SYMC_SINH_1 0x1.5555555555558p-3
#define SYMC_SINH_2 0x1.111111110fa64p-7
#define SYMC_SINH_3 0x1.a01a01aea1483p-13
#define SYMC_SINH_4 0x1.71ddfb2903bedp-19
#define SYMC_SINH_5 0x1.af5a43652c4e3p-26
/* end SINH */

/* begin COSH */
/* poly/fit.py: (cosh(r) - 1) / r^2 in z = r^2, |r| <= ln(2)/2; relative error 2^-69.3. */
#define SYMC_COSH_1 0x1p-1
#define SYMC_COSH_2 0x1.5555555555556p-5
#define SYMC_COSH_3 0x1.6c16c16c15dd3p-10
#define SYMC_COSH_4 0x1.a01a01a94b389p-16
#define SYMC_COSH_5 0x1.27e4d4b12fbc1p-22
#define SYMC_COSH_6 0x1.1f7f1af00c558p-29
/* end COSH */

/* |x| = n ln(2) + r: the sinh and cosh of both parts, of r without its leading 1. */
typedef struct {
    double sinh_n;
    double cosh_n;
    double sinh_r;
    double cosh_r_less_1;
} symc_hyperbolic;

/*
 * |x| = n ln(2) + r as in exp.h; sinh and cosh of n ln(2) are (2^n -+ 2^-n)/2. Cut off at 105, from where on results
 * are infinite.
 */
SYMC_FN symc_hyperbolic symc_hyperbolic_parts(uint32_t magnitude)
{
    const uint32_t clamped = symc_select((uint32_t)(magnitude < 0x42d20000u), magnitude, 0x42d20000u);
    const double v = symc_widen(symc_from_bits(clamped));
    const double shifted = SYMC_FMA(v, SYMC_COEF(0x1.71547652b82fep+0), SYMC_SHIFT);
    const double n = shifted - SYMC_SHIFT;
    const double r = SYMC_FMA(-n, SYMC_COEF(0x1.cf79abc9e3b3ap-40), SYMC_FMA(-n, SYMC_COEF(0x1.62e42fefap-1), v));
    const double up = symc_power_of_two(shifted - 1.0);
    const double down = symc_power_of_two((SYMC_SHIFT - 1.0) - n);
    const double z = symc_mul64(r, r);
    symc_hyperbolic h;
    double s = SYMC_COEF(SYMC_SINH_5);
    double c = SYMC_COEF(SYMC_COSH_6);
    s = SYMC_FMA(s, z, SYMC_COEF(SYMC_SINH_4));
    s = SYMC_FMA(s, z, SYMC_COEF(SYMC_SINH_3));
    s = SYMC_FMA(s, z, SYMC_COEF(SYMC_SINH_2));
    s = SYMC_FMA(s, z, SYMC_COEF(SYMC_SINH_1));
    c = SYMC_FMA(c, z, SYMC_COEF(SYMC_COSH_5));
    c = SYMC_FMA(c, z, SYMC_COEF(SYMC_COSH_4));
    c = SYMC_FMA(c, z, SYMC_COEF(SYMC_COSH_3));
    c = SYMC_FMA(c, z, SYMC_COEF(SYMC_COSH_2));
    c = SYMC_FMA(c, z, SYMC_COEF(SYMC_COSH_1));
    h.sinh_n = up - down;
    h.cosh_n = up + down;
    h.sinh_r = SYMC_FMA(symc_mul64(r, z), s, r);
    h.cosh_r_less_1 = symc_mul64(c, z);
    return h;
}

#endif
