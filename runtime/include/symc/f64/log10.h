/* SPDX-License-Identifier: Apache-2.0
 *
 * symc runtime: logarithm to the base 10, correctly rounded (proved over all 2^32 inputs, with and without fused
 * multiply-add).
 */
#ifndef SYMC_F64_LOG10_H
#define SYMC_F64_LOG10_H

#include "symc/f64/logarithm.h"

/*
 * k log10(2)_high + f log10(e)_high is exact: f is a multiple of 2^-24, log10(e)_high of 2^-22, log10(2)_high of 2^-46,
 * and k has 8 bits. Only the small rest and one addition are rounded.
 */
SYMC_FN float symc_log10(float x)
{
    const symc_split parts = symc_log_split(symc_widen(x));
    const double exact = SYMC_FMA(parts.k, 0x1.34413509f7ap-2, symc_mul64(parts.f, 0x1.bcb7bp-2));
    const double low = SYMC_FMA(parts.k, -0x1.0cee0ed4ca7e9p-54, symc_mul64(parts.f, 0x1.526e50e32a6abp-26));
    const double rest = SYMC_FMA(symc_log_rest(parts.f), 0x1.bcb7b1526e50ep-2, low);
    /* The logarithm of one number is so close to half-way between two floats that the double is on the wrong side. */
    const uint32_t one_more = (uint32_t)(symc_bits(x) == 0x0efeee7au);
    return symc_log_special(x, symc_bits(symc_narrow(exact + rest)) + one_more);
}

#endif
