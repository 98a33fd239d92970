/* SPDX-License-Identifier: Apache-2.0
 *
 * symc runtime, binary64.
 *
 * Logarithms and the inverse hyperbolic functions.
 *
 * x = 2^n m with 0.707 <= m < 1.414, and c is the reciprocal in 12 bits of the middle of one of 64 intervals that
 * holds m: ln(x) = n ln(2) - ln(c) + ln(1 + r), r = c m - 1 exactly, |r| < 2^-7. Around 1 c is 1, so that r keeps all
 * digits there. The result is a pair within 2^-67 of its size (Tang, "Table-driven implementation of the logarithm
 * function in IEEE floating-point arithmetic", 1990).
 *
 * Printed by runtime/double/write.py from symc/ir/binary64/logarithm.py.
 */
#ifndef SYMC_DOUBLE_LOGARITHM_H
#define SYMC_DOUBLE_LOGARITHM_H

#include "symc/double/core.h"
#include "symc/double/pairs.h"

#ifndef SYMC_DOUBLE_LN2_1
#define SYMC_DOUBLE_LN2_1 0x1.62e42fefa38p-1
#endif
#ifndef SYMC_DOUBLE_LN2_2
#define SYMC_DOUBLE_LN2_2 0x1.ef35793c7673p-45
#endif
#ifndef SYMC_DOUBLE_LOG_START
#define SYMC_DOUBLE_LOG_START UINT64_C(0x3fe6a00000000000)
#endif
#ifndef SYMC_DOUBLE_LOG_ONE
#define SYMC_DOUBLE_LOG_ONE UINT64_C(37)
#endif
#ifndef SYMC_DOUBLE_INV_LN2_HI
#define SYMC_DOUBLE_INV_LN2_HI 0x1.71547652b82fep+0
#endif
#ifndef SYMC_DOUBLE_INV_LN2_LO
#define SYMC_DOUBLE_INV_LN2_LO 0x1.777d0ffda0d24p-56
#endif
#ifndef SYMC_DOUBLE_INV_LN10_HI
#define SYMC_DOUBLE_INV_LN10_HI 0x1.bcb7b1526e50ep-2
#endif
#ifndef SYMC_DOUBLE_INV_LN10_LO
#define SYMC_DOUBLE_INV_LN10_LO 0x1.95355baaafad3p-57
#endif
#ifndef SYMC_DOUBLE_LOG2_HI
#define SYMC_DOUBLE_LOG2_HI 0x1.62e42fefa39efp-1
#endif
#ifndef SYMC_DOUBLE_LOG2_LO
#define SYMC_DOUBLE_LOG2_LO 0x1.abc9e3b39803fp-56
#endif

SYMC_DOUBLE_FN double symc_double_table_log_hi(uint64_t k)
{
    SYMC_TABLE double table[64] = {
        -0x1.5d76dd9a78p-2, -0x1.5206dfd186p-2, -0x1.472fdbe4fdp-2, -0x1.3c3b2736b4p-2,
        -0x1.31281d5f11p-2, -0x1.26b620935p-2, -0x1.1c2895218fp-2, -0x1.117ee81dfep-2,
        -0x1.071b85fcd6p-2, -0x1.f939c4e72ep-3, -0x1.e4ceeda61ep-3, -0x1.d0fb7f2256p-3,
        -0x1.bcf6736f7ep-3, -0x1.a98ed238b8p-3, -0x1.95f7ac2b3cp-3, -0x1.8230164c1ap-3,
        -0x1.6f0d28ae56p-3, -0x1.5bbc05f14p-3, -0x1.4915d832fcp-3, -0x1.3643cad058p-3,
        -0x1.2423113ba6p-3, -0x1.11d8e5e29p-3, -0x1.fec9131dcp-4, -0x1.db5270187cp-4,
        -0x1.b78c82bb1p-4, -0x1.9375e55594p-4, -0x1.70e12b325cp-4, -0x1.4e01108a34p-4,
        -0x1.2ad449eff4p-4, -0x1.0939853a1cp-4, -0x1.cae72fb96p-5, -0x1.8a5a9cc618p-5,
        -0x1.4572e981c8p-5, -0x1.03d5d85e7p-5, -0x1.83624fba8p-6, -0x1.05e547827p-6,
        -0x1.fe02a6b1p-8, 0.0, 0x1.020565893p-6, 0x1.f7a9b1678p-6,
        0x1.788595a358p-5, 0x1.eea31c0068p-5, 0x1.333d7f8184p-4, 0x1.700d30aeacp-4,
        0x1.a956d3ecacp-4, 0x1.e3707ee304p-4, 0x1.0ce7ecdcccp-3, 0x1.299d30c606p-3,
        0x1.4462b9dc9cp-3, 0x1.5f830a1a5cp-3, 0x1.7b00916516p-3, 0x1.95a5adcf7p-3,
        0x1.af6895610ep-3, 0x1.c97f8079d4p-3, 0x1.e2a877a6b2p-3, 0x1.fc218be62p-3,
        0x1.0a504e97bbp-2, 0x1.16b5ccbadp-2, 0x1.22981fbef8p-2, 0x1.2e9e2bce12p-2,
        0x1.3a1ac802f3p-2, 0x1.4668bf41fp-2, 0x1.5178d9ab55p-2, 0x1.5d5bddf596p-2,
    };
    return table[(uint32_t)k];
}

SYMC_DOUBLE_FN double symc_double_table_log_lo(uint64_t k)
{
    SYMC_TABLE double table[64] = {
        0x1.cbf6c326244f5p-44, -0x1.c58cfd28f3cd8p-44, -0x1.f9364c53f821fp-45, 0x1.3e5d1e9d3ddf9p-47,
        0x1.6e10e6a8b7abcp-48, -0x1.8f08bb3f17379p-44, -0x1.5ff09640395a7p-45, -0x1.30f778a2e8cbdp-44,
        0x1.bcb8ba3e01a11p-44, 0x1.4c5fc35fe2798p-44, 0x1.2ccbe398170f7p-46, 0x1.af52b20633b29p-47,
        0x1.271e894f591e4p-44, -0x1.126ffb47b9acp-48, 0x1.615d77a1ffe43p-44, -0x1.98dd68a5d0b48p-46,
        -0x1.69737c93373dap-44, -0x1.21892c55da347p-45, 0x1.53cee006bcf62p-44, -0x1.1e18f2132dfd5p-44,
        0x1.e3a0078ee9d9cp-44, -0x1.1c6fa52eaa55bp-45, 0x1.54555d1ae6607p-44, -0x1.9277856ae181fp-44,
        0x1.25ef7bc3987e7p-44, -0x1.eddc37380c364p-44, -0x1.0530d95714cd1p-45, -0x1.ae5cfdf2c5ae5p-44,
        0x1.cea3ae5f05b87p-44, -0x1.91761e583dc8fp-45, 0x1.efabf2025b1bep-44, 0x1.9ae2900180e9ap-44,
        -0x1.6c7eaf9b37d75p-44, -0x1.f778960ed29cfp-44, -0x1.deb9c96b40046p-45, 0x1.0dbde21f5e1f8p-44,
        -0x1.9e23f0dda40e4p-46, 0.0, 0x1.611d27c8e8417p-44, 0x1.42ad9271be7d7p-45,
        -0x1.08b0d083b3a4cp-46, 0x1.c3dd83606d891p-44, -0x1.692b6a81b8848p-49, 0x1.c1e8da99ded32p-49,
        0x1.e63794c02c4afp-44, 0x1.0f684e6766abdp-45, 0x1.4652dabff5447p-46, 0x1.d4d0079dc08d9p-44,
        -0x1.84858a711b062p-44, 0x1.5226898ffc1bcp-44, -0x1.ae75fcb067e57p-44, 0x1.7f22858a0ff6fp-47,
        -0x1.148288bf7a937p-45, 0x1.3b161a8c6e6c5p-45, 0x1.823817787081ap-44, 0x1.4bba46f1cf6ap-44,
        0x1.03094e6690c44p-44, -0x1.23299042d74bfp-44, -0x1.a1421609580dap-44, 0x1.4300c128d1dc2p-45,
        0x1.98ecf399abd8dp-44, -0x1.9af1762c5a8f7p-44, 0x1.5c1530fe963b3p-44, -0x1.a0b2a08a465dcp-47,
    };
    return table[(uint32_t)k];
}

SYMC_DOUBLE_FN double symc_double_table_log_c(uint64_t k)
{
    SYMC_TABLE double table[64] = {
        0x1.682p+0, 0x1.642p+0, 0x1.606p+0, 0x1.5cap+0,
        0x1.58ep+0, 0x1.556p+0, 0x1.51ep+0, 0x1.4e6p+0,
        0x1.4bp+0, 0x1.47ap+0, 0x1.446p+0, 0x1.414p+0,
        0x1.3e2p+0, 0x1.3b2p+0, 0x1.382p+0, 0x1.352p+0,
        0x1.324p+0, 0x1.2f6p+0, 0x1.2cap+0, 0x1.29ep+0,
        0x1.274p+0, 0x1.24ap+0, 0x1.22p+0, 0x1.1f8p+0,
        0x1.1dp+0, 0x1.1a8p+0, 0x1.182p+0, 0x1.15cp+0,
        0x1.136p+0, 0x1.112p+0, 0x1.0ecp+0, 0x1.0cap+0,
        0x1.0a6p+0, 0x1.084p+0, 0x1.062p+0, 0x1.042p+0,
        0x1.02p+0, 1.0, 0x1.f8p-1, 0x1.f08p-1,
        0x1.e9p-1, 0x1.e2p-1, 0x1.dbp-1, 0x1.d4p-1,
        0x1.cd8p-1, 0x1.c7p-1, 0x1.c1p-1, 0x1.bacp-1,
        0x1.b5p-1, 0x1.af4p-1, 0x1.a98p-1, 0x1.a4p-1,
        0x1.9ecp-1, 0x1.998p-1, 0x1.948p-1, 0x1.8f8p-1,
        0x1.8acp-1, 0x1.86p-1, 0x1.818p-1, 0x1.7dp-1,
        0x1.78cp-1, 0x1.744p-1, 0x1.704p-1, 0x1.6cp-1,
    };
    return table[(uint32_t)k];
}

SYMC_DOUBLE_FN double symc_double_polynomial_log(double t)
{
    double p = -0x1.99a5bcbf03f9dp-4;
    p = symc_mul64(p, t) + 0x1.c729af636191ep-4;
    p = symc_mul64(p, t) - 0x1.ffffffdd79acp-4;
    p = symc_mul64(p, t) + 0x1.24924911bd62dp-3;
    p = symc_mul64(p, t) - 0x1.5555555555651p-3;
    p = symc_mul64(p, t) + 0x1.9999999999aacp-3;
    p = symc_mul64(p, t) - 0x1p-2;
    p = symc_mul64(p, t) + 0x1.5555555555555p-2;
    return p;
}

/* n ln(2) - ln(c_j) + ln(1 + r). */
SYMC_DOUBLE_FN symc_pair symc_double_log_sum(double n, uint64_t j, symc_pair r)
{
    const symc_pair s = symc_double_product_of(r.hi, r.hi);
    const double cube = symc_mul64(symc_mul64(r.hi, s.hi), symc_double_polynomial_log(r.hi));
    /* Exact: both are multiples of 2^-42. */
    const symc_pair u = symc_double_sum_of(symc_mul64(n, SYMC_DOUBLE_LN2_1) + symc_double_table_log_hi(j), r.hi);
    const symc_pair v = symc_double_sum_of(u.hi, symc_mul64(-0x1p-1, s.hi));
    const double rest = r.lo - (symc_mul64(0x1p-1, s.lo) + symc_mul64(r.hi, r.lo)) + cube;
    return symc_double_sum_ordered(v.hi, v.lo + (u.lo + (symc_mul64(n, SYMC_DOUBLE_LN2_2)
        + symc_double_table_log_lo(j) + rest)));
}

/* n of a normal number with the pattern u. */
SYMC_DOUBLE_FN double symc_double_log_exponent(uint64_t u)
{
    return (double)(uint32_t)((u + UINT64_C(0x4000000000000000) - SYMC_DOUBLE_LOG_START) >> 52) - 1024.0;
}

/* The interval of a normal number with the pattern u. */
SYMC_DOUBLE_FN uint64_t symc_double_log_interval(uint64_t u)
{
    return ((u - SYMC_DOUBLE_LOG_START) >> 46) & UINT64_C(63);
}

/* c_j (m + tail) - 1: of m in two halves the products are exact. */
SYMC_DOUBLE_FN symc_pair symc_double_log_rest(double m, double tail, uint64_t j)
{
    const double c = symc_double_table_log_c(j);
    const double upper = symc_from_bits64(symc_bits64(m) & UINT64_C(0xfffffffff8000000));
    const symc_pair r = symc_double_sum_of(symc_mul64(upper, c) - 1.0, symc_mul64(m - upper, c));
    return symc_double_sum_ordered(r.hi, r.lo + symc_mul64(tail, c));
}

/* ln(x 2^-scale) of a normal number. */
SYMC_DOUBLE_FN symc_pair symc_double_log_normal(double x, double scale)
{
    const uint64_t u = symc_bits64(x);
    const double n = symc_double_log_exponent(u);
    const uint64_t j = symc_double_log_interval(u);
    const double m = symc_from_bits64(u - (symc_bits64(n + SYMC_DOUBLE_SHIFT) << 52));
    return symc_double_log_sum(n - scale, j, symc_double_log_rest(m, 0.0, j));
}

/* ln(x) of x from 2^-1000 to 2^1000. */
SYMC_DOUBLE_FN symc_pair symc_double_log_pair(symc_pair x)
{
    const uint64_t u = symc_bits64(x.hi);
    const double n = symc_double_log_exponent(u);
    const uint64_t j = symc_double_log_interval(u);
    const double m = symc_from_bits64(u - (symc_bits64(n + SYMC_DOUBLE_SHIFT) << 52));
    return symc_double_log_sum(n, j, symc_double_log_rest(m, symc_mul64(x.lo, symc_double_power_of_two(-n)), j));
}

/* ln(1 + a) of -1 < a < 2^1000. */
SYMC_DOUBLE_FN symc_pair symc_double_log1p_pair(symc_pair a)
{
    const int inner = a.hi > -0x1p-8 && a.hi < 0x1p-7;
    const symc_pair s = symc_double_sum_of(1.0, a.hi);
    const symc_pair x = symc_double_sum_ordered(s.hi, s.lo + a.lo);
    const uint64_t u = symc_bits64(x.hi);
    const double n = symc_double_log_exponent(u);
    const uint64_t j = symc_double_log_interval(u);
    const double m = symc_from_bits64(u - (symc_bits64(n + SYMC_DOUBLE_SHIFT) << 52));
    const symc_pair r = symc_double_log_rest(m, symc_mul64(x.lo, symc_double_power_of_two(-n)), j);
    return symc_double_log_sum(inner ? 0.0 : n, inner ? SYMC_DOUBLE_LOG_ONE : j, inner ? a : r);
}

/* ln(x) of a positive finite number, subnormal ones too. */
SYMC_DOUBLE_FN symc_pair symc_double_log_any(double x)
{
    const int tiny = x < 0x1p-1022;
    return symc_double_log_normal(tiny ? symc_mul64(x, 0x1p+54) : x, tiny ? 54.0 : 0.0);
}

/* The logarithm of x: y where x is positive and finite. */
SYMC_DOUBLE_FN double symc_double_log_special(double x, double y)
{
    const double edge = symc_double_equal(x, 0.0) ? -symc_from_bits64(SYMC_DOUBLE_INFINITY)
        : (x < 0.0 ? symc_from_bits64(SYMC_DOUBLE_NAN) : x);
    return x > 0.0 && x < symc_from_bits64(SYMC_DOUBLE_INFINITY) ? y : edge;
}

/* Natural logarithm. */
SYMC_DOUBLE_FN double symc_double_log(double x)
{
    const symc_pair y = symc_double_log_any(x);
    return symc_double_log_special(x, y.hi + y.lo);
}

/* Logarithm to base 2. */
SYMC_DOUBLE_FN double symc_double_log2(double x)
{
    const symc_pair y = symc_double_times(symc_double_log_any(x),
        symc_pair_of(SYMC_DOUBLE_INV_LN2_HI, SYMC_DOUBLE_INV_LN2_LO));
    return symc_double_log_special(x, y.hi + y.lo);
}

/* Logarithm to base 10. */
SYMC_DOUBLE_FN double symc_double_log10(double x)
{
    const symc_pair y = symc_double_times(symc_double_log_any(x),
        symc_pair_of(SYMC_DOUBLE_INV_LN10_HI, SYMC_DOUBLE_INV_LN10_LO));
    return symc_double_log_special(x, y.hi + y.lo);
}

/* Natural logarithm of 1 + x. */
SYMC_DOUBLE_FN double symc_double_log1p(double x)
{
    const symc_pair y = symc_double_log1p_pair(symc_pair_of(x > 0x1.485ce9e7a065fp+963 ? 0x1.485ce9e7a065fp+963
        : x, 0.0));
    const double inner = symc_double_abs(x) < 0x1.d83c94fb6d2acp-65 ? x : y.hi + y.lo;
    const double edge = symc_double_equal(x, -1.0) ? -symc_from_bits64(SYMC_DOUBLE_INFINITY)
        : (x < -1.0 ? symc_from_bits64(SYMC_DOUBLE_NAN) : inner);
    return x > 0x1.485ce9e7a065fp+963 ? symc_double_log(x) : edge;
}

/* ln(2 a) of a large number. */
SYMC_SHARED_FN double symc_double_log_double(double a)
{
    const symc_pair y = symc_double_plus(symc_double_log_any(a),
        symc_pair_of(SYMC_DOUBLE_LOG2_HI, SYMC_DOUBLE_LOG2_LO));
    return a < symc_from_bits64(SYMC_DOUBLE_INFINITY) ? y.hi + y.lo : a;
}

/* Inverse hyperbolic sine: ln(1 + a + a^2 / (1 + sqrt(1 + a^2))). */
SYMC_DOUBLE_FN double symc_double_asinh(double x)
{
    const double a = symc_double_abs(x);
    const double b = a > 0x1p+30 ? 1.0 : a;
    const symc_pair s = symc_double_product_of(b, b);
    const symc_pair d = symc_double_plus_double(symc_double_root(symc_double_plus_double(s, 1.0)), 1.0);
    const symc_pair y = symc_double_log1p_pair(symc_double_plus_double(symc_double_over(s, d), b));
    const double outer = a > 0x1p+30 ? symc_double_log_double(a) : y.hi + y.lo;
    return a < 0x1.ff45dd3a46629p-31 ? x : symc_double_with_sign(outer, x);
}

/* Inverse hyperbolic cosine: ln(1 + t + sqrt(t (t + 2))), t = x - 1. */
SYMC_DOUBLE_FN double symc_double_acosh(double x)
{
    const double b = x > 0x1p+30 ? 2.0 : x;
    const symc_pair t = symc_double_sum_of(b, -1.0);
    const symc_pair y = symc_double_log1p_pair(symc_double_plus(t,
        symc_double_root(symc_double_times(t, symc_double_plus_double(t, 2.0)))));
    const double inner = x > 1.0 ? y.hi + y.lo : (symc_double_equal(x, 1.0) ? 0.0
        : symc_mul64(x, symc_from_bits64(SYMC_DOUBLE_NAN)));
    return x > 0x1p+30 ? symc_double_log_double(x) : inner;
}

/* Inverse hyperbolic tangent: ln(1 + 2 a / (1 - a)) / 2. */
SYMC_DOUBLE_FN double symc_double_atanh(double x)
{
    const double a = symc_double_abs(x);
    const symc_pair y = symc_double_log1p_pair(symc_double_over(symc_pair_of(a + a, 0.0),
        symc_double_sum_of(1.0, -a)));
    const double inner = a < 0x1.ff45dd3a46629p-31 ? x : symc_double_with_sign(symc_mul64(y.hi + y.lo, 0x1p-1), x);

        return a < 1.0 ? inner : (symc_double_equal(a, 1.0)
        ? symc_double_with_sign(symc_from_bits64(SYMC_DOUBLE_INFINITY), x)
        : symc_mul64(x, symc_from_bits64(SYMC_DOUBLE_NAN)));
}

#endif
