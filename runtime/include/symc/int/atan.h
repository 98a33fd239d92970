/* SPDX-License-Identifier: Apache-2.0
 *
 * symc runtime: arc tangent in radians, in integers, correctly rounded (proved over all 2^32 inputs).
 *
 * atan |x| = base + atan t with |t| <= tan(pi/8): base 0 and t = |x|, or base pi/4 and t = (|x| - 1)/(|x| + 1), or base
 * pi/2 and t = -1/|x|. 32 bits of the result decide the float nearest to it for 19 inputs in 20, and 64 for the others.
 */
#ifndef SYMC_INT_ATAN_H
#define SYMC_INT_ATAN_H

#include "symc/f32.h"
#include "symc/int/core.h"
#include "symc/int/shared.h"

/* begin Q_ATAN */
/* poly/fit.py: (1 - atan(t)/t)/t^2 in -t^2, |t| <= tan(pi/8), times 2^30, 2^28, ...; relative error 2^-37.9. */
#define SYMC_Q_ATAN_1 INT32_C(357913941)
#define SYMC_Q_ATAN_2 INT32_C(53687078)
#define SYMC_Q_ATAN_3 INT32_C(9586804)
#define SYMC_Q_ATAN_4 INT32_C(1863020)
#define SYMC_Q_ATAN_5 INT32_C(377519)
#define SYMC_Q_ATAN_6 INT32_C(73481)
#define SYMC_Q_ATAN_7 INT32_C(10013)
/* end Q_ATAN */
/* begin Q_ATAN64 */
/* poly/fit.py: (1 - atan(t)/t)/t^2 in -t^2, |t| <= tan(pi/8), times 2^63; relative error 2^-58.5. */
#define SYMC_Q_ATAN64_1 INT64_C(3074457345618258432)
#define SYMC_Q_ATAN64_2 INT64_C(1844674407370944512)
#define SYMC_Q_ATAN64_3 INT64_C(1317624576691822080)
#define SYMC_Q_ATAN64_4 INT64_C(1024819115065121024)
#define SYMC_Q_ATAN64_5 INT64_C(838488360150656128)
#define SYMC_Q_ATAN64_6 INT64_C(709489943179388928)
#define SYMC_Q_ATAN64_7 INT64_C(614886950595775104)
#define SYMC_Q_ATAN64_8 INT64_C(542484536893440256)
#define SYMC_Q_ATAN64_9 INT64_C(484742001840959616)
#define SYMC_Q_ATAN64_10 INT64_C(434022025540825856)
#define SYMC_Q_ATAN64_11 INT64_C(374025614683842368)
#define SYMC_Q_ATAN64_12 INT64_C(273090460442405984)
#define SYMC_Q_ATAN64_13 INT64_C(119643284589963664)
/* end Q_ATAN64 */

/* tan(pi/8), tan(3 pi/8) and 2^27. */
#define SYMC_ATAN_NEAR 0x3ed413ccu
#define SYMC_ATAN_MIDDLE 0x401a8279u
#define SYMC_ATAN_FAR 0x4d000000u

/* Units by which the short evaluation may be wrong: of 2^-31 relative to t where base is 0, of 2^-31 elsewhere. */
#define SYMC_Q_ATAN_ERROR 3u

/* atan t times 2^point, t given as that; z = t^2 2^64, |t| <= tan(pi/8). */
SYMC_SLOW_FN uint64_t symc_atan_long(uint64_t t, uint64_t z)
{
    SYMC_TABLE int64_t c[13] = {
        SYMC_Q_ATAN64_1, SYMC_Q_ATAN64_2, SYMC_Q_ATAN64_3,  SYMC_Q_ATAN64_4,  SYMC_Q_ATAN64_5,
        SYMC_Q_ATAN64_6, SYMC_Q_ATAN64_7, SYMC_Q_ATAN64_8,  SYMC_Q_ATAN64_9,  SYMC_Q_ATAN64_10,
        SYMC_Q_ATAN64_11, SYMC_Q_ATAN64_12, SYMC_Q_ATAN64_13
    };
    /* 1 - atan(t)/t, 63 fraction bits */
    const int64_t w = symc_product64(symc_polynomial64(c, 12u, -(int64_t)z), (int64_t)z);
    return t - symc_mul_high64(t, (uint64_t)w << 1);
}

/* 1 - atan(t)/t, times 2^32, for z = t^2 2^34. */
SYMC_FN uint32_t symc_atan_series(uint32_t z)
{
    uint32_t p = SYMC_Q_ATAN_6 - (((z >> 16) * SYMC_Q_ATAN_7) >> 16);
    p = SYMC_Q_ATAN_5 - symc_mul_high(z, p);
    p = SYMC_Q_ATAN_4 - symc_mul_high(z, p);
    p = SYMC_Q_ATAN_3 - symc_mul_high(z, p);
    p = SYMC_Q_ATAN_2 - symc_mul_high(z, p);
    p = SYMC_Q_ATAN_1 - symc_mul_high(z, p);
    return symc_mul_high(z, p);
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
 * 2^63/d for 2^31 <= d, too small by a few units. With D = d 2^-32, r becomes r (2 - D r), which squares the error and
 * is never too large (Newton): 1/17 after the straight line 48/17 - 32/17 D, then 2^-8, 2^-16, 2^-32. r and the factor
 * are multiples of 2^-31; 2 and the 48/17 exceed the word, which comes back with the difference.
 */
SYMC_FN uint32_t symc_atan_reciprocal(uint32_t d)
{
    uint32_t r = UINT32_C(1768515945) - symc_mul_high(d, UINT32_C(4042322161));
    r = symc_mul_high(r, 0u - symc_mul_high(d, r)) << 1;
    r = symc_mul_high(r, 0u - symc_mul_high(d, r)) << 1;
    /* Rounding can have made it too large by less than 4. */
    r -= 4u;
    return r + symc_mul_high(r, (uint32_t)(((UINT64_C(1) << 63) - (uint64_t)d * r) >> 31));
}

/* atan |x| where 32 bits do not decide. With |x| = m 2^(e - 23), the quotients are of integers below 2^28. */
SYMC_SLOW_FN uint32_t symc_atan_slow(uint32_t magnitude)
{
    const uint32_t m = (magnitude & UINT32_C(0x007fffff)) | UINT32_C(0x00800000);
    const int32_t e = (int32_t)(magnitude >> 23) - 127;
    uint64_t base = UINT64_C(0xc90fdaa22168c235);
    uint32_t below = 1u;
    uint64_t t;
    if (magnitude <= SYMC_ATAN_NEAR) {
        const uint64_t square = (uint64_t)m * m << 16;
        return symc_nearest64(symc_atan_long((uint64_t)m << 40, square >> (uint32_t)(-2 - 2 * e)), e);
    }
    if (magnitude > SYMC_ATAN_MIDDLE) {
        t = symc_atan_quotient(UINT32_C(1) << 22, m) >> (uint32_t)(e - 1);
    } else {
        const uint32_t one = UINT32_C(1) << 25;
        const uint32_t v = m << (uint32_t)(e + 2);
        base >>= 1;
        below = (uint32_t)(v < one);
        t = symc_atan_quotient(below != 0u ? one - v : v - one, v + one);
    }
    /* base 2^63 and t 2^64. */
    t = symc_atan_long(t, symc_mul_high64(t, t));
    return symc_nearest64(below != 0u ? base - (t >> 1) : base + (t >> 1), 0);
}

/* The bits of atan x, u those of x. */
SYMC_SHARED_FN uint32_t symc_atan_of(uint32_t u)
{
    const uint32_t magnitude = u & SYMC_MAGNITUDE;
    const uint32_t m = (u & UINT32_C(0x007fffff)) | UINT32_C(0x00800000);
    int32_t e = (int32_t)(magnitude >> 23) - 127;
    uint32_t t;
    uint32_t zeros;
    /* Below 2^-12, |x| rounded; from 2^27 on, pi/2 rounded. */
    if (magnitude < 0x39800000u) {
        return u;
    }
    if (magnitude >= SYMC_ATAN_FAR) {
        return magnitude > SYMC_INFINITY ? SYMC_NAN : (u & SYMC_SIGN) | 0x3fc90fdbu;
    }
    if (magnitude <= SYMC_ATAN_NEAR) {
        t = m << 8;
        t -= symc_mul_high(t, symc_atan_series(symc_mul_high(t, t) >> (uint32_t)(-4 - 2 * e)));
    } else {
        uint32_t base = UINT32_C(0xc90fdaa2);
        uint32_t below = 1u;
        if (magnitude > SYMC_ATAN_MIDDLE) {
            t = symc_atan_reciprocal(m << 8) >> (uint32_t)e;
        } else {
            const uint32_t one = UINT32_C(1) << 25;
            const uint32_t v = m << (uint32_t)(e + 2);
            const uint32_t divisor = v + one;
            const uint32_t shift = symc_leading_zeros(divisor);
            base >>= 1;
            below = (uint32_t)(v < one);
            t = (below != 0u ? one - v : v - one) << shift;
            t = (uint32_t)(((uint64_t)t * symc_atan_reciprocal(divisor << shift)) >> 31);
        }
        /* base 2^31 and t 2^32. */
        t -= symc_mul_high(t, symc_atan_series(symc_mul_high(t << 1, t << 1)));
        t = below != 0u ? base - (t >> 1) : base + (t >> 1);
        e = 0;
    }
    zeros = symc_leading_zeros(t);
    t <<= zeros;
    if (symc_is_unsure(t, SYMC_Q_ATAN_ERROR << zeros) != 0u) {
        return (u & SYMC_SIGN) | symc_atan_slow(magnitude);
    }
    return (u & SYMC_SIGN) | (((uint32_t)(e + 126 - (int32_t)zeros) << 23) + (t >> 8) + ((t >> 7) & 1u));
}

SYMC_FN float symc_atan(float x)
{
    return symc_from_bits(symc_atan_of(symc_bits(x)));
}

#endif
