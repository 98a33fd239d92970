/* SPDX-License-Identifier: Apache-2.0
 *
 * symc runtime: hyperbolic sine, correctly rounded (proved over all 2^32 inputs, with and without fused multiply-add).
 */
#ifndef SYMC_F64_SINH_H
#define SYMC_F64_SINH_H

#include "symc/f64/hyperbolic.h"

/*
 * sinh(a + r) = sinh(a) + (sinh(a) (cosh(r) - 1) + cosh(a) sinh(r)), a = n ln(2). For small |x|, a is 0 and only
 * sinh(r) is left.
 */
SYMC_FN float symc_sinh(float x)
{
    const uint32_t u = symc_bits(x);
    const uint32_t magnitude = u & SYMC_MAGNITUDE;
    const symc_hyperbolic h = symc_hyperbolic_parts(magnitude);
    const double rest = SYMC_FMA(h.cosh_n, h.sinh_r, symc_mul64(h.sinh_n, h.cosh_r_less_1));
    uint32_t bits = symc_bits(symc_narrow(h.sinh_n + rest)) | (u & SYMC_SIGN);
    /* Here the double is exactly half-way between two floats, and "to even" is the wrong side. */
    bits -= (uint32_t)(magnitude == 0x3a1285ffu);
    return symc_from_bits(symc_select((uint32_t)(magnitude > SYMC_INFINITY), SYMC_NAN, bits));
}

#endif
