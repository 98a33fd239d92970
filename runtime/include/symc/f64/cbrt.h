/* SPDX-License-Identifier: Apache-2.0
 *
 * symc runtime: cube root, correctly rounded (proved over all 2^32 inputs, with and without fused multiply-add).
 */
#ifndef SYMC_F64_CBRT_H
#define SYMC_F64_CBRT_H

#include "symc/f32.h"
#include "symc/f64/core.h"

/* begin CBRT_START */
/* poly/fit.py: (1 - h)^(-1/3) on 0 <= h <= 0.175; relative error 2^-19.3. */
#define SYMC_CBRT_START_0 0x1.ffffcc656de07p-1
#define SYMC_CBRT_START_1 0x1.559d1d97af98fp-2
#define SYMC_CBRT_START_2 0x1.b7b601fb4d9f3p-3
#define SYMC_CBRT_START_3 0x1.e48614b4eaebap-3
/* end CBRT_START */
/* begin CBRT */
/* poly/fit.py: ((1 - h)^(-2/3) - 1) / h on |h| <= 2^-13; relative error 2^-55.7. */
#define SYMC_CBRT_1 0x1.5555555555555p-1
#define SYMC_CBRT_2 0x1.1c71c74c7221dp-1
#define SYMC_CBRT_3 0x1.f9add4579dac8p-2
/* end CBRT */

/*
 * y, about |x|^(-1/3), is first had from a third of the exponent (it is up to 7 % too small then), next from a
 * polynomial in h = 1 - |x| y^3. Rounded to 14 bits, its square times |x| is exact, 24 + 14 + 14 bits, and near the
 * root: |x|^(1/3) = |x| y^2 (1 - h)^(-2/3), with the h of the rounded y, which is below 2^-13. Only the small
 * correction and one addition are rounded. A subnormal x is normal as a double; no result is subnormal.
 */
SYMC_FN float symc_cbrt(float x)
{
    const uint32_t u = symc_bits(x);
    const uint32_t magnitude = u & SYMC_MAGNITUDE;
    const double v = symc_widen(symc_from_bits(magnitude));

    /* 4/3 of the exponent's bias (times 2^20), and so much less that h is never negative. */
    const uint32_t start = 0x553e2500u - (uint32_t)(symc_bits64(v) >> 32) / 3u;
    const double y0 = symc_from_bits64((uint64_t)start << 32);
    const double h0 = 1.0 - symc_mul64(symc_mul64(v, y0), symc_mul64(y0, y0));
    double p = SYMC_COEF(SYMC_CBRT_START_3);
    p = SYMC_FMA(p, h0, SYMC_COEF(SYMC_CBRT_START_2));
    p = SYMC_FMA(p, h0, SYMC_COEF(SYMC_CBRT_START_1));
    p = SYMC_FMA(p, h0, SYMC_COEF(SYMC_CBRT_START_0));
    const uint64_t rounded = symc_bits64(symc_mul64(y0, p)) + 0x0000004000000000ull;
    const double y = symc_from_bits64(rounded & 0xffffff8000000000ull);

    const double root = symc_mul64(symc_mul64(v, y), y);
    const double h = SYMC_FMA(-root, y, 1.0);
    double q = SYMC_COEF(SYMC_CBRT_3);
    q = SYMC_FMA(q, h, SYMC_COEF(SYMC_CBRT_2));
    q = SYMC_FMA(q, h, SYMC_COEF(SYMC_CBRT_1));
    const double cube_root = SYMC_FMA(symc_mul64(root, h), q, root);

    uint32_t r = symc_bits(symc_narrow(cube_root)) | (u & SYMC_SIGN);
    r = symc_select((uint32_t)(magnitude == SYMC_INFINITY), u, r);
    r = symc_select((uint32_t)(magnitude > SYMC_INFINITY), SYMC_NAN, r);
    return symc_from_bits(r);
}

#endif
