/* SPDX-License-Identifier: Apache-2.0
 *
 * symc runtime: e^x - 1 in integers, correctly rounded (proved over all 2^32 inputs).
 */
#ifndef SYMC_INT_EXPM1_H
#define SYMC_INT_EXPM1_H

#include "symc/f32.h"
#include "symc/int/core.h"
#include "symc/int/expseries.h"

/*
 * |x| = n ln(2) + r. For n = 0, e^x - 1 is x (e^r - 1)/r, with all bits of the significand of x; otherwise it is
 * 2^n (e^r - 2^-n), and for negative x -(1 - 2^-n e^-r).
 */
SYMC_SLOW_FN float symc_expm1(float x)
{
    const uint32_t u = symc_bits(x);
    const uint32_t magnitude = u & SYMC_MAGNITUDE;
    const uint32_t sign = u & SYMC_SIGN;
    int32_t n;
    int64_t r;
    uint64_t m;
    int32_t e;
    if (magnitude > SYMC_INFINITY) {
        return symc_from_bits(SYMC_NAN);
    }
    /* Up to 2^-25, x^2/2 is less than half a unit of x. */
    if (magnitude <= 0x33000000u) {
        return x;
    }
    /* Below -18 the result is -1, from 89 on infinite. */
    if (sign != 0u && magnitude >= 0x41900000u) {
        return symc_from_bits(SYMC_ONE | SYMC_SIGN);
    }
    if (magnitude >= 0x42b20000u) {
        return symc_from_bits(SYMC_INFINITY);
    }
    r = symc_exp_reduce(magnitude, &n);
    r = sign != 0u ? -r : r;
    if (n == 0) {
        m = (uint64_t)((magnitude & 0x007fffffu) | 0x00800000u) << 40;
        m = symc_mul_high64(m, symc_exp_series(r, 1u));
        e = (int32_t)(magnitude >> 23) - 125;
    } else if (sign == 0u) {
        m = symc_exp_series(r, 0u) - (n < 63 ? (UINT64_C(1) << 62) >> n : 0u);
        e = n + 1;
    } else {
        m = (UINT64_C(1) << 62) - (symc_exp_series(r, 0u) >> n);
        e = 1;
    }
    return symc_from_bits(symc_nearest64(m, e) | sign);
}

#endif
