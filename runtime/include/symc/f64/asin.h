/* SPDX-License-Identifier: Apache-2.0
 *
 * symc runtime: arc sine in radians, correctly rounded (proved over all 2^32 inputs, with and without fused
 * multiply-add).
 */
#ifndef SYMC_F64_ASIN_H
#define SYMC_F64_ASIN_H

#include "symc/f32.h"
#include "symc/f64/core.h"
#include "symc/f64/sqrt.h"

/* begin ASIN */
/* poly/fit.py: (asin(s) - s) / s^3 in z = s^2, |s| <= 1/2; relative error 2^-59.7. */
#define SYMC_ASIN_1 0x1.5555555555562p-3
#define SYMC_ASIN_2 0x1.33333333302bp-4
#define SYMC_ASIN_3 0x1.6db6db70cce74p-5
#define SYMC_ASIN_4 0x1.f1c71afd35dc8p-6
#define SYMC_ASIN_5 0x1.6e8bd4c505706p-6
#define SYMC_ASIN_6 0x1.1c4a939df7ac1p-6
#define SYMC_ASIN_7 0x1.ca1197869774ap-7
#define SYMC_ASIN_8 0x1.75ef0ebe4a9d5p-7
#define SYMC_ASIN_9 0x1.5f1520935d60dp-7
#define SYMC_ASIN_10 0x1.0243e1afed55dp-8
#define SYMC_ASIN_11 0x1.5ad29eb1b0173p-6
#define SYMC_ASIN_12 (-0x1.4c2c62ec9dd96p-6)
#define SYMC_ASIN_13 0x1.07c0078adceffp-5
/* end ASIN */

/*
 * asin |x| for |x| <= 1/2 (inner), else asin(s) with s = sqrt((1 - |x|)/2), from which asin |x| = pi/2 - 2 asin(s).
 * What is under the root is exact.
 */
SYMC_FN double symc_asin_kernel(uint32_t magnitude, uint64_t inner)
{
    const double v = symc_widen(symc_from_bits(magnitude));
    const double z = symc_select64(inner, symc_mul64(v, v), symc_mul64(1.0 - v, 0.5));
    /* Of 0 where it is not wanted, which takes no time in software. */
    const double s = symc_select64(inner, v, symc_sqrt64(symc_select64(inner, 0.0, z)));
    double p = SYMC_COEF(SYMC_ASIN_13);
    p = SYMC_FMA(p, z, SYMC_COEF(SYMC_ASIN_12));
    p = SYMC_FMA(p, z, SYMC_COEF(SYMC_ASIN_11));
    p = SYMC_FMA(p, z, SYMC_COEF(SYMC_ASIN_10));
    p = SYMC_FMA(p, z, SYMC_COEF(SYMC_ASIN_9));
    p = SYMC_FMA(p, z, SYMC_COEF(SYMC_ASIN_8));
    p = SYMC_FMA(p, z, SYMC_COEF(SYMC_ASIN_7));
    p = SYMC_FMA(p, z, SYMC_COEF(SYMC_ASIN_6));
    p = SYMC_FMA(p, z, SYMC_COEF(SYMC_ASIN_5));
    p = SYMC_FMA(p, z, SYMC_COEF(SYMC_ASIN_4));
    p = SYMC_FMA(p, z, SYMC_COEF(SYMC_ASIN_3));
    p = SYMC_FMA(p, z, SYMC_COEF(SYMC_ASIN_2));
    p = SYMC_FMA(p, z, SYMC_COEF(SYMC_ASIN_1));
    return SYMC_FMA(symc_mul64(s, z), p, s);
}

SYMC_FN float symc_asin(float x)
{
    const uint32_t u = symc_bits(x);
    const uint32_t magnitude = u & SYMC_MAGNITUDE;
    const uint64_t inner = (uint64_t)(magnitude <= 0x3f000000u);
    const double p = symc_asin_kernel(magnitude, inner);
    /* pi/2 as a sum of two doubles. */
    const double outer = (0x1.921fb54442d18p+0 - (p + p)) + 0x1.1a62633145c07p-54;
    uint32_t y = symc_bits(symc_narrow(symc_select64(inner, p, outer)));
    /* So close to half-way between two floats that without fused multiply-add the double lies on the wrong side. */
    y = symc_select((uint32_t)(magnitude == 0x3f083a1au), 0x3f0fa5b2u, y) | (u & SYMC_SIGN);
    return symc_from_bits(symc_select((uint32_t)(magnitude > SYMC_ONE), SYMC_NAN, y));
}

#endif
