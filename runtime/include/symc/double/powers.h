/* SPDX-License-Identifier: Apache-2.0
 *
 * symc runtime, binary64.
 *
 * x to the y, and the cube root.
 *
 * Printed by runtime/double/write.py from symc/ir/binary64/powers.py.
 */
#ifndef SYMC_DOUBLE_POWERS_H
#define SYMC_DOUBLE_POWERS_H

#include "symc/double/core.h"
#include "symc/double/round.h"
#include "symc/double/pairs.h"
#include "symc/double/exponential.h"
#include "symc/double/logarithm.h"


SYMC_DOUBLE_FN double symc_double_polynomial_cbrt(double t)
{
    double p = 0x1.da65ac9237f24p-15;
    p = symc_mul64(p, t) - 0x1.a29d4b8e82abep-10;
    p = symc_mul64(p, t) + 0x1.2b08ff2518449p-6;
    p = symc_mul64(p, t) - 0x1.cb3e73ee2713fp-4;
    p = symc_mul64(p, t) + 0x1.f48b3890d403cp-2;
    p = symc_mul64(p, t) + 0x1.3784c81b01b17p-1;
    return p;
}

/* Whether y is an odd integer. */
SYMC_DOUBLE_FN int symc_double_is_odd(double y)
{
    return symc_double_equal(symc_double_floor(y), y) && !symc_double_equal(symc_double_floor(symc_mul64(y,
        0x1p-1)), symc_mul64(y, 0x1p-1));
}

/* x to the y as 2^(y log x); the special values are those of C99. */
SYMC_DOUBLE_FN double symc_double_pow(double x, double y)
{
    const double a = symc_double_abs(x);
    /* Beyond this any other base than 1 overflows or becomes 0. */
    const symc_pair t = symc_double_times_double(symc_double_log_any(a),
        symc_double_within(y, -0x1.e5b8fa8fe2acp+65, 0x1.e5b8fa8fe2acp+65));
    const double size = symc_double_exp_scaled(symc_pair_of(symc_double_within(t.hi, -760.0, 720.0),
        symc_double_abs(t.hi) < 800.0 ? t.lo : 0.0), 0.0);
    const double grows = symc_double_equal(a, symc_from_bits64(SYMC_DOUBLE_INFINITY)) ? y : -y;
    const double edge = grows > 0.0 ? symc_from_bits64(SYMC_DOUBLE_INFINITY) : 0.0;
    const double known = symc_double_equal(a, 0.0) || symc_double_equal(a, symc_from_bits64(SYMC_DOUBLE_INFINITY))
        ? edge : (symc_double_equal(a, 1.0) ? 1.0 : size);
    const int whole = (symc_double_equal(symc_double_floor(y), y) || symc_double_equal(a,
        0.0)) || symc_double_equal(a, symc_from_bits64(SYMC_DOUBLE_INFINITY));
    const double meant = x < 0.0 && !whole ? symc_from_bits64(SYMC_DOUBLE_NAN) : known;
    const double turned = symc_double_is_odd(y) ? symc_double_with_sign(meant, x) : meant;
    const double usual = symc_double_equal(x, x) && symc_double_equal(y, y) ? turned : x + y;
    return symc_double_equal(y, 0.0) || symc_double_equal(x, 1.0) ? 1.0 : usual;
}

/* Cube root: 2^(k/3 ...) times a guess, which two of Halley's steps and one in pairs improve. */
SYMC_DOUBLE_FN double symc_double_cbrt(double x)
{
    const double a = symc_double_abs(x);
    const int tiny = a < 0x1p-1022;
    const uint64_t u = symc_bits64(tiny ? symc_mul64(a, 0x1p+54) : a);
    /* The exponent as 3 k and what is left of it, k from -1000 on. */
    const uint64_t e = (u >> 52) + UINT64_C(1977);
    const uint64_t k = e / UINT64_C(3);
    const double m = symc_from_bits64((u & UINT64_C(0xfffffffffffff)) | ((e - k * UINT64_C(3)
        + UINT64_C(1023)) << 52));
    const double t0 = symc_double_polynomial_cbrt(m);
    const double c0 = symc_mul64(symc_mul64(t0, t0), t0);
    const double t1 = symc_mul64(t0, (c0 + (m + m)) / (c0 + c0 + m));
    const double c1 = symc_mul64(symc_mul64(t1, t1), t1);
    const double t = symc_mul64(t1, (c1 + (m + m)) / (c1 + c1 + m));
    const symc_pair s = symc_double_product_of(t, t);
    const symc_pair c = symc_double_times_double(s, t);
    const double y = t - (c.hi - m + c.lo) / symc_mul64(s.hi, 3.0);
    const double r = symc_from_bits64(symc_bits64(y) + (((tiny ? k - UINT64_C(18) : k) - UINT64_C(1000)) << 52));
    return a > 0.0 && a < symc_from_bits64(SYMC_DOUBLE_INFINITY) ? symc_double_with_sign(r, x) : x;
}

#endif
