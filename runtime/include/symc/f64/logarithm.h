/* SPDX-License-Identifier: Apache-2.0
 *
 * symc runtime: logarithms in binary64, for the functions that are made of one.
 */
#ifndef SYMC_F64_LOGARITHM_H
#define SYMC_F64_LOGARITHM_H

#include "symc/f32.h"
#include "symc/f64/core.h"

/* begin LOGARITHM */
/* poly/fit.py: (log((1 + s)/(1 - s)) - 2 s) / s^3 in z = s^2, |s| <= 3 - sqrt(8); relative error 2^-59.3. */
#define SYMC_LOGARITHM_1 0x1.555555555557cp-1
#define SYMC_LOGARITHM_2 0x1.999999998578bp-2
#define SYMC_LOGARITHM_3 0x1.2492493ddb9b3p-2
#define SYMC_LOGARITHM_4 0x1.c71c54e5b3c86p-3
#define SYMC_LOGARITHM_5 0x1.7465b98004548p-3
#define SYMC_LOGARITHM_6 0x1.39ade99147091p-3
#define SYMC_LOGARITHM_7 0x1.2e94890d5ecacp-3
/* end LOGARITHM */

/* 2^k (1 + f), sqrt(1/2) <= 1 + f < sqrt(2). */
typedef struct {
    double k;
    double f;
} symc_split;

/* v for v > 0. */
SYMC_FN symc_split symc_log_split(double v)
{
    const uint64_t offset = symc_bits64(v) + (0x3ff0000000000000ull - 0x3fe6a09e667f3bcdull);
    symc_split parts;
    /* The biased exponent, 1023 + k, becomes a double through the low bits of 2^52. */
    parts.k = symc_from_bits64((offset >> 52) | 0x4330000000000000ull) - (0x1p52 + 1023.0);
    parts.f = symc_from_bits64((offset & 0x000fffffffffffffull) + 0x3fe6a09e667f3bcdull) - 1.0;
    return parts;
}

/* log(1 + f) - f = s (R - f), s = f/(2 + f), R = s^2 P(s^2) (the identity is fdlibm's). */
SYMC_FN double symc_log_rest(double f)
{
    const double s = f / (2.0 + f);
    const double z = symc_mul64(s, s);
    double p = SYMC_COEF(SYMC_LOGARITHM_7);
    p = SYMC_FMA(p, z, SYMC_COEF(SYMC_LOGARITHM_6));
    p = SYMC_FMA(p, z, SYMC_COEF(SYMC_LOGARITHM_5));
    p = SYMC_FMA(p, z, SYMC_COEF(SYMC_LOGARITHM_4));
    p = SYMC_FMA(p, z, SYMC_COEF(SYMC_LOGARITHM_3));
    p = SYMC_FMA(p, z, SYMC_COEF(SYMC_LOGARITHM_2));
    p = SYMC_FMA(p, z, SYMC_COEF(SYMC_LOGARITHM_1));
    return symc_mul64(s, SYMC_FMA(z, p, -f));
}

/* k ln(2) + log(1 + f): k ln2_high is exact, and what its sum with f loses (f may have 53 bits) is added again. */
SYMC_FN double symc_log_join(symc_split parts)
{
    const double high = symc_mul64(parts.k, 0x1.62e42fefa38p-1);
    const double sum = high + parts.f;
    const double lost = parts.f - (sum - high);
    return sum + (lost + SYMC_FMA(parts.k, SYMC_COEF(0x1.ef35793c7673p-45), symc_log_rest(parts.f)));
}

/* r, or what a logarithm is for the arguments that are no positive numbers: -infinity for zeros, infinity, NaN. */
SYMC_FN float symc_log_special(float x, uint32_t r)
{
    const uint32_t u = symc_bits(x);
    r = symc_select((uint32_t)(u == SYMC_INFINITY), u, r);
    r = symc_select((uint32_t)(u > SYMC_INFINITY), SYMC_NAN, r);
    return symc_from_bits(symc_select((uint32_t)((u & SYMC_MAGNITUDE) == 0u), SYMC_INFINITY | SYMC_SIGN, r));
}

#endif
