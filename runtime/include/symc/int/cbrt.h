/* SPDX-License-Identifier: Apache-2.0
 *
 * symc runtime: cube root in integers, correctly rounded (proved over all 2^32 inputs).
 */
#ifndef SYMC_INT_CBRT_H
#define SYMC_INT_CBRT_H

#include "symc/f32.h"
#include "symc/int/core.h"

/* begin Q_CBRT */
/* poly/fit.py: cube root of 3/2 + t on |t| <= 1/2, times 2^30; relative error 2^-27.8. */
#define SYMC_Q_CBRT_0 INT32_C(1229127558)
#define SYMC_Q_CBRT_1 INT32_C(273139375)
#define SYMC_Q_CBRT_2 INT32_C(-60697535)
#define SYMC_Q_CBRT_3 INT32_C(22484830)
#define SYMC_Q_CBRT_4 INT32_C(-9994891)
#define SYMC_Q_CBRT_5 INT32_C(4826957)
#define SYMC_Q_CBRT_6 INT32_C(-2495094)
#define SYMC_Q_CBRT_7 INT32_C(1653299)
#define SYMC_Q_CBRT_8 INT32_C(-929005)
/* end Q_CBRT */

/*
 * |x| = m 2^(3k + s - 23) with s = 0, 1 or 2: the root is 2^k r, 1 <= r < 2, r^3 = m 2^(s - 23). A polynomial and a
 * constant, 2^(s/3), give r with an error below 2^-26; that tells which two floats it lies between, or, where it is
 * very close to a float, one of the two. The side of the value y half-way between them is had exactly: y has 25 bits,
 * and r^3 - y^3 in units of 2^-72 is an integer below 2^54 and never 0, since y is odd. So 64 bits of it are enough.
 */
SYMC_LARGE_FN float symc_cbrt(float x)
{
    const uint32_t sign = symc_bits(x) & SYMC_SIGN;
    const uint32_t magnitude = symc_bits(x) & SYMC_MAGNITUDE;
    int32_t e;
    int32_t k;
    int32_t t;
    int32_t p;
    uint32_t m;
    uint32_t s;
    uint32_t factor;
    uint32_t below;
    uint64_t y;
    int64_t rest;
    if (magnitude > SYMC_INFINITY) {
        return symc_from_bits(SYMC_NAN);
    }
    if (magnitude == 0u || magnitude == SYMC_INFINITY) {
        return x;
    }
    m = symc_unpack(magnitude, &e);
    /* A third of e, rounded down: 171 / 2^9 is close enough to 1/3 for 0 to 299. */
    k = (int32_t)(((uint32_t)(e + 150) * 171u) >> 9) - 50;
    s = (uint32_t)(e - 3 * k);

    /* m 2^-23 - 3/2 in units of 2^-32. */
    t = (int32_t)((m << 9) - 0x80000000u);
    p = SYMC_Q_CBRT_8;
    p = SYMC_Q_CBRT_7 + symc_mul_high_signed(p, t);
    p = SYMC_Q_CBRT_6 + symc_mul_high_signed(p, t);
    p = SYMC_Q_CBRT_5 + symc_mul_high_signed(p, t);
    p = SYMC_Q_CBRT_4 + symc_mul_high_signed(p, t);
    p = SYMC_Q_CBRT_3 + symc_mul_high_signed(p, t);
    p = SYMC_Q_CBRT_2 + symc_mul_high_signed(p, t);
    p = SYMC_Q_CBRT_1 + symc_mul_high_signed(p, t);
    p = SYMC_Q_CBRT_0 + symc_mul_high_signed(p, t);
    /* 1, 2^(1/3) and 2^(2/3) in units of 2^-31: p becomes r in units of 2^-29. */
    factor = s == 0u ? UINT32_C(2147483648) : s == 1u ? UINT32_C(2705659852) : UINT32_C(3408917802);
    below = symc_mul_high((uint32_t)p, factor) >> 6;

    y = (uint64_t)(2u * below + 1u);
    rest = (int64_t)(((uint64_t)m << (49u + s)) - y * y * y);
    below += (uint32_t)(rest > 0);
    return symc_from_bits(sign | (((uint32_t)(k + 126) << 23) + below));
}

#endif
