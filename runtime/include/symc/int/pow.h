/* SPDX-License-Identifier: Apache-2.0
 *
 * symc runtime: x^y in integers, special values as in C99 Annex F.
 *
 * x^y = 2^w, w = y log2|x| = n + g, in three steps with a rounding test behind each of the first two. This one works
 * with products of 32 bits and decides all but about one normal result in 500 (in 100 where |y| is 200); pow64.h
 * leaves one in 2^21; pow160.h has 160 bits, or decides in integers.
 *
 * The errors of the first step (proof/bound_pow.c), in units of 2^-39 of a power 2^g between 1 and 2:
 *
 *   log2|x|    trying all significands found less than 2^-40, and for an x beside 1 less than 2^-35.6 of log2|x|. In
 *              2^g, ln(2) times a factor below 2 makes less than 0.7 |y| and less than 14.1 |w| units of it.
 *   times y    rounded down, which is less than 0.7 unit where |y| < 2^23, and next to nothing where |y| < 2^7.
 *   2^g        trying all g of 36 bits found -40.9 to 52.6, with the 50 units that symc_pow_exp2 adds to stand in the
 *              middle; bits of g behind the 36th, up to 11.1 units, are left out.
 *
 * 56 + |y| or 56 + 15 |w| units, with |y| and |w| rounded up, |y| to a power of 2, are more than all of it.
 */
#ifndef SYMC_INT_POW_H
#define SYMC_INT_POW_H

#include "symc/int/core.h"
#include "symc/int/pow64.h"

/* begin Q_POW_LOG2 */
/* poly/fit.py: (log2(1 + t)/t - log2(e))/-t in -t, |t| <= 1/32; relative error 2^-37.3. */
#define SYMC_Q_POW_LOG2_0 UINT32_C(3098164009)
#define SYMC_Q_POW_LOG2_1 INT32_C(129090143)
#define SYMC_Q_POW_LOG2_2 INT32_C(6051110)
#define SYMC_Q_POW_LOG2_3 INT32_C(302854)
#define SYMC_Q_POW_LOG2_4 INT32_C(15741)
/* end Q_POW_LOG2 */
/* begin Q_POW_EXP2 */
/* poly/fit.py: (2^h - 1)/h on 0 <= h <= 1/16; relative error 2^-36.9. */
#define SYMC_Q_POW_EXP2_0 UINT32_C(2977044466)
#define SYMC_Q_POW_EXP2_1 INT32_C(64485370)
#define SYMC_Q_POW_EXP2_2 INT32_C(931026)
#define SYMC_Q_POW_EXP2_3 INT32_C(10299)
/* end Q_POW_EXP2 */

/* c - a b 2^-32, or where `below` c + a b 2^-32. */
SYMC_LARGE_FN uint32_t symc_pow_step(uint32_t a, uint32_t b, uint32_t c, symc_pow_flag below)
{
    const uint32_t step = symc_mul_high(a, b);
    return below != 0u ? c + step : c - step;
}

/* The exponent of a float without a sign, as it stands in its bits. (AVR would shift bit by bit.) */
SYMC_FN symc_pow_exponent symc_pow_field(uint32_t u)
{
    return (symc_pow_exponent)((uint16_t)(u >> 16) >> 7);
}

/*
 * |log2 x| in Q56, or in Q64 and *beside_1 where x is so close to 1 that log2(1 + t) is all of it, and whether it is
 * negative, for the positive normal x with the bits u; not of 1.
 *
 * x = m 2^k. r/256 is close to 1/m, so that t = m r/256 - 1, which fits 32 bits exactly, lies in [-1/32, 1/32), and
 * log2 x = k + log2(256/r) + log2(1 + t).
 */
SYMC_FN uint64_t symc_pow_log2(uint32_t u, symc_pow_flag *negative, symc_pow_flag *beside_1)
{
    /* 32 r */
    SYMC_TABLE uint16_t reciprocal[17] = {8192u, 7712u, 7296u, 6912u, 6560u, 6240u, 5952u, 5696u, 5472u,
                                          5248u, 5056u, 4864u, 4672u, 4512u, 4384u, 4224u, 4096u};
    /* 2^32 log2(256/r) and its next eight bits; of the last one, where k is one more, log2(128/r). */
    SYMC_TABLE uint32_t head[17] = {
        0x00000000u, 0x164ce26cu, 0x2ac7b853u, 0x3ebfb152u, 0x520d979au, 0x64860024u,
        0x75f9b02au, 0x86365578u, 0x95079e1au, 0xa47778c9u, 0xb23b6cc5u, 0xc087d28du,
        0xcf67a85fu, 0xdc465cd1u, 0xe6e75e91u, 0xf4a29645u, 0x00000000u,
    };
    SYMC_TABLE symc_digit tail[17] = {0x00u, 0x06u, 0xffu, 0x0cu, 0x57u, 0x93u, 0xf1u, 0x63u, 0x04u,
                                   0x8cu, 0x6du, 0xfbu, 0xa2u, 0x56u, 0xbau, 0x39u, 0x00u};
    const uint32_t m = (u & 0x007fffffu) | 0x00800000u;
    const symc_pow_flag i = (symc_pow_flag)(((m >> 16) - 0x7cu) >> 3);
    const symc_pow_exponent k = (symc_pow_exponent)(symc_pow_field(u) - 127 + (symc_pow_exponent)(i >> 4));
    const uint32_t t = m * (uint32_t)SYMC_AT(reciprocal, i);
    const symc_pow_flag below = (symc_pow_flag)(t >= SYMC_SIGN);
    const uint32_t distance = below != 0u ? 0u - t : t;
    const uint32_t start = SYMC_AT(head, i);
    uint32_t q = (uint32_t)SYMC_Q_POW_LOG2_4;
    uint32_t step;
    uint32_t high;
    uint32_t low;
    uint64_t part;
    q = symc_pow_step(q, distance, (uint32_t)SYMC_Q_POW_LOG2_3, below);
    q = symc_pow_step(q, distance, (uint32_t)SYMC_Q_POW_LOG2_2, below);
    q = symc_pow_step(q, distance, (uint32_t)SYMC_Q_POW_LOG2_1, below);
    q = symc_pow_step(q, distance, (uint32_t)SYMC_Q_POW_LOG2_0, below);
    step = symc_mul_high(q, distance);
    /* 2^60 log2(1 + t)/t; the step has 36 fraction bits. */
    high = 0x17154765u;
    low = 0x2b82fe17u;
    if (below != 0u) {
        low += step << 24;
        high += (step >> 8) + (uint32_t)(low < (step << 24));
    } else {
        high -= (step >> 8) + (uint32_t)(low < (step << 24));
        low -= step << 24;
    }
    part = symc_pow_multiply(high, low, distance);
    *beside_1 = (symc_pow_flag)(k == 0 && start == 0u);
    *negative = below;
    if (*beside_1 != 0u) {
        return part;
    }
    high = symc_pow_upper(part);
    low = ((uint32_t)part >> 8) | (high << 24);
    part = symc_pow_joined(high >> 8, low);
    part = symc_pow_joined(((uint32_t)k << 24) + (start >> 8), (start << 24) | ((uint32_t)SYMC_AT(tail, i) << 16)) +
           (below != 0u ? 0u - part : part);
    *negative = (symc_pow_flag)(symc_pow_upper(part) >= SYMC_SIGN);
    return *negative != 0u ? 0u - part : part;
}

/* 2^g for g = high/2^32 + low/2^64 in Q39: 32 bits, and the lower eight of *more; below 2^31 where that would be 2. */
SYMC_FN uint32_t symc_pow_exp2(uint32_t high, uint32_t low, uint16_t *more)
{
    /* 2^(31 + j/16), and the next eight bits */
    SYMC_TABLE uint32_t root[16] = {
        0x80000000u, 0x85aac367u, 0x8b95c1e3u, 0x91c3d373u, 0x9837f051u, 0x9ef53260u, 0xa5fed6a9u, 0xad583eeau,
        0xb504f333u, 0xbd08a39fu, 0xc5672a11u, 0xce248c15u, 0xd744fccau, 0xe0ccdeecu, 0xeac0c6e7u, 0xf5257d15u,
    };
    SYMC_TABLE symc_digit tail[16] = {0x00u, 0xccu, 0xebu, 0xabu, 0x8eu, 0x92u, 0xb1u, 0x43u,
                                   0xfau, 0x58u, 0x55u, 0x20u, 0xd7u, 0x2bu, 0xddu, 0x25u};
    const symc_pow_flag j = (symc_pow_flag)((symc_pow_flag)(high >> 24) >> 4);
    const uint32_t h = (high << 4) | ((low >> 24) >> 4);
    const uint32_t start = SYMC_AT(root, j);
    uint32_t q = (uint32_t)SYMC_Q_POW_EXP2_3;
    q = symc_mul_high(q, h) + (uint32_t)SYMC_Q_POW_EXP2_2;
    q = symc_mul_high(q, h) + (uint32_t)SYMC_Q_POW_EXP2_1;
    q = symc_mul_high(q, h) + (uint32_t)SYMC_Q_POW_EXP2_0;
    q = symc_mul_high(symc_mul_high(q, h), start);
    *more = (uint16_t)((((symc_digit)q & 15u) << 4) + SYMC_AT(tail, j) + 50u);
    return start + (q >> 4) + (*more >> 8);
}

/* The bits of x^y for a normal x > 0 other than 1 and a y with 2^-126 <= |y| < 2^23. */
SYMC_FN uint32_t symc_pow_normal(uint32_t x, uint32_t y)
{
    const uint32_t ay = y & SYMC_MAGNITUDE;
    symc_pow_flag beside_1;
    symc_pow_flag negative;
    symc_pow_exponent e = (symc_pow_exponent)(symc_pow_field(ay) + 2);
    symc_pow_exponent n = 0;
    uint16_t error = 56u;
    uint16_t more;
    /* |y| = m 2^(8 e - 24): what follows is moved by whole bytes. */
    uint32_t m = ((ay & 0x007fffffu) | 0x00800000u) << ((symc_pow_flag)e & 7u);
    uint64_t w = symc_pow_log2(x, &negative, &beside_1);
    w = symc_pow_multiply(symc_pow_upper(w), (uint32_t)w, m);
    negative = (symc_pow_flag)(negative != (symc_pow_flag)(y >= SYMC_SIGN));
    /* |w| = w 2^(8 e - 64) */
    e = (symc_pow_exponent)(e / 8 - (beside_1 != 0u ? 15 : 14));
    if (e > 0) {
        m = symc_pow_upper(w) >> (32 - 8 * e);
        /* The error of w is below 2^-24 there. */
        if (m > (negative != 0u ? 150u : 127u)) {
            return negative != 0u ? 0u : SYMC_INFINITY;
        }
        if (m >= 126u) {
            return symc_pow_decide(x, y);
        }
        n = (symc_pow_exponent)m;
        w <<= 8 * e;
    } else {
        w = e > -8 ? w >> (-8 * e) : 0u;
    }
    if (beside_1 != 0u) {
        error = (uint16_t)(error + 15u * ((uint16_t)n + 1u));
    } else if (ay >= SYMC_ONE) {
        error = (uint16_t)(error + (1u << (symc_pow_field(ay) - 126)));
    }
    if (negative != 0u) {
        w = ~w;
        n = (symc_pow_exponent)(-n - 1);
    }
    m = symc_pow_exp2(symc_pow_upper(w), (uint32_t)w, &more);
    /* The 16 bits behind the 24 that are kept; half-way is 0x8000. */
    more = (uint16_t)((m << 8) | (more & 0xffu));
    if (m < SYMC_SIGN || (uint16_t)(more + error - 0x8000u) <= 2u * error) {
        return symc_pow_decide(x, y);
    }
    return ((uint32_t)(uint16_t)((uint16_t)(n + 126) << 7) << 16) + (m >> 8) + (more >> 15);
}

/* ---- all x and y ------------------------------------------------------------------------------------------------- */

/* Whether y, whose magnitude has the bits ay, is an integer; and the sign of x^y for negative x then. */
SYMC_SHARED_FN uint32_t symc_pow_whole(uint32_t ay, uint32_t *sign)
{
    uint32_t units;
    *sign = 0u;
    if (ay >= 0x4b800000u) {
        return 1u; /* from 2^24 on every float is an even integer */
    }
    if (ay < SYMC_ONE) {
        return 0u;
    }
    /* The bit of value 1 at the top, those of the fraction below. */
    units = ((ay & 0x007fffffu) | 0x00800000u) << (symc_pow_field(ay) - 119);
    if ((units & SYMC_MAGNITUDE) != 0u) {
        return 0u;
    }
    *sign = units;
    return 1u;
}

/* The bits of x^y where x or y is 0, infinite, NaN or subnormal, |x| is 1 or y is huge. */
SYMC_SLOW_FN uint32_t symc_pow_special(uint32_t ux, uint32_t uy)
{
    const uint32_t ax = ux & SYMC_MAGNITUDE;
    const uint32_t ay = uy & SYMC_MAGNITUDE;
    uint32_t sign;
    uint32_t whole;
    if (ay == 0u || ux == SYMC_ONE) {
        return SYMC_ONE;
    }
    if (ax > SYMC_INFINITY || ay > SYMC_INFINITY) {
        return SYMC_NAN;
    }
    whole = symc_pow_whole(ay, &sign);
    sign &= ux;
    if (ax == SYMC_ONE && whole != 0u) {
        return sign | SYMC_ONE;
    }
    if (ax == 0u || ax == SYMC_INFINITY || ay == SYMC_INFINITY) {
        /* Large where exactly one of |x| > 1 and y < 0 holds. */
        return sign | ((ax > SYMC_ONE) != (uy >= SYMC_SIGN) ? SYMC_INFINITY : 0u);
    }
    if (ux >= SYMC_SIGN && whole == 0u) {
        return SYMC_NAN;
    }
    return sign | symc_pow_decide(ax, uy);
}

SYMC_SHARED_FN float symc_pow(float x, float y)
{
    const uint32_t ux = symc_bits(x);
    const uint32_t uy = symc_bits(y);
    const uint32_t ax = ux & SYMC_MAGNITUDE;
    uint32_t sign = 0u;
    /* Left are normal x, of magnitude other than 1, and 2^-126 <= |y| < 2^23. */
    if (ax - 0x00800000u >= 0x7f000000u || ax == SYMC_ONE || (uy & SYMC_MAGNITUDE) - 0x00800000u >= 0x4a800000u) {
        return symc_from_bits(symc_pow_special(ux, uy));
    }
    if (ux >= SYMC_SIGN && symc_pow_whole(uy & SYMC_MAGNITUDE, &sign) == 0u) {
        return symc_from_bits(SYMC_NAN);
    }
    return symc_from_bits(sign | symc_pow_normal(ax, uy));
}

/* The same, for code that is written for both profiles: *slow stays. */
SYMC_FN float symc_pow_fast(float x, float y, uint32_t *slow)
{
    (void)slow;
    return symc_pow(x, y);
}

#endif
