/* SPDX-License-Identifier: Apache-2.0
 *
 * symc runtime: e^x, correctly rounded (proved over all 2^32 inputs, with and without fused multiply-add).
 *
 * symc_exp_fast is branch-free. It gives the same result as the full function unless it sets *slow: for |x| > 87, for
 * infinities and NaN, and where its error leaves the rounding open (about one input in 2^12).
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
/* begin EXP_SHORT */
/* poly/fit.py: (exp(r) - 1 - r) / r^2 on |r| <= ln(2)/2; relative error 2^-39.7. */
#define SYMC_EXP_SHORT_2 0x1.000000005e3e2p-1
#define SYMC_EXP_SHORT_3 0x1.5555557dec915p-3
#define SYMC_EXP_SHORT_4 0x1.5555541d8bb97p-5
#define SYMC_EXP_SHORT_5 0x1.1110a23121a72p-7
#define SYMC_EXP_SHORT_6 0x1.6c18d40ebe1b7p-10
#define SYMC_EXP_SHORT_7 0x1.a185abd869893p-13
#define SYMC_EXP_SHORT_8 0x1.9e88e39c0cd65p-16
/* end EXP_SHORT */

/* a*b + c in binary32, fused where SYMC_FMA is. */
SYMC_FN float symc_exp_fma32(float a, float b, float c)
{
#if SYMC_DEVICE
    float r;
    asm("fma.rn.f32 %0, %1, %2, %3;" : "=f"(r) : "f"(a), "f"(b), "f"(c));
    return r;
#elif SYMC_HAS_FMA
    return __builtin_fmaf(a, b, c);
#else
    return a * b + c;
#endif
}

/*
 * x = n ln(2) + r with |r| <= ln(2)/2. The upper part of ln(2) has 16 bits, so that its part of r is exact in binary32,
 * of which a vector holds twice as many as of binary64. e^r = 1 + r + c2 r^2 + c3 r^3 + c4 r^4 + r^5 T(r): T is
 * evaluated in binary32 too, its error is below 2^-38; the rest in binary64. The sums with 1 - 2^-37 and 1 + 2^-37 in
 * place of 1 round to the same float, or the result is left to the full function. Up to |x| = 87 the result is
 * normal, and its exponent an integer addition.
 */
SYMC_FN float symc_exp_fast(float x, uint32_t *slow)
{
    const float shifted = symc_exp_fma32(x, 0x1.715476p+0f, 0x1.8p23f);
    const float n = symc_sub(shifted, 0x1.8p23f);
    const float upper = symc_exp_fma32(-n, 0x1.62e4p-1f, x);
    const float s = symc_exp_fma32(-n, 0x1.7f7d1cp-20f, upper);
    float t = (float)SYMC_EXP_SHORT_8;
    t = symc_exp_fma32(t, s, (float)SYMC_EXP_SHORT_7);
    t = symc_exp_fma32(t, s, (float)SYMC_EXP_SHORT_6);
    t = symc_exp_fma32(t, s, (float)SYMC_EXP_SHORT_5);

    const double r = SYMC_FMA(-symc_widen(n), SYMC_COEF(0x1.7f7d1cf79abcap-20), symc_widen(upper));
    double p = SYMC_FMA(symc_widen(t), r, SYMC_COEF(SYMC_EXP_SHORT_4));
    p = SYMC_FMA(p, r, SYMC_COEF(SYMC_EXP_SHORT_3));
    p = SYMC_FMA(p, r, SYMC_COEF(SYMC_EXP_SHORT_2));
    p = SYMC_FMA(p, r, 1.0);
    const uint32_t low = symc_bits(symc_narrow(SYMC_FMA(p, r, SYMC_COEF(1.0 - 0x1p-37))));
    const uint32_t high = symc_bits(symc_narrow(SYMC_FMA(p, r, SYMC_COEF(1.0 + 0x1p-37))));
    *slow |= (low ^ high) | (uint32_t)((int32_t)(symc_bits(x) & SYMC_MAGNITUDE) > 0x42ae0000);
    return symc_from_bits(high + (symc_bits(shifted) << 23));
}

/*
 * x = n ln(2) + r with |r| <= ln(2)/2, ln(2) in two parts (Cody and Waite), then e^x = 2^n (1 + r + r^2 P(r)).
 * The scaled double is rounded to float once, so overflow and subnormal results need no case of their own.
 */
SYMC_SLOW_FN float symc_exp_slow(float x)
{
    const uint32_t u = symc_bits(x);
    const uint32_t magnitude = u & SYMC_MAGNITUDE;
    /* From |x| = 105 on the result is 0 or infinity. */
    const uint32_t clamped = symc_select((uint32_t)(magnitude < 0x42d20000u), magnitude, 0x42d20000u);
    const double v = symc_widen(symc_from_bits(clamped | (u & SYMC_SIGN)));

    const double shifted = SYMC_FMA(v, SYMC_COEF(0x1.71547652b82fep+0), SYMC_SHIFT);
    const double n = shifted - SYMC_SHIFT;
    const double r = SYMC_FMA(-n, SYMC_COEF(0x1.cf79abc9e3b3ap-40), SYMC_FMA(-n, SYMC_COEF(0x1.62e42fefap-1), v));

    double p = SYMC_COEF(SYMC_EXP_11);
    p = SYMC_FMA(p, r, SYMC_COEF(SYMC_EXP_10));
    p = SYMC_FMA(p, r, SYMC_COEF(SYMC_EXP_9));
    p = SYMC_FMA(p, r, SYMC_COEF(SYMC_EXP_8));
    p = SYMC_FMA(p, r, SYMC_COEF(SYMC_EXP_7));
    p = SYMC_FMA(p, r, SYMC_COEF(SYMC_EXP_6));
    p = SYMC_FMA(p, r, SYMC_COEF(SYMC_EXP_5));
    p = SYMC_FMA(p, r, SYMC_COEF(SYMC_EXP_4));
    p = SYMC_FMA(p, r, SYMC_COEF(SYMC_EXP_3));
    p = SYMC_FMA(p, r, SYMC_COEF(SYMC_EXP_2));
    p = SYMC_FMA(p, r, 1.0);
    p = SYMC_FMA(p, r, 1.0);

    const float y = symc_narrow(symc_mul64(p, symc_power_of_two(shifted)));
    return symc_from_bits(symc_select((uint32_t)(magnitude > SYMC_INFINITY), SYMC_NAN, symc_bits(y)));
}

SYMC_FN float symc_exp(float x)
{
    uint32_t slow = 0u;
    const float y = symc_exp_fast(x, &slow);
    return slow == 0u ? y : symc_exp_slow(x);
}

#endif
