/* SPDX-License-Identifier: Apache-2.0
 *
 * symc runtime, binary64.
 *
 * e^x, 2^x, e^x - 1 and the hyperbolic functions.
 *
 * x = n ln(2)/32 + r with |r| <= ln(2)/64; e^x = 2^(n/32) e^r by a table of 2^(j/32) and a polynomial, as a pair of
 * doubles. The pair is within 2^-65 of e^x, so what is made of it is rounded as if it were exact but for a few
 * thousandths of a unit (Tang, "Table-driven implementation of the exponential function in IEEE floating-point
 * arithmetic", 1989).
 *
 * Printed by runtime/double/write.py from symc/ir/binary64/exponential.py.
 */
#ifndef SYMC_DOUBLE_EXPONENTIAL_H
#define SYMC_DOUBLE_EXPONENTIAL_H

#include "symc/double/core.h"
#include "symc/double/pairs.h"

#ifndef SYMC_DOUBLE_INV_LN2_32
#define SYMC_DOUBLE_INV_LN2_32 0x1.71547652b82fep+5
#endif
#ifndef SYMC_DOUBLE_LN2_32_1
#define SYMC_DOUBLE_LN2_32_1 0x1.62e42fefap-6
#endif
#ifndef SYMC_DOUBLE_LN2_32_2
#define SYMC_DOUBLE_LN2_32_2 0x1.cf79abc9e3b3ap-45
#endif
#ifndef SYMC_DOUBLE_LOG2_HI
#define SYMC_DOUBLE_LOG2_HI 0x1.62e42fefa39efp-1
#endif
#ifndef SYMC_DOUBLE_LOG2_LO
#define SYMC_DOUBLE_LOG2_LO 0x1.abc9e3b39803fp-56
#endif

SYMC_DOUBLE_FN double symc_double_table_exp2_hi(uint64_t k)
{
    SYMC_TABLE double table[32] = {
        1.0, 0x1.059b0d3158574p+0, 0x1.0b5586cf9890fp+0, 0x1.11301d0125b51p+0,
        0x1.172b83c7d517bp+0, 0x1.1d4873168b9aap+0, 0x1.2387a6e756238p+0, 0x1.29e9df51fdee1p+0,
        0x1.306fe0a31b715p+0, 0x1.371a7373aa9cbp+0, 0x1.3dea64c123422p+0, 0x1.44e086061892dp+0,
        0x1.4bfdad5362a27p+0, 0x1.5342b569d4f82p+0, 0x1.5ab07dd485429p+0, 0x1.6247eb03a5585p+0,
        0x1.6a09e667f3bcdp+0, 0x1.71f75e8ec5f74p+0, 0x1.7a11473eb0187p+0, 0x1.82589994cce13p+0,
        0x1.8ace5422aa0dbp+0, 0x1.93737b0cdc5e5p+0, 0x1.9c49182a3f09p+0, 0x1.a5503b23e255dp+0,
        0x1.ae89f995ad3adp+0, 0x1.b7f76f2fb5e47p+0, 0x1.c199bdd85529cp+0, 0x1.cb720dcef9069p+0,
        0x1.d5818dcfba487p+0, 0x1.dfc97337b9b5fp+0, 0x1.ea4afa2a490dap+0, 0x1.f50765b6e454p+0,
    };
    return table[(uint32_t)k];
}

SYMC_DOUBLE_FN double symc_double_table_exp2_lo(uint64_t k)
{
    SYMC_TABLE double table[32] = {
        0.0, 0x1.d73e2a475b465p-55, 0x1.8a62e4adc610bp-54, -0x1.6c51039449b3ap-54,
        -0x1.19041b9d78a76p-55, 0x1.e016e00a2643cp-54, 0x1.9b07eb6c70573p-54, 0x1.612e8afad1255p-55,
        0x1.6f46ad23182e4p-55, -0x1.63aeabf42eae2p-54, 0x1.ada0911f09ebcp-55, 0x1.89b7a04ef80dp-59,
        0x1.d4397afec42e2p-56, -0x1.07abe1db13cadp-55, 0x1.6324c054647adp-54, -0x1.383c17e40b497p-54,
        -0x1.bdd3413b26456p-54, -0x1.16e4786887a99p-55, -0x1.41577ee04992fp-55, -0x1.d4c1dd41532d8p-54,
        0x1.6e9f156864b27p-54, -0x1.75fc781b57ebcp-57, 0x1.c7c46b071f2bep-56, -0x1.d2f6edb8d41e1p-54,
        0x1.7a1cd345dcc81p-54, -0x1.5584f7e54ac3bp-56, 0x1.11065895048ddp-55, 0x1.503cbd1e949dbp-56,
        0x1.2ed02d75b3707p-55, -0x1.1a5cd4f184b5cp-54, -0x1.e9c23179c2893p-54, 0x1.9d3e12dd8a18bp-54,
    };
    return table[(uint32_t)k];
}

SYMC_DOUBLE_FN double symc_double_polynomial_exp(double t)
{
    double p = 0x1.a01a4465dd5fap-13;
    p = symc_mul64(p, t) + 0x1.6c170c8a93dbdp-10;
    p = symc_mul64(p, t) + 0x1.111111110e0d9p-7;
    p = symc_mul64(p, t) + 0x1.555555554e8d8p-5;
    p = symc_mul64(p, t) + 0x1.5555555555555p-3;
    p = symc_mul64(p, t) + 0x1p-1;
    return p;
}

SYMC_DOUBLE_FN double symc_double_polynomial_sinh(double t)
{
    double p = 0x1.ae6b3c42e44ep-26;
    p = symc_mul64(p, t) + 0x1.71de3a495a556p-19;
    p = symc_mul64(p, t) + 0x1.a01a01a01a12ep-13;
    p = symc_mul64(p, t) + 0x1.1111111111111p-7;
    p = symc_mul64(p, t) + 0x1.5555555555555p-3;
    return p;
}

SYMC_DOUBLE_FN double symc_double_polynomial_tanh(double t)
{
    double p = -0x1.7b87db116f637p-10;
    p = symc_mul64(p, t) + 0x1.d6d25e5b20b79p-9;
    p = symc_mul64(p, t) - 0x1.226e351f4c4cap-7;
    p = symc_mul64(p, t) + 0x1.664f4882b6048p-6;
    p = symc_mul64(p, t) - 0x1.ba1ba1ba1ba0dp-5;
    p = symc_mul64(p, t) + 0x1.1111111111111p-3;
    p = symc_mul64(p, t) - 0x1.5555555555555p-2;
    return p;
}

/* 2^(j/32) e^r, j = k modulo 32. */
SYMC_DOUBLE_FN symc_pair symc_double_exp_table(uint64_t k, symc_pair r)
{
    const uint64_t j = k & UINT64_C(31);
    const double t = symc_double_table_exp2_hi(j);
    /* e^r - 1 - r.hi */
    const double p = symc_mul64(symc_mul64(r.hi, r.hi), symc_double_polynomial_exp(r.hi))
        + (r.lo + symc_mul64(r.lo, r.hi));
    const symc_pair m = symc_double_product_of(t, r.hi);
    const symc_pair s = symc_double_sum_ordered(t, m.hi);
    const double tail = symc_double_table_exp2_lo(j);
    return symc_double_sum_ordered(s.hi, s.lo + (m.lo + (symc_mul64(t, p) + (tail + symc_mul64(tail, r.hi)))));
}

/* (n - j) / 32, j = k modulo 32: the power of two beside the table. */
SYMC_DOUBLE_FN double symc_double_exponent(double n, uint64_t k)
{
    return symc_mul64(n - (double)(uint32_t)(k & UINT64_C(31)), 0x1p-5);
}

/* The integer next to 32 x / ln(2), in the low bits of its pattern. */
SYMC_DOUBLE_FN double symc_double_steps(double x)
{
    return symc_mul64(x, SYMC_DOUBLE_INV_LN2_32) + SYMC_DOUBLE_SHIFT;
}

/* x - n ln(2)/32; the first step is exact. */
SYMC_DOUBLE_FN symc_pair symc_double_exp_rest(symc_pair x, double n)
{
    const symc_pair r = symc_double_sum_of(x.hi - symc_mul64(n, SYMC_DOUBLE_LN2_32_1),
        -symc_mul64(n, SYMC_DOUBLE_LN2_32_2));
    return symc_double_sum_ordered(r.hi, r.lo + x.lo);
}

/* x, or the bound it is beyond; NaN stays. */
SYMC_DOUBLE_FN double symc_double_within(double x, double low, double high)
{
    return x < low ? low : (x > high ? high : x);
}

/* e^x 2^-down for |x| <= 800. */
SYMC_DOUBLE_FN double symc_double_exp_scaled(symc_pair x, double down)
{
    const double shifted = symc_double_steps(x.hi);
    const double n = shifted - SYMC_DOUBLE_SHIFT;
    const uint64_t k = symc_bits64(shifted);
    const symc_pair e = symc_double_exp_table(k, symc_double_exp_rest(x, n));
    return symc_double_scaled(e.hi + e.lo, symc_double_exponent(n, k) - down);
}

/* e^x for |x| <= 600. */
SYMC_DOUBLE_FN symc_pair symc_double_exp_pair(symc_pair x)
{
    const double shifted = symc_double_steps(x.hi);
    const double n = shifted - SYMC_DOUBLE_SHIFT;
    const uint64_t k = symc_bits64(shifted);
    const symc_pair e = symc_double_exp_table(k, symc_double_exp_rest(x, n));
    const double scale = symc_double_power_of_two(symc_double_exponent(n, k));
    return symc_pair_of(symc_mul64(e.hi, scale), symc_mul64(e.lo, scale));
}

/* e to the x. */
SYMC_DOUBLE_FN double symc_double_exp(double x)
{
    return symc_double_exp_scaled(symc_pair_of(symc_double_within(x, -750.0, 710.0), 0.0), 0.0);
}

/* 2 to the x: x - n/32 is exact. */
SYMC_DOUBLE_FN double symc_double_exp2(double x)
{
    const double y = symc_double_within(x, -1080.0, 1024.0);
    const double shifted = symc_mul64(y, 32.0) + SYMC_DOUBLE_SHIFT;
    const double n = shifted - SYMC_DOUBLE_SHIFT;
    const uint64_t k = symc_bits64(shifted);
    const symc_pair r = symc_double_times_double(symc_pair_of(SYMC_DOUBLE_LOG2_HI, SYMC_DOUBLE_LOG2_LO), y
        - symc_mul64(n, 0x1p-5));
    const symc_pair e = symc_double_exp_table(k, r);
    return symc_double_scaled(e.hi + e.lo, symc_double_exponent(n, k));
}

/* e to the x, minus 1. */
SYMC_DOUBLE_FN double symc_double_expm1(double x)
{
    const double y = symc_double_within(x, -50.0, 50.0);
    const symc_pair e = symc_double_plus_double(symc_double_exp_pair(symc_pair_of(y, 0.0)), -1.0);
    const double small = symc_double_abs(x) < 0x1.79ca10c924223p-67 ? x : x
        + symc_mul64(symc_mul64(x, x), symc_double_polynomial_exp(x));
    return symc_double_abs(x) < 0x1.61e4f765fd8aep-7 ? small : (x > 50.0 ? symc_double_exp(x) : e.hi + e.lo);
}

/* Hyperbolic sine. */
SYMC_DOUBLE_FN double symc_double_sinh(double x)
{
    const double a = symc_double_abs(x);
    const symc_pair e = symc_double_exp_pair(symc_pair_of(symc_double_within(a, 0.0, 40.0), 0.0));
    const symc_pair d = symc_double_minus(e, symc_double_over(symc_pair_of(1.0, 0.0), e));
    const double z = symc_mul64(x, x);
    const double inner = x + symc_mul64(x, symc_mul64(z, symc_double_polynomial_sinh(z)));
    const double outer = a > 40.0 ? symc_double_exp_scaled(symc_pair_of(symc_double_within(a, 0.0, 720.0), 0.0),
        1.0) : symc_mul64(d.hi + d.lo, 0x1p-1);
    return a < 0x1p-4 ? inner : symc_double_with_sign(outer, x);
}

/* Hyperbolic cosine. */
SYMC_DOUBLE_FN double symc_double_cosh(double x)
{
    const double a = symc_double_abs(x);
    const symc_pair e = symc_double_exp_pair(symc_pair_of(symc_double_within(a, 0.0, 40.0), 0.0));
    const symc_pair s = symc_double_plus(e, symc_double_over(symc_pair_of(1.0, 0.0), e));
    return a > 40.0 ? symc_double_exp_scaled(symc_pair_of(symc_double_within(a, 0.0, 720.0), 0.0), 1.0)
        : symc_mul64(s.hi + s.lo, 0x1p-1);
}

/* Hyperbolic tangent: (e^2x - 1) / (e^2x + 1). */
SYMC_DOUBLE_FN double symc_double_tanh(double x)
{
    const double a = symc_double_abs(x);
    const symc_pair e = symc_double_exp_pair(symc_pair_of(symc_mul64(symc_double_within(a, 0.0, 22.0), 2.0), 0.0));
    const symc_pair q = symc_double_over(symc_double_plus_double(e, -1.0), symc_double_plus_double(e, 1.0));
    const double z = symc_mul64(x, x);
    const double small = a < 0x1.79ca10c924223p-67 ? x : x + symc_mul64(x,
        symc_mul64(z, symc_double_polynomial_tanh(z)));
    return a < 0x1p-4 ? small : symc_double_with_sign(q.hi + q.lo, x);
}

#endif
