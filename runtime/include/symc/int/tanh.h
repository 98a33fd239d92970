/* SPDX-License-Identifier: Apache-2.0
 *
 * symc runtime: hyperbolic tangent in integers, correctly rounded (proved over all 2^32 inputs).
 */
#ifndef SYMC_INT_TANH_H
#define SYMC_INT_TANH_H

#include "symc/f32.h"
#include "symc/int/core.h"
#include "symc/int/expseries.h"

/* begin Q_TANH */
/* poly/fit.py: (1 - tanh(a)/a) / a^2 in t = -a^2, a <= 0.59375; relative error 2^-33.6. */
#define SYMC_Q_TANH_0 INT32_C(1431655706)
#define SYMC_Q_TANH_1 INT32_C(572658965)
#define SYMC_Q_TANH_2 INT32_C(231728981)
#define SYMC_Q_TANH_3 INT32_C(93379300)
#define SYMC_Q_TANH_4 INT32_C(35593311)
#define SYMC_Q_TANH_5 INT32_C(9672379)
/* end Q_TANH */

/* begin Q_TANH_EXP */
/* poly/fit.py: (e^r - 1 - r) / r^2 on -0.694 <= r <= 0; relative error 2^-34.4. */
#define SYMC_Q_TANH_EXP_2 INT32_C(2147483424)
#define SYMC_Q_TANH_EXP_3 INT32_C(1431646910)
#define SYMC_Q_TANH_EXP_4 INT32_C(715696935)
#define SYMC_Q_TANH_EXP_5 INT32_C(285375510)
#define SYMC_Q_TANH_EXP_6 INT32_C(91724458)
#define SYMC_Q_TANH_EXP_7 INT32_C(19725083)
/* end Q_TANH_EXP */

/* begin Q_TANH_INVERSE */
/* poly/fit.py: 1 / (1 - t), t = -e^(-2a), a >= 0.59375; relative error 2^-33.8. */
#define SYMC_Q_TANH_INVERSE_0 INT32_C(2147482166)
#define SYMC_Q_TANH_INVERSE_1 INT32_C(2147396056)
#define SYMC_Q_TANH_INVERSE_2 INT32_C(2145498354)
#define SYMC_Q_TANH_INVERSE_3 INT32_C(2124318403)
#define SYMC_Q_TANH_INVERSE_4 INT32_C(1992455194)
#define SYMC_Q_TANH_INVERSE_5 INT32_C(1528103973)
#define SYMC_Q_TANH_INVERSE_6 INT32_C(662961412)
/* end Q_TANH_INVERSE */

/*
 * Whether tanh(a) > c for an a of this magnitude, 2^-12 < a < 9.02, and c in Q64, a half-way point of floats. No
 * quotient is needed: with E = e^(2a) - 1, tanh(a) = E/(E + 2) > c is E (1 - c) > 2c, or e^(2a) (1 - c) > 1 + c. All
 * but the exponential is exact. 2a = n ln(2) + r; for n = 0, E is 2a (e^r - 1)/r.
 */
SYMC_SLOW_FN uint32_t symc_tanh_above(uint32_t magnitude, uint64_t c)
{
    const uint32_t e = magnitude >> 23;
    int32_t n;
    uint64_t rest;
    const int64_t r = symc_exp_reduce(magnitude + 0x00800000u, &n);
    if (n == 0) {
        const uint64_t m = (uint64_t)((magnitude & 0x007fffffu) | 0x00800000u) << 40;
        const uint64_t left = symc_mul_high64(symc_mul_high64(symc_exp_series(r, 1u) << 1, 0u - c), m);
        return (uint32_t)(left > (c << (125u - e)));
    }
    /* 2^n (1 - c) is below 4: in Q62, and both sides in Q61. */
    rest = ((0u - c) >> 2) << n;
    return (uint32_t)(symc_mul_high64(symc_exp_series(r, 0u) << 1, rest) > (c >> 3) + 0x2000000000000000u);
}

/*
 * Below 0.59375, tanh(a) = a - a (z U(z)), z = a^2. From there on it is 1 - 2 w, w = q/(1 + q) = q - q^2 Z(q), where
 * q = e^(-2a) = 2^-n e^-r, e^-r = 1 - r + r^2 Y(r), 2a = n ln(2) + r. Where 32 bits do not tell on which side of a
 * half-way point the value lies, symc_tanh_above does.
 */
SYMC_LARGE_FN float symc_tanh(float x)
{
    const uint32_t u = symc_bits(x);
    const uint32_t magnitude = u & SYMC_MAGNITUDE;
    const uint32_t sign = u & SYMC_SIGN;
    const uint32_t e = magnitude >> 23;
    const uint32_t significand = (u << 8) | 0x80000000u;
    uint32_t m;
    uint32_t exponent = 125u;
    uint32_t rounded;
    if (magnitude <= 0x39800000u) {
        /* Up to 2^-12, x^3/3 is less than half a unit of x. */
        return x;
    }
    if (magnitude >= 0x411051ecu) {
        /* From 9.02 on the result is 1. */
        return symc_from_bits(magnitude > SYMC_INFINITY ? SYMC_NAN : SYMC_ONE | sign);
    }
    if (magnitude < 0x3f180000u) {
        const uint32_t a = significand >> (126u - e);
        const uint32_t z = symc_mul_high(a, a);
        uint32_t p = (uint32_t)SYMC_Q_TANH_5;
        p = (uint32_t)SYMC_Q_TANH_4 - symc_mul_high(p, z);
        p = (uint32_t)SYMC_Q_TANH_3 - symc_mul_high(p, z);
        p = (uint32_t)SYMC_Q_TANH_2 - symc_mul_high(p, z);
        p = (uint32_t)SYMC_Q_TANH_1 - symc_mul_high(p, z);
        p = (uint32_t)SYMC_Q_TANH_0 - symc_mul_high(p, z);
        /* Rounded down, the products leave m too large: one unit less. */
        m = significand - 1u - symc_mul_high(symc_mul_high(p, z), significand);
        exponent = e - 1u;
        if (m < 0x80000000u) {
            m <<= 1;
            --exponent;
        }
    } else {
        const uint32_t n = ((significand >> 16) * SYMC_INVERSE_LN2_Q14) >> (155u - e);
        /* The fraction of 2a in Q32, less n ln(2), which is n 2977044471.82. */
        const uint32_t r = (significand << (e - 125u)) - n * 2977044471u - ((n * 209u) >> 8);
        const uint32_t half = r >> 1;
        uint32_t p = (uint32_t)SYMC_Q_TANH_EXP_7;
        uint32_t q;
        p = (uint32_t)SYMC_Q_TANH_EXP_6 - symc_mul_high(p, half);
        p = (uint32_t)SYMC_Q_TANH_EXP_5 - symc_mul_high(p, half);
        p = (uint32_t)SYMC_Q_TANH_EXP_4 - symc_mul_high(p, half);
        p = (uint32_t)SYMC_Q_TANH_EXP_3 - symc_mul_high(p, half);
        p = (uint32_t)SYMC_Q_TANH_EXP_2 - symc_mul_high(p, half);
        /* In Q33, q is below 0.31. */
        q = (0xffffffffu - r + symc_mul_high(symc_mul_high(p, r), r)) >> (n - 1u);
        p = (uint32_t)SYMC_Q_TANH_INVERSE_6;
        p = (uint32_t)SYMC_Q_TANH_INVERSE_5 - symc_mul_high(p, q >> 1);
        p = (uint32_t)SYMC_Q_TANH_INVERSE_4 - symc_mul_high(p, q >> 1);
        p = (uint32_t)SYMC_Q_TANH_INVERSE_3 - symc_mul_high(p, q >> 1);
        p = (uint32_t)SYMC_Q_TANH_INVERSE_2 - symc_mul_high(p, q >> 1);
        p = (uint32_t)SYMC_Q_TANH_INVERSE_1 - symc_mul_high(p, q >> 1);
        p = (uint32_t)SYMC_Q_TANH_INVERSE_0 - symc_mul_high(p, q >> 1);
        /* 2 w in Q32 is w in Q33. */
        m = 0u - q + symc_mul_high(symc_mul_high(p, q), q);
    }
    rounded = ((m >> 7) + 1u) >> 1;
    /* The error of m is below 3 units (2.6 observed): half-way points, which are integers, matter up to 2 away. */
    if (symc_is_unsure(m, 2u) != 0u) {
        const uint64_t between = (uint64_t)((m & 0xffffff00u) | 0x80u) << 32;
        rounded = (m >> 8) + symc_tanh_above(magnitude, between >> (125u - exponent));
    }
    return symc_from_bits(((exponent << 23) + rounded) | sign);
}

#endif
