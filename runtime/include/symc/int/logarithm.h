/* SPDX-License-Identifier: Apache-2.0
 *
 * symc runtime: logarithms of 64-bit significands in integers, for the functions that are made of one.
 */
#ifndef SYMC_INT_LOGARITHM_H
#define SYMC_INT_LOGARITHM_H

#include "symc/f32.h"
#include "symc/int/core.h"

/* begin Q_LOGARITHM */
/* poly/fit.py: (log(1 + f) - f) / f^2, sqrt(1/2) <= 1 + f <= sqrt(2); relative error 2^-64.3. */
#define SYMC_Q_LOGARITHM_2 INT64_C(-4611686018427387904)
#define SYMC_Q_LOGARITHM_3 INT64_C(3074457345618258432)
#define SYMC_Q_LOGARITHM_4 INT64_C(-2305843009213704704)
#define SYMC_Q_LOGARITHM_5 INT64_C(1844674407371141888)
#define SYMC_Q_LOGARITHM_6 INT64_C(-1537228672806705152)
#define SYMC_Q_LOGARITHM_7 INT64_C(1317624576660616704)
#define SYMC_Q_LOGARITHM_8 INT64_C(-1152921504844610560)
#define SYMC_Q_LOGARITHM_9 INT64_C(1024819118137394688)
#define SYMC_Q_LOGARITHM_10 INT64_C(-922337191954397312)
#define SYMC_Q_LOGARITHM_11 INT64_C(838488215558616192)
#define SYMC_Q_LOGARITHM_12 INT64_C(-768614626813776896)
#define SYMC_Q_LOGARITHM_13 INT64_C(709494996860306176)
#define SYMC_Q_LOGARITHM_14 INT64_C(-658810111748246272)
#define SYMC_Q_LOGARITHM_15 INT64_C(614793828748472064)
#define SYMC_Q_LOGARITHM_16 INT64_C(-576395711948542784)
#define SYMC_Q_LOGARITHM_17 INT64_C(543766314490521280)
#define SYMC_Q_LOGARITHM_18 INT64_C(-514380507730489600)
#define SYMC_Q_LOGARITHM_19 INT64_C(476994557077746048)
#define SYMC_Q_LOGARITHM_20 INT64_C(-438293039029022080)
#define SYMC_Q_LOGARITHM_21 INT64_C(460623753614240448)
#define SYMC_Q_LOGARITHM_22 INT64_C(-541450753909717120)
#define SYMC_Q_LOGARITHM_23 INT64_C(474653772175910656)
#define SYMC_Q_LOGARITHM_24 INT64_C(-191251838339216416)
/* end Q_LOGARITHM */

/* log(2), log10(2) and log2(2), 55 fraction bits; 1, log2(e) and log10(e), 63 fraction bits. */
#define SYMC_LN2_Q55 INT64_C(0x0058b90bfbe8e7bd)
#define SYMC_LOG10_2_Q55 INT64_C(0x00268826a13ef3fe)
#define SYMC_LOG2_2_Q55 INT64_C(0x0080000000000000)
#define SYMC_ONE_Q63 UINT64_C(0x8000000000000000)
#define SYMC_LOG2_E_Q63 UINT64_C(0xb8aa3b295c17f0bc)
#define SYMC_LOG10_E_Q63 UINT64_C(0x3796f62a4dca1c65)

/* m 2^(*e - 63), 2^63 <= m, is 2^k (1 + f), sqrt(1/2) <= 1 + f < sqrt(2): f with 64 fraction bits, k in *e. */
SYMC_FN int64_t symc_log_reduce(uint64_t m, int32_t *e)
{
    if (m < UINT64_C(0xb504f333f9de6484)) {
        return (int64_t)((m - SYMC_ONE_Q63) << 1);
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
        SYMC_Q_LOGARITHM_22, SYMC_Q_LOGARITHM_23, SYMC_Q_LOGARITHM_24
    };
    int64_t p = 0;
    uint32_t i;
    for (i = (uint32_t)(sizeof c / sizeof c[0]); i-- > 0u;) {
        p = symc_mul_high_signed64(p, f) + c[i];
    }
    return symc_mul_high_signed64(p, f);
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
