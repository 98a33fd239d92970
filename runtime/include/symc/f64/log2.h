/* SPDX-License-Identifier: Apache-2.0
 *
 * symc runtime: logarithm to the base 2, correctly rounded (proved over all 2^32 inputs, with and without fused
 * multiply-add).
 */
#ifndef SYMC_F64_LOG2_H
#define SYMC_F64_LOG2_H

#include "symc/f64/logarithm.h"

/*
 * k + f log2(e)_high is exact: f is a multiple of 2^-24, log2(e)_high of 2^-20, k has 8 bits. Only the small rest and
 * one addition are rounded.
 */
SYMC_FN float symc_log2(float x)
{
    const symc_split parts = symc_log_split(symc_widen(x));
    const double exact = SYMC_FMA(parts.f, 0x1.71547p+0, parts.k);
    const double rest = SYMC_FMA(parts.f, 0x1.94ae0bf85ddf4p-22,
                                 symc_mul64(symc_log_rest(parts.f), 0x1.71547652b82fep+0));
    return symc_log_special(x, symc_bits(symc_narrow(exact + rest)));
}

#endif
