/* SPDX-License-Identifier: Apache-2.0
 *
 * symc runtime: natural logarithm, correctly rounded (proved over all 2^32 inputs, with and without fused
 * multiply-add).
 */
#ifndef SYMC_F64_LOG_H
#define SYMC_F64_LOG_H

#include "symc/f32.h"
#include "symc/f64/core.h"

/* begin LOG */
/* poly/fit.py: (log((1 + s)/(1 - s)) - 2 s) / s^3 in z = s^2, |s| <= 3 - sqrt(8); relative error 2^-59.3. */
#define SYMC_LOG_1 0x1.555555555557cp-1
#define SYMC_LOG_2 0x1.999999998578bp-2
#define SYMC_LOG_3 0x1.2492493ddb9b3p-2
#define SYMC_LOG_4 0x1.c71c54e5b3c86p-3
#define SYMC_LOG_5 0x1.7465b98004548p-3
#define SYMC_LOG_6 0x1.39ade99147091p-3
#define SYMC_LOG_7 0x1.2e94890d5ecacp-3
/* end LOG */

/*
 * x = 2^k (1 + f) with sqrt(1/2) <= 1 + f < sqrt(2); as a double, so that subnormal floats are normal.
 * log(1 + f) = f - s (f - R), s = f/(2 + f), R = s^2 P(s^2) (the identity is fdlibm's). k ln2_hi + f is exact:
 * k has 8 bits, ln2_hi is a multiple of 2^-42, f of 2^-24. Only the small rest and one addition are rounded.
 */
SYMC_FN float symc_log(float x)
{
    const uint32_t u = symc_bits(x);
    const uint64_t offset = symc_bits64(symc_widen(x)) + (0x3ff0000000000000ull - 0x3fe6a09e667f3bcdull);
    /* The biased exponent, 1023 + k, becomes a double through the low bits of 2^52. */
    const double k = symc_from_bits64((offset >> 52) | 0x4330000000000000ull) - (0x1p52 + 1023.0);
    const double f = symc_from_bits64((offset & 0x000fffffffffffffull) + 0x3fe6a09e667f3bcdull) - 1.0;

    const double s = f / (2.0 + f);
    const double z = symc_mul64(s, s);
    double p = SYMC_COEF(SYMC_LOG_7);
    p = SYMC_FMA(p, z, SYMC_COEF(SYMC_LOG_6));
    p = SYMC_FMA(p, z, SYMC_COEF(SYMC_LOG_5));
    p = SYMC_FMA(p, z, SYMC_COEF(SYMC_LOG_4));
    p = SYMC_FMA(p, z, SYMC_COEF(SYMC_LOG_3));
    p = SYMC_FMA(p, z, SYMC_COEF(SYMC_LOG_2));
    p = SYMC_FMA(p, z, SYMC_COEF(SYMC_LOG_1));

    const double exact = SYMC_FMA(k, SYMC_COEF(0x1.62e42fefa38p-1), f);
    const double rest = SYMC_FMA(k, SYMC_COEF(0x1.ef35793c7673p-45), symc_mul64(s, SYMC_FMA(z, p, -f)));
    uint32_t r = symc_bits(symc_narrow(exact + rest));
    /*
     * Five logarithms lie so close to half-way between two floats that the double is exactly half-way: here "to even"
     * is the wrong side. One unit off the magnitude, or one on.
     */
    r -= (uint32_t)(u == 0x3c413d3au) + (uint32_t)(u == 0x41178febu);
    r += (uint32_t)(u == 0x4c5d65a5u) + (uint32_t)(u == 0x65d890d3u) + (uint32_t)(u == 0x6f31a8ecu);
    r = symc_select((uint32_t)(u == SYMC_INFINITY), u, r);
    r = symc_select((uint32_t)(u > SYMC_INFINITY), SYMC_NAN, r);
    r = symc_select((uint32_t)((u & SYMC_MAGNITUDE) == 0u), SYMC_INFINITY | SYMC_SIGN, r);
    return symc_from_bits(r);
}

#endif
