/* SPDX-License-Identifier: Apache-2.0
 *
 * symc runtime: inverse hyperbolic tangent, correctly rounded (proved over all 2^32 inputs, with and without fused
 * multiply-add).
 */
#ifndef SYMC_F64_ATANH_H
#define SYMC_F64_ATANH_H

#include "symc/f32.h"
#include "symc/f64/core.h"

/* begin ATANH */
/* poly/fit.py: (atanh(s) - s) / s^3 in z = s^2, |s| <= 0.2006; relative error 2^-62.6. */
#define SYMC_ATANH_1 0x1.555555555554fp-2
#define SYMC_ATANH_2 0x1.999999999c1d1p-3
#define SYMC_ATANH_3 0x1.24924921dc9f8p-3
#define SYMC_ATANH_4 0x1.c71c7497cbe45p-4
#define SYMC_ATANH_5 0x1.745c48c956a0ep-4
#define SYMC_ATANH_6 0x1.3b3608a61e8fdp-4
#define SYMC_ATANH_7 0x1.0dc6aac41f824p-4
#define SYMC_ATANH_8 0x1.1ba3e17fe58fp-4
/* end ATANH */

/*
 * atanh(x) = log(a/b)/2 with a = 1 + x, b = 1 - x, x >= 0. With a/b = 2^k (1 + s)/(1 - s) it is k ln(2)/2 + atanh(s),
 * s = (a - 2^k b)/(a + 2^k b), where only the division is rounded. The difference of the bit patterns of a and b is the
 * logarithm of their quotient within 0.0861, which is good enough to choose k. For k = 0, s is x, also where a and b
 * are rounded.
 */
SYMC_FN float symc_atanh(float x)
{
    const uint32_t u = symc_bits(x);
    const uint32_t magnitude = u & SYMC_MAGNITUDE;
    const double v = symc_widen(symc_from_bits(magnitude));
    const double a = 1.0 + v;
    const double b = 1.0 - v;
    const uint64_t k = (symc_bits64(a) - symc_bits64(b) + 0x0008000000000000ull) >> 52;
    const double scaled = symc_from_bits64(symc_bits64(b) + (k << 52));
    const uint64_t near_zero = (uint64_t)(k == 0u);
    const double s = symc_select64(near_zero, v, a - scaled) / symc_select64(near_zero, 1.0, a + scaled);
    const double z = symc_mul64(s, s);
    const double n = symc_from_bits64(k | 0x4330000000000000ull) - 0x1p52;

    double p = SYMC_COEF(SYMC_ATANH_8);
    p = SYMC_FMA(p, z, SYMC_COEF(SYMC_ATANH_7));
    p = SYMC_FMA(p, z, SYMC_COEF(SYMC_ATANH_6));
    p = SYMC_FMA(p, z, SYMC_COEF(SYMC_ATANH_5));
    p = SYMC_FMA(p, z, SYMC_COEF(SYMC_ATANH_4));
    p = SYMC_FMA(p, z, SYMC_COEF(SYMC_ATANH_3));
    p = SYMC_FMA(p, z, SYMC_COEF(SYMC_ATANH_2));
    p = SYMC_FMA(p, z, SYMC_COEF(SYMC_ATANH_1));
    p = SYMC_FMA(n, SYMC_COEF(0x1.ef35793c7673p-46), symc_mul64(symc_mul64(s, z), p));

    uint32_t r = symc_bits(symc_narrow(SYMC_FMA(n, SYMC_COEF(0x1.62e42fefa38p-2), s) + p));
    r = symc_select((uint32_t)(magnitude == SYMC_ONE), SYMC_INFINITY, r) | (u & SYMC_SIGN);
    return symc_from_bits(symc_select((uint32_t)(magnitude > SYMC_ONE), SYMC_NAN, r));
}

#endif
