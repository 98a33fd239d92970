/* SPDX-License-Identifier: Apache-2.0
 *
 * symc runtime: x^y, special values as in C99 Annex F.
 *
 * symc_pow_fast decides nearly every case with a relative error below 2^-42 and a rounding test; it sets *slow for the
 * others (about one in 2^17), which symc_pow settles with an error below 2^-90, or in integers where they are exact.
 */
#ifndef SYMC_F64_POW_H
#define SYMC_F64_POW_H

#include "symc/f32.h"
#include "symc/f64/core.h"
#include "symc/int/exactpow.h"

/* begin LOG2 */
/* poly/fit.py: log2((1 + s)/(1 - s)) / s in z = s^2, |s| <= 3 - sqrt(8); relative error 2^-56.0. */
#define SYMC_LOG2_0 0x1.71547652b82fep+1
#define SYMC_LOG2_1 0x1.ec709dc3a08f8p-1
#define SYMC_LOG2_2 0x1.2776c50e48ea6p-1
#define SYMC_LOG2_3 0x1.a61763d00c1a6p-2
#define SYMC_LOG2_4 0x1.484a9becd248cp-2
#define SYMC_LOG2_5 0x1.0cb42144a278ep-2
#define SYMC_LOG2_6 0x1.c0c8ee657ba2ep-3
#define SYMC_LOG2_7 0x1.d9298e83a7bf3p-3
/* end LOG2 */
/* begin EXP2 */
/* poly/fit.py: 2^g on |g| <= 1/2; relative error 2^-51.6. */
#define SYMC_EXP2_0 0x1p+0
#define SYMC_EXP2_1 0x1.62e42fefa3a28p-1
#define SYMC_EXP2_2 0x1.ebfbdff82c61fp-3
#define SYMC_EXP2_3 0x1.c6b08d70394eap-5
#define SYMC_EXP2_4 0x1.3b2ab6fb81fb7p-7
#define SYMC_EXP2_5 0x1.5d87fea4bb73bp-10
#define SYMC_EXP2_6 0x1.4309138806c9cp-13
#define SYMC_EXP2_7 0x1.ffcb3ed7601dfp-17
#define SYMC_EXP2_8 0x1.62be67c4416cep-20
#define SYMC_EXP2_9 0x1.b689fa7d3bda1p-24
#define SYMC_EXP2_10 0x1.e8b8369ed5524p-28
/* end EXP2 */

/* x = 2^k (1 + f) with sqrt(1/2) <= 1 + f < sqrt(2), and an approximation of log2(1 + f). */
typedef struct {
    double k;
    double f;
    double log2;
} symc_pow_parts;

/* For finite x > 0; log2((1 + s)/(1 - s)) with s = f/(2 + f). */
SYMC_FN symc_pow_parts symc_pow_split(float x)
{
    const uint64_t offset = symc_bits64(symc_widen(x)) + (0x3ff0000000000000ull - 0x3fe6a09e667f3bcdull);
    symc_pow_parts split;
    /* The biased exponent, 1023 + k, becomes a double through the low bits of 2^52. */
    split.k = symc_from_bits64((offset >> 52) | 0x4330000000000000ull) - (0x1p52 + 1023.0);
    split.f = symc_from_bits64((offset & 0x000fffffffffffffull) + 0x3fe6a09e667f3bcdull) - 1.0;
    const double s = split.f / (2.0 + split.f);
    const double z = symc_mul64(s, s);
    double p = SYMC_COEF(SYMC_LOG2_7);
    p = SYMC_FMA(p, z, SYMC_COEF(SYMC_LOG2_6));
    p = SYMC_FMA(p, z, SYMC_COEF(SYMC_LOG2_5));
    p = SYMC_FMA(p, z, SYMC_COEF(SYMC_LOG2_4));
    p = SYMC_FMA(p, z, SYMC_COEF(SYMC_LOG2_3));
    p = SYMC_FMA(p, z, SYMC_COEF(SYMC_LOG2_2));
    p = SYMC_FMA(p, z, SYMC_COEF(SYMC_LOG2_1));
    p = SYMC_FMA(p, z, SYMC_COEF(SYMC_LOG2_0));
    split.log2 = symc_mul64(s, p);
    return split;
}

/* 2^w, w first clamped to +-152, where a float has long become 0 or infinity. */
SYMC_FN double symc_pow_exp2(double w)
{
    const uint64_t bits = symc_bits64(w);
    const uint64_t magnitude = bits & 0x7fffffffffffffffull;
    /* magnitude > 152.0, as the borrow of a subtraction: not every vector unit compares 64-bit integers. */
    const uint64_t beyond = (0x4063000000000000ull - magnitude) >> 63;
    const double limit = symc_from_bits64((bits ^ magnitude) | 0x4063000000000000ull);
    const double v = symc_select64(beyond, limit, w);
    const double shifted = v + SYMC_SHIFT;
    const double g = v - (shifted - SYMC_SHIFT);
    double p = SYMC_COEF(SYMC_EXP2_10);
    p = SYMC_FMA(p, g, SYMC_COEF(SYMC_EXP2_9));
    p = SYMC_FMA(p, g, SYMC_COEF(SYMC_EXP2_8));
    p = SYMC_FMA(p, g, SYMC_COEF(SYMC_EXP2_7));
    p = SYMC_FMA(p, g, SYMC_COEF(SYMC_EXP2_6));
    p = SYMC_FMA(p, g, SYMC_COEF(SYMC_EXP2_5));
    p = SYMC_FMA(p, g, SYMC_COEF(SYMC_EXP2_4));
    p = SYMC_FMA(p, g, SYMC_COEF(SYMC_EXP2_3));
    p = SYMC_FMA(p, g, SYMC_COEF(SYMC_EXP2_2));
    p = SYMC_FMA(p, g, SYMC_COEF(SYMC_EXP2_1));
    p = SYMC_FMA(p, g, SYMC_COEF(SYMC_EXP2_0));
    return symc_mul64(p, symc_power_of_two(shifted));
}

SYMC_FN float symc_pow_fast(float x, float y, uint32_t *slow)
{
    const uint32_t ux = symc_bits(x);
    const uint32_t uy = symc_bits(y);
    const uint32_t ax = ux & SYMC_MAGNITUDE;
    const uint32_t ay = uy & SYMC_MAGNITUDE;
    const double v = symc_widen(y);

    const symc_pow_parts split = symc_pow_split(symc_from_bits(ax));
    const double power = symc_pow_exp2(symc_mul64(v, split.k + split.log2));
    const uint32_t low = symc_bits(symc_narrow(symc_mul64(power, 1.0 - 0x1p-42)));
    const uint32_t high = symc_bits(symc_narrow(symc_mul64(power, 1.0 + 0x1p-42)));

    /* From 2^24 on every float is an even integer; below, adding SYMC_SHIFT drops the fraction and shows the parity. */
    const double shifted = v + SYMC_SHIFT;
    const uint32_t huge = (uint32_t)(ay >= 0x4b800000u);
    const uint32_t whole = huge | (uint32_t)(symc_bits(symc_narrow(shifted - SYMC_SHIFT)) == uy);
    const uint32_t odd = (uint32_t)symc_bits64(shifted) & whole & (huge ^ 1u);
    const uint32_t sign = (0u - odd) & ux & SYMC_SIGN;

    const uint32_t x_ordinary = (uint32_t)(ax - 1u < SYMC_INFINITY - 1u);
    const uint32_t y_ordinary = (uint32_t)(ay - 1u < SYMC_INFINITY - 1u);
    const uint32_t no_real = (ux >> 31) & (whole ^ 1u);
    *slow |= (0u - (x_ordinary & y_ordinary & (no_real ^ 1u))) & (low ^ high);

    /* C99 F.9.4.4; a later line overrules an earlier one. */
    const uint32_t y_infinite = (uint32_t)(ay == SYMC_INFINITY);
    const uint32_t grown = (0u - ((uy >> 31) ^ 1u)) & SYMC_INFINITY; /* of a large x: infinity, for y < 0 zero */
    const uint32_t shrunk = SYMC_INFINITY - grown;
    uint32_t r = symc_select(no_real, SYMC_NAN, high | sign);
    r = symc_select(y_infinite & (uint32_t)(ax > SYMC_ONE), grown, r);
    r = symc_select(y_infinite & (uint32_t)(ax < SYMC_ONE), shrunk, r);
    r = symc_select(y_infinite & (uint32_t)(ax == SYMC_ONE), SYMC_ONE, r);
    r = symc_select((uint32_t)(ax == 0u), shrunk | sign, r);
    r = symc_select((uint32_t)(ax == SYMC_INFINITY), grown | sign, r);
    r = symc_select((uint32_t)(ax > SYMC_INFINITY) | (uint32_t)(ay > SYMC_INFINITY), SYMC_NAN, r);
    r = symc_select((uint32_t)(ay == 0u) | (uint32_t)(ux == SYMC_ONE), SYMC_ONE, r);
    return symc_from_bits(r);
}

/* ---- the rare rest: x and y finite and not 0, y an integer where x < 0 ------------------------------------------- */

/* An unevaluated sum of two doubles, |lo| <= ulp(hi)/2. */
typedef struct {
    double hi;
    double lo;
} symc_pair;

/* a + b exactly (Knuth). */
SYMC_FN symc_pair symc_two_sum(double a, double b)
{
    symc_pair r;
    r.hi = a + b;
    const double part = r.hi - a;
    r.lo = (a - (r.hi - part)) + (b - part);
    return r;
}

/* a * b exactly (a fused multiply-add, or Dekker and Veltkamp). */
SYMC_FN symc_pair symc_two_product(double a, double b)
{
    symc_pair r;
    r.hi = symc_mul64(a, b);
#if SYMC_HAS_FMA
    r.lo = SYMC_FMA(a, b, -r.hi);
#else
    const double a_scaled = a * 0x1.0000002p27;
    const double b_scaled = b * 0x1.0000002p27;
    const double a_high = a_scaled - (a_scaled - a);
    const double b_high = b_scaled - (b_scaled - b);
    const double a_low = a - a_high;
    const double b_low = b - b_high;
    r.lo = ((a_high * b_high - r.hi) + a_high * b_low + a_low * b_high) + a_low * b_low;
#endif
    return r;
}

SYMC_FN symc_pair symc_pair_add(symc_pair a, symc_pair b)
{
    const symc_pair high = symc_two_sum(a.hi, b.hi);
    const symc_pair low = symc_two_sum(a.lo, b.lo);
    const symc_pair first = symc_two_sum(high.hi, high.lo + low.hi);
    return symc_two_sum(first.hi, first.lo + low.lo);
}

SYMC_FN symc_pair symc_pair_multiply(symc_pair a, symc_pair b)
{
    const symc_pair high = symc_two_product(a.hi, b.hi);
    return symc_two_sum(high.hi, high.lo + SYMC_FMA(a.hi, b.lo, symc_mul64(a.lo, b.hi)));
}

/* n ln(2) for an integer |n| < 2^11; ln(2) in parts of 42, 42 and 53 bits, so that two products are exact. */
SYMC_FN symc_pair symc_pair_ln2(double n)
{
    symc_pair tail = symc_two_sum(symc_mul64(n, 0x1.ef35793c76p-45), symc_mul64(n, 0x1.cc01f97b57a08p-87));
    symc_pair r = symc_two_sum(symc_mul64(n, 0x1.62e42fefa38p-1), tail.hi);
    r.lo += tail.lo;
    return r;
}

/* e^r - 1 for |r| < 0.4, relative error below 2^-98: Taylor for r/64, then e^2t - 1 = 2 (e^t - 1) + (e^t - 1)^2. */
SYMC_SLOW_FN symc_pair symc_pair_expm1(symc_pair r)
{
    static const double inverse_factorial[12][2] = {
        {0x1.1eed8eff8d898p-29, -0x1.2aec959e14c06p-83}, /* 1/12! */
        {0x1.ae64567f544e4p-26, -0x1.c062e06d1f209p-80},
        {0x1.27e4fb7789f5cp-22, 0x1.cbbc05b4fa99ap-76},
        {0x1.71de3a556c734p-19, -0x1.c154f8ddc6c00p-73},
        {0x1.a01a01a01a01ap-16, 0x1.a01a01a01a01ap-76},
        {0x1.a01a01a01a01ap-13, 0x1.a01a01a01a01ap-73},
        {0x1.6c16c16c16c17p-10, -0x1.f49f49f49f49fp-65},
        {0x1.1111111111111p-7, 0x1.1111111111111p-63},
        {0x1.5555555555555p-5, 0x1.5555555555555p-59},
        {0x1.5555555555555p-3, 0x1.5555555555555p-57},
        {0x1p-1, 0.0},
        {0x1p+0, 0.0} /* 1/1! */
    };
    symc_pair t;
    symc_pair u;
    uint32_t i;
    t.hi = r.hi * 0x1p-6;
    t.lo = r.lo * 0x1p-6;
    u.hi = inverse_factorial[0][0];
    u.lo = inverse_factorial[0][1];
    for (i = 1u; i < 12u; ++i) {
        symc_pair c;
        c.hi = inverse_factorial[i][0];
        c.lo = inverse_factorial[i][1];
        u = symc_pair_add(symc_pair_multiply(u, t), c);
    }
    u = symc_pair_multiply(u, t);
    for (i = 0u; i < 6u; ++i) {
        symc_pair twice;
        twice.hi = u.hi + u.hi;
        twice.lo = u.lo + u.lo;
        u = symc_pair_add(twice, symc_pair_multiply(u, u));
    }
    return u;
}

/* x^y for x > 0 as an odd-rounded double: 53 bits, the last one set if the value lies between two of them. */
SYMC_SLOW_FN double symc_pow_accurate(float x, float y)
{
    const symc_pow_parts split = symc_pow_split(x);
    const double v = symc_widen(y);
    symc_pair log_m;
    symc_pair e;
    symc_pair w;
    /* log(1 + f) = a + log(1 + d), 1 + d = (1 + f) e^-a for a first approximation a; d is about 2^-52 a. */
    log_m.hi = -symc_mul64(split.log2, 0x1.62e42fefa39efp-1);
    log_m.lo = 0.0;
    e = symc_pair_expm1(log_m);
    w.hi = split.f;
    w.lo = 0.0;
    w = symc_pair_add(symc_pair_add(w, e), symc_pair_multiply(w, e));
    e.hi = -log_m.hi;
    e.lo = 0.0;
    log_m = symc_pair_add(e, w);
    w.lo = -0.5 * symc_mul64(w.hi, w.hi);
    w = symc_two_sum(log_m.hi, log_m.lo + w.lo);
    /* y log(x) = n ln(2) + r */
    w = symc_pair_add(symc_pair_ln2(split.k), w);
    e.hi = v;
    e.lo = 0.0;
    w = symc_pair_multiply(w, e);
    const double shifted = SYMC_FMA(w.hi, 0x1.71547652b82fep+0, SYMC_SHIFT);
    const double n = shifted - SYMC_SHIFT;
    w = symc_pair_add(w, symc_pair_ln2(-n));
    w = symc_pair_expm1(w);
    e.hi = 1.0;
    e.lo = 0.0;
    w = symc_pair_add(e, w);
    /* towards zero, then odd */
    const uint64_t bits = symc_bits64(w.hi);
    const uint64_t down = symc_bits64(w.lo) >> 63;
    const uint64_t inexact = (uint64_t)((symc_bits64(w.lo) << 1) != 0u);
    return symc_mul64(symc_from_bits64((bits - (down & inexact)) | inexact), symc_power_of_two(shifted));
}

SYMC_SLOW_FN float symc_pow_slow(float x, float y)
{
    const float a = symc_from_bits(symc_bits(x) & SYMC_MAGNITUDE);
    const uint32_t odd = (uint32_t)symc_bits64(symc_widen(y) + SYMC_SHIFT) &
                         (uint32_t)((symc_bits(y) & SYMC_MAGNITUDE) < 0x4b800000u);
    uint32_t product;
    int32_t exponent;
    const double power = symc_pow_exact(a, y, &product, &exponent) != 0u
                             ? symc_mul64((double)product, symc_power_of_two((double)exponent + SYMC_SHIFT))
                             : symc_pow_accurate(a, y);
    return symc_from_bits(symc_bits(symc_narrow(power)) | ((0u - odd) & symc_bits(x) & SYMC_SIGN));
}

SYMC_FN float symc_pow(float x, float y)
{
    uint32_t slow = 0u;
    const float r = symc_pow_fast(x, y, &slow);
    return slow == 0u ? r : symc_pow_slow(x, y);
}

#endif
