/* SPDX-License-Identifier: Apache-2.0
 *
 * symc runtime: hyperbolic cosine, correctly rounded (proved over all 2^32 inputs, with and without fused
 * multiply-add).
 */
#ifndef SYMC_F64_COSH_H
#define SYMC_F64_COSH_H

#include "symc/f64/hyperbolic.h"

/* cosh(a + r) = cosh(a) + (cosh(a) (cosh(r) - 1) + sinh(a) sinh(r)), a = n ln(2). */
SYMC_FN float symc_cosh(float x)
{
    const uint32_t magnitude = symc_bits(x) & SYMC_MAGNITUDE;
    const symc_hyperbolic h = symc_hyperbolic_parts(magnitude);
    const double rest = SYMC_FMA(h.cosh_n, h.cosh_r_less_1, symc_mul64(h.sinh_n, h.sinh_r));
    const uint32_t bits = symc_bits(symc_narrow(h.cosh_n + rest));
    return symc_from_bits(symc_select((uint32_t)(magnitude > SYMC_INFINITY), SYMC_NAN, bits));
}

#endif
