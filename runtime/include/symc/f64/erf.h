/* SPDX-License-Identifier: Apache-2.0
 *
 * symc runtime: error function and its complement, correctly rounded (proved over all 2^32 inputs, with and without
 * fused multiply-add).
 */
#ifndef SYMC_F64_ERF_H
#define SYMC_F64_ERF_H

#include "symc/f32.h"
#include "symc/f64/core.h"

/* begin ERF */
/* poly/fit.py: (erf(x) / x - 2/sqrt(pi)) / x^2 in z = x^2, 0 <= x <= 1; relative error 2^-56.7. */
#define SYMC_ERF_1 (-0x1.812746b0379dbp-2)
#define SYMC_ERF_2 0x1.ce2f21a041c13p-4
#define SYMC_ERF_3 (-0x1.b82ce3122baa8p-6)
#define SYMC_ERF_4 0x1.565bccfe87db3p-8
#define SYMC_ERF_5 (-0x1.c02db0f1a5d84p-11)
#define SYMC_ERF_6 0x1.f9a2c9a2703fdp-14
#define SYMC_ERF_7 (-0x1.f4cb1d761952ep-17)
#define SYMC_ERF_8 0x1.b98729094e10ap-20
#define SYMC_ERF_9 (-0x1.5c30991cfa3b3p-23)
#define SYMC_ERF_10 0x1.d825ac7f00845p-27
#define SYMC_ERF_11 (-0x1.ae971bdba3fe3p-31)
/* end ERF */
/* begin ERFC_EXP */
/* poly/fit.py: (exp(r) - 1 - r) / r^2 on |r| <= ln(2)/2; relative error 2^-57.9. */
#define SYMC_ERFC_EXP_2 0x1.000000000000ap-1
#define SYMC_ERFC_EXP_3 0x1.5555555555502p-3
#define SYMC_ERFC_EXP_4 0x1.5555555550607p-5
#define SYMC_ERFC_EXP_5 0x1.11111111251e2p-7
#define SYMC_ERFC_EXP_6 0x1.6c16c184b3612p-10
#define SYMC_ERFC_EXP_7 0x1.a01a013b60614p-13
#define SYMC_ERFC_EXP_8 0x1.a019989abd987p-16
#define SYMC_ERFC_EXP_9 0x1.71def9ae4f87ep-19
#define SYMC_ERFC_EXP_10 0x1.28aec2ed8e5adp-22
#define SYMC_ERFC_EXP_11 0x1.adcc0a4d9b034p-26
/* end ERFC_EXP */
/* begin ERFC */
/* poly/fit.py: erfc(x) e^(x^2) in s = (x - 3.375) / (x + 4), 1 <= x <= 10.0625; relative error 2^-54.5. */
#define SYMC_ERFC_0 0x1.48f8f10299b71p-3
#define SYMC_ERFC_1 (-0x1.4d30ad1614803p-2)
#define SYMC_ERFC_2 0x1.4001c9090d88fp-2
#define SYMC_ERFC_3 (-0x1.0d6b6cf12b545p-2)
#define SYMC_ERFC_4 0x1.8b2dab04c43c9p-3
#define SYMC_ERFC_5 (-0x1.f2ed982097602p-4)
#define SYMC_ERFC_6 0x1.096cac3ba77dcp-4
#define SYMC_ERFC_7 (-0x1.c97d0b246f1e4p-6)
#define SYMC_ERFC_8 0x1.245cef6d30a22p-7
#define SYMC_ERFC_9 (-0x1.96f721a4ef5cfp-10)
#define SYMC_ERFC_10 (-0x1.f3843eeab817dp-13)
#define SYMC_ERFC_11 0x1.010582e20cba1p-12
#define SYMC_ERFC_12 (-0x1.9abb0b1e97593p-15)
#define SYMC_ERFC_13 (-0x1.0d80f6c6a45f5p-16)
#define SYMC_ERFC_14 0x1.4bdd5256a676cp-17
#define SYMC_ERFC_15 0x1.f7e98addd1bbdp-25
#define SYMC_ERFC_16 (-0x1.526a8701aec8ap-20)
#define SYMC_ERFC_17 0x1.29700f2c11835p-22
/* end ERFC */

/* 2/sqrt(pi): the first 29 bits, the rest. */
#define SYMC_ERF_0_HIGH 0x1.20dd75p+0
#define SYMC_ERF_0_LOW 0x1.0a6db446b8ea4p-30

/* 10.0625, where erfc(x) is less than half of the smallest float. */
#define SYMC_ERFC_END 0x41210000u

/*
 * erf(v) = v (2/sqrt(pi) + v^2 P(v^2)) for 0 <= v < 1, v a float: 2/sqrt(pi) in two parts, the product with the first
 * (29 bits) is exact.
 */
SYMC_FN double symc_erf_small(double v)
{
    const double z = symc_mul64(v, v);
    double p = SYMC_COEF(SYMC_ERF_11);
    p = SYMC_FMA(p, z, SYMC_COEF(SYMC_ERF_10));
    p = SYMC_FMA(p, z, SYMC_COEF(SYMC_ERF_9));
    p = SYMC_FMA(p, z, SYMC_COEF(SYMC_ERF_8));
    p = SYMC_FMA(p, z, SYMC_COEF(SYMC_ERF_7));
    p = SYMC_FMA(p, z, SYMC_COEF(SYMC_ERF_6));
    p = SYMC_FMA(p, z, SYMC_COEF(SYMC_ERF_5));
    p = SYMC_FMA(p, z, SYMC_COEF(SYMC_ERF_4));
    p = SYMC_FMA(p, z, SYMC_COEF(SYMC_ERF_3));
    p = SYMC_FMA(p, z, SYMC_COEF(SYMC_ERF_2));
    p = SYMC_FMA(p, z, SYMC_COEF(SYMC_ERF_1));
    p = SYMC_FMA(p, z, SYMC_ERF_0_LOW);
    return SYMC_FMA(p, v, symc_mul64(v, SYMC_ERF_0_HIGH));
}

/*
 * erfc(v) = e^(-v^2) Q(s), s = (v - 3.375) / (v + 4), for 1 <= v <= 10.0625, v a float: v^2 is exact, and so is the
 * first step of its reduction by ln 2 (Cody and Waite).
 */
SYMC_FN double symc_erfc_large(double v)
{
    const double w = -symc_mul64(v, v);
    const double shifted = SYMC_FMA(w, SYMC_COEF(0x1.71547652b82fep+0), SYMC_SHIFT);
    const double n = shifted - SYMC_SHIFT;
    const double r = SYMC_FMA(-n, SYMC_COEF(0x1.cf79abc9e3b3ap-40), SYMC_FMA(-n, SYMC_COEF(0x1.62e42fefap-1), w));
    const double s = (v - 3.375) / (v + 4.0);

    double p = SYMC_COEF(SYMC_ERFC_EXP_11);
    p = SYMC_FMA(p, r, SYMC_COEF(SYMC_ERFC_EXP_10));
    p = SYMC_FMA(p, r, SYMC_COEF(SYMC_ERFC_EXP_9));
    p = SYMC_FMA(p, r, SYMC_COEF(SYMC_ERFC_EXP_8));
    p = SYMC_FMA(p, r, SYMC_COEF(SYMC_ERFC_EXP_7));
    p = SYMC_FMA(p, r, SYMC_COEF(SYMC_ERFC_EXP_6));
    p = SYMC_FMA(p, r, SYMC_COEF(SYMC_ERFC_EXP_5));
    p = SYMC_FMA(p, r, SYMC_COEF(SYMC_ERFC_EXP_4));
    p = SYMC_FMA(p, r, SYMC_COEF(SYMC_ERFC_EXP_3));
    p = SYMC_FMA(p, r, SYMC_COEF(SYMC_ERFC_EXP_2));
    p = SYMC_FMA(p, r, 1.0);
    p = SYMC_FMA(p, r, 1.0);

    double q = SYMC_COEF(SYMC_ERFC_17);
    q = SYMC_FMA(q, s, SYMC_COEF(SYMC_ERFC_16));
    q = SYMC_FMA(q, s, SYMC_COEF(SYMC_ERFC_15));
    q = SYMC_FMA(q, s, SYMC_COEF(SYMC_ERFC_14));
    q = SYMC_FMA(q, s, SYMC_COEF(SYMC_ERFC_13));
    q = SYMC_FMA(q, s, SYMC_COEF(SYMC_ERFC_12));
    q = SYMC_FMA(q, s, SYMC_COEF(SYMC_ERFC_11));
    q = SYMC_FMA(q, s, SYMC_COEF(SYMC_ERFC_10));
    q = SYMC_FMA(q, s, SYMC_COEF(SYMC_ERFC_9));
    q = SYMC_FMA(q, s, SYMC_COEF(SYMC_ERFC_8));
    q = SYMC_FMA(q, s, SYMC_COEF(SYMC_ERFC_7));
    q = SYMC_FMA(q, s, SYMC_COEF(SYMC_ERFC_6));
    q = SYMC_FMA(q, s, SYMC_COEF(SYMC_ERFC_5));
    q = SYMC_FMA(q, s, SYMC_COEF(SYMC_ERFC_4));
    q = SYMC_FMA(q, s, SYMC_COEF(SYMC_ERFC_3));
    q = SYMC_FMA(q, s, SYMC_COEF(SYMC_ERFC_2));
    q = SYMC_FMA(q, s, SYMC_COEF(SYMC_ERFC_1));
    q = SYMC_FMA(q, s, SYMC_COEF(SYMC_ERFC_0));
    return symc_mul64(symc_mul64(p, q), symc_power_of_two(shifted));
}

/* |x|, or 10.0625 where it is more. */
SYMC_FN double symc_erf_clamp(uint32_t magnitude)
{
    const uint32_t inside = (uint32_t)(magnitude < SYMC_ERFC_END);
    return symc_widen(symc_from_bits(symc_select(inside, magnitude, SYMC_ERFC_END)));
}

SYMC_FN float symc_erf(float x)
{
    const uint32_t u = symc_bits(x);
    const uint32_t magnitude = u & SYMC_MAGNITUDE;
    const double v = symc_erf_clamp(magnitude);
    const double y = symc_select64((uint64_t)(magnitude < SYMC_ONE), symc_erf_small(v), 1.0 - symc_erfc_large(v));
    const uint32_t r = symc_bits(symc_narrow(y)) | (u & SYMC_SIGN);
    return symc_from_bits(symc_select((uint32_t)(magnitude > SYMC_INFINITY), SYMC_NAN, r));
}

/* The scaled double is rounded to float once, so a subnormal result needs no case of its own. */
SYMC_FN float symc_erfc(float x)
{
    const uint32_t u = symc_bits(x);
    const uint32_t magnitude = u & SYMC_MAGNITUDE;
    const uint64_t negative = (uint64_t)(u >> 31);
    const double v = symc_erf_clamp(magnitude);
    const double erf = symc_erf_small(v);
    const double erfc = symc_erfc_large(v);
    const double small = 1.0 - symc_from_bits64(symc_bits64(erf) ^ (negative << 63));
    const double large = symc_select64(negative, 2.0 - erfc, erfc);
    uint32_t r = symc_bits(symc_narrow(symc_select64((uint64_t)(magnitude < SYMC_ONE), small, large)));
    /* erfc(-0x1.d93ec4p-17) is so close to half-way between two floats that the double is exactly half-way. */
    r -= (uint32_t)(u == 0xb76c9f62u);
    return symc_from_bits(symc_select((uint32_t)(magnitude > SYMC_INFINITY), SYMC_NAN, r));
}

#endif
