/* SPDX-License-Identifier: Apache-2.0
 *
 * symc runtime: sine, cosine and tangent of radians in integers, correctly rounded (proved over all 2^32 inputs).
 *
 * Angles are counted in quarter turns, modulo 4: |x| = M 2^(E - 150) with M of 24 bits is multiplied by the bits of
 * 2/pi that decide the quarter and the fraction (Payne and Hanek); the bits in front of them only add whole turns. One
 * way for all arguments, so a large one takes no longer than a small one. What is left is f, at most half a quarter:
 * sin = f P(f^2) or cos = 1 - f^2 P(f^2). 32 bits of the result decide the float nearest to it for 97 inputs in 100,
 * and 64 for the others.
 */
#ifndef SYMC_INT_TRIG_H
#define SYMC_INT_TRIG_H

#include "symc/f32.h"
#include "symc/int/core.h"
#include "symc/int/shared.h"

/* begin Q_SIN */
/* poly/fit.py: sin(pi/2 f)/f in t = -f^2, f <= 1/2, times 2^31, 2^29, ...; relative error 2^-34.6. */
#define SYMC_Q_SIN_0 UINT32_C(3373259426)
#define SYMC_Q_SIN_1 INT32_C(346799330)
#define SYMC_Q_SIN_2 INT32_C(10696142)
#define SYMC_Q_SIN_3 INT32_C(157055)
#define SYMC_Q_SIN_4 INT32_C(1317)
/* end Q_SIN */
/* begin Q_COS */
/* poly/fit.py: (1 - cos(pi/2 f))/f^2 in t = -f^2, f <= 1/2, times 2^30, 2^28, ...; relative error 2^-33.4. */
#define SYMC_Q_COS_1 INT32_C(1324675872)
#define SYMC_Q_COS_2 INT32_C(68093821)
#define SYMC_Q_COS_3 INT32_C(1399913)
#define SYMC_Q_COS_4 INT32_C(15168)
/* end Q_COS */
/* begin Q_SIN64 */
/* poly/fit.py: sin(pi/2 f)/f in t = -f^2, f <= 1/2, times 2^62; relative error 2^-54.5. */
#define SYMC_Q_SIN64_0 INT64_C(7244019458077122560)
#define SYMC_Q_SIN64_1 INT64_C(2978983596875621376)
#define SYMC_Q_SIN64_2 INT64_C(367517370231198272)
#define SYMC_Q_SIN64_3 INT64_C(21590780087325508)
#define SYMC_Q_SIN64_4 INT64_C(739904365870469)
#define SYMC_Q_SIN64_5 INT64_C(16596717923946)
#define SYMC_Q_SIN64_6 INT64_C(262451090974)
#define SYMC_Q_SIN64_7 UINT32_C(3007653310)
/* end Q_SIN64 */
/* begin Q_COS64 */
/* poly/fit.py: (1 - cos(pi/2 f))/f^2 in t = -f^2, f <= 1/2, times 2^62; relative error 2^-55.7. */
#define SYMC_Q_COS64_1 INT64_C(5689439577989150720)
#define SYMC_Q_COS64_2 INT64_C(1169844122888613888)
#define SYMC_Q_COS64_3 INT64_C(96215822531910528)
#define SYMC_Q_COS64_4 INT64_C(4239339753939550)
#define SYMC_Q_COS64_5 INT64_C(116223881636585)
#define SYMC_Q_COS64_6 INT64_C(2172388071046)
#define SYMC_Q_COS64_7 INT64_C(29154637107)
/* end Q_COS64 */

/* From 2^-12 on; below, sin x = tan x = x and cos x = 1, rounded. */
#define SYMC_TRIG_FIRST 0x39800000u

/* Units of 2^-32 by which the short evaluations may be wrong, of the significand of sin x and of cos x. */
#define SYMC_Q_SIN_ERROR 3u
#define SYMC_Q_COS_ERROR 3u

/* The bits of 2/pi, after 37 zeros. */
SYMC_FN uint32_t symc_two_over_pi(uint32_t word)
{
    SYMC_TABLE uint32_t words[9] = {
        UINT32_C(0x00000000), UINT32_C(0x0517cc1b), UINT32_C(0x727220a9), UINT32_C(0x4fe13abe), UINT32_C(0x8fa9a6ee),
        UINT32_C(0x06db14ac), UINT32_C(0xc9e21c82), UINT32_C(0x0ff28b1d), UINT32_C(0x5ef5de2b)
    };
    return SYMC_AT(words, word);
}

/* 32 bits, from bit `shift` (0 to 31) of a word on. */
SYMC_LARGE_FN uint32_t symc_trig_window(uint32_t word, uint32_t next, uint32_t shift)
{
#if defined(__AVR__)
    /* By bytes and then by bits: a shift by a number that is not known is a loop there, for each of two. */
    uint8_t n = (uint8_t)shift;
    for (; n >= 8u; n = (uint8_t)(n - 8u)) {
        word = (word << 8) | (next >> 24);
        next <<= 8;
    }
    for (; n != 0u; --n) {
        word = (word << 1) | (uint32_t)((next & SYMC_SIGN) != 0u);
        next <<= 1;
    }
    return word;
#else
    return (word << shift) | ((next >> 1) >> (31u - shift));
#endif
}

/*
 * |x| = (quarter + (-1)^negative f) pi/2, f <= 1/2, for finite |x| >= 2^-12. No float but 0 is closer than 2^-30 to a
 * multiple of pi/2 in this unit.
 */
typedef struct {
    uint64_t n;        /* f 2^(62 + zeros), normalised */
    int64_t f;         /* f 2^64 */
    uint32_t zeros;    /* the leading zeros of f 2^62 */
    uint32_t quarter;  /* modulo 4 */
    uint32_t negative; /* 1 or 0 */
} symc_turn;

SYMC_SLOW_FN void symc_reduce(uint32_t magnitude, symc_turn *turn)
{
    const uint32_t position = (magnitude - SYMC_TRIG_FIRST) >> 23;
    const uint32_t shift = position & 31u;
    const uint32_t m = (magnitude & UINT32_C(0x007fffff)) | UINT32_C(0x00800000);
    uint32_t word = (position >> 5) + 4u;
    uint32_t next = symc_two_over_pi(word);
    uint32_t product[4];
#if SYMC_NARROW_MUL
    /* The same by halves. */
    uint32_t sum = 0u;
    uint32_t zeros;
    uint32_t i;
    for (i = 4u; i-- > 0u;) {
        const uint32_t current = symc_two_over_pi(--word);
        const uint32_t factor = symc_trig_window(current, next, shift);
        product[i] = m * factor + sum;
        sum = symc_mul_high(m, factor) + (uint32_t)(product[i] < sum);
        next = current;
    }
    turn->quarter = (product[0] + (UINT32_C(1) << 29)) >> 30;
    product[0] -= turn->quarter << 30;
    turn->negative = product[0] >> 31;
    for (i = 0u; i < 3u; ++i) {
        product[i] ^= 0u - turn->negative;
    }
    zeros = symc_leading_zeros(product[0]);
    turn->zeros = zeros;
    turn->n = symc_joined(symc_trig_window(product[0], product[1], zeros), symc_trig_window(product[1], product[2], zeros));
    turn->f = (int64_t)symc_joined(symc_trig_window(product[0], product[1], 2u), product[1] << 2);
#else
    uint64_t sum = 0u;
    uint64_t high;
    uint32_t low;
    uint32_t zeros;
    uint32_t i;
    for (i = 4u; i-- > 0u;) {
        const uint32_t current = symc_two_over_pi(--word);
        sum = (sum >> 32) + (uint64_t)m * symc_trig_window(current, next, shift);
        product[i] = (uint32_t)sum;
        next = current;
    }
    high = ((uint64_t)product[0] << 32) | product[1];
    low = product[2];
    turn->quarter = (uint32_t)((high + (UINT64_C(1) << 61)) >> 62);
    high -= (uint64_t)turn->quarter << 62;
    turn->negative = (uint32_t)(high >> 63);
    if (turn->negative != 0u) {
        /* The complement is the opposite but for one unit of 2^-94. */
        high = ~high;
        low = ~low;
    }
    /* f is at least 2^-30, and at most 1/2: neither all nor none of the upper 32 bits are zeros. */
    zeros = symc_leading_zeros((uint32_t)(high >> 32));
    turn->zeros = zeros;
    turn->n = ((uint64_t)symc_trig_window((uint32_t)(high >> 32), (uint32_t)high, zeros) << 32) |
              symc_trig_window((uint32_t)high, low, zeros);
    turn->f = (int64_t)(high << 2);
#endif
}

/* sin(pi/2 f)/f (row 0) or cos(pi/2 f) (row 1), times 2^62; t = -f^2 2^64. */
SYMC_SLOW_FN uint64_t symc_trig_series(uint32_t row, int64_t t)
{
    SYMC_TABLE int64_t c[2][8] = {
        {SYMC_Q_SIN64_0, SYMC_Q_SIN64_1, SYMC_Q_SIN64_2, SYMC_Q_SIN64_3, SYMC_Q_SIN64_4, SYMC_Q_SIN64_5,
         SYMC_Q_SIN64_6, SYMC_Q_SIN64_7},
        {INT64_C(1) << 62, SYMC_Q_COS64_1, SYMC_Q_COS64_2, SYMC_Q_COS64_3, SYMC_Q_COS64_4, SYMC_Q_COS64_5,
         SYMC_Q_COS64_6, SYMC_Q_COS64_7}
    };
    return (uint64_t)symc_polynomial64(c[row], 7u, t);
}

/* sin(pi/2 f) 2^(59 + zeros); series = sin(pi/2 f)/f 2^62. */
SYMC_FN uint64_t symc_trig_times(const symc_turn *turn, uint64_t series)
{
    return (uint64_t)symc_product64((int64_t)(turn->n >> 1), (int64_t)series);
}

/* The bits of the result where 32 do not decide: of the cosine if `kind` is odd, with the sign that it has. */
SYMC_SLOW_FN uint32_t symc_sin_slow(uint32_t magnitude, uint32_t kind)
{
    symc_turn turn;
    uint64_t m;
    int32_t e = 1;
    symc_reduce(magnitude, &turn);
    /* Not in symc_reduce: its stack would lie above that of the product. */
    m = symc_trig_series(kind & 1u, -symc_product64(turn.f, turn.f));
    if ((kind & 1u) == 0u) {
        m = symc_trig_times(&turn, m);
        e = 4 - (int32_t)turn.zeros;
    }
    return (kind & SYMC_SIGN) | symc_nearest64(m, e);
}

/* The bits of sin x for quarters = 0 and of cos x for quarters = 1; u are the bits of x. */
SYMC_SHARED_FN uint32_t symc_sin_of(uint32_t u, uint32_t quarters)
{
    const uint32_t magnitude = u & SYMC_MAGNITUDE;
    const uint32_t above = magnitude - SYMC_TRIG_FIRST;
    const uint32_t position = above >> 23;
    const uint32_t word = position >> 5;
    const uint32_t shift = position & 31u;
    const uint32_t m = (u & UINT32_C(0x007fffff)) | UINT32_C(0x00800000);
    uint32_t sign = u & SYMC_SIGN & (quarters - 1u);
    uint32_t w1;
    uint32_t w2;
#if !SYMC_NARROW_MUL
    uint64_t product;
#endif
    uint32_t high;
    uint32_t low;
    uint32_t complement;
    uint32_t f;
    uint32_t z;
    uint32_t p;
    if (above >= SYMC_INFINITY - SYMC_TRIG_FIRST) {
        if (magnitude >= SYMC_INFINITY) {
            return SYMC_NAN;
        }
        return quarters != 0u ? SYMC_ONE : u;
    }
    w1 = symc_two_over_pi(word + 1u);
    w2 = symc_two_over_pi(word + 2u);
#if SYMC_NARROW_MUL
    p = symc_trig_window(w1, w2, shift);
    f = symc_mul_high(m, symc_trig_window(w2, symc_two_over_pi(word + 3u), shift));
    low = m * p + f;
    high = m * symc_trig_window(symc_two_over_pi(word), w1, shift) + symc_mul_high(m, p) + (uint32_t)(low < f);
#else
    product = ((uint64_t)(m * symc_trig_window(symc_two_over_pi(word), w1, shift)) << 32) +
              symc_mul_high(m, symc_trig_window(w2, symc_two_over_pi(word + 3u), shift));
    product += (uint64_t)m * symc_trig_window(w1, w2, shift);
    /* The quarter in the upper two bits, rounded; the rest is f 2^62, or its complement. */
    high = (uint32_t)(product >> 32);
#endif
#if defined(__AVR__)
    /* A shift by 30 would be 30 shifts. */
    quarters += symc_trig_window(0u, high + (UINT32_C(1) << 29), 2u);
    sign ^= (quarters & 2u) != 0u ? SYMC_SIGN : 0u;
#else
    quarters += (high + (UINT32_C(1) << 29)) >> 30;
    sign ^= (quarters & 2u) << 30;
#endif
    high = (uint32_t)((int32_t)(high << 2) >> 2);
    complement = 0u - (high >> 31);
    if ((quarters & 1u) == 0u) {
        sign ^= high & SYMC_SIGN;
    }
    high ^= complement;
#if SYMC_NARROW_MUL
    low ^= complement;
#else
    low = (uint32_t)product ^ complement;
#endif
#if defined(__AVR__)
    f = symc_trig_window(high, low, 3u);
#else
    f = (high << 3) | (low >> 29);
#endif
    z = symc_mul_high(f, f);
    if ((int32_t)(quarters << 31) < 0) {
        p = SYMC_Q_COS_3 - (((z >> 16) * SYMC_Q_COS_4) >> 16);
        p = SYMC_Q_COS_2 - symc_mul_high(z, p);
        p = SYMC_Q_COS_1 - symc_mul_high(z, p);
        p = symc_mul_high(z, p);
        if (symc_is_unsure(p, SYMC_Q_COS_ERROR) == 0u) {
            return sign | (SYMC_ONE - ((p + 0x80u) >> 8));
        }
    } else if (high >= 0x100u) {
        const uint32_t zeros = symc_leading_zeros(high);
        p = SYMC_Q_SIN_3 - (((z >> 16) * SYMC_Q_SIN_4) >> 16);
        p = SYMC_Q_SIN_2 - symc_mul_high(z, p);
        p = SYMC_Q_SIN_1 - symc_mul_high(z, p);
        p = SYMC_Q_SIN_0 - symc_mul_high(z, p);
#if SYMC_NARROW_MUL
        f = symc_trig_window(high, low, zeros);
        high = symc_mul_high(f, p);
        low = f * p;
#else
        product = (uint64_t)((high << zeros) | (low >> (32u - zeros))) * p;
        high = (uint32_t)(product >> 32);
#endif
        p = 128u - zeros;
        if (high < SYMC_SIGN) {
#if SYMC_NARROW_MUL
            high = (high << 1) | (low >> 31);
#else
            high = (high << 1) | ((uint32_t)product >> 31);
#endif
            --p;
        }
        if (symc_is_unsure(high, SYMC_Q_SIN_ERROR) == 0u) {
            return sign | ((p << 23) + (high >> 8) + ((high >> 7) & 1u));
        }
    }
    return symc_sin_slow(magnitude, sign | (quarters & 1u));
}

SYMC_FN float symc_sin(float x)
{
    return symc_from_bits(symc_sin_of(symc_bits(x), 0u));
}

SYMC_FN float symc_cos(float x)
{
    return symc_from_bits(symc_sin_of(symc_bits(x), 1u));
}

/*
 * tan x = sin/cos of f, or -cos/sin after an odd number of quarters: 25 binary digits of the quotient of the two
 * significands. The last digit rounds; what is left over does not matter, because no tangent but 0 is half-way.
 */
SYMC_SHARED_FN uint32_t symc_tan_of(uint32_t u)
{
    const uint32_t magnitude = u & SYMC_MAGNITUDE;
    symc_turn turn;
    int64_t t;
    uint64_t rest;
    uint64_t divisor;
    uint32_t quotient = 0u;
    uint32_t small;
    uint32_t i;
    int32_t e;
    if (magnitude < SYMC_TRIG_FIRST) {
        return u;
    }
    if (magnitude >= SYMC_INFINITY) {
        return SYMC_NAN;
    }
    symc_reduce(magnitude, &turn);
    t = -symc_product64(turn.f, turn.f);
    rest = symc_trig_times(&turn, symc_trig_series(0u, t));
    small = (uint32_t)(rest >> 61) ^ 1u;
    /* Of 62 bits, as cos(pi/2 f): the digits' remainders need the others. */
    rest <<= small;
    divisor = symc_trig_series(1u, t);
    e = 3 - (int32_t)(turn.zeros + small);
    if ((turn.quarter & 1u) != 0u) {
        const uint64_t sine = rest;
        rest = divisor;
        divisor = sine;
        e = -e;
    }
    if (rest < divisor) {
        rest <<= 1;
        --e;
    }
    for (i = 0u; i < 25u; ++i) {
        const uint32_t digit = (uint32_t)(rest >= divisor);
        rest = (rest - (digit != 0u ? divisor : 0u)) << 1;
        quotient = (quotient << 1) | digit;
    }
    u = (u >> 31) ^ turn.negative ^ (turn.quarter & 1u);
    return (u << 31) | (((uint32_t)(e + 126) << 23) + ((quotient + 1u) >> 1));
}

SYMC_FN float symc_tan(float x)
{
    return symc_from_bits(symc_tan_of(symc_bits(x)));
}

/* As in profile F64, where loops vectorise with it; here nothing is ever slow. */
SYMC_FN float symc_sin_fast(float x, uint32_t *slow)
{
    (void)slow;
    return symc_sin(x);
}

SYMC_FN float symc_cos_fast(float x, uint32_t *slow)
{
    (void)slow;
    return symc_cos(x);
}

SYMC_FN float symc_tan_fast(float x, uint32_t *slow)
{
    (void)slow;
    return symc_tan(x);
}

#endif
