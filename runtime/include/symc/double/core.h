/* SPDX-License-Identifier: Apache-2.0
 *
 * symc runtime, binary64: operations of double that are exact or rounded once, and the types of the functions.
 *
 * What bundles of --numbers float64 compute with. Every target gives the same bits, because every function is one fixed
 * sequence of IEEE-754 operations: no fused multiply-add takes part, and the C library none either.
 */
#ifndef SYMC_DOUBLE_CORE_H
#define SYMC_DOUBLE_CORE_H

#include "symc/config.h"

#if !defined(__CUDACC__)
#if DBL_MANT_DIG != 53 || DBL_MAX_EXP != 1024
#error "symc: double is not IEEE-754 binary64 on this target (on AVR it has 32 bits): build without --numbers float64"
#endif
/* Fails to compile under -fsingle-precision-constant, which would make floats of the coefficients. */
typedef char symc_double_constants_must_be_double[sizeof(1.0) == sizeof(double) ? 1 : -1];
#endif

#include "symc/f64/core.h"

#define SYMC_DOUBLE_SIGN UINT64_C(0x8000000000000000)
#define SYMC_DOUBLE_MAGNITUDE UINT64_C(0x7fffffffffffffff)
#define SYMC_DOUBLE_ONE UINT64_C(0x3ff0000000000000)
#define SYMC_DOUBLE_INFINITY UINT64_C(0x7ff0000000000000)
#define SYMC_DOUBLE_NAN UINT64_C(0x7ff8000000000000)
/* Adding it rounds a double below 2^51 to an integer, which then stands in the low bits of the sum's pattern. */
#define SYMC_DOUBLE_SHIFT SYMC_SHIFT

/* Inlined where the hardware has double; one copy of each where every operation is a call anyway. */
#if SYMC_INT
#define SYMC_DOUBLE_FN SYMC_SHARED_FN
#else
#define SYMC_DOUBLE_FN SYMC_FN
#endif

/* The number hi + lo, which no double holds. */
typedef struct {
    double hi;
    double lo;
} symc_pair;

/* k pi/64 + hi + lo; k counts modulo 128. */
typedef struct {
    uint64_t k;
    double hi;
    double lo;
} symc_angle;

SYMC_FN symc_pair symc_pair_of(double hi, double lo)
{
    symc_pair p;
    p.hi = hi;
    p.lo = lo;
    return p;
}

SYMC_FN symc_angle symc_angle_of(uint64_t k, double hi, double lo)
{
    symc_angle a;
    a.k = k;
    a.hi = hi;
    a.lo = lo;
    return a;
}

/* ---- arithmetic, rounded once ---- */

SYMC_FN double symc_double_add(double x, double y)
{
#if SYMC_DEVICE
    return __dadd_rn(x, y);
#else
    return x + y;
#endif
}

SYMC_FN double symc_double_sub(double x, double y)
{
#if SYMC_DEVICE
    return __dsub_rn(x, y);
#else
    return x - y;
#endif
}

SYMC_FN double symc_double_mul(double x, double y)
{
    return symc_mul64(x, y);
}

SYMC_FN double symc_double_div(double x, double y)
{
#if SYMC_DEVICE
    return __ddiv_rn(x, y);
#else
    return x / y;
#endif
}

/* ---- exact ---- */

/* 1 if x is a NaN, else 0. */
SYMC_FN uint32_t symc_double_is_nan(double x)
{
    return (uint32_t)((symc_bits64(x) & SYMC_DOUBLE_MAGNITUDE) > SYMC_DOUBLE_INFINITY);
}

/* x, with any NaN replaced by 0x7ff8000000000000. */
SYMC_FN double symc_double_canonical(double x)
{
    return symc_double_is_nan(x) != 0U ? symc_from_bits64(SYMC_DOUBLE_NAN) : x;
}

/* The sign bit flips, of a NaN too. */
SYMC_FN double symc_double_neg(double x)
{
    return symc_from_bits64(symc_bits64(x) ^ SYMC_DOUBLE_SIGN);
}

/* The sign bit is cleared, of a NaN too. */
SYMC_FN double symc_double_abs(double x)
{
    return symc_from_bits64(symc_bits64(x) & SYMC_DOUBLE_MAGNITUDE);
}

/* x >= 0 with the sign of y. */
SYMC_FN double symc_double_with_sign(double x, double y)
{
    return symc_from_bits64(symc_bits64(x) | (symc_bits64(y) & SYMC_DOUBLE_SIGN));
}

/* x, or -x where the sign of y is negative. */
SYMC_FN double symc_double_times_sign(double x, double y)
{
    return symc_from_bits64(symc_bits64(x) ^ (symc_bits64(y) & SYMC_DOUBLE_SIGN));
}

/* 0 for x < 0, else x: -0 and NaN stay. */
SYMC_FN double symc_double_relu(double x)
{
    return x < 0.0 ? 0.0 : x;
}

/* x where c > 0, else y; also where c is a NaN. */
SYMC_FN double symc_double_if_positive(double c, double x, double y)
{
    return c > 0.0 ? x : y;
}

/* Whether x = y, in a form that no compiler takes for a mistake. */
SYMC_FN int symc_double_equal(double x, double y)
{
    return x <= y && x >= y;
}

/* The lesser; a NaN operand gives NaN; min(-0, +0) is -0. */
SYMC_FN double symc_double_min(double x, double y)
{
    const double lesser = x < y ? x : y;
    const double same = symc_from_bits64(symc_bits64(x) | symc_bits64(y));
    const double r = symc_double_equal(x, y) ? same : lesser;
    return (symc_double_is_nan(x) | symc_double_is_nan(y)) != 0U ? symc_from_bits64(SYMC_DOUBLE_NAN) : r;
}

/* The greater; a NaN operand gives NaN; max(-0, +0) is +0. */
SYMC_FN double symc_double_max(double x, double y)
{
    const double greater = x > y ? x : y;
    const double same = symc_from_bits64(symc_bits64(x) & symc_bits64(y));
    const double r = symc_double_equal(x, y) ? same : greater;
    return (symc_double_is_nan(x) | symc_double_is_nan(y)) != 0U ? symc_from_bits64(SYMC_DOUBLE_NAN) : r;
}

/* Comparisons: 1.0 or 0.0. A NaN operand makes none true but the last. */
SYMC_FN double symc_double_lt(double x, double y)
{
    return x < y ? 1.0 : 0.0;
}

SYMC_FN double symc_double_le(double x, double y)
{
    return x <= y ? 1.0 : 0.0;
}

SYMC_FN double symc_double_gt(double x, double y)
{
    return x > y ? 1.0 : 0.0;
}

SYMC_FN double symc_double_ge(double x, double y)
{
    return x >= y ? 1.0 : 0.0;
}

SYMC_FN double symc_double_eq(double x, double y)
{
    return symc_double_equal(x, y) ? 1.0 : 0.0;
}

SYMC_FN double symc_double_ne(double x, double y)
{
    return symc_double_equal(x, y) ? 0.0 : 1.0;
}

#endif
