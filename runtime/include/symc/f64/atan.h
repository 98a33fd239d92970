/* SPDX-License-Identifier: Apache-2.0
 *
 * symc runtime: arc tangent in radians, correctly rounded (proved over all 2^32 inputs, with and without fused
 * multiply-add).
 */
#ifndef SYMC_F64_ATAN_H
#define SYMC_F64_ATAN_H

#include "symc/f32.h"
#include "symc/f64/core.h"

/* begin ATAN */
/* poly/fit.py: (atan(t) - t) / t^3 in z = t^2, |t| <= tan(pi/8); relative error 2^-59.3. */
#define SYMC_ATAN_1 (-0x1.555555555554ap-2)
#define SYMC_ATAN_2 0x1.9999999996e2dp-3
#define SYMC_ATAN_3 (-0x1.249249231b748p-3)
#define SYMC_ATAN_4 0x1.c71c710a44529p-4
#define SYMC_ATAN_5 (-0x1.745cfc64113b3p-4)
#define SYMC_ATAN_6 0x1.3b1150c6554ffp-4
#define SYMC_ATAN_7 (-0x1.10edf20e6dda3p-4)
#define SYMC_ATAN_8 0x1.df2cd0222e087p-5
#define SYMC_ATAN_9 (-0x1.9d4d1e37e3173p-5)
#define SYMC_ATAN_10 0x1.38f5f0e32d722p-5
#define SYMC_ATAN_11 (-0x1.27b79067860abp-6)
/* end ATAN */

/*
 * atan |x| = base + atan t with |t| <= tan(pi/8): base 0 and t = |x|, or base pi/4 and t = (|x| - 1)/(|x| + 1), or base
 * pi/2 and t = -1/|x|. Numerator and denominator are exact; base is a sum of two doubles.
 */
SYMC_FN float symc_atan(float x)
{
    const uint32_t u = symc_bits(x);
    const uint32_t magnitude = u & SYMC_MAGNITUDE;
    const double v = symc_widen(symc_from_bits(magnitude));
    /* tan(pi/8) and tan(3 pi/8). */
    const uint64_t above = (uint64_t)(magnitude > 0x3ed413ccu);
    const uint64_t outer = (uint64_t)(magnitude > 0x401a8279u);
    const double numerator = symc_select64(outer, -1.0, symc_select64(above, v - 1.0, v));
    const double denominator = symc_select64(outer, v, symc_select64(above, v + 1.0, 1.0));
    const double base = symc_select64(outer, 0x1.921fb54442d18p+0, symc_select64(above, 0x1.921fb54442d18p-1, 0.0));
    const double rest = symc_select64(outer, 0x1.1a62633145c07p-54, symc_select64(above, 0x1.1a62633145c07p-55, 0.0));

    const double t = numerator / denominator;
    const double z = symc_mul64(t, t);
    double p = SYMC_COEF(SYMC_ATAN_11);
    p = SYMC_FMA(p, z, SYMC_COEF(SYMC_ATAN_10));
    p = SYMC_FMA(p, z, SYMC_COEF(SYMC_ATAN_9));
    p = SYMC_FMA(p, z, SYMC_COEF(SYMC_ATAN_8));
    p = SYMC_FMA(p, z, SYMC_COEF(SYMC_ATAN_7));
    p = SYMC_FMA(p, z, SYMC_COEF(SYMC_ATAN_6));
    p = SYMC_FMA(p, z, SYMC_COEF(SYMC_ATAN_5));
    p = SYMC_FMA(p, z, SYMC_COEF(SYMC_ATAN_4));
    p = SYMC_FMA(p, z, SYMC_COEF(SYMC_ATAN_3));
    p = SYMC_FMA(p, z, SYMC_COEF(SYMC_ATAN_2));
    p = SYMC_FMA(p, z, SYMC_COEF(SYMC_ATAN_1));
    p = base + (t + SYMC_FMA(symc_mul64(t, z), p, rest));

    uint32_t y = symc_bits(symc_narrow(p)) | (u & SYMC_SIGN);
    /* One arc tangent is so close to half-way between two floats that the double is half-way: one unit on. */
    y += (uint32_t)(magnitude == 0x3d8d6b23u);
    return symc_from_bits(symc_select((uint32_t)(magnitude > SYMC_INFINITY), SYMC_NAN, y));
}

#endif
