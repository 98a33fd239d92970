/* SPDX-License-Identifier: Apache-2.0
 *
 * symc runtime: x^y in integers, special values as in C99 Annex F.
 *
 * x^y = 2^w, w = y log2|x| = n + g: log2|x| from a table of 17 reciprocals and a polynomial, 2^g from a table of 16
 * powers and a polynomial, both in 64-bit fixed point. The error of log2|x| is below 2^-55.5 of it (2^-56.7 is the
 * largest that was observed), that of w below 2^-54.5 of it and therefore, as |w| < 152, below 2^-47.2; with 2^-52 for
 * 2^g the relative error of the result is below 2^-47 (2^-49.4 was observed). Where that leaves open which float is the
 * nearest, about once in 2^23 pairs, symc_pow_slow decides: with 160-bit fixed point, in which the error of w is below
 * 2^-124 and that of 2^g below 2^-155, or exactly where x^y has so few bits that it may lie half-way.
 *
 * What is proved: nothing by exhaustion, for there are 2^64 pairs. The bounds were derived by hand from the roundings
 * below. proof/prove_pow.c compares results; no pair is known whose x^y lies closer than 2^-90 to half-way without
 * being there, and if one were closer than 2^-123, its result might be the other neighbour.
 */
#ifndef SYMC_INT_POW_H
#define SYMC_INT_POW_H

#include "symc/int/core.h"
#include "symc/int/exactpow.h"

/* Coefficient 0 of the first and 1 of the second have more bits than a double and stand in the code. */
/* begin Q_POW_LOG2 */
/* poly/fit.py: log2(1 + t)/t - log2(e) on |t| <= 1/32; relative error 2^-64.6. */
#define SYMC_Q_POW_LOG2_0 INT32_C(0)
#define SYMC_Q_POW_LOG2_1 INT64_C(-6497320848556798)
#define SYMC_Q_POW_LOG2_2 INT64_C(8663094464742377)
#define SYMC_Q_POW_LOG2_3 INT64_C(-406082553034948)
#define SYMC_Q_POW_LOG2_4 INT64_C(20304127652284)
#define SYMC_Q_POW_LOG2_5 INT64_C(-1057506646616)
#define SYMC_Q_POW_LOG2_6 INT32_C(1770379270)
#define SYMC_Q_POW_LOG2_7 INT32_C(-96817872)
#define SYMC_Q_POW_LOG2_8 INT32_C(5379420)
#define SYMC_Q_POW_LOG2_9 INT32_C(-302496)
#define SYMC_Q_POW_LOG2_10 INT32_C(16244)
/* end Q_POW_LOG2 */
/* begin Q_POW_EXP2 */
/* poly/fit.py: (2^h - 1)/h - ln(2) on 0 <= h <= 1/16; relative error 2^-51.4. */
#define SYMC_Q_POW_EXP2_1 INT32_C(0)
#define SYMC_Q_POW_EXP2_2 INT64_C(8655072057804150)
#define SYMC_Q_POW_EXP2_3 INT64_C(3999492529621868)
#define SYMC_Q_POW_EXP2_4 UINT32_C(2643811192)
#define SYMC_Q_POW_EXP2_5 INT32_C(22906896)
#define SYMC_Q_POW_EXP2_6 INT32_C(165367)
#define SYMC_Q_POW_EXP2_7 INT32_C(1044)
/* end Q_POW_EXP2 */

/* 2^-47 of 2^63. */
#define SYMC_POW_ERROR 0x10000u

/* a b 2^-32, less than 2 below that. */
SYMC_LARGE_FN int64_t symc_pow_multiply(int64_t a, int32_t b)
{
#if SYMC_NARROW_MUL
    /* By halves: the second product, which fits, is added with its sign. */
    const int32_t a1 = (int32_t)symc_upper((uint64_t)a);
    const int32_t a0 = (int32_t)((uint32_t)a >> 1);
    const uint32_t more = ((uint32_t)symc_mul_high_signed(a0, b) << 1) | (((uint32_t)a0 * (uint32_t)b) >> 31);
    const uint32_t low = (uint32_t)a1 * (uint32_t)b + more;
    const uint32_t high = (uint32_t)symc_mul_high_signed(a1, b) + (uint32_t)(low < more) - (more >> 31);
    return (int64_t)symc_joined(high, low);
#else
    const int64_t high = (int64_t)(int32_t)(a >> 32) * b;
    return high + (((int64_t)(int32_t)((uint32_t)a >> 1) * b) >> 31);
#endif
}

#if SYMC_NARROW_MUL
/* 32 bits of high 2^32 + low, from bit n (up to 31) on. */
SYMC_SHARED_FN uint32_t symc_pow_bits(uint32_t high, uint32_t low, uint32_t n)
{
    return (low >> n) | ((high << 1) << (31u - n));
}
#endif

/*
 * log2 of the finite magnitude u other than 0 and 1, times 2^*point; between 2^56 and 2^63 in magnitude.
 *
 * x = m 2^k. r/256 is close to 1/m, so that t = m r/256 - 1, which fits 32 bits exactly, lies in [-1/32, 1/32), and
 * log2 x = k + log2(256/r) + log2(1 + t).
 */
SYMC_LARGE_FN int64_t symc_pow_log2(uint32_t u, int32_t *point)
{
    SYMC_TABLE uint16_t reciprocal[17] = {256u, 241u, 228u, 216u, 205u, 195u, 186u, 178u, 171u,
                                          164u, 158u, 152u, 146u, 141u, 137u, 132u, 128u};
    /* 2^62 log2(256/r) */
    SYMC_TABLE int64_t head[17] = {
        INT64_C(0x0000000000000000), INT64_C(0x0593389b019c55ad), INT64_C(0x0ab1ee14ffd65906),
        INT64_C(0x0fafec54831f1a48), INT64_C(0x148365e695d796aa), INT64_C(0x1921800924dd3b7f),
        INT64_C(0x1d7e6c0abc3578c4), INT64_C(0x218d955e18ab2df4), INT64_C(0x2541e78680e0b71e),
        INT64_C(0x291dde3262f321a8), INT64_C(0x2c8edb315b321326), INT64_C(0x3021f4a37ecbfaee),
        INT64_C(0x33d9ea17e87e2681), INT64_C(0x37119734556a4251), INT64_C(0x39b9d7a46e732954),
        INT64_C(0x3d28a5914e204f1a), INT64_C(0x4000000000000000),
    };
    int32_t k;
    const uint32_t m = symc_unpack(u, &k);
    const uint32_t i = (m - 0x007c0000u) >> 19;
    const uint32_t bits = (m * (uint32_t)SYMC_AT(reciprocal, i) - 0x80000000u) << 5;
    const int32_t t = (int32_t)bits;
    uint32_t shift;
    /* A product with t 2^36 divides by 2^32, so that each coefficient has four bits less behind the point. */
    int32_t q = SYMC_Q_POW_LOG2_10;
    int64_t p;
    q = symc_mul_high_signed(q, t) + SYMC_Q_POW_LOG2_9;
    q = symc_mul_high_signed(q, t) + SYMC_Q_POW_LOG2_8;
    q = symc_mul_high_signed(q, t) + SYMC_Q_POW_LOG2_7;
    q = symc_mul_high_signed(q, t) + SYMC_Q_POW_LOG2_6;
#if SYMC_NARROW_MUL
    shift = (uint32_t)symc_mul_high_signed(q, t);
    p = (int64_t)symc_joined((uint32_t)((int32_t)shift >> 27), symc_pow_bits(shift, (uint32_t)q * (uint32_t)t, 27u)) +
        SYMC_Q_POW_LOG2_5;
#else
    p = (((int64_t)q * t) >> 27) + SYMC_Q_POW_LOG2_5;
#endif
    p = symc_pow_multiply(p, t) + SYMC_Q_POW_LOG2_4;
    p = symc_pow_multiply(p, t) + SYMC_Q_POW_LOG2_3;
    p = symc_pow_multiply(p, t) + SYMC_Q_POW_LOG2_2;
    p = symc_pow_multiply(p, t) + 32 * SYMC_Q_POW_LOG2_1;
    p = symc_pow_multiply(p, t) + INT64_C(0x5c551d94ae0bf85e); /* 2^62 log2(e) */
    if ((i == 0u && k == 0) || (i == 16u && k == -1)) {
        /* x is close to 1, log2(1 + t) is all there is: t gets its full 31 bits, and the product those of p. */
        shift = symc_leading_zeros(t < 0 ? 0u - bits : bits) - 1u;
        *point = 66 + (int32_t)shift;
        return symc_pow_multiply(p, (int32_t)(bits << shift));
    }
    /* As many bits before the point as k needs. */
    shift = 31u - symc_leading_zeros((uint32_t)(k < 0 ? ~k : k) * 2u + 1u);
    p = SYMC_AT(head, i) + (symc_pow_multiply(p, t) >> 4);
    *point = 62 - (int32_t)shift;
    return (int64_t)((uint64_t)(int64_t)k << (62u - shift)) + (p >> shift);
}

/* 2^63 2^g for g = fraction/2^64: a table for the upper four bits, (2^h - 1)/h for the rest. */
SYMC_LARGE_FN uint64_t symc_pow_exp2(uint64_t fraction)
{
    /* 2^(63 + j/16) */
    SYMC_TABLE uint64_t root[16] = {
        UINT64_C(0x8000000000000000), UINT64_C(0x85aac367cc487b15), UINT64_C(0x8b95c1e3ea8bd6e7),
        UINT64_C(0x91c3d373ab11c336), UINT64_C(0x9837f0518db8a96f), UINT64_C(0x9ef5326091a111ae),
        UINT64_C(0xa5fed6a9b15138ea), UINT64_C(0xad583eea42a14ac6), UINT64_C(0xb504f333f9de6484),
        UINT64_C(0xbd08a39f580c36bf), UINT64_C(0xc5672a115506dadd), UINT64_C(0xce248c151f8480e4),
        UINT64_C(0xd744fccad69d6af4), UINT64_C(0xe0ccdeec2a94e111), UINT64_C(0xeac0c6e7dd24392f),
        UINT64_C(0xf5257d152486cc2c),
    };
    const uint64_t start = SYMC_AT(root, (uint32_t)(fraction >> 60));
    const uint64_t h = fraction << 4;
    const uint32_t h_high = (uint32_t)(h >> 32);
    /* h is scaled by 2^68: again four bits less behind the point with every power. */
    uint32_t q = (uint32_t)SYMC_Q_POW_EXP2_7;
    uint64_t p;
    q = symc_mul_high(q, h_high) + (uint32_t)SYMC_Q_POW_EXP2_6;
    q = symc_mul_high(q, h_high) + (uint32_t)SYMC_Q_POW_EXP2_5;
    q = symc_mul_high(q, h_high) + (uint32_t)SYMC_Q_POW_EXP2_4;
#if SYMC_NARROW_MUL
    p = (uint64_t)symc_mul_high(q, h_high);
    p = symc_joined((uint32_t)p >> 18, symc_pow_bits((uint32_t)p, q * h_high, 18u)) + (uint64_t)SYMC_Q_POW_EXP2_3;
#else
    p = (((uint64_t)q * h_high) >> 18) + (uint64_t)SYMC_Q_POW_EXP2_3;
#endif
    p = symc_mul_high64(p, h) + 32u * (uint64_t)SYMC_Q_POW_EXP2_2;
    p = symc_mul_high64(p, h) + UINT64_C(0xb17217f7d1cf79ac); /* 2^64 ln(2) */
    p = start + (symc_mul_high64(start, symc_mul_high64(p, h)) >> 4);
    /* An error must not make 2 of what is just below. */
    return p >= start ? p : UINT64_MAX;
}

/* Whether the float nearest to m 2^(e - 63) would be another one for an m that is wrong by SYMC_POW_ERROR. */
SYMC_FN uint32_t symc_pow_is_unsure(uint64_t m, int32_t e)
{
    const uint32_t kept = e >= -126 ? 24u : (uint32_t)(150 + e);
    if (e < -150) {
        /* Below half of the smallest float: unless it is just below. */
        return (uint32_t)(e == -151 && m > UINT64_MAX - SYMC_POW_ERROR);
    }
    return (uint32_t)((m << kept) - (UINT64_C(0x8000000000000000) - ((uint64_t)SYMC_POW_ERROR << kept)) <=
                      (uint64_t)SYMC_POW_ERROR << (kept + 1u));
}

/* ---- the rare rest: x and y finite and not 0, y an integer where x < 0 ------------------------------------------- */

/* A number is five digits of 32 bits, the lowest first. */
#define SYMC_POW_DIGITS 5u

/* The upper half of the product of a and b, into r, which may be a or b. */
SYMC_SLOW_FN void symc_wide_multiply(uint32_t *r, const uint32_t *a, const uint32_t *b)
{
    uint32_t product[2u * SYMC_POW_DIGITS];
    uint32_t i;
    uint32_t j;
    for (i = 0u; i < SYMC_POW_DIGITS; ++i) {
        product[i] = 0u;
    }
    for (i = 0u; i < SYMC_POW_DIGITS; ++i) {
        uint32_t carry = 0u;
        for (j = 0u; j < SYMC_POW_DIGITS; ++j) {
            const uint64_t v = (uint64_t)a[i] * b[j] + product[i + j] + carry;
            product[i + j] = (uint32_t)v;
            carry = (uint32_t)(v >> 32);
        }
        product[i + SYMC_POW_DIGITS] = carry;
    }
    for (i = 0u; i < SYMC_POW_DIGITS; ++i) {
        r[i] = product[i + SYMC_POW_DIGITS];
    }
}

/* r = r + a/divisor, for a divisor of less than 16 bits: two steps for a digit. */
SYMC_SLOW_FN void symc_wide_add_quotient(uint32_t *r, const uint32_t *a, uint32_t divisor)
{
    uint32_t quotient[SYMC_POW_DIGITS];
    uint32_t rest = 0u;
    uint32_t carry = 0u;
    uint32_t i;
    for (i = SYMC_POW_DIGITS; i-- > 0u;) {
        const uint32_t high = (rest << 16) | (a[i] >> 16);
        const uint32_t low = ((high % divisor) << 16) | (a[i] & 0xffffu);
        quotient[i] = ((high / divisor) << 16) | (low / divisor);
        rest = low % divisor;
    }
    for (i = 0u; i < SYMC_POW_DIGITS; ++i) {
        const uint64_t v = (uint64_t)r[i] + quotient[i] + carry;
        r[i] = (uint32_t)v;
        carry = (uint32_t)(v >> 32);
    }
}

/* The 32 bits of the number of six digits at a, from bit `position` on; before and behind it there are zeros. */
SYMC_SLOW_FN uint32_t symc_wide_bits(const uint32_t *a, int32_t position)
{
    const uint32_t shift = (uint32_t)position & 31u;
    const int32_t i = (position - (int32_t)shift) / 32;
    const uint32_t low = i >= 0 && i <= 5 ? a[i] : 0u;
    const uint32_t high = i >= -1 && i <= 4 ? a[i + 1] : 0u;
    return shift == 0u ? low : (low >> shift) | (high << (32u - shift));
}

/* The six digits at r become those of minus that number. */
SYMC_SLOW_FN void symc_wide_negate(uint32_t *r)
{
    uint32_t carry = 1u;
    uint32_t i;
    for (i = 0u; i <= SYMC_POW_DIGITS; ++i) {
        r[i] = ~r[i] + carry;
        carry &= (uint32_t)(r[i] == 0u);
    }
}

/* 2^160 log2(m/2^23), 2^23 <= m < 2^24, less than 2^5 below that; log2 m = 2 log2(e) (s + s^3/3 + ...). */
SYMC_SLOW_FN void symc_wide_log2(uint32_t *r, uint32_t m)
{
    /* 2^159 log2(e) */
    SYMC_TABLE uint32_t half_log2_e[SYMC_POW_DIGITS] = {0xeb577aa8u, 0x691d3e88u, 0xbe87fed0u, 0x5c17f0bbu,
                                                        0xb8aa3b29u};
    const uint32_t one[SYMC_POW_DIGITS] = {0u, 0u, 0u, 0u, 0x80000000u};
    const uint32_t divisor = m + 0x00800000u;
    uint32_t rest = m - 0x00800000u;
    uint32_t s[SYMC_POW_DIGITS];
    uint32_t square[SYMC_POW_DIGITS];
    uint32_t sum[SYMC_POW_DIGITS + 1u];
    uint32_t i;
    for (i = 0u; i < SYMC_POW_DIGITS; ++i) {
        s[i] = 0u;
        sum[i] = 0u;
    }
    sum[SYMC_POW_DIGITS] = 0u;
    /* s = (m - 2^23)/(m + 2^23) < 1/3, bit by bit */
    for (i = SYMC_POW_DIGITS * 32u; i-- > 0u;) {
        const uint32_t bit = (uint32_t)(2u * rest >= divisor);
        rest = 2u * rest - (divisor & (0u - bit));
        s[i >> 5] = (s[i >> 5] << 1) | bit;
    }
    symc_wide_multiply(square, s, s);
    for (i = 101u; i != 0xffffffffu; i -= 2u) {
        symc_wide_multiply(sum, sum, square);
        symc_wide_add_quotient(sum, one, i);
    }
    symc_wide_multiply(sum, sum, s);
    for (i = 0u; i < SYMC_POW_DIGITS; ++i) {
        s[i] = SYMC_AT(half_log2_e, i);
    }
    symc_wide_multiply(sum, sum, s);
    for (i = 0u; i < SYMC_POW_DIGITS; ++i) {
        r[i] = symc_wide_bits(sum, (int32_t)(32u * i) - 3);
    }
}

/* 2^159 2^g for g = fraction/2^160, less than 2^4 below that; by the series of e^(g ln 2). */
SYMC_SLOW_FN void symc_wide_exp2(uint32_t *r, const uint32_t *fraction)
{
    /* 2^160 ln(2) */
    SYMC_TABLE uint32_t ln2[SYMC_POW_DIGITS] = {0x40f34326u, 0x03f2f6afu, 0xc9e3b398u, 0xd1cf79abu, 0xb17217f7u};
    uint32_t g[SYMC_POW_DIGITS];
    uint32_t term[SYMC_POW_DIGITS];
    uint32_t divisor;
    uint32_t i;
    for (i = 0u; i < SYMC_POW_DIGITS; ++i) {
        g[i] = SYMC_AT(ln2, i);
        r[i] = 0u;
    }
    r[SYMC_POW_DIGITS - 1u] = 0x80000000u;
    symc_wide_multiply(g, g, fraction);
    for (divisor = 36u; divisor != 0u; --divisor) {
        symc_wide_multiply(term, r, g);
        for (i = 0u; i < SYMC_POW_DIGITS; ++i) {
            r[i] = 0u;
        }
        r[SYMC_POW_DIGITS - 1u] = 0x80000000u;
        symc_wide_add_quotient(r, term, divisor);
    }
}

/* The bits of x^y for x > 0 where symc_pow_exact said no. */
SYMC_SLOW_FN uint32_t symc_pow_accurate(uint32_t x, uint32_t y)
{
    int32_t k;
    int32_t shift;
    int32_t i;
    const uint32_t m = symc_unpack(x, &k);
    const uint32_t factor = symc_unpack(y & SYMC_MAGNITUDE, &shift);
    const uint32_t negative = (y >> 31) ^ (uint32_t)(k < 0);
    uint32_t product[SYMC_POW_DIGITS + 1u];
    uint32_t w[SYMC_POW_DIGITS + 1u];
    uint32_t carry = 0u;
    uint64_t power;
    symc_wide_log2(product, m);
    product[SYMC_POW_DIGITS] = (uint32_t)k;
    if (k < 0) {
        symc_wide_negate(product);
    }
    for (i = 0; i <= (int32_t)SYMC_POW_DIGITS; ++i) {
        const uint64_t v = (uint64_t)product[i] * factor + carry;
        product[i] = (uint32_t)v;
        carry = (uint32_t)(v >> 32);
    }
    /* |w| = product 2^(shift - 160), which is at least 2^8 if a bit above the 168th is set. */
    shift -= 23;
    for (i = 168 - shift; i < 192; i += 32) {
        if (symc_wide_bits(product, i) != 0u) {
            return negative != 0u ? 0u : SYMC_INFINITY;
        }
    }
    for (i = 0; i <= (int32_t)SYMC_POW_DIGITS; ++i) {
        w[i] = symc_wide_bits(product, 32 * i - shift);
    }
    if (negative != 0u) {
        symc_wide_negate(w);
    }
    symc_wide_exp2(product, w);
    power = ((uint64_t)product[4] << 32) | product[3] | (uint64_t)((product[2] | product[1] | product[0]) != 0u);
    return symc_pack(power, (int32_t)w[SYMC_POW_DIGITS]);
}

SYMC_SLOW_FN float symc_pow_slow(float x, float y)
{
    const uint32_t u = symc_bits(x) & SYMC_MAGNITUDE;
    uint32_t product;
    int32_t exponent;
    uint32_t r;
    if (symc_pow_exact(symc_from_bits(u), y, &product, &exponent) != 0u) {
        const uint32_t shift = symc_leading_zeros(product);
        r = symc_pack((uint64_t)(product << shift) << 32, exponent + 31 - (int32_t)shift);
    } else {
        r = symc_pow_accurate(u, symc_bits(y));
    }
    symc_pow_odd_part(symc_bits(y) & SYMC_MAGNITUDE, &exponent);
    return symc_from_bits(r | (exponent == 0 ? symc_bits(x) & SYMC_SIGN : 0u));
}

/* ---- all x and y ------------------------------------------------------------------------------------------------- */

SYMC_FN float symc_pow(float x, float y)
{
    const uint32_t ux = symc_bits(x);
    const uint32_t uy = symc_bits(y);
    const uint32_t ax = ux & SYMC_MAGNITUDE;
    const uint32_t ay = uy & SYMC_MAGNITUDE;
    const uint32_t grown = (uy >> 31) != 0u ? 0u : SYMC_INFINITY; /* of a large x: infinity, for y < 0 zero */
    const uint32_t shrunk = SYMC_INFINITY - grown;
    uint32_t whole = (uint32_t)(ay >= 0x4b800000u); /* from 2^24 on every float is an even integer */
    uint32_t sign = 0u;
    uint32_t negative;
    uint32_t m;
    uint64_t magnitude;
    uint64_t fraction;
    int32_t point;
    int32_t n;
    int64_t w;
    if (ay == 0u || ux == SYMC_ONE) {
        return symc_from_bits(SYMC_ONE);
    }
    if (ax > SYMC_INFINITY || ay > SYMC_INFINITY) {
        return symc_from_bits(SYMC_NAN);
    }
    if (whole == 0u && ay >= SYMC_ONE) {
        /* The bit of value 1 at the top, those of the fraction below. */
        const uint32_t units = ((ay & 0x007fffffu) | 0x00800000u) << ((ay >> 23) - 119u);
        whole = (uint32_t)((units & SYMC_MAGNITUDE) == 0u);
        sign = (0u - whole) & units & ux & SYMC_SIGN;
    }
    if (ax == SYMC_INFINITY || ax == 0u) {
        return symc_from_bits(sign | (ax == 0u ? shrunk : grown));
    }
    if (ax == SYMC_ONE && whole != 0u) {
        return symc_from_bits(sign | SYMC_ONE);
    }
    if (ay == SYMC_INFINITY) {
        return symc_from_bits(ax > SYMC_ONE ? grown : shrunk);
    }
    if ((ux >> 31) != 0u && whole == 0u) {
        return symc_from_bits(SYMC_NAN);
    }

    w = symc_pow_log2(ax, &point);
    negative = (uint32_t)(w < 0) ^ (uy >> 31);
    magnitude = w < 0 ? 0u - (uint64_t)w : (uint64_t)w;
    /* |y| = m 2^(n - 31), m with 32 bits; then |w| = magnitude 2^-point, magnitude between 2^55 and 2^63. */
    m = symc_unpack(ay, &n) << 8;
#if SYMC_NARROW_MUL
    magnitude = symc_mul_wide(symc_upper(magnitude), m) + symc_mul_high((uint32_t)magnitude, m);
#else
    magnitude = (magnitude >> 32) * m + (((magnitude & 0xffffffffu) * m) >> 32);
#endif
    point -= n + 1;
#if SYMC_NARROW_MUL
    if (point < 48 || (point < 64 && (symc_upper(magnitude) >> (point - 32)) >= 152u)) {
#else
    if (point < 48 || (point < 64 && (magnitude >> point) >= 152u)) {
#endif
        return symc_from_bits(sign | (negative != 0u ? 0u : SYMC_INFINITY));
    }
    n = 0;
    if (point < 64) {
#if SYMC_NARROW_MUL
        n = (int32_t)(symc_upper(magnitude) >> (point - 32));
#else
        n = (int32_t)(magnitude >> point);
#endif
        fraction = magnitude << (64 - point);
    } else {
        fraction = point < 128 ? magnitude >> (point - 64) : 0u;
    }
    if (negative != 0u) {
        fraction = 0u - fraction;
        n = -n - (int32_t)(fraction != 0u);
    }
    fraction = symc_pow_exp2(fraction);
    if (symc_pow_is_unsure(fraction, n) != 0u) {
        return symc_pow_slow(x, y);
    }
    return symc_from_bits(sign | symc_pack(fraction, n));
}

/* The same, for code that is written for both profiles: *slow stays. */
SYMC_FN float symc_pow_fast(float x, float y, uint32_t *slow)
{
    (void)slow;
    return symc_pow(x, y);
}

#endif
