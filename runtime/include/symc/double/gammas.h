/* SPDX-License-Identifier: Apache-2.0
 *
 * symc runtime, binary64.
 *
 * The gamma function.
 *
 * From 1/2 on the argument is raised to 16 and more by the recurrence, where Stirling's series holds; below 1/2 it is
 * pi / (sin(pi x) gamma(1 - x)). All but the series is computed in pairs (Abramowitz and Stegun, 6.1).
 *
 * Printed by runtime/double/write.py from symc/ir/binary64/gammas.py.
 */
#ifndef SYMC_DOUBLE_GAMMAS_H
#define SYMC_DOUBLE_GAMMAS_H

#include "symc/double/core.h"
#include "symc/double/round.h"
#include "symc/double/pairs.h"
#include "symc/double/exponential.h"
#include "symc/double/logarithm.h"
#include "symc/double/circular.h"
#include "symc/double/powers.h"

#ifndef SYMC_DOUBLE_PI_HI
#define SYMC_DOUBLE_PI_HI 0x1.921fb54442d18p+1
#endif
#ifndef SYMC_DOUBLE_PI_LO
#define SYMC_DOUBLE_PI_LO 0x1.1a62633145c07p-53
#endif
#ifndef SYMC_DOUBLE_LN_SQRT_2PI_HI
#define SYMC_DOUBLE_LN_SQRT_2PI_HI 0x1.d67f1c864beb5p-1
#endif
#ifndef SYMC_DOUBLE_LN_SQRT_2PI_LO
#define SYMC_DOUBLE_LN_SQRT_2PI_LO (-0x1.65b5a1b7ff5dfp-55)
#endif

SYMC_DOUBLE_FN double symc_double_polynomial_stirling(double t)
{
    double p = -0x1.6476701181f3ap+0;
    p = symc_mul64(p, t) + 0x1.6fe96381e068p-3;
    p = symc_mul64(p, t) - 0x1.e4286cb0f5398p-6;
    p = symc_mul64(p, t) + 0x1.a41a41a41a41ap-8;
    p = symc_mul64(p, t) - 0x1.f6ab0d9993c7dp-10;
    p = symc_mul64(p, t) + 0x1.b951e2b18ff23p-11;
    p = symc_mul64(p, t) - 0x1.3813813813814p-11;
    p = symc_mul64(p, t) + 0x1.a01a01a01a01ap-11;
    p = symc_mul64(p, t) - 0x1.6c16c16c16c17p-9;
    p = symc_mul64(p, t) + 0x1.5555555555555p-4;
    return p;
}

/* sin(pi x) of |x| < 2^40: x - k/64 is exact. */
SYMC_DOUBLE_FN symc_pair symc_double_sine_pi(double x)
{
    const double shifted = symc_mul64(x, 64.0) + SYMC_DOUBLE_SHIFT;
    const symc_pair r = symc_double_times_double(symc_pair_of(SYMC_DOUBLE_PI_HI, SYMC_DOUBLE_PI_LO), x
        - symc_mul64(shifted - SYMC_DOUBLE_SHIFT, 0x1p-6));
    return symc_double_sine_of(symc_angle_of(symc_bits64(shifted), r.hi, r.lo), UINT64_C(0));
}

/* ln(gamma(z)) of z >= 16. */
SYMC_DOUBLE_FN symc_pair symc_double_gamma_log(symc_pair z)
{
    const double w = 1.0 / z.hi;
    const symc_pair main = symc_double_minus(symc_double_times(symc_double_log_pair(z),
        symc_double_plus_double(z, -0x1p-1)), z);
    return symc_double_plus_double(symc_double_plus(main, symc_pair_of(SYMC_DOUBLE_LN_SQRT_2PI_HI,
        SYMC_DOUBLE_LN_SQRT_2PI_LO)), symc_mul64(w, symc_double_polynomial_stirling(symc_mul64(w, w))));
}

/* Euler's gamma function. */
SYMC_SHARED_FN double symc_double_gamma(double x)
{
    const int low = x < 0x1p-1;
    const double b = x < -190.0 ? -0x1.7c8p+7 : (x > 180.0 ? 180.0 : x);
    const symc_pair y = low ? symc_double_sum_of(1.0, -b) : symc_pair_of(b, 0.0);
    symc_pair p = symc_pair_of(1.0, 0.0);
    symc_pair z = y;
    for (uint32_t _ = 0; _ < 16U; ++_) {
        const int more = z.hi < 16.0;
        p = more ? symc_double_times(p, z) : p;
        z = more ? symc_double_plus_double(z, 1.0) : z;
    }
    const symc_pair logarithm = symc_double_gamma_log(z);
    const double shifted = symc_double_steps(logarithm.hi);
    const double n = shifted - SYMC_DOUBLE_SHIFT;
    const uint64_t k = symc_bits64(shifted);
    const symc_pair e = symc_double_exp_table(k, symc_double_exp_rest(logarithm, n));
    const double power = symc_double_exponent(n, k);
    const symc_pair above = symc_double_over(e, p);
    const symc_pair below = symc_double_over(symc_double_times(symc_pair_of(SYMC_DOUBLE_PI_HI, SYMC_DOUBLE_PI_LO),
        p), symc_double_times(symc_double_sine_pi(b), e));
    const double r = low ? symc_double_scaled(below.hi + below.lo, -power)
        : symc_double_scaled(above.hi + above.lo, power);
    const int whole = symc_double_equal(symc_double_floor(x), x);
    const double edge = symc_double_equal(x, 0.0) ? symc_double_with_sign(symc_from_bits64(SYMC_DOUBLE_INFINITY),
        x) : symc_from_bits64(SYMC_DOUBLE_NAN);
    const double vanished = symc_double_is_odd(symc_double_floor(x)) ? -0.0 : 0.0;
    const double inner = symc_double_abs(x) < 0x1.70ef54646d497p-57 ? 1.0 / x : (x < -190.0 ? vanished : r);
    const double finite = x < 0x1p-1 && whole ? edge : inner;
    return x < symc_from_bits64(SYMC_DOUBLE_INFINITY) ? (symc_double_equal(x,
        -symc_from_bits64(SYMC_DOUBLE_INFINITY)) ? symc_from_bits64(SYMC_DOUBLE_NAN) : finite) : x;
}

#endif
