/* SPDX-License-Identifier: Apache-2.0
 *
 * symc runtime: hyperbolic sine in integers, correctly rounded (proved over all 2^32 inputs).
 */
#ifndef SYMC_INT_SINH_H
#define SYMC_INT_SINH_H

#include "symc/int/hyperbolic.h"

SYMC_SLOW_FN float symc_sinh(float x)
{
    const uint32_t u = symc_bits(x);
    const uint32_t magnitude = u & SYMC_MAGNITUDE;
    const uint32_t sign = u & SYMC_SIGN;
    symc_sinh_cosh h;
    if (magnitude > SYMC_INFINITY) {
        return symc_from_bits(SYMC_NAN);
    }
    /* Up to 2^-12, x^3/6 is less than half a unit of x; from 105 on the result is infinite. */
    if (magnitude <= 0x39800000u) {
        return x;
    }
    if (magnitude >= 0x42d20000u) {
        return symc_from_bits(SYMC_INFINITY | sign);
    }
    h = symc_hyperbolic(magnitude);
    return symc_from_bits(symc_nearest64(h.sinh, h.sinh_exponent) | sign);
}

#endif
