/* SPDX-License-Identifier: Apache-2.0
 *
 * symc runtime: logarithms of 64-bit significands in integers, for the functions that are made of one.
 */
#ifndef SYMC_INT_LOGARITHM_H
#define SYMC_INT_LOGARITHM_H

#include "symc/f32.h"
#include "symc/int/core.h"

/* begin Q_LOG */
/* poly/fit.py: (log(1 + f) - f + f^2/2) / f^3, sqrt(1/2) <= 1 + f <= sqrt(2); relative error 2^-33.8. */
#define SYMC_Q_LOG_3 INT32_C(1431655789)
#define SYMC_Q_LOG_4 INT32_C(-1073741862)
#define SYMC_Q_LOG_5 INT32_C(858990158)
#define SYMC_Q_LOG_6 INT32_C(-715827053)
#define SYMC_Q_LOG_7 INT32_C(613731793)
#define SYMC_Q_LOG_8 INT32_C(-536920911)
#define SYMC_Q_LOG_9 INT32_C(473500423)
#define SYMC_Q_LOG_10 INT32_C(-426018930)
#define SYMC_Q_LOG_11 INT32_C(427192797)
#define SYMC_Q_LOG_12 INT32_C(-420798863)
#define SYMC_Q_LOG_13 INT32_C(228525291)
/* end Q_LOG */
/* begin Q_LOGARITHM */
/* poly/fit.py: (log(1 + f) - f) / f^2, sqrt(1/2) <= 1 + f <= sqrt(2); relative error 2^-64.3. */
#define SYMC_Q_LOGARITHM_2 INT64_C(-4611686018427387892)
#define SYMC_Q_LOGARITHM_3 INT64_C(3074457345618258225)
#define SYMC_Q_LOGARITHM_4 INT64_C(-2305843009213704522)
#define SYMC_Q_LOGARITHM_5 INT64_C(1844674407371141768)
#define SYMC_Q_LOGARITHM_6 INT64_C(-1537228672806705140)
#define SYMC_Q_LOGARITHM_7 INT64_C(1317624576660616673)
#define SYMC_Q_LOGARITHM_8 INT64_C(-1152921504844610627)
#define SYMC_Q_LOGARITHM_9 INT64_C(1024819118137394717)
#define SYMC_Q_LOGARITHM_10 INT64_C(-922337191954397275)
#define SYMC_Q_LOGARITHM_11 INT64_C(838488215558616213)
#define SYMC_Q_LOGARITHM_12 INT64_C(-768614626813776945)
#define SYMC_Q_LOGARITHM_13 INT64_C(709494996860306197)
#define SYMC_Q_LOGARITHM_14 INT64_C(-658810111748246331)
#define SYMC_Q_LOGARITHM_15 INT64_C(614793828748472043)
#define SYMC_Q_LOGARITHM_16 INT64_C(-576395711948542805)
#define SYMC_Q_LOGARITHM_17 INT64_C(543766314490521268)
#define SYMC_Q_LOGARITHM_18 INT64_C(-514380507730489573)
#define SYMC_Q_LOGARITHM_19 INT64_C(476994557077746034)
#define SYMC_Q_LOGARITHM_20 INT64_C(-438293039029022081)
#define SYMC_Q_LOGARITHM_21 INT64_C(460623753614240469)
#define SYMC_Q_LOGARITHM_22 INT64_C(-541450753909717106)
#define SYMC_Q_LOGARITHM_23 INT64_C(474653772175910660)
#define SYMC_Q_LOGARITHM_24 INT64_C(-191251838339216403)
/* end Q_LOGARITHM */

/* log(2), log10(2) and log2(2), 55 fraction bits; 1, log2(e) and log10(e), 63 fraction bits. */
#define SYMC_LN2_Q55 INT64_C(0x0058b90bfbe8e7bd)
#define SYMC_LOG10_2_Q55 INT64_C(0x00268826a13ef3fe)
#define SYMC_LOG2_2_Q55 INT64_C(0x0080000000000000)
#define SYMC_ONE_Q63 UINT64_C(0x8000000000000000)
#define SYMC_LOG2_E_Q63 UINT64_C(0xb8aa3b295c17f0bc)
#define SYMC_LOG10_E_Q63 UINT64_C(0x3796f62a4dca1c65)

/* ---- 32 leading bits ---- */

/* x = 2^k (1 + f) for a positive normal x with the bits u, sqrt(1/2) <= 1 + f < sqrt(2): f 2^24. */
SYMC_FN int32_t symc_log_split(uint32_t u, int32_t *k)
{
    const uint32_t offset = u - 0x3f3504f3u;
    /* The distance from 1, in units that double at 1. */
    const int32_t distance = (int32_t)(offset & 0x007fffffu) - INT32_C(0x004afb0d);
    *k = (int32_t)offset >> 23;
    return distance < 0 ? distance : distance * 2;
}

/* log(1 + f)/f - 1 with 32 fraction bits; f24 is f 2^24. */
SYMC_FN int32_t symc_log_ratio(int32_t f24)
{
    const int32_t f = f24 * 256;
    int32_t p = SYMC_Q_LOG_13;
    p = symc_mul_high_signed(p, f) + SYMC_Q_LOG_12;
    p = symc_mul_high_signed(p, f) + SYMC_Q_LOG_11;
    p = symc_mul_high_signed(p, f) + SYMC_Q_LOG_10;
    p = symc_mul_high_signed(p, f) + SYMC_Q_LOG_9;
    p = symc_mul_high_signed(p, f) + SYMC_Q_LOG_8;
    p = symc_mul_high_signed(p, f) + SYMC_Q_LOG_7;
    p = symc_mul_high_signed(p, f) + SYMC_Q_LOG_6;
    p = symc_mul_high_signed(p, f) + SYMC_Q_LOG_5;
    p = symc_mul_high_signed(p, f) + SYMC_Q_LOG_4;
    p = symc_mul_high_signed(p, f) + SYMC_Q_LOG_3;
    p = symc_mul_high_signed(p, f);
    return symc_mul_high_signed(p, f) - f24 * 128;
}

/*
 * The bits of the float nearest to v 2^-point, |v| < 2^63. Sets *unsure where it matters that the magnitude may be
 * less than `below + 1` smaller or less than `above + 1` greater than m, the 32 leading bits of |v|.
 */
SYMC_FN uint32_t symc_log_round(int64_t v, uint32_t point, uint32_t below, uint32_t above, uint32_t *unsure)
{
    const uint32_t negative = (uint32_t)((uint64_t)v >> 63);
    const uint64_t magnitude = negative != 0u ? 0u - (uint64_t)v : (uint64_t)v;
    const uint32_t high = (uint32_t)(magnitude >> 32);
    uint32_t zeros;
    uint32_t m;
    if (high == 0u) {
        /* Hardly more than log(1). */
        *unsure = 1u;
        return 0u;
    }
    zeros = symc_leading_zeros(high);
    m = (high << zeros) | ((uint32_t)magnitude >> (32u - zeros));
    *unsure = (uint32_t)(((m + 0x80u + above) & 0xffu) <= below + above);
    return (negative << 31) + ((189u - point - zeros) << 23) + (m >> 8) + ((m >> 7) & 1u);
}

/*
 * The bits of log(2^more x) for a positive normal x with the bits u, unless *unsure. v has 56 fraction bits; the
 * largest errors of its 32 leading bits are -1.5 and 2.5.
 */
SYMC_FN uint32_t symc_log_fast(uint32_t u, int32_t more, uint32_t *unsure)
{
    int32_t k;
    const int32_t f24 = symc_log_split(u, &k);
    const int32_t t = symc_log_ratio(f24);
    int64_t v;
    k += more;
    /* ln(2) = 0xb17218 2^-24 - 0x082e3086 2^-56 */
    v = (int64_t)f24 * t - (int64_t)k * INT32_C(0x082e3086);
    v += (int64_t)((uint64_t)(uint32_t)(f24 + k * INT32_C(0xb17218)) << 32);
    return symc_log_round(v, 56u, 1u, 2u, unsure);
}

/*
 * The same to another base: `unit` is the logarithm of 2 with `point` fraction bits, `factor` that of e with 24 less.
 * For 2 and 10 the largest errors are -1.4 and 3.6.
 */
SYMC_FN uint32_t symc_log_fast_scaled(uint32_t u, int64_t unit, uint32_t factor, uint32_t point, uint32_t *unsure)
{
    int32_t k;
    const int32_t f24 = symc_log_split(u, &k);
    const int64_t y = (int64_t)f24 * symc_log_ratio(f24) + (int64_t)((uint64_t)(uint32_t)f24 << 32);
    const int64_t v = (y >> 32) * (int64_t)factor + (int64_t)symc_mul_high((uint32_t)y, factor);
    return symc_log_round(v + k * unit, point, 1u, 3u, unsure);
}

/* ---- 64 bits ---- */

/* m 2^(*e - 63), 2^63 <= m, is 2^k (1 + f), sqrt(1/2) <= 1 + f < sqrt(2): f with 64 fraction bits, k in *e. */
SYMC_FN int64_t symc_log_reduce(uint64_t m, int32_t *e)
{
    if (m < UINT64_C(0xb504f333f9de6484)) {
        return (int64_t)((m - SYMC_ONE_Q63) << 1);
    }
    ++*e;
    return -(int64_t)(0u - m);
}

/*
 * a b 2^-64, less than 3 units too small: what the product of the lower halves carries is left out, which spares much
 * of the work of symc_mul_high_signed64.
 */
SYMC_FN int64_t symc_mul_near(int64_t a, int64_t b)
{
    const uint32_t a0 = (uint32_t)a;
    const uint32_t b0 = (uint32_t)b;
    const int32_t a1 = (int32_t)(a >> 32);
    const int32_t b1 = (int32_t)(b >> 32);
    const uint64_t others = (uint64_t)symc_mul_high((uint32_t)a1, b0) + symc_mul_high((uint32_t)b1, a0);
    const uint64_t correction = (uint64_t)(a1 < 0 ? b0 : 0u) + (b1 < 0 ? a0 : 0u);
    return (int64_t)a1 * b1 + (int64_t)(others - correction);
}

/* log(1 + f)/f - 1 with 63 fraction bits; f has 64. */
SYMC_SLOW_FN int64_t symc_log_excess(int64_t f)
{
    SYMC_TABLE int64_t c[] = {
        SYMC_Q_LOGARITHM_2, SYMC_Q_LOGARITHM_3, SYMC_Q_LOGARITHM_4, SYMC_Q_LOGARITHM_5,
        SYMC_Q_LOGARITHM_6, SYMC_Q_LOGARITHM_7, SYMC_Q_LOGARITHM_8, SYMC_Q_LOGARITHM_9,
        SYMC_Q_LOGARITHM_10, SYMC_Q_LOGARITHM_11, SYMC_Q_LOGARITHM_12, SYMC_Q_LOGARITHM_13,
        SYMC_Q_LOGARITHM_14, SYMC_Q_LOGARITHM_15, SYMC_Q_LOGARITHM_16, SYMC_Q_LOGARITHM_17,
        SYMC_Q_LOGARITHM_18, SYMC_Q_LOGARITHM_19, SYMC_Q_LOGARITHM_20, SYMC_Q_LOGARITHM_21,
        SYMC_Q_LOGARITHM_22, SYMC_Q_LOGARITHM_23, SYMC_Q_LOGARITHM_24
    };
    int64_t p = 0;
    uint32_t i;
    for (i = (uint32_t)(sizeof c / sizeof c[0]); i-- > 0u;) {
        p = symc_mul_near(p, f) + c[i];
    }
    return symc_mul_near(p, f);
}

/*
 * The bits of the float nearest to the logarithm of m 2^(e - 63), 2^63 <= m. `unit` is the logarithm of 2 in the wanted
 * base (55 fraction bits), `factor` that of e (63). log(1 + f) is f times a number near 1, and keeps its relative
 * precision where no multiple of `unit` is added.
 */
SYMC_SLOW_FN uint32_t symc_log_bits(uint64_t m, int32_t e, int64_t unit, uint64_t factor)
{
    const int64_t f = symc_log_reduce(m, &e);
    uint32_t negative = (uint32_t)(f < 0);
    uint64_t v = negative != 0u ? 0u - (uint64_t)f : (uint64_t)f;
    uint32_t zeros;
    if (v != 0u) {
        zeros = symc_leading_zeros64(v);
        v = symc_mul_high64(v << zeros, SYMC_ONE_Q63 + (uint64_t)symc_log_excess(f));
        v = symc_mul_high64(v, factor);
        if (e == 0) {
            /* v 2^(-62 - zeros) */
            const uint32_t more = symc_leading_zeros64(v);
            return (negative << 31) | symc_pack(v << more, 1 - (int32_t)(zeros + more));
        }
        v = zeros > 56u ? 0u : v >> (7u + zeros);
    }
    v = (uint64_t)(e * unit) + (negative != 0u ? 0u - v : v);
    if (v == 0u) {
        return 0u;
    }
    negative = (uint32_t)(v >> 63);
    v = negative != 0u ? 0u - v : v;
    zeros = symc_leading_zeros64(v);
    return (negative << 31) | symc_pack(v << zeros, 8 - (int32_t)zeros);
}

/* The logarithm of x to the base of `unit` and `factor`. */
SYMC_FN float symc_log_of(float x, int64_t unit, uint64_t factor)
{
    const uint32_t u = symc_bits(x);
    int32_t e;
    uint32_t m;
    if ((u & SYMC_MAGNITUDE) == 0u) {
        return symc_from_bits(SYMC_INFINITY | SYMC_SIGN);
    }
    if (u >= SYMC_INFINITY) {
        return symc_from_bits(u == SYMC_INFINITY ? u : SYMC_NAN);
    }
    m = symc_unpack(u, &e);
    return symc_from_bits(symc_log_bits((uint64_t)m << 40, e, unit, factor));
}

#endif
