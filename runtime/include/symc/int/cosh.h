/* SPDX-License-Identifier: Apache-2.0
 *
 * symc runtime: hyperbolic cosine in integers, correctly rounded (proved over all 2^32 inputs).
 */
#ifndef SYMC_INT_COSH_H
#define SYMC_INT_COSH_H

#include "symc/int/hyperbolic.h"

SYMC_SLOW_FN float symc_cosh(float x)
{
    const uint32_t magnitude = symc_bits(x) & SYMC_MAGNITUDE;
    symc_sinh_cosh h;
    if (magnitude > SYMC_INFINITY) {
        return symc_from_bits(SYMC_NAN);
    }
    /* Up to 2^-13, x^2/2 is less than half a unit of 1; from 105 on the result is infinite. */
    if (magnitude <= 0x39000000u) {
        return symc_from_bits(SYMC_ONE);
    }
    if (magnitude >= 0x42d20000u) {
        return symc_from_bits(SYMC_INFINITY);
    }
    h = symc_hyperbolic(magnitude);
    return symc_from_bits(symc_nearest64(h.cosh, h.cosh_exponent));
}

#endif
