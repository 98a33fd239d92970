/* SPDX-License-Identifier: Apache-2.0
 *
 * symc runtime, binary64.
 *
 * The error function and its complement.
 *
 * erfc(x) = e^(-x^2) F(4/(4 + x)) from 1/8 on, F in 14 intervals by polynomials whose first two terms are pairs;
 * below, erf(x) is an odd polynomial. The other function is the difference from 1, or from 2 for negative arguments,
 * as a pair.
 *
 * Printed by runtime/double/write.py from symc/ir/binary64/errors.py.
 */
#ifndef SYMC_DOUBLE_ERRORS_H
#define SYMC_DOUBLE_ERRORS_H

#include "symc/double/core.h"
#include "symc/double/pairs.h"
#include "symc/double/exponential.h"

#ifndef SYMC_DOUBLE_ERF_1_HI
#define SYMC_DOUBLE_ERF_1_HI 0x1.20dd750429b6dp+0
#endif
#ifndef SYMC_DOUBLE_ERF_1_LO
#define SYMC_DOUBLE_ERF_1_LO 0x1.1ae3a914fed8p-56
#endif
#ifndef SYMC_DOUBLE_ERF_RAISE
#define SYMC_DOUBLE_ERF_RAISE 0x1p+600
#endif
#ifndef SYMC_DOUBLE_ERFC_END
#define SYMC_DOUBLE_ERFC_END 28.0
#endif

SYMC_DOUBLE_FN double symc_double_table_erfc(uint64_t k)
{
    SYMC_TABLE double table[196] = {
        0x1.ab7db843b50e9p-6, 0x1.43636ecde406bp-61, 0x1.9475f405a2b75p-3, -0x1.2aa81519eaff3p-57,
        0x1.d5921add39a12p-3, 0x1.045918c87b922p-2, 0x1.127039db2ba61p-2, 0x1.1159c273feb0bp-2,
        0x1.fe6d032653546p-3, 0x1.b9c1a5421665dp-3, 0x1.5c931d1857fb4p-3, 0x1.e80b66c8e33c6p-4,
        0x1.1fa82ae0294f6p-4, 0x1.f1a859f204a13p-6, 0x1.42bdf2b7a27f8p-5, -0x1.25657a6ac04cfp-59,
        0x1.d5d6ffc8e9f73p-3, 0x1.8d4fc4bd249c9p-62, 0x1.22c365d12d28dp-2, 0x1.55026bf07aa2ep-2,
        0x1.78e74a7b58f4bp-2, 0x1.85cf5871cf9f5p-2, 0x1.75a801cc77e73p-2, 0x1.4771f49a8568ap-2,
        0x1.00d4d05858a86p-2, 0x1.5b81aca9a55b5p-3, 0x1.7685d3f346d9ep-4, 0x1.ec4cc08bfb3a2p-6,
        0x1.c200e589b8438p-5, 0x1.8839b7b2f52b7p-61, 0x1.13a9605ba581p-2, -0x1.6ea6f7657909fp-56,
        0x1.6c9497b132103p-2, 0x1.c479ed585cef5p-2, 0x1.05da8c9f37d7cp-1, 0x1.18548c7412e83p-1,
        0x1.1270c27252db3p-1, 0x1.e32fd324bdc09p-2, 0x1.7432b5aa78cp-2, 0x1.dcadcfdeea0afp-3,
        0x1.be92e6fe21f21p-4, 0x1.33647d59c1866p-6, 0x1.2c16ffc6ebc16p-4, 0x1.b5655ad207859p-62,
        0x1.47181d7b4292fp-2, -0x1.0c1f5d79f2308p-57, 0x1.cf32eac006f8ap-2, 0x1.3021b023e0718p-1,
        0x1.6fd0cc1927db5p-1, 0x1.95d9ca035554p-1, 0x1.931e563b190f5p-1, 0x1.61132a7ac5de5p-1,
        0x1.0739022f3c42ep-1, 0x1.3692959616914p-2, 0x1.cfa0f4d0eea64p-4, -0x1.473b744b80548p-7,
        0x1.85be3a6e19bdap-4, -0x1.78d2e150fb77bp-61, 0x1.88e84a94447ep-2, 0x1.a9cbc791227a1p-62,
        0x1.2a55dfaf87258p-1, 0x1.9e1c5e82daf6ap-1, 0x1.04ca75d31a37bp+0, 0x1.26f27ad94369bp+0,
        0x1.26df6acbb123cp+0, 0x1.fc2d0876b1cf1p-1, 0x1.6858116e7756ap-1, 0x1.79ab4f0d4af6cp-2,
        0x1.7234a95c2a906p-4, -0x1.e9e3096830273p-5, 0x1.f22b9151704d5p-4, 0x1.dc2dbc2eb9f12p-58,
        0x1.de5019ae1053p-2, 0x1.d8a9f3715cf49p-58, 0x1.85cab04b59998p-1, 0x1.1d5c301460d05p+0,
        0x1.749d61f01eefp+0, 0x1.ad047c115d729p+0, 0x1.abbec760bb875p+0, 0x1.6609b1664375fp+0,
        0x1.d9297e1301f85p-1, 0x1.a1d99a87ff364p-2, 0x1.ba514bd0d307ap-6, -0x1.02f8e4829c47cp-3,
        0x1.3b922e3d936d3p-3, -0x1.3233f9126c396p-57, 0x1.275df2364e764p-1, -0x1.ba47cb290a574p-58,
        0x1.02497529257cfp+0, 0x1.8d90b5a328d7fp+0, 0x1.0b890aebabcefp+1, 0x1.371d3a097f51fp+1,
        0x1.3234b993d4314p+1, 0x1.eb0aabded46c8p+0, 0x1.271513652db44p+0, 0x1.9252da281c8e5p-2,
        -0x1.57a60e82c7311p-4, -0x1.8e72b20dd37a5p-3, 0x1.8e54c29f65ac7p-3, -0x1.7677fb7fdcd13p-58,
        0x1.7267726d93509p-1, -0x1.3e29df09709acp-57, 0x1.5b0a70133e04bp+0, 0x1.17742977ee82fp+1,
        0x1.80f630a6fe20ap+1, 0x1.c0313d978d34dp+1, 0x1.aebe80c06b6eap+1, 0x1.45eac09bb1b54p+1,
        0x1.59be49f223e34p+0, 0x1.2dfd2f17faf29p-2, -0x1.e1b2ea4f4c28dp-3, -0x1.eaa1ff24d37cp-3,
        0x1.f6f852b5e8e4dp-3, -0x1.4ae459daac411p-57, 0x1.d7ea258fa3b58p-1, 0x1.f4a46873f9fbep-55,
        0x1.d847bfbf9e146p+0, 0x1.8b7d07bd1637p+1, 0x1.149e01088a642p+2, 0x1.3f713f832b1d6p+2,
        0x1.2873cd43096bep+2, 0x1.a09f7a2fb3d6cp+1, 0x1.771f0e4c7d24ep+0, 0x1.87bcdcb0e5444p-4,
        -0x1.9bbe032c0505bp-2, -0x1.e3ea29066f194p-3, 0x1.3eb2e83e837ap-2, 0x1.c635057f3bcb5p-57,
        0x1.31725ffac876ep+0, -0x1.a362da6285fe7p-54, 0x1.44f6fbe836ea2p+1, 0x1.18f0c5b5eda8cp+2,
        0x1.8bb19ada0fa64p+2, 0x1.c0fcc555de2fbp+2, 0x1.8de1e60e20fbcp+2, 0x1.fe783e07a73p+1,
        0x1.70793017954a1p+0, -0x1.9fc6f0acda3p-3, -0x1.1751531e9443p-1, -0x1.5d2a27d33f5fbp-3,
        0x1.966abedbad60bp-2, -0x1.2b7b0eb00c036p-56, 0x1.918c9f071e4fcp+0, -0x1.8956aa2db08fcp-55,
        0x1.c340279bb5104p+1, 0x1.8f7c88d3a413ap+2, 0x1.18cbea80b0473p+3, 0x1.362d9b668c6dep+3,
        0x1.039ec4964896ep+3, 0x1.2a6526f0303ffp+2, 0x1.3930de3b51673p+0, -0x1.255ab57c35935p-1,
        -0x1.3f0e20ee7bff9p-1, -0x1.8414ddd64700ep-5, 0x1.054e85ef543abp-1, 0x1.6984405751fa4p-59,
        0x1.0bbddd31d5703p+1, 0x1.3c01bb57c0dcap-53, 0x1.3b54b1ec67c6fp+2, 0x1.1b6875e6d8cd4p+3,
        0x1.8a40eacee5ecfp+3, 0x1.a4450e93ae7bbp+3, 0x1.48bc5a2c82917p+3, 0x1.4b3655b346821p+2,
        0x1.9507e3c257e96p-1, -0x1.ec9d825a5bf4ap-1, -0x1.34cc2a9e76f99p-1, 0x1.bb0d00a1b6ab3p-4,
        0x1.534e68c7a50a5p-1, 0x1.a4c0a31f12ddfp-55, 0x1.698904e950ea7p+1, -0x1.26e051be3fb44p-53,
        0x1.ba4c7d3926491p+2, 0x1.901540c520cc4p+3, 0x1.1124db0e11c3ap+4, 0x1.16b4da4a31fabp+4,
        0x1.93440a760c553p+3, 0x1.5ac7cedc185b6p+2, 0x1.329347bfb5c17p-3, -0x1.4e133d9c7ed4cp+0,
        -0x1.e6c5f528c78c6p-2, 0x1.09e52a7be9baap-2, 0x1.bd378f136474fp-1, -0x1.60c3ed833981dp-59,
        0x1.ed2d69199d751p+1, 0x1.9b72b6c8a68fdp-53, 0x1.366cdbcc676fdp+3, 0x1.183ecdd9b3d93p+4,
        0x1.74cb8030412dfp+4, 0x1.696be08e57702p+4, 0x1.debf29d5bc03ap+3, 0x1.530694be1c4f5p+2,
        -0x1.5000aab0bee57p-1, -0x1.89a0e23d388b7p+0, -0x1.0573f711378bcp-2, 0x1.7c5cec84d8c8ap-2,
    };
    return table[(uint32_t)k];
}

SYMC_DOUBLE_FN double symc_double_polynomial_erf(double t)
{
    double p = -0x1.f1cf944d153f4p-17;
    p = symc_mul64(p, t) + 0x1.f9a115a24cc6fp-14;
    p = symc_mul64(p, t) - 0x1.c02db34be376p-11;
    p = symc_mul64(p, t) + 0x1.565bcd0e4ac5fp-8;
    p = symc_mul64(p, t) - 0x1.b82ce31288afdp-6;
    p = symc_mul64(p, t) + 0x1.ce2f21a042be2p-4;
    p = symc_mul64(p, t) - 0x1.812746b0379e7p-2;
    return p;
}

/* erf(x) of |x| <= 1/8. */
SYMC_DOUBLE_FN symc_pair symc_double_erf_small(double x)
{
    const double z = symc_mul64(x, x);
    const symc_pair p = symc_double_product_of(x, SYMC_DOUBLE_ERF_1_HI);
    return symc_double_sum_ordered(p.hi, p.lo + (symc_mul64(x, SYMC_DOUBLE_ERF_1_LO)
        + symc_mul64(x, symc_mul64(z, symc_double_polynomial_erf(z)))));
}

/* 2 x / sqrt(pi) of |x| < 2^-480, where the product's last bits would be lost: 2^600 times as large. */
SYMC_DOUBLE_FN double symc_double_erf_tiny(double x)
{
    const double a = symc_double_abs(x);
    const double y = symc_mul64(a < 0x1.a2fe76a3f9475p-499 ? a : 0.0, SYMC_DOUBLE_ERF_RAISE);
    const symc_pair p = symc_double_product_of(y, SYMC_DOUBLE_ERF_1_HI);
    return symc_double_with_sign((p.hi + (p.lo + symc_mul64(y, SYMC_DOUBLE_ERF_1_LO))) / SYMC_DOUBLE_ERF_RAISE, x);
}

/* erfc(x) e^(x^2) of 1/8 <= x <= 28. */
SYMC_SHARED_FN symc_pair symc_double_erfc_factor(double x)
{
    const symc_pair t = symc_double_over(symc_pair_of(4.0, 0.0), symc_double_sum_of(x, 4.0));
    const uint64_t k = symc_bits64(symc_mul64(t.hi - 0x1.4p-3, 16.0) + SYMC_DOUBLE_SHIFT) & UINT64_C(63);
    /* A NaN may have any bits. */
    const uint64_t j = k > UINT64_C(13) ? UINT64_C(13) : k;
    const uint64_t row = j * UINT64_C(14);
    const symc_pair d = symc_double_sum_ordered(t.hi - (symc_mul64((double)(uint32_t)(j), 0x1p-4) + 0x1.4p-3),
        t.lo);
    double q = symc_double_table_erfc(row + UINT64_C(13));
    q = symc_mul64(q, d.hi) + symc_double_table_erfc(row + UINT64_C(12));
    q = symc_mul64(q, d.hi) + symc_double_table_erfc(row + UINT64_C(11));
    q = symc_mul64(q, d.hi) + symc_double_table_erfc(row + UINT64_C(10));
    q = symc_mul64(q, d.hi) + symc_double_table_erfc(row + UINT64_C(9));
    q = symc_mul64(q, d.hi) + symc_double_table_erfc(row + UINT64_C(8));
    q = symc_mul64(q, d.hi) + symc_double_table_erfc(row + UINT64_C(7));
    q = symc_mul64(q, d.hi) + symc_double_table_erfc(row + UINT64_C(6));
    q = symc_mul64(q, d.hi) + symc_double_table_erfc(row + UINT64_C(5));
    q = symc_mul64(q, d.hi) + symc_double_table_erfc(row + UINT64_C(4));
    const symc_pair p = symc_double_times(symc_pair_of(symc_double_table_erfc(row + UINT64_C(2)),
        symc_double_table_erfc(row + UINT64_C(3))), d);
    return symc_double_plus(symc_pair_of(symc_double_table_erfc(row), symc_double_table_erfc(row + UINT64_C(1))),
        symc_double_sum_ordered(p.hi, p.lo + symc_mul64(symc_mul64(d.hi, d.hi), q)));
}

/* Error function; from 6 on it is 1 in the last place. */
SYMC_DOUBLE_FN double symc_double_erf(double x)
{
    const double a = symc_double_abs(x);
    const double b = a < 6.0 ? a : 6.0;
    const symc_pair s = symc_double_product_of(b, b);
    const double shifted = symc_double_steps(-s.hi);
    const double n = shifted - SYMC_DOUBLE_SHIFT;
    const uint64_t k = symc_bits64(shifted);
    const symc_pair e = symc_double_times(symc_double_exp_table(k,
        symc_double_exp_rest(symc_pair_of(-s.hi, -s.lo), n)), symc_double_erfc_factor(b));
    const double scale = symc_double_power_of_two(symc_double_exponent(n, k));
    const symc_pair y = symc_double_minus(symc_pair_of(1.0, 0.0),
        symc_pair_of(symc_mul64(e.hi, scale), symc_mul64(e.lo, scale)));
    const symc_pair small = symc_double_erf_small(a < 0x1p-3 ? x : 0.0);
    const double inner = a < 0x1.a2fe76a3f9475p-499 ? symc_double_erf_tiny(x) : small.hi + small.lo;
    return a < 0x1p-3 ? inner : (symc_double_equal(x, x) ? symc_double_with_sign(y.hi + y.lo, x) : x);
}

/* 1 - erf(x), without cancellation. */
SYMC_DOUBLE_FN double symc_double_erfc(double x)
{
    const double a = symc_double_abs(x);
    const double b = a < SYMC_DOUBLE_ERFC_END ? a : SYMC_DOUBLE_ERFC_END;
    const symc_pair s = symc_double_product_of(b, b);
    const double shifted = symc_double_steps(-s.hi);
    const double n = shifted - SYMC_DOUBLE_SHIFT;
    const uint64_t k = symc_bits64(shifted);
    const symc_pair e = symc_double_times(symc_double_exp_table(k,
        symc_double_exp_rest(symc_pair_of(-s.hi, -s.lo), n)), symc_double_erfc_factor(b));
    const double power = symc_double_exponent(n, k);
    const double right = symc_double_scaled(e.hi + e.lo, power);
    const double scale = symc_double_power_of_two(power < -200.0 ? -200.0 : power);
    const symc_pair left = symc_double_minus(symc_pair_of(2.0, 0.0),
        symc_pair_of(symc_mul64(e.hi, scale), symc_mul64(e.lo, scale)));
    const symc_pair inner = symc_double_minus(symc_pair_of(1.0, 0.0), symc_double_erf_small(a < 0x1p-3 ? x : 0.0));
    const double outer = x < 0.0 ? left.hi + left.lo : right;
    return a < 0x1p-3 ? inner.hi + inner.lo : (symc_double_equal(x, x) ? outer : x);
}

#endif
