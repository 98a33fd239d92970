/* SPDX-License-Identifier: Apache-2.0
 *
 * symc runtime: gamma function in integers, correctly rounded (proved over all 2^32 inputs).
 */
#ifndef SYMC_INT_GAMMA_H
#define SYMC_INT_GAMMA_H

#include "symc/f32.h"
#include "symc/int/core.h"
#include "symc/int/gammafar.h"
#include "symc/int/reciprocal.h"

/* begin Q_GAMMA */
/* poly/fit.py: 1 / gamma(1 + t) on |t| <= 1/2, times 2^62; relative error 2^-61.9. */
#define SYMC_Q_GAMMA_0 INT64_C(4611686018427387904)
#define SYMC_Q_GAMMA_1 INT64_C(2661937411443667466)
#define SYMC_Q_GAMMA_2 INT64_C(-3024703732223073164)
#define SYMC_Q_GAMMA_3 INT64_C(-193702964723851236)
#define SYMC_Q_GAMMA_4 INT64_C(768023785640023279)
#define SYMC_Q_GAMMA_5 INT64_C(-194602702458805894)
#define SYMC_Q_GAMMA_6 INT64_C(-44373511564701655)
#define SYMC_Q_GAMMA_7 INT64_C(33291499631154824)
#define SYMC_Q_GAMMA_8 INT64_C(-5373387094676943)
#define SYMC_Q_GAMMA_9 INT64_C(-992626926832817)
#define SYMC_Q_GAMMA_10 INT64_C(590527717352185)
#define SYMC_Q_GAMMA_11 INT64_C(-92856292823636)
#define SYMC_Q_GAMMA_12 INT64_C(-5766979003484)
#define SYMC_Q_GAMMA_13 INT64_C(5227902685358)
#define SYMC_Q_GAMMA_14 INT64_C(-948135648877)
#define SYMC_Q_GAMMA_15 INT64_C(22203535271)
#define SYMC_Q_GAMMA_16 INT64_C(23129383267)
/* end Q_GAMMA */

/* *y 2^(*e - 63) times |f| 2^-24, f not 0; *y keeps at least 2^63. */
SYMC_FN void symc_gamma_factor(uint64_t *y, int32_t *e, int32_t f)
{
    const uint32_t v = f < 0 ? 0u - (uint32_t)f : (uint32_t)f;
    const uint32_t zeros = symc_leading_zeros(v);
    const uint64_t product = symc_mul_high64(*y, (uint64_t)(v << zeros) << 32);
    const uint32_t shift = (uint32_t)(product >> 63) ^ 1u;
    *y = product << shift;
    *e += 8 - (int32_t)(zeros + shift);
}

/*
 * P(t) = 1/gamma(1 + t), 0.56 to 1.13, in units of 2^-62, by the powers of t up to `degree`; t in units of 2^-64,
 * -1/2 <= t < 1/2.
 */
SYMC_SLOW_FN int64_t symc_gamma_kernel(int64_t t, uint32_t degree)
{
    SYMC_TABLE int64_t coefficients[17] = {
        SYMC_Q_GAMMA_0, SYMC_Q_GAMMA_1, SYMC_Q_GAMMA_2, SYMC_Q_GAMMA_3, SYMC_Q_GAMMA_4, SYMC_Q_GAMMA_5,
        SYMC_Q_GAMMA_6, SYMC_Q_GAMMA_7, SYMC_Q_GAMMA_8, SYMC_Q_GAMMA_9, SYMC_Q_GAMMA_10, SYMC_Q_GAMMA_11,
        SYMC_Q_GAMMA_12, SYMC_Q_GAMMA_13, SYMC_Q_GAMMA_14, SYMC_Q_GAMMA_15, SYMC_Q_GAMMA_16
    };
    int64_t p = coefficients[degree];
    while (degree-- > 0u) {
        p = coefficients[degree] + symc_mul_high_signed64(p, t);
    }
    return p;
}

/*
 * x = n + t, -1/2 <= t < 1/2, and P(t) = 1/gamma(1 + t). The recurrence leads from there to gamma(x):
 * n >= 1: the product of t + 1, ..., t + n - 1, divided by P(t);
 * n <= 0: 1 divided by the product of P(t), x and t, t - 1, ..., t + n + 1.
 * The factors are exact, multiples of 2^-24; where |x| < 1/2 there is only x itself. Products and the reciprocal have
 * 64 bits: the error is below 2^-56 of the result.
 */
SYMC_LARGE_FN float symc_gamma(float x)
{
    const uint32_t u = symc_bits(x);
    const uint32_t magnitude = u & SYMC_MAGNITUDE;
    uint32_t sign = u & SYMC_SIGN;
    int32_t e;
    int32_t n = 0;
    int32_t near = 0;
    int32_t exponent;
    int32_t i;
    int64_t t;
    int64_t p;
    uint32_t m;
    uint32_t zeros;
    uint64_t y;
    if (magnitude >= SYMC_GAMMA_END) {
        return symc_gamma_far(x);
    }
    if (magnitude == 0u) {
        return symc_from_bits(u | SYMC_INFINITY);
    }
    m = symc_unpack(magnitude, &e);
    if (e >= -1) {
        /* x in units of 2^-24, made positive by 64 for the rounding. */
        const uint32_t fixed = m << (e + 1);
        const uint32_t lifted = (sign != 0u ? 0u - fixed : fixed) + (UINT32_C(64) << 24);
        n = (int32_t)((lifted + 0x00800000u) >> 24) - 64;
        near = (int32_t)(lifted - ((uint32_t)(n + 64) << 24));
        t = (int64_t)near * (INT64_C(1) << 40);
    } else {
        t = (int64_t)(e < -63 ? 0u : ((uint64_t)m << 39) >> (-2 - e));
        t = sign != 0u ? -t : t;
    }
    /* The fourth power of |t| < 2^-17 is nothing. */
    p = symc_gamma_kernel(t, e < -17 ? 3u : 16u);
    zeros = symc_leading_zeros64((uint64_t)p);
    y = (uint64_t)p << zeros;
    exponent = 1 - (int32_t)zeros;

    if (n >= 1) {
        y = symc_reciprocal64(y);
        exponent = -1 - exponent;
        for (i = 1; i < n; ++i) {
            symc_gamma_factor(&y, &exponent, near + i * (INT32_C(1) << 24));
        }
        return symc_from_bits(symc_pack(y, exponent));
    }
    if (n < 0 && near == 0) {
        return symc_from_bits(SYMC_NAN);
    }
    /* The sign is that of t and of -n factors below 0. */
    sign = n == 0 ? sign : ((uint32_t)near & SYMC_SIGN) ^ ((uint32_t)-n << 31);
    for (i = 0; i > n; --i) {
        symc_gamma_factor(&y, &exponent, near + i * (INT32_C(1) << 24));
    }
    y = symc_mul_high64(y, (uint64_t)m << 40);
    zeros = symc_leading_zeros64(y);
    exponent += e + 1 - (int32_t)zeros;
    y = symc_reciprocal64(y << zeros);
    return symc_from_bits(sign | symc_pack(y, -1 - exponent));
}

#endif
