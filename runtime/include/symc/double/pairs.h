/* SPDX-License-Identifier: Apache-2.0
 *
 * symc runtime, binary64.
 *
 * Arithmetic with pairs of doubles, without fused multiply-add (Dekker 1971; Knuth, TAOCP 2, 4.2.2).
 *
 * Printed by runtime/double/write.py from symc/ir/binary64/pairs.py.
 */
#ifndef SYMC_DOUBLE_PAIRS_H
#define SYMC_DOUBLE_PAIRS_H

#include "symc/double/core.h"
#include "symc/double/sqrt.h"

#ifndef SYMC_DOUBLE_SPLITTER
#define SYMC_DOUBLE_SPLITTER 0x1.0000002p+27
#endif

/* a + b and what rounding leaves of it. */
SYMC_DOUBLE_FN symc_pair symc_double_sum_of(double a, double b)
{
    const double s = a + b;
    const double t = s - a;
    return symc_pair_of(s, a - (s - t) + (b - t));
}

/* a + b and what rounding leaves of it, where a = 0 or |a| >= |b|. */
SYMC_DOUBLE_FN symc_pair symc_double_sum_ordered(double a, double b)
{
    const double s = a + b;
    return symc_pair_of(s, b - (s - a));
}

/* The first 26 bits of a, for |a| < 2^996. */
SYMC_DOUBLE_FN double symc_double_upper_half(double a)
{
    const double c = symc_mul64(a, SYMC_DOUBLE_SPLITTER);
    return c - (c - a);
}

/* a b and what rounding leaves of it, for factors below 2^996 whose product's last bits are above 2^-1074. */
SYMC_DOUBLE_FN symc_pair symc_double_product_of(double a, double b)
{
    const double p = symc_mul64(a, b);
    const double ah = symc_double_upper_half(a);
    const double bh = symc_double_upper_half(b);
    const double al = a - ah;
    const double bl = b - bh;
    return symc_pair_of(p, symc_mul64(ah, bh) - p + symc_mul64(ah, bl) + symc_mul64(al, bh) + symc_mul64(al, bl));
}

/* a + b; the error is below 2^-104 of the sum unless it cancels, and then of the greater summand. */
SYMC_DOUBLE_FN symc_pair symc_double_plus(symc_pair a, symc_pair b)
{
    const symc_pair s = symc_double_sum_of(a.hi, b.hi);
    const symc_pair t = symc_double_sum_of(a.lo, b.lo);
    const symc_pair u = symc_double_sum_ordered(s.hi, s.lo + t.hi);
    return symc_double_sum_ordered(u.hi, u.lo + t.lo);
}

/* a + b. */
SYMC_DOUBLE_FN symc_pair symc_double_plus_double(symc_pair a, double b)
{
    const symc_pair s = symc_double_sum_of(a.hi, b);
    return symc_double_sum_ordered(s.hi, s.lo + a.lo);
}

/* a - b. */
SYMC_DOUBLE_FN symc_pair symc_double_minus(symc_pair a, symc_pair b)
{
    return symc_double_plus(a, symc_pair_of(-b.hi, -b.lo));
}

/* a b; the error is below 2^-102 of it. */
SYMC_DOUBLE_FN symc_pair symc_double_times(symc_pair a, symc_pair b)
{
    const symc_pair p = symc_double_product_of(a.hi, b.hi);
    return symc_double_sum_ordered(p.hi, p.lo + (symc_mul64(a.hi, b.lo) + symc_mul64(a.lo, b.hi)));
}

/* a b. */
SYMC_DOUBLE_FN symc_pair symc_double_times_double(symc_pair a, double b)
{
    const symc_pair p = symc_double_product_of(a.hi, b);
    return symc_double_sum_ordered(p.hi, p.lo + symc_mul64(a.lo, b));
}

/* a / b; the error is below 2^-100 of it. */
SYMC_DOUBLE_FN symc_pair symc_double_over(symc_pair a, symc_pair b)
{
    const double q = a.hi / b.hi;
    const symc_pair p = symc_double_product_of(q, b.hi);
    const double rest = a.hi - p.hi - p.lo + (a.lo - symc_mul64(q, b.lo));
    return symc_double_sum_ordered(q, rest / b.hi);
}

/* The square root of a > 0. */
SYMC_DOUBLE_FN symc_pair symc_double_root(symc_pair a)
{
    const double r = symc_double_sqrt(a.hi);
    const symc_pair p = symc_double_product_of(r, r);
    const double rest = a.hi - p.hi - p.lo + a.lo;
    return symc_double_sum_ordered(r, rest / (r + r));
}

/* 2^n for integers -1022 <= n <= 1023. */
SYMC_DOUBLE_FN double symc_double_power_of_two(double n)
{
    return symc_from_bits64((symc_bits64(n + SYMC_DOUBLE_SHIFT) + UINT64_C(1023)) << 52);
}

/* v 2^n for 2^-400 < |v| < 2^400 and integers |n| <= 1200: rounded once, where it is subnormal. */
SYMC_DOUBLE_FN double symc_double_scaled(double v, double n)
{
    const double half = symc_mul64(n, 0x1p-1) + SYMC_DOUBLE_SHIFT - SYMC_DOUBLE_SHIFT;
    return symc_mul64(symc_mul64(v, symc_double_power_of_two(half)), symc_double_power_of_two(n - half));
}

#endif
