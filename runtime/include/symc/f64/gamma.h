/* SPDX-License-Identifier: Apache-2.0
 *
 * symc runtime: gamma function, correctly rounded (proved over all 2^32 inputs, with and without fused multiply-add).
 */
#ifndef SYMC_F64_GAMMA_H
#define SYMC_F64_GAMMA_H

#include "symc/f32.h"
#include "symc/f64/core.h"
#include "symc/int/gammafar.h"

/* begin GAMMA */
/* poly/fit.py: 1 / gamma(1 + t) on |t| <= 1/2; relative error 2^-61.2. */
#define SYMC_GAMMA_0 0x1p+0
#define SYMC_GAMMA_1 0x1.2788cfc6fb619p-1
#define SYMC_GAMMA_2 (-0x1.4fcf4026afa2ep-1)
#define SYMC_GAMMA_3 (-0x1.5815e8fa270c9p-5)
#define SYMC_GAMMA_4 0x1.5512320b4402p-3
#define SYMC_GAMMA_5 (-0x1.59af103c3244ap-5)
#define SYMC_GAMMA_6 (-0x1.3b4af2849273bp-7)
#define SYMC_GAMMA_7 0x1.d919c5268d255p-8
#define SYMC_GAMMA_8 (-0x1.317112c65123fp-10)
#define SYMC_GAMMA_9 (-0x1.c364fc0eec2c5p-13)
#define SYMC_GAMMA_10 0x1.0c8a76886ad2p-13
#define SYMC_GAMMA_11 (-0x1.51cf1b1cf8c09p-16)
#define SYMC_GAMMA_12 (-0x1.4fa77b483f9a3p-20)
#define SYMC_GAMMA_13 0x1.304ba97cff011p-20
#define SYMC_GAMMA_14 (-0x1.ba16e91e8a193p-23)
#define SYMC_GAMMA_15 0x1.4cf23ddd16e85p-28
#define SYMC_GAMMA_16 0x1.6be7bfedf6519p-28
/* end GAMMA */

/*
 * x = n + t, |t| <= 1/2, both exact, and 1/gamma(1 + t) = 1 + t P(t). The recurrence leads from there to gamma(x):
 * n >= 1: the product of t + 1, ..., t + n - 1, divided by 1 + t P(t);
 * n <= 0: 1 divided by the product of t + t^2 P(t), t - 1, ..., t + n.
 * Every factor but the one with the polynomial is exact. The scaled double is rounded to float once.
 */
SYMC_FN float symc_gamma(float x)
{
    const uint32_t u = symc_bits(x);
    const uint32_t magnitude = u & SYMC_MAGNITUDE;
    if (magnitude >= SYMC_GAMMA_END) {
        return symc_gamma_far(x);
    }
    if (magnitude == 0u) {
        return symc_from_bits(u | SYMC_INFINITY);
    }

    const double v = symc_widen(x);
    const double shifted = v + SYMC_SHIFT;
    const double t = v - (shifted - SYMC_SHIFT);
    int32_t n = (int32_t)(uint32_t)symc_bits64(shifted);
    double p = SYMC_COEF(SYMC_GAMMA_16);
    p = SYMC_FMA(p, t, SYMC_COEF(SYMC_GAMMA_15));
    p = SYMC_FMA(p, t, SYMC_COEF(SYMC_GAMMA_14));
    p = SYMC_FMA(p, t, SYMC_COEF(SYMC_GAMMA_13));
    p = SYMC_FMA(p, t, SYMC_COEF(SYMC_GAMMA_12));
    p = SYMC_FMA(p, t, SYMC_COEF(SYMC_GAMMA_11));
    p = SYMC_FMA(p, t, SYMC_COEF(SYMC_GAMMA_10));
    p = SYMC_FMA(p, t, SYMC_COEF(SYMC_GAMMA_9));
    p = SYMC_FMA(p, t, SYMC_COEF(SYMC_GAMMA_8));
    p = SYMC_FMA(p, t, SYMC_COEF(SYMC_GAMMA_7));
    p = SYMC_FMA(p, t, SYMC_COEF(SYMC_GAMMA_6));
    p = SYMC_FMA(p, t, SYMC_COEF(SYMC_GAMMA_5));
    p = SYMC_FMA(p, t, SYMC_COEF(SYMC_GAMMA_4));
    p = SYMC_FMA(p, t, SYMC_COEF(SYMC_GAMMA_3));
    p = SYMC_FMA(p, t, SYMC_COEF(SYMC_GAMMA_2));
    p = SYMC_FMA(p, t, SYMC_COEF(SYMC_GAMMA_1));

    double numerator = 1.0;
    double denominator;
    if (n >= 1) {
        denominator = SYMC_FMA(p, t, SYMC_COEF(SYMC_GAMMA_0));
        for (; n > 1; --n) {
            numerator = symc_mul64(numerator, t + (double)(n - 1));
        }
    } else {
        denominator = SYMC_FMA(symc_mul64(t, t), p, t);
        if (symc_bits64(denominator) << 1 == 0u) {
            return symc_from_bits(SYMC_NAN);
        }
        for (; n < 0; ++n) {
            denominator = symc_mul64(denominator, t + (double)n);
        }
    }
    const uint32_t r = symc_bits(symc_narrow(numerator / denominator));
    /*
     * gamma(6.176e-15), gamma(6.226e-15) and gamma(29.0658283) are so close to half-way between two floats that the
     * double lies half-way or on the wrong side.
     */
    const uint32_t off = (uint32_t)(u == 0x27de86a9u) + (uint32_t)(u == 0x27e05475u) + (uint32_t)(u == 0x41e886d1u);
    return symc_from_bits(r - off);
}

#endif
