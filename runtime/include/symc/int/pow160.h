/* SPDX-License-Identifier: Apache-2.0
 *
 * symc runtime: x^y with 160 bits, or exactly where x^y has so few that it may lie half-way: what pow asks last.
 *
 * The error of w = y log2|x| is below 2^-124 for |w| < 256, that of 2^g below 2^-155. No pair is known whose x^y lies
 * closer than 2^-90 to half-way without being there; if one were closer than 2^-123, its result might be the other
 * neighbour.
 */
#ifndef SYMC_INT_POW160_H
#define SYMC_INT_POW160_H

#include "symc/int/core.h"
#include "symc/int/exactpow.h"
#include "symc/int/shared.h"

/* A number is 20 digits of a byte, the lowest first, behind the point; or 24, of which four stand before it. */
#define SYMC_POW_DIGITS 20u
#define SYMC_POW_ALL_DIGITS 24u

/* A digit; and what else needs few bits, in as many as are no trouble. */
typedef unsigned char symc_digit;
#if defined(__AVR__)
typedef symc_digit symc_pow_flag;
typedef int16_t symc_pow_exponent;
#else
typedef uint32_t symc_pow_flag;
typedef int32_t symc_pow_exponent;
#endif

/* high 2^32 + low */
SYMC_FN uint64_t symc_pow_joined(uint32_t high, uint32_t low)
{
#if SYMC_NARROW_MUL
    return symc_joined(high, low);
#else
    return ((uint64_t)high << 32) | low;
#endif
}

SYMC_FN uint32_t symc_pow_upper(uint64_t v)
{
#if SYMC_NARROW_MUL
    return symc_upper(v);
#else
    return (uint32_t)(v >> 32);
#endif
}

/* One copy of it, for what is rarely called. */
SYMC_SLOW_FN uint32_t symc_pow_unpack(uint32_t u, int32_t *e)
{
    return symc_unpack(u, e);
}

/* The upper half of the product of a and b, into r, which may be a or b. */
SYMC_SLOW_FN void symc_wide_multiply(symc_digit *r, const symc_digit *a, const symc_digit *b)
{
    symc_digit product[2u * SYMC_POW_DIGITS];
    symc_digit i;
    symc_digit j;
    for (i = 0u; i < SYMC_POW_DIGITS; ++i) {
        product[i] = 0u;
    }
    for (i = 0u; i < SYMC_POW_DIGITS; ++i) {
        const symc_digit factor = a[i];
        symc_digit carry = 0u;
        for (j = 0u; j < SYMC_POW_DIGITS; ++j) {
            const uint16_t v = (uint16_t)((uint16_t)(factor * b[j]) + product[i + j] + carry);
            product[i + j] = (symc_digit)v;
            carry = (symc_digit)(v >> 8);
        }
        product[i + SYMC_POW_DIGITS] = carry;
    }
    for (i = 0u; i < SYMC_POW_DIGITS; ++i) {
        r[i] = product[i + SYMC_POW_DIGITS];
    }
}

/* r = r + a/divisor, for a divisor of a byte. */
SYMC_SLOW_FN void symc_wide_add_quotient(symc_digit *r, const symc_digit *a, symc_digit divisor)
{
    symc_digit quotient[SYMC_POW_DIGITS];
    uint16_t rest = 0u;
    uint16_t carry = 0u;
    symc_digit i;
    for (i = SYMC_POW_DIGITS; i-- > 0u;) {
        rest = (uint16_t)((rest << 8) | a[i]);
        quotient[i] = (symc_digit)(rest / divisor);
        rest = rest % divisor;
    }
    for (i = 0u; i < SYMC_POW_DIGITS; ++i) {
        carry = (uint16_t)(carry + r[i] + quotient[i]);
        r[i] = (symc_digit)carry;
        carry >>= 8;
    }
}

/* The eight bits of the number of 24 digits at a from bit `position` on; before and behind it there are zeros. */
SYMC_SLOW_FN symc_digit symc_wide_bits(const symc_digit *a, symc_pow_exponent position)
{
    const symc_digit shift = (symc_digit)position & 7u;
    const symc_pow_exponent i = (symc_pow_exponent)((position - shift) / 8);
    const symc_digit low = i >= 0 && i < (symc_pow_exponent)SYMC_POW_ALL_DIGITS ? a[i] : 0u;
    const symc_digit high = i >= -1 && i < (symc_pow_exponent)SYMC_POW_ALL_DIGITS - 1 ? a[i + 1] : 0u;
    return (symc_digit)((uint16_t)((uint16_t)(high << 8) | low) >> shift);
}

/* The 24 digits at r become those of minus that number. */
SYMC_SLOW_FN void symc_wide_negate(symc_digit *r)
{
    uint16_t carry = 1u;
    symc_digit i;
    for (i = 0u; i < SYMC_POW_ALL_DIGITS; ++i) {
        carry = (uint16_t)(carry + (symc_digit)~r[i]);
        r[i] = (symc_digit)carry;
        carry >>= 8;
    }
}

/* r becomes one half. */
SYMC_SLOW_FN void symc_wide_half(symc_digit *r)
{
    symc_digit i;
    for (i = 0u; i < SYMC_POW_DIGITS - 1u; ++i) {
        r[i] = 0u;
    }
    r[i] = 0x80u;
}

/* r becomes r times the constant at c. */
SYMC_SLOW_FN void symc_wide_scale(symc_digit *r, SYMC_IN_TABLE symc_digit *c)
{
    symc_digit factor[SYMC_POW_DIGITS];
    symc_digit i;
    for (i = 0u; i < SYMC_POW_DIGITS; ++i) {
        factor[i] = (symc_digit)SYMC_AT(c, i);
    }
    symc_wide_multiply(r, r, factor);
}

/* 2^160 log2(m/2^23), 2^23 <= m < 2^24, less than 2^5 below that; log2 m = 2 log2(e) (s + s^3/3 + ...). */
SYMC_SLOW_FN void symc_wide_log2(symc_digit *r, uint32_t m)
{
    /* 2^159 log2(e) */
    SYMC_TABLE symc_digit half_log2_e[SYMC_POW_DIGITS] = {0xa8u, 0x7au, 0x57u, 0xebu, 0x88u, 0x3eu, 0x1du,
                                                       0x69u, 0xd0u, 0xfeu, 0x87u, 0xbeu, 0xbbu, 0xf0u,
                                                       0x17u, 0x5cu, 0x29u, 0x3bu, 0xaau, 0xb8u};
    const uint32_t divisor = m + 0x00800000u;
    uint32_t rest = m - 0x00800000u;
    symc_digit s[SYMC_POW_DIGITS];
    symc_digit square[SYMC_POW_DIGITS];
    symc_digit half[SYMC_POW_DIGITS];
    symc_digit sum[SYMC_POW_ALL_DIGITS];
    symc_digit i;
    symc_digit j;
    /* s = (m - 2^23)/(m + 2^23) < 1/3, bit by bit */
    for (i = SYMC_POW_DIGITS; i-- > 0u;) {
        symc_digit digit = 0u;
        for (j = 0u; j < 8u; ++j) {
            digit = (symc_digit)(digit << 1);
            rest *= 2u;
            if (rest >= divisor) {
                rest -= divisor;
                ++digit;
            }
        }
        s[i] = digit;
    }
    for (i = 0u; i < SYMC_POW_ALL_DIGITS; ++i) {
        sum[i] = 0u;
    }
    symc_wide_half(half);
    symc_wide_multiply(square, s, s);
    for (i = 101u; i < 128u; i = (symc_digit)(i - 2u)) {
        symc_wide_multiply(sum, sum, square);
        symc_wide_add_quotient(sum, half, i);
    }
    symc_wide_multiply(sum, sum, s);
    symc_wide_scale(sum, half_log2_e);
    for (i = 0u; i < SYMC_POW_DIGITS; ++i) {
        r[i] = symc_wide_bits(sum, (symc_pow_exponent)(8 * i - 3));
    }
}

/* 2^159 2^g for g = fraction/2^160, less than 2^4 below that; by the series of e^(g ln 2). */
SYMC_SLOW_FN void symc_wide_exp2(symc_digit *r, symc_digit *fraction)
{
    /* 2^160 ln(2) */
    SYMC_TABLE symc_digit ln2[SYMC_POW_DIGITS] = {0x26u, 0x43u, 0xf3u, 0x40u, 0xafu, 0xf6u, 0xf2u, 0x03u, 0x98u, 0xb3u,
                                               0xe3u, 0xc9u, 0xabu, 0x79u, 0xcfu, 0xd1u, 0xf7u, 0x17u, 0x72u, 0xb1u};
    symc_digit term[SYMC_POW_DIGITS];
    symc_digit divisor;
    symc_wide_scale(fraction, ln2);
    symc_wide_half(r);
    for (divisor = 36u; divisor != 0u; --divisor) {
        symc_wide_multiply(term, r, fraction);
        symc_wide_half(r);
        symc_wide_add_quotient(r, term, divisor);
    }
}

/* The bits of x^y for x > 0 and |y log2 x| < 256 where symc_pow_exact said no. */
SYMC_SLOW_FN uint32_t symc_pow_accurate(uint32_t x, uint32_t y)
{
    int32_t k;
    int32_t exponent;
    symc_pow_exponent shift;
    const uint32_t m = symc_pow_unpack(x, &k);
    const uint32_t factor = symc_pow_unpack(y & SYMC_MAGNITUDE, &exponent);
    const uint32_t negative = (y >> 31) ^ (uint32_t)(k < 0);
    symc_digit product[SYMC_POW_ALL_DIGITS];
    symc_digit w[SYMC_POW_ALL_DIGITS];
    uint32_t v = 0u;
    symc_digit more = 0u;
    symc_digit i;
    symc_wide_log2(product, m);
    for (i = SYMC_POW_DIGITS; i < SYMC_POW_ALL_DIGITS; ++i) {
        product[i] = k < 0 ? 0xffu : 0u;
    }
    product[SYMC_POW_DIGITS] = (symc_digit)k;
    if (k < 0) {
        symc_wide_negate(product);
    }
    for (i = 0u; i < SYMC_POW_ALL_DIGITS; ++i) {
        v += product[i] * factor;
        product[i] = (symc_digit)v;
        v >>= 8;
    }
    /* |w| = product 2^(shift - 160) */
    shift = (symc_pow_exponent)(exponent - 23);
    for (i = 0u; i < SYMC_POW_ALL_DIGITS; ++i) {
        w[i] = symc_wide_bits(product, (symc_pow_exponent)(8 * i - shift));
    }
    if (negative != 0u) {
        symc_wide_negate(w);
    }
    symc_wide_exp2(product, w);
    /* Its 32 leading bits, and whether there are more. */
    for (i = 0u; i < SYMC_POW_DIGITS - 4u; ++i) {
        more |= product[i];
    }
    for (; i < SYMC_POW_DIGITS; ++i) {
        v = (v >> 8) | ((uint32_t)product[i] << 24);
    }
    exponent = w[SYMC_POW_DIGITS];
    if (w[SYMC_POW_DIGITS + 1u] != 0u) {
        exponent -= 256;
    }
    return symc_nearest64(symc_pow_joined(v, more), exponent);
}

/* x^y for x > 0 and |y log2 x| < 256. */
SYMC_SLOW_FN float symc_pow_slow(float x, float y)
{
    uint32_t product;
    int32_t exponent;
    if (symc_pow_exact(x, y, &product, &exponent) != 0u) {
        return symc_from_bits(symc_nearest64((uint64_t)product, exponent + 63));
    }
    return symc_from_bits(symc_pow_accurate(symc_bits(x), symc_bits(y)));
}

#endif
