/* SPDX-License-Identifier: Apache-2.0
 *
 * symc runtime: logarithms of 64-bit significands in integers, for the functions that are made of one.
 */
#ifndef SYMC_INT_LOGARITHM_H
#define SYMC_INT_LOGARITHM_H

#include "symc/f32.h"
#include "symc/int/core.h"
#include "symc/int/shared.h"

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
/* poly/fit.py: (log(1 + f) - f) / f^2, sqrt(1/2) <= 1 + f <= sqrt(2); relative error 2^-59.2. */
#define SYMC_Q_LOGARITHM_2 INT64_C(-4611686018427388147)
#define SYMC_Q_LOGARITHM_3 INT64_C(3074457345618272918)
#define SYMC_Q_LOGARITHM_4 INT64_C(-2305843009213516269)
#define SYMC_Q_LOGARITHM_5 INT64_C(1844674407365098076)
#define SYMC_Q_LOGARITHM_6 INT64_C(-1537228672840541651)
#define SYMC_Q_LOGARITHM_7 INT64_C(1317624577532829376)
#define SYMC_Q_LOGARITHM_8 INT64_C(-1152921502514114999)
#define SYMC_Q_LOGARITHM_9 INT64_C(1024819055657649606)
#define SYMC_Q_LOGARITHM_10 INT64_C(-922337249881901935)
#define SYMC_Q_LOGARITHM_11 INT64_C(838490758581374801)
#define SYMC_Q_LOGARITHM_12 INT64_C(-768615376811467747)
#define SYMC_Q_LOGARITHM_13 INT64_C(709432939031712318)
#define SYMC_Q_LOGARITHM_14 INT64_C(-658732428905700973)
#define SYMC_Q_LOGARITHM_15 INT64_C(615700071552105896)
#define SYMC_Q_LOGARITHM_16 INT64_C(-578317023576302525)
#define SYMC_Q_LOGARITHM_17 INT64_C(536448345128823776)
#define SYMC_Q_LOGARITHM_18 INT64_C(-491034007773244868)
#define SYMC_Q_LOGARITHM_19 INT64_C(499841665908308982)
#define SYMC_Q_LOGARITHM_20 INT64_C(-579700433818707030)
#define SYMC_Q_LOGARITHM_21 INT64_C(525692124823958033)
#define SYMC_Q_LOGARITHM_22 INT64_C(-223521482620441620)
/* end Q_LOGARITHM */

/* log(2), log10(2) and log2(2), 55 fraction bits; log2(e) - 1 and log10(e) - 1, 63 fraction bits. */
#define SYMC_LN2_Q55 INT64_C(0x0058b90bfbe8e7bd)
#define SYMC_LOG10_2_Q55 INT64_C(0x00268826a13ef3fe)
#define SYMC_LOG2_2_Q55 INT64_C(0x0080000000000000)
#define SYMC_LOG2_E_Q63 INT64_C(0x38aa3b295c17f0bc)
#define SYMC_LOG10_E_Q63 INT64_C(-0x486909d5b235e39b)

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
        return (int64_t)((m - UINT64_C(0x8000000000000000)) << 1);
    }
    ++*e;
    return -(int64_t)(0u - m);
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
        SYMC_Q_LOGARITHM_22
    };
    return symc_product64(symc_polynomial64(c, 20u, f), f);
}

/*
 * The bits of the float nearest to the logarithm of m 2^(e - 63), 2^63 <= m. `unit` is the logarithm of 2 in the wanted
 * base (55 fraction bits), `factor` that of e, less 1 (63). log(1 + f) is f times a number near 1, and keeps its
 * relative precision where no multiple of `unit` is added.
 */
SYMC_SLOW_FN uint32_t symc_log_bits(uint64_t m, int32_t e, int64_t unit, int64_t factor)
{
    int64_t f = symc_log_reduce(m, &e);
    const int64_t excess = symc_log_excess(f);
    int32_t point = 8;
    uint32_t negative;
    if (e == 0) {
        if (f == 0) {
            return 0u;
        }
        point = 1 - (int32_t)symc_leading_zeros64((uint64_t)(f < 0 ? -f : f));
        f = (int64_t)((uint64_t)f << -point);
    }
    /* Half of it, which fits. */
    f = (f >> 1) + symc_product64(f, excess);
    if (factor != 0) {
        f += 2 * symc_product64(f, factor);
    }
    if (e != 0) {
        f = (f >> 8) + e * unit;
    }
    negative = (uint32_t)(f < 0);
    return (negative << 31) | symc_nearest64((uint64_t)(negative != 0u ? -f : f), point);
}

/* The logarithm of x to the base of `unit` and `factor`. */
SYMC_FN float symc_log_of(float x, int64_t unit, int64_t factor)
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
