/* SPDX-License-Identifier: Apache-2.0
 *
 * symc runtime: inverse hyperbolic sine, correctly rounded (proved over all 2^32 inputs, with and without fused
 * multiply-add).
 */
#ifndef SYMC_F64_ASINH_H
#define SYMC_F64_ASINH_H

#include "symc/f64/logarithm.h"

/* begin ASINH */
/* poly/fit.py: (asinh(x) - x) / x^3 in z = x^2, |x| <= 1/4; relative error 2^-59.9. */
#define SYMC_ASINH_1 (-0x1.555555555551fp-3)
#define SYMC_ASINH_2 0x1.3333333325658p-4
#define SYMC_ASINH_3 (-0x1.6db6db5a85b7bp-5)
#define SYMC_ASINH_4 0x1.f1c70f8513aa8p-6
#define SYMC_ASINH_5 (-0x1.6e8938f2994aep-6)
#define SYMC_ASINH_6 0x1.1c0b330af4f2ap-6
#define SYMC_ASINH_7 (-0x1.c0f2a160df2adp-7)
#define SYMC_ASINH_8 0x1.2c7c07745402fp-7
/* end ASINH */

/*
 * sqrt(v) for a normal v whose square is one too, within one unit in the last place, in operations that every target
 * vectorises: 1/sqrt(v) from the bit pattern (error 2^-4.8), twice improved (cubic: 2^-13, 2^-39), then the root.
 */
SYMC_FN double symc_newton_root(double v)
{
    double r = symc_from_bits64(0x5fe6eb50c7b537a9ull - (symc_bits64(v) >> 1));
    double h = symc_mul64(symc_mul64(v, r), r);
    r = symc_mul64(r, SYMC_FMA(h, SYMC_FMA(h, 0.375, -1.25), 1.875));
    h = symc_mul64(symc_mul64(v, r), r);
    r = symc_mul64(r, SYMC_FMA(h, SYMC_FMA(h, 0.375, -1.25), 1.875));
    const double root = symc_mul64(v, r);
    return SYMC_FMA(symc_mul64(0.5, r), SYMC_FMA(-root, root, v), root);
}

/* asinh(w) for |w| <= 1/4, z = w^2. */
SYMC_FN double symc_asinh_small(double w, double z)
{
    double p = SYMC_COEF(SYMC_ASINH_8);
    p = SYMC_FMA(p, z, SYMC_COEF(SYMC_ASINH_7));
    p = SYMC_FMA(p, z, SYMC_COEF(SYMC_ASINH_6));
    p = SYMC_FMA(p, z, SYMC_COEF(SYMC_ASINH_5));
    p = SYMC_FMA(p, z, SYMC_COEF(SYMC_ASINH_4));
    p = SYMC_FMA(p, z, SYMC_COEF(SYMC_ASINH_3));
    p = SYMC_FMA(p, z, SYMC_COEF(SYMC_ASINH_2));
    p = SYMC_FMA(p, z, SYMC_COEF(SYMC_ASINH_1));
    return SYMC_FMA(symc_mul64(w, z), p, w);
}

/* asinh(x) = log(x + sqrt(x^2 + 1)), or near 0 a series. */
SYMC_FN float symc_asinh(float x)
{
    const uint32_t u = symc_bits(x);
    const uint32_t magnitude = u & SYMC_MAGNITUDE;
    const double v = symc_widen(symc_from_bits(magnitude));
    const double z = symc_mul64(v, v);
    const double large = symc_log_join(symc_log_split(v + symc_newton_root(z + 1.0)));
    const double y = symc_select64((uint64_t)(magnitude < 0x3e800000u), symc_asinh_small(v, z), large);
    uint32_t r = symc_bits(symc_narrow(y));
    /* Three results are so close to half-way between two floats that the double is exactly half-way. */
    r += (uint32_t)(magnitude == 0x4bdd65a5u) + (uint32_t)(magnitude == 0x655890d3u);
    r += (uint32_t)(magnitude == 0x6eb1a8ecu);
    r = symc_select((uint32_t)(magnitude >= SYMC_INFINITY), magnitude, r) | (u & SYMC_SIGN);
    return symc_from_bits(symc_select((uint32_t)(magnitude > SYMC_INFINITY), SYMC_NAN, r));
}

#endif
