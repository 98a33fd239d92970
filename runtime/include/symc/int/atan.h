/* SPDX-License-Identifier: Apache-2.0
 *
 * symc runtime: arc tangent in radians, in integers, correctly rounded (proved over all 2^32 inputs).
 */
#ifndef SYMC_INT_ATAN_H
#define SYMC_INT_ATAN_H

#include "symc/f32.h"
#include "symc/int/core.h"
#include "symc/int/shared.h"

/* begin Q_ATAN */
/* poly/fit.py: (1 - atan(t)/t)/t^2 in -t^2, |t| <= tan(pi/8), times 2^62, 2^60, ...; relative error 2^-68.9. */
#define SYMC_Q_ATAN_1 INT64_C(1537228672809129216)
#define SYMC_Q_ATAN_2 INT64_C(230584300921368064)
#define SYMC_Q_ATAN_3 INT64_C(41175768021619448)
#define SYMC_Q_ATAN_4 INT64_C(8006399336446184)
#define SYMC_Q_ATAN_5 INT64_C(1637672578417770)
#define SYMC_Q_ATAN_6 INT64_C(346430636312952)
#define SYMC_Q_ATAN_7 INT64_C(75059442247441)
#define SYMC_Q_ATAN_8 INT64_C(16555314797488)
#define SYMC_Q_ATAN_9 INT64_C(3698291187388)
#define SYMC_Q_ATAN_10 INT64_C(827840914585)
#define SYMC_Q_ATAN_11 INT64_C(178365007810)
#define SYMC_Q_ATAN_12 INT64_C(32568213419)
#define SYMC_Q_ATAN_13 UINT32_C(3570213523)
/* end Q_ATAN */

/* atan(t)/t = 1 - w: w times 2^64 for z = t^2 2^66, |t| <= tan(pi/8). */
SYMC_FN uint64_t symc_atan_series(uint64_t z)
{
    SYMC_TABLE uint64_t coefficients[13] = {
        SYMC_Q_ATAN_13, SYMC_Q_ATAN_12, SYMC_Q_ATAN_11, SYMC_Q_ATAN_10, SYMC_Q_ATAN_9, SYMC_Q_ATAN_8, SYMC_Q_ATAN_7,
        SYMC_Q_ATAN_6,  SYMC_Q_ATAN_5,  SYMC_Q_ATAN_4,  SYMC_Q_ATAN_3,  SYMC_Q_ATAN_2, SYMC_Q_ATAN_1
    };
    uint64_t p = coefficients[0];
    uint32_t i;
    for (i = 1u; i < 13u; ++i) {
        p = coefficients[i] - symc_mul_upper64(z, p);
    }
    return symc_mul_upper64(z, p);
}

/* 64 binary digits of numerator/divisor, which is below 1; the divisor is below 2^31. */
SYMC_FN uint64_t symc_atan_quotient(uint32_t numerator, uint32_t divisor)
{
    uint64_t quotient = 0u;
    uint32_t i;
    for (i = 0u; i < 64u; ++i) {
        quotient <<= 1;
        numerator <<= 1;
        if (numerator >= divisor) {
            numerator -= divisor;
            quotient |= 1u;
        }
    }
    return quotient;
}

/*
 * atan |x| = base + atan t with |t| <= tan(pi/8): base 0 and t = |x|, or base pi/4 and t = (|x| - 1)/(|x| + 1), or base
 * pi/2 and t = -1/|x|. With |x| = m 2^(e - 23), the quotients are of integers below 2^28.
 */
SYMC_SHARED_FN uint32_t symc_atan_of(uint32_t u)
{
    const uint32_t magnitude = u & SYMC_MAGNITUDE;
    const uint32_t m = (u & UINT32_C(0x007fffff)) | UINT32_C(0x00800000);
    const int32_t e = (int32_t)(magnitude >> 23) - 127;
    uint64_t base = UINT64_C(0xc90fdaa22168c235);
    uint32_t below = 1u;
    uint64_t t;
    uint32_t zeros;
    /* Below 2^-12, |x| rounded; from 2^27 on, pi/2 rounded. */
    if (magnitude < 0x39800000u) {
        return u;
    }
    if (magnitude > SYMC_INFINITY) {
        return SYMC_NAN;
    }
    if (magnitude >= 0x4d000000u) {
        return (u & SYMC_SIGN) | 0x3fc90fdbu;
    }
    /* tan(pi/8) and tan(3 pi/8). */
    if (magnitude <= 0x3ed413ccu) {
        const uint64_t square = (uint64_t)m * m << 16;
        t = (uint64_t)m << 40;
        t -= symc_mul_upper64(t, symc_atan_series(square >> (uint32_t)(-4 - 2 * e)));
        zeros = (uint32_t)(t >> 63) ^ 1u;
        return (u & SYMC_SIGN) | symc_pack(t << zeros, e - (int32_t)zeros);
    }
    if (magnitude > 0x401a8279u) {
        t = symc_atan_quotient(UINT32_C(1) << 22, m) >> (uint32_t)(e - 1);
    } else {
        const uint32_t one = UINT32_C(1) << 25;
        const uint32_t v = m << (uint32_t)(e + 2);
        base >>= 1;
        below = (uint32_t)(v < one);
        t = symc_atan_quotient(below != 0u ? one - v : v - one, v + one);
    }
    /* base 2^63 and t 2^64. */
    t -= symc_mul_upper64(t, symc_atan_series(symc_mul_upper64(t << 1, t << 1)));
    t = below != 0u ? base - (t >> 1) : base + (t >> 1);
    zeros = symc_leading_zeros64(t);
    return (u & SYMC_SIGN) | symc_pack(t << zeros, -(int32_t)zeros);
}

SYMC_FN float symc_atan(float x)
{
    return symc_from_bits(symc_atan_of(symc_bits(x)));
}

#endif
