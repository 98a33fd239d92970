/* SPDX-License-Identifier: Apache-2.0
 *
 * symc runtime: sine, cosine and tangent of radians, correctly rounded (proved over all 2^32 inputs, with and without
 * fused multiply-add).
 *
 * symc_sin_fast and its siblings are branch-free. They give the same result as the full function unless they set
 * *slow, which they do for |x| > 393216, for infinities and for NaN.
 */
#ifndef SYMC_F64_TRIG_H
#define SYMC_F64_TRIG_H

#include "symc/f32.h"
#include "symc/f64/core.h"

/* begin SIN */
/* poly/fit.py: (sin(r) - r) / r^3 in z = r^2, |r| <= pi/4; relative error 2^-57.9. */
#define SYMC_SIN_1 (-0x1.5555555555548p-3)
#define SYMC_SIN_2 0x1.111111110f73p-7
#define SYMC_SIN_3 (-0x1.a01a019be9202p-13)
#define SYMC_SIN_4 0x1.71de35552903dp-19
#define SYMC_SIN_5 (-0x1.ae5e4b7fb18dap-26)
#define SYMC_SIN_6 0x1.5d8b53366f97cp-33
/* end SIN */
/* begin COS */
/* poly/fit.py: (cos(r) - 1) / r^2 in z = r^2, |r| <= pi/4; relative error 2^-53.9. */
#define SYMC_COS_1 (-0x1.fffffffffff96p-2)
#define SYMC_COS_2 0x1.555555554f058p-5
#define SYMC_COS_3 (-0x1.6c16c164056ddp-10)
#define SYMC_COS_4 0x1.a019f81818fc9p-16
#define SYMC_COS_5 (-0x1.27df4434a0f76p-22)
#define SYMC_COS_6 0x1.1b8b0f76dc64dp-29
/* end COS */
/* begin SINE */
/* poly/fit.py: (sin(r) - r) / r^3 in z = r^2, |r| <= 1.612; relative error 2^-51.7. */
#define SYMC_SINE_1 (-0x1.55555555554cfp-3)
#define SYMC_SINE_2 0x1.111111110a679p-7
#define SYMC_SINE_3 (-0x1.a01a019a01189p-13)
#define SYMC_SINE_4 0x1.71de37d13ec6cp-19
#define SYMC_SINE_5 (-0x1.ae6340099ff72p-26)
#define SYMC_SINE_6 0x1.60e2dbc7923c5p-33
#define SYMC_SINE_7 (-0x1.9e903e5b15967p-41)
/* end SINE */

#define SYMC_ONE_OVER_PI 0x1.45f306p-2f
/* Adding 1.5 * 2^23 rounds |v| < 2^22 to an integer, which then stands in the low bits of the sum's pattern. */
#define SYMC_SHIFT32 0x1.8p23f

/* The largest magnitude that the short reduction takes: 393216, below 2^18 multiples of pi/2. */
#define SYMC_TRIG_LIMIT 0x48c00000u

/* r in radians, |r| <= pi/4, and the number of quarter turns taken away, modulo 2^32. */
typedef struct {
    double r;
    uint32_t quarter;
} symc_angle;

/* |x| <= 393216: n = round(2x/pi), r = x - n pi/2, pi/2 as 33 + 53 bits (Cody and Waite); the first step is exact. */
SYMC_FN symc_angle symc_reduce_short(float x)
{
    const double v = symc_widen(x);
    const double shifted = SYMC_FMA(v, SYMC_COEF(0x1.45f306dc9c883p-1), SYMC_SHIFT);
    const double n = shifted - SYMC_SHIFT;
    symc_angle angle;
    angle.r = SYMC_FMA(-n, SYMC_COEF(0x1.0b4611a626331p-34), SYMC_FMA(-n, SYMC_COEF(0x1.921fb544p+0), v));
    angle.quarter = (uint32_t)symc_bits64(shifted);
    return angle;
}

/*
 * For 393216 < |x| < infinity: x = M 2^(E - 150) with M of 24 bits is multiplied by the 128 bits of 2/pi that decide
 * the quarter and the fraction (Payne and Hanek); bits in front of them only add whole turns. 2^94 is one quarter.
 */
SYMC_FN symc_angle symc_reduce_long(float x)
{
    /* 32 zero bits, then 2/pi. */
    static const uint32_t two_over_pi[9] = {
        0x00000000u, 0xa2f9836eu, 0x4e441529u, 0xfc2757d1u, 0xf534ddc0u,
        0xdb629599u, 0x3c439041u, 0xfe5163abu, 0xdebbc561u
    };
    const uint32_t u = symc_bits(x);
    const uint64_t m = (uint64_t)((u & 0x007fffffu) | 0x00800000u);
    /* The window's first bit: 25 to 135 for the inputs that come here. */
    const uint32_t exponent = (u & SYMC_MAGNITUDE) >> 23;
    const uint32_t position = exponent > 120u ? exponent - 120u : 0u;
    const uint32_t first = position >> 5;
    const uint32_t shift = position & 31u;
    uint32_t window[4];
    uint32_t i;
    for (i = 0u; i < 4u; ++i) {
        window[i] = (two_over_pi[first + i] << shift) | ((two_over_pi[first + i + 1u] >> 1) >> (31u - shift));
    }
    const uint64_t low = m * window[2] + ((m * window[3]) >> 32);
    const uint64_t high = ((m * window[0]) << 32) + m * window[1] + (low >> 32);
    const uint32_t quarter = (uint32_t)((high + (1ull << 61)) >> 62);
    const int64_t fraction = (int64_t)(high - ((uint64_t)quarter << 62));
    const double v = SYMC_FMA((double)(uint32_t)low, 0x1p-94, symc_mul64((double)fraction, 0x1p-62));
    const double r = SYMC_FMA(v, SYMC_COEF(0x1.921fb54442d18p+0), symc_mul64(v, 0x1.1a62633145c07p-54));
    const uint32_t negative = u >> 31;
    symc_angle angle;
    angle.r = symc_select64(negative, -r, r);
    angle.quarter = (quarter ^ (0u - negative)) + negative;
    return angle;
}

/* sin(r) = r + r^3 P(r^2) for |r| <= pi/4. */
SYMC_FN double symc_sin_kernel(double r)
{
    const double z = symc_mul64(r, r);
    double p = SYMC_COEF(SYMC_SIN_6);
    p = SYMC_FMA(p, z, SYMC_COEF(SYMC_SIN_5));
    p = SYMC_FMA(p, z, SYMC_COEF(SYMC_SIN_4));
    p = SYMC_FMA(p, z, SYMC_COEF(SYMC_SIN_3));
    p = SYMC_FMA(p, z, SYMC_COEF(SYMC_SIN_2));
    p = SYMC_FMA(p, z, SYMC_COEF(SYMC_SIN_1));
    return SYMC_FMA(symc_mul64(r, z), p, r);
}

/* cos(r) = 1 + r^2 P(r^2) for |r| <= pi/4. */
SYMC_FN double symc_cos_kernel(double r)
{
    const double z = symc_mul64(r, r);
    double p = SYMC_COEF(SYMC_COS_6);
    p = SYMC_FMA(p, z, SYMC_COEF(SYMC_COS_5));
    p = SYMC_FMA(p, z, SYMC_COEF(SYMC_COS_4));
    p = SYMC_FMA(p, z, SYMC_COEF(SYMC_COS_3));
    p = SYMC_FMA(p, z, SYMC_COEF(SYMC_COS_2));
    p = SYMC_FMA(p, z, SYMC_COEF(SYMC_COS_1));
    return SYMC_FMA(p, z, 1.0);
}

/* sin(r + (quarter turns) pi/2). */
SYMC_FN float symc_sin_of(symc_angle angle)
{
    const double s = symc_sin_kernel(angle.r);
    const double c = symc_cos_kernel(angle.r);
    const float y = symc_narrow(symc_select64((uint64_t)(angle.quarter & 1u), c, s));
    return symc_from_bits(symc_bits(y) ^ ((angle.quarter & 2u) << 30));
}

/* 1 where the short reduction does not serve: the borrow of a subtraction, which vectors have cheaper than a comparison. */
SYMC_FN uint32_t symc_trig_slow(float x)
{
    return (SYMC_TRIG_LIMIT - (symc_bits(x) & SYMC_MAGNITUDE)) >> 31;
}

/* x where it is a zero (the sign stays), else the float with the bits y. */
SYMC_FN float symc_keep_zero(float x, uint32_t y)
{
    return symc_from_bits(symc_select((uint32_t)((symc_bits(x) & SYMC_MAGNITUDE) == 0u), symc_bits(x), y));
}

/* sin(r) = r + r^3 P(r^2) for |r| <= 1.612: half turns need one polynomial where quarter turns need two. */
SYMC_FN double symc_sine(double r)
{
    const double z = symc_mul64(r, r);
    double p = SYMC_COEF(SYMC_SINE_7);
    p = SYMC_FMA(p, z, SYMC_COEF(SYMC_SINE_6));
    p = SYMC_FMA(p, z, SYMC_COEF(SYMC_SINE_5));
    p = SYMC_FMA(p, z, SYMC_COEF(SYMC_SINE_4));
    p = SYMC_FMA(p, z, SYMC_COEF(SYMC_SINE_3));
    p = SYMC_FMA(p, z, SYMC_COEF(SYMC_SINE_2));
    p = SYMC_FMA(p, z, SYMC_COEF(SYMC_SINE_1));
    return SYMC_FMA(symc_mul64(r, z), p, r);
}

/* x - n pi, pi as 33 + 53 bits (Cody and Waite); n a multiple of 1/2 below 2^18, the first step is exact. */
SYMC_FN double symc_less_half_turns(double x, double n)
{
    return SYMC_FMA(-n, SYMC_COEF(0x1.0b4611a626331p-33), SYMC_FMA(-n, SYMC_COEF(0x1.921fb544p+1), x));
}

/*
 * sin|x| = (-1)^n sin(|x| - n pi), n an integer near |x|/pi. binary32 is enough to find it, where a vector holds twice as
 * many rows: up to the limit n is off |x|/pi by 0.513 at most.
 */
SYMC_FN float symc_sin_fast(float x, uint32_t *slow)
{
    const uint32_t u = symc_bits(x);
    const uint32_t magnitude = u & SYMC_MAGNITUDE;
    const float v = symc_from_bits(magnitude);
    const float shifted = symc_add(symc_mul(v, SYMC_ONE_OVER_PI), SYMC_SHIFT32);
    const double n = symc_widen(symc_sub(shifted, SYMC_SHIFT32));
    uint32_t y = symc_bits(symc_narrow(symc_sine(symc_less_half_turns(symc_widen(v), n))));
    /* sin(9830.3984375) is so close to half-way between two floats that the double lies on the wrong side. */
    y -= (uint32_t)(magnitude == 0x46199998u);
    *slow |= symc_trig_slow(x);
    return symc_from_bits(y ^ (symc_bits(shifted) << 31) ^ (u & SYMC_SIGN));
}

/* cos(x) = sin(|x| + pi/2) = (-1)^n sin(|x| - (n - 1/2) pi), n an integer near |x|/pi + 1/2, found as that of sine. */
SYMC_FN float symc_cos_fast(float x, uint32_t *slow)
{
    const float v = symc_abs(x);
    const float shifted = symc_add(symc_add(symc_mul(v, SYMC_ONE_OVER_PI), 0.5f), SYMC_SHIFT32);
    const double half_turns = symc_widen(symc_sub(symc_sub(shifted, SYMC_SHIFT32), 0.5f));
    const uint32_t y = symc_bits(symc_narrow(symc_sine(symc_less_half_turns(symc_widen(v), half_turns))));
    *slow |= symc_trig_slow(x);
    return symc_from_bits(y ^ (symc_bits(shifted) << 31));
}

/* The cases |x| > 393216, infinity and NaN of sine (turn 0) and cosine (turn 1). */
SYMC_SLOW_FN float symc_sin_slow(float x, uint32_t turn)
{
    const uint32_t magnitude = symc_bits(x) & SYMC_MAGNITUDE;
    symc_angle angle = symc_reduce_long(x);
    angle.quarter += turn;
    uint32_t y = symc_bits(symc_sin_of(angle));
    /* Three cosines are so close to half-way between two floats that the double lies on the wrong side. */
    y = symc_select(turn & (uint32_t)(magnitude == 0x5f18b878u), 0x3f7f14bbu, y);
    y = symc_select(turn & (uint32_t)(magnitude == 0x6115cb11u), 0x3f78142fu, y);
    y = symc_select(turn & (uint32_t)(magnitude == 0x7908cd73u), 0x3f798bb5u, y);
    return symc_from_bits(symc_select((uint32_t)(magnitude >= SYMC_INFINITY), SYMC_NAN, y));
}

SYMC_FN float symc_sin(float x)
{
    uint32_t slow = 0u;
    const float y = symc_sin_fast(x, &slow);
    return slow == 0u ? y : symc_sin_slow(x, 0u);
}

SYMC_FN float symc_cos(float x)
{
    uint32_t slow = 0u;
    const float y = symc_cos_fast(x, &slow);
    return slow == 0u ? y : symc_sin_slow(x, 1u);
}

/* tan(r + (quarter turns) pi/2): sin/cos, or -cos/sin after an odd number of quarters. */
SYMC_FN double symc_tan_of(symc_angle angle)
{
    const double s = symc_sin_kernel(angle.r);
    const double c = symc_cos_kernel(angle.r);
    const uint64_t odd = (uint64_t)(angle.quarter & 1u);
    const double t = symc_select64(odd, c, s) / symc_select64(odd, s, c);
    return symc_from_bits64(symc_bits64(t) ^ (odd << 63));
}

SYMC_FN float symc_tan_fast(float x, uint32_t *slow)
{
    *slow |= symc_trig_slow(x);
    return symc_keep_zero(x, symc_bits(symc_narrow(symc_tan_of(symc_reduce_short(x)))));
}

/* The cases |x| > 393216, infinity and NaN. */
SYMC_SLOW_FN float symc_tan_slow(float x)
{
    const float y = symc_narrow(symc_tan_of(symc_reduce_long(x)));
    const uint32_t no_number = (uint32_t)((symc_bits(x) & SYMC_MAGNITUDE) >= SYMC_INFINITY);
    return symc_from_bits(symc_select(no_number, SYMC_NAN, symc_bits(y)));
}

SYMC_FN float symc_tan(float x)
{
    uint32_t slow = 0u;
    const float y = symc_tan_fast(x, &slow);
    return slow == 0u ? y : symc_tan_slow(x);
}

#endif
