/* SPDX-License-Identifier: Apache-2.0
 *
 * symc runtime, binary64.
 *
 * sine, cosine and tangent of any angle.
 *
 * x = k pi/64 + r with |r| <= pi/128, r as a pair: up to 2^15 by parts of pi/64 with which the products are exact
 * (Cody and Waite), above by the bits of 2/pi that matter for x, in integers (Payne and Hanek 1983). Then sin(a + r) =
 * sin(a) cos(r) + cos(a) sin(r), with tables of the sines of multiples of pi/64. No double is closer than 2^-60 to a
 * multiple of pi/2, which both reductions leave enough bits for (Muller et al., "Handbook of Floating-Point
 * Arithmetic", 2018, chapter 10).
 *
 * Printed by runtime/double/write.py from symc/ir/binary64/circular.py.
 */
#ifndef SYMC_DOUBLE_CIRCULAR_H
#define SYMC_DOUBLE_CIRCULAR_H

#include "symc/double/core.h"
#include "symc/double/pairs.h"

#ifndef SYMC_DOUBLE_INV_PI_64
#define SYMC_DOUBLE_INV_PI_64 0x1.45f306dc9c883p+4
#endif
#ifndef SYMC_DOUBLE_PI_64_1
#define SYMC_DOUBLE_PI_64_1 0x1.921fb544p-5
#endif
#ifndef SYMC_DOUBLE_PI_64_2
#define SYMC_DOUBLE_PI_64_2 0x1.0b4611a6p-39
#endif
#ifndef SYMC_DOUBLE_PI_64_3
#define SYMC_DOUBLE_PI_64_3 0x1.3198a2ep-74
#endif
#ifndef SYMC_DOUBLE_PI_64_4
#define SYMC_DOUBLE_PI_64_4 0x1.b839a252049c1p-109
#endif
#ifndef SYMC_DOUBLE_LOW_WORD
#define SYMC_DOUBLE_LOW_WORD UINT64_C(0xffffffff)
#endif
#ifndef SYMC_DOUBLE_PI_2_HI
#define SYMC_DOUBLE_PI_2_HI 0x1.921fb54442d18p+0
#endif
#ifndef SYMC_DOUBLE_PI_2_LO
#define SYMC_DOUBLE_PI_2_LO 0x1.1a62633145c07p-54
#endif
#ifndef SYMC_DOUBLE_SINE_IS_X
#define SYMC_DOUBLE_SINE_IS_X 0x1.fc862d3e1736p-28
#endif

SYMC_DOUBLE_FN uint64_t symc_double_table_two_over_pi(uint64_t k)
{
    SYMC_TABLE uint32_t table[42] = {
        UINT32_C(0x00000000), UINT32_C(0x00000000), UINT32_C(0xa2f9836e), UINT32_C(0x4e441529), UINT32_C(0xfc2757d1),
        UINT32_C(0xf534ddc0), UINT32_C(0xdb629599), UINT32_C(0x3c439041), UINT32_C(0xfe5163ab), UINT32_C(0xdebbc561),
        UINT32_C(0xb7246e3a), UINT32_C(0x424dd2e0), UINT32_C(0x06492eea), UINT32_C(0x09d1921c), UINT32_C(0xfe1deb1c),
        UINT32_C(0xb129a73e), UINT32_C(0xe88235f5), UINT32_C(0x2ebb4484), UINT32_C(0xe99c7026), UINT32_C(0xb45f7e41),
        UINT32_C(0x3991d639), UINT32_C(0x835339f4), UINT32_C(0x9c845f8b), UINT32_C(0xbdf9283b), UINT32_C(0x1ff897ff),
        UINT32_C(0xde05980f), UINT32_C(0xef2f118b), UINT32_C(0x5a0a6d1f), UINT32_C(0x6d367ecf), UINT32_C(0x27cb09b7),
        UINT32_C(0x4f463f66), UINT32_C(0x9e5fea2d), UINT32_C(0x7527bac7), UINT32_C(0xebe5f17b), UINT32_C(0x3d0739f7),
        UINT32_C(0x8a5292ea), UINT32_C(0x6bfb5fb1), UINT32_C(0x1f8d5d08), UINT32_C(0x56033046), UINT32_C(0xfc7b6bab),
        UINT32_C(0xf0cfbc20), UINT32_C(0x9af4361d),
    };
    return table[(uint32_t)k];
}

SYMC_DOUBLE_FN double symc_double_table_sin_hi(uint64_t k)
{
    SYMC_TABLE double table[33] = {
        0.0, 0x1.91f65f10dd814p-5, 0x1.917a6bc29b42cp-4, 0x1.2c8106e8e613ap-3,
        0x1.8f8b83c69a60bp-3, 0x1.f19f97b215f1bp-3, 0x1.294062ed59f06p-2, 0x1.58f9a75ab1fddp-2,
        0x1.87de2a6aea963p-2, 0x1.b5d1009e15ccp-2, 0x1.e2b5d3806f63bp-2, 0x1.073879922ffeep-1,
        0x1.1c73b39ae68c8p-1, 0x1.30ff7fce17035p-1, 0x1.44cf325091dd6p-1, 0x1.57d69348cecap-1,
        0x1.6a09e667f3bcdp-1, 0x1.7b5df226aafafp-1, 0x1.8bc806b151741p-1, 0x1.9b3e047f38741p-1,
        0x1.a9b66290ea1a3p-1, 0x1.b728345196e3ep-1, 0x1.c38b2f180bdb1p-1, 0x1.ced7af43cc773p-1,
        0x1.d906bcf328d46p-1, 0x1.e212104f686e5p-1, 0x1.e9f4156c62ddap-1, 0x1.f0a7efb9230d7p-1,
        0x1.f6297cff75cbp-1, 0x1.fa7557f08a517p-1, 0x1.fd88da3d12526p-1, 0x1.ff621e3796d7ep-1,
        1.0,
    };
    return table[(uint32_t)k];
}

SYMC_DOUBLE_FN double symc_double_table_sin_lo(uint64_t k)
{
    SYMC_TABLE double table[33] = {
        0.0, -0x1.912bd0d569a9p-61, -0x1.e2718d26ed688p-60, 0x1.13000a89a11ep-58,
        -0x1.26d19b9ff8d82p-57, -0x1.42deef11da2c4p-57, -0x1.5d28da2c4612dp-56, -0x1.efdc0d58cf62p-62,
        -0x1.72cedd3d5a61p-57, 0x1.5b362cb974183p-57, 0x1.e0d891d3c6841p-58, -0x1.a5a014347406cp-55,
        0x1.b25dd267f66p-55, -0x1.efcc626f74a6fp-57, 0x1.8076a2cfdc6b3p-57, -0x1.75720992bfbb2p-55,
        -0x1.bdd3413b26456p-55, -0x1.0f537acdf0ad7p-56, -0x1.2c5e12ed1336dp-55, -0x1.30ee286712474p-55,
        0x1.9f630e8b6dac8p-60, -0x1.bc69f324e6d61p-55, -0x1.6e0b1757c8d07p-56, -0x1.e7b6bb5ab58aep-58,
        0x1.457e610231ac2p-56, -0x1.014c76c126527p-55, 0x1.760b1e2e3f81ep-55, 0x1.52c7adc6b4989p-56,
        0x1.562172a361fd3p-56, -0x1.7a0a8ca13571fp-55, -0x1.87df6378811c7p-55, -0x1.c57bc2e24aa15p-57,
        0.0,
    };
    return table[(uint32_t)k];
}

SYMC_DOUBLE_FN double symc_double_polynomial_cosine(double t)
{
    double p = -0x1.27e44a1f3bad6p-22;
    p = symc_mul64(p, t) + 0x1.a01a019fd57f6p-16;
    p = symc_mul64(p, t) - 0x1.6c16c16c16c16p-10;
    p = symc_mul64(p, t) + 0x1.5555555555555p-5;
    return p;
}

SYMC_DOUBLE_FN double symc_double_polynomial_sine(double t)
{
    double p = 0x1.71dd30510446bp-19;
    p = symc_mul64(p, t) - 0x1.a01a019fb33e5p-13;
    p = symc_mul64(p, t) + 0x1.111111111111p-7;
    p = symc_mul64(p, t) - 0x1.5555555555555p-3;
    return p;
}

/* The angle of 0 <= x < 2^15; all steps but the last are exact. */
SYMC_DOUBLE_FN symc_angle symc_double_near_angle(double x)
{
    const double shifted = symc_mul64(x, SYMC_DOUBLE_INV_PI_64) + SYMC_DOUBLE_SHIFT;
    const double n = shifted - SYMC_DOUBLE_SHIFT;
    const symc_pair a = symc_double_sum_of(x - symc_mul64(n, SYMC_DOUBLE_PI_64_1),
        -symc_mul64(n, SYMC_DOUBLE_PI_64_2));
    const symc_pair b = symc_double_sum_of(a.hi, -symc_mul64(n, SYMC_DOUBLE_PI_64_3));
    const symc_pair r = symc_double_sum_of(b.hi, a.lo + b.lo - symc_mul64(n, SYMC_DOUBLE_PI_64_4));
    return symc_angle_of(symc_bits64(shifted), r.hi, r.lo);
}

/* The angle of x >= 2^15: the product of its significand with 192 bits of 2/pi, modulo 4. */
SYMC_SHARED_FN symc_angle symc_double_far_angle(double x)
{
    const uint64_t u = symc_bits64(x);
    const uint64_t e = u >> 52;
    const uint64_t start = e < UINT64_C(1013) ? UINT64_C(0) : e - UINT64_C(1013);
    const uint64_t i = start >> 5;
    const uint64_t left = start & UINT64_C(31);
    const uint64_t right = UINT64_C(32) - left;
    const uint64_t m0 = u & SYMC_DOUBLE_LOW_WORD;
    const uint64_t m1 = ((u >> 32) & UINT64_C(0xfffff)) | UINT64_C(0x100000);
    const uint64_t t0 = symc_double_table_two_over_pi(i);
    const uint64_t t1 = symc_double_table_two_over_pi(i + UINT64_C(1));
    const uint64_t t2 = symc_double_table_two_over_pi(i + UINT64_C(2));
    const uint64_t t3 = symc_double_table_two_over_pi(i + UINT64_C(3));
    const uint64_t t4 = symc_double_table_two_over_pi(i + UINT64_C(4));
    const uint64_t t5 = symc_double_table_two_over_pi(i + UINT64_C(5));
    const uint64_t t6 = symc_double_table_two_over_pi(i + UINT64_C(6));
    /* The bits of 2/pi that matter, the last word first. */
    const uint64_t w0 = ((t5 << left) | (t6 >> right)) & SYMC_DOUBLE_LOW_WORD;
    const uint64_t w1 = ((t4 << left) | (t5 >> right)) & SYMC_DOUBLE_LOW_WORD;
    const uint64_t w2 = ((t3 << left) | (t4 >> right)) & SYMC_DOUBLE_LOW_WORD;
    const uint64_t w3 = ((t2 << left) | (t3 >> right)) & SYMC_DOUBLE_LOW_WORD;
    const uint64_t w4 = ((t1 << left) | (t2 >> right)) & SYMC_DOUBLE_LOW_WORD;
    const uint64_t w5 = ((t0 << left) | (t1 >> right)) & SYMC_DOUBLE_LOW_WORD;
    /* Each word of the product is what both halves of the significand add to it, and the carry from below. */
    const uint64_t p0 = m0 * w0;
    const uint64_t p1 = m0 * w1;
    const uint64_t p2 = m0 * w2;
    const uint64_t p3 = m0 * w3;
    const uint64_t p4 = m0 * w4;
    const uint64_t q0 = m1 * w0;
    const uint64_t q1 = m1 * w1;
    const uint64_t q2 = m1 * w2;
    const uint64_t q3 = m1 * w3;
    const uint64_t s1 = (p0 >> 32) + (p1 & SYMC_DOUBLE_LOW_WORD) + (q0 & SYMC_DOUBLE_LOW_WORD);
    const uint64_t s2 = (s1 >> 32) + (p1 >> 32) + (q0 >> 32) + (p2 & SYMC_DOUBLE_LOW_WORD)
        + (q1 & SYMC_DOUBLE_LOW_WORD);
    const uint64_t s3 = (s2 >> 32) + (p2 >> 32) + (q1 >> 32) + (p3 & SYMC_DOUBLE_LOW_WORD)
        + (q2 & SYMC_DOUBLE_LOW_WORD);
    const uint64_t s4 = (s3 >> 32) + (p3 >> 32) + (q2 >> 32) + (p4 & SYMC_DOUBLE_LOW_WORD)
        + (q3 & SYMC_DOUBLE_LOW_WORD);
    const uint64_t s5 = (s4 >> 32) + (p4 >> 32) + (q3 >> 32) + m0 * w5 + m1 * w4;
    const uint64_t top = (s5 << 32) | (s4 & SYMC_DOUBLE_LOW_WORD);
    /* Two bits of quarter turns and five of their parts, rounded; what is left has a sign. */
    const uint64_t k = (top + UINT64_C(0x100000000000000)) >> 57;
    const uint64_t rest = top - (k << 57);
    const double first = (double)(uint32_t)(rest >> 32) - (rest >> 63 == UINT64_C(0) ? 0.0 : 0x1p+32);
    const symc_pair upper = symc_double_sum_ordered(symc_mul64(first, 0x1p-30),
        symc_mul64((double)(uint32_t)(rest & SYMC_DOUBLE_LOW_WORD), 0x1p-62));
    const symc_pair lower = symc_double_sum_ordered(symc_mul64((double)(uint32_t)(s3 & SYMC_DOUBLE_LOW_WORD),
        0x1p-94), symc_mul64((double)(uint32_t)(s2 & SYMC_DOUBLE_LOW_WORD), 0x1p-126));
    const symc_pair f = symc_double_sum_of(upper.hi, upper.lo + lower.hi);
    const symc_pair r = symc_double_times(symc_pair_of(f.hi, f.lo + lower.lo),
        symc_pair_of(SYMC_DOUBLE_PI_2_HI, SYMC_DOUBLE_PI_2_LO));
    return symc_angle_of(k, r.hi, r.lo);
}

/* The angle of x >= 0. */
SYMC_DOUBLE_FN symc_angle symc_double_angle_of(double x)
{
    return x < 32768.0 ? symc_double_near_angle(x) : symc_double_far_angle(x);
}

/* The sine of the angle and so many quarter turns. */
SYMC_DOUBLE_FN symc_pair symc_double_sine_of(symc_angle a, uint64_t quarters)
{
    const uint64_t j = a.k & UINT64_C(31);
    const uint64_t q = (a.k >> 5) + quarters;
    const int odd = (q & UINT64_C(1)) == UINT64_C(1);
    const double sin_hi = symc_double_table_sin_hi(j);
    const double sin_lo = symc_double_table_sin_lo(j);
    const double cos_hi = symc_double_table_sin_hi(UINT64_C(32) - j);
    const double cos_lo = symc_double_table_sin_lo(UINT64_C(32) - j);
    /* With cos(r) and with sin(r). */
    const double c_hi = odd ? cos_hi : sin_hi;
    const double c_lo = odd ? cos_lo : sin_lo;
    const double s_hi = odd ? -sin_hi : cos_hi;
    const double s_lo = odd ? -sin_lo : cos_lo;
    const double z = symc_mul64(a.hi, a.hi);
    const double cosine = symc_mul64(symc_mul64(z, z), symc_double_polynomial_cosine(z)) - symc_mul64(0x1p-1, z)
        - symc_mul64(a.hi, a.lo);
    const double sine = a.lo + symc_mul64(a.hi, symc_mul64(z, symc_double_polynomial_sine(z)));
    const symc_pair p = symc_double_product_of(s_hi, a.hi);
    const symc_pair s = symc_double_sum_of(c_hi, p.hi);
    const symc_pair y = symc_double_sum_ordered(s.hi, s.lo + (p.lo
        + (symc_mul64(c_hi, cosine) + symc_mul64(s_hi, sine)) + (c_lo + symc_mul64(s_lo, a.hi))));
    const int turned = (q & UINT64_C(2)) == UINT64_C(2);
    return symc_pair_of(turned ? -y.hi : y.hi, turned ? -y.lo : y.lo);
}

/* Sine of radians. */
SYMC_DOUBLE_FN double symc_double_sin(double x)
{
    const double a = symc_double_abs(x);
    const symc_pair y = symc_double_sine_of(symc_double_angle_of(a), UINT64_C(0));
    const double s = y.hi + y.lo;
    return a < SYMC_DOUBLE_SINE_IS_X ? x : (a < symc_from_bits64(SYMC_DOUBLE_INFINITY)
        ? symc_double_times_sign(s, x) : x - x);
}

/* Cosine of radians. */
SYMC_DOUBLE_FN double symc_double_cos(double x)
{
    const double a = symc_double_abs(x);
    const symc_pair y = symc_double_sine_of(symc_double_angle_of(a), UINT64_C(1));
    return a < symc_from_bits64(SYMC_DOUBLE_INFINITY) ? y.hi + y.lo : x - x;
}

/* Tangent of radians. */
SYMC_DOUBLE_FN double symc_double_tan(double x)
{
    const double a = symc_double_abs(x);
    const symc_angle angle = symc_double_angle_of(a);
    const symc_pair y = symc_double_over(symc_double_sine_of(angle, UINT64_C(0)),
        symc_double_sine_of(angle, UINT64_C(1)));
    return a < SYMC_DOUBLE_SINE_IS_X ? x : (a < symc_from_bits64(SYMC_DOUBLE_INFINITY)
        ? symc_double_times_sign(y.hi + y.lo, x) : x - x);
}

#endif
