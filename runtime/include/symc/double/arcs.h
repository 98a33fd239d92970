/* SPDX-License-Identifier: Apache-2.0
 *
 * symc runtime, binary64.
 *
 * Arc tangent, sine and cosine, all as the angle of a point (x, y).
 *
 * With c = j/32 next to y/x, the angle is atan(c) + atan(r), r = (y - c x) / (x + c y), |r| <= 1/63; above the
 * diagonal x and y change places. Numerator, denominator and quotient are pairs.
 *
 * Printed by runtime/double/write.py from symc/ir/binary64/arcs.py.
 */
#ifndef SYMC_DOUBLE_ARCS_H
#define SYMC_DOUBLE_ARCS_H

#include "symc/double/core.h"
#include "symc/double/pairs.h"

#ifndef SYMC_DOUBLE_PI_2_HI
#define SYMC_DOUBLE_PI_2_HI 0x1.921fb54442d18p+0
#endif
#ifndef SYMC_DOUBLE_PI_2_LO
#define SYMC_DOUBLE_PI_2_LO 0x1.1a62633145c07p-54
#endif
#ifndef SYMC_DOUBLE_ARC_IS_X
#define SYMC_DOUBLE_ARC_IS_X 0x1.12e0be826d695p-30
#endif
#ifndef SYMC_DOUBLE_PI_HI
#define SYMC_DOUBLE_PI_HI 0x1.921fb54442d18p+1
#endif
#ifndef SYMC_DOUBLE_PI_LO
#define SYMC_DOUBLE_PI_LO 0x1.1a62633145c07p-53
#endif

SYMC_DOUBLE_FN double symc_double_table_atan_hi(uint64_t k)
{
    SYMC_TABLE double table[33] = {
        0.0, 0x1.ffd55bba97625p-6, 0x1.ff55bb72cfdeap-5, 0x1.7ee182602f10fp-4,
        0x1.fd5ba9aac2f6ep-4, 0x1.3d6eee8c6626cp-3, 0x1.7b97b4bce5b02p-3, 0x1.b90d7529260a2p-3,
        0x1.f5b75f92c80ddp-3, 0x1.18bf5a30bf178p-2, 0x1.362773707ebccp-2, 0x1.530ad9951cd4ap-2,
        0x1.6f61941e4def1p-2, 0x1.8b24d394a1b25p-2, 0x1.a64eec3cc23fdp-2, 0x1.c0db4c94ec9fp-2,
        0x1.dac670561bb4fp-2, 0x1.f40dd0b541418p-2, 0x1.0657e94db30dp-1, 0x1.1255d9bfbd2a9p-1,
        0x1.1e00babdefeb4p-1, 0x1.2958e59308e31p-1, 0x1.345f01cce37bbp-1, 0x1.3f13fb89e96f4p-1,
        0x1.4978fa3269ee1p-1, 0x1.538f57b89061fp-1, 0x1.5d58987169b18p-1, 0x1.66d663923e087p-1,
        0x1.700a7c5784634p-1, 0x1.78f6bbd5d315ep-1, 0x1.819d0b7158a4dp-1, 0x1.89ff5ff57f1f8p-1,
        0x1.921fb54442d18p-1,
    };
    return table[(uint32_t)k];
}

SYMC_DOUBLE_FN double symc_double_table_atan_lo(uint64_t k)
{
    SYMC_TABLE double table[33] = {
        0.0, -0x1.5ec431444912cp-60, -0x1.c934d86d23f1dp-60, -0x1.cfb654c0c3d98p-58,
        -0x1.cd37686760c17p-59, 0x1.61a3b0ce9281bp-57, 0x1.347b0b4f881cap-58, 0x1.17b10d2e0e5abp-61,
        0x1.8ab6e3cf7afbdp-57, 0x1.30ca4748b1bf9p-57, -0x1.963a544b672d8p-57, -0x1.2566480884082p-57,
        -0x1.c63aae6f6e918p-56, 0x1.b6d0ba3748fa8p-56, -0x1.24dec1b50b7ffp-56, -0x1.cc1ce70934c34p-56,
        0x1.a2b7f222f65e2p-56, -0x1.a3992dc382a23p-57, -0x1.d5b495f6349e6p-56, -0x1.2bdaee1c0ee35p-58,
        -0x1.928df287a668fp-58, -0x1.09e73b0c6c087p-56, 0x1.1021137c71102p-55, 0x1.ecf8b492644fp-56,
        0x1.2419a87f2a458p-56, -0x1.1bb74abda520cp-55, 0x1.0028e4bc5e7cap-57, -0x1.6ea6febe8bbbap-56,
        -0x1.8c34d25aadef6p-56, 0x1.406a08980374p-55, -0x1.bf76229d3b917p-56, -0x1.55b9a5e177a1bp-55,
        0x1.1a62633145c07p-55,
    };
    return table[(uint32_t)k];
}

SYMC_DOUBLE_FN double symc_double_polynomial_arc(double t)
{
    double p = -0x1.742a4d8954d8ap-4;
    p = symc_mul64(p, t) + 0x1.c71c6ee968f73p-4;
    p = symc_mul64(p, t) - 0x1.2492492489d5ep-3;
    p = symc_mul64(p, t) + 0x1.9999999999999p-3;
    p = symc_mul64(p, t) - 0x1.5555555555555p-2;
    return p;
}

/* The angle of (x, y), from 0 to pi/2; both at least 0, one above it. */
SYMC_DOUBLE_FN symc_pair symc_double_angle_at(symc_pair x, symc_pair y)
{
    const int steep = y.hi > x.hi;
    const symc_pair n = steep ? x : y;
    const symc_pair d = steep ? y : x;
    const double shifted = symc_mul64(n.hi / d.hi, 32.0) + SYMC_DOUBLE_SHIFT;
    const double c = symc_mul64(shifted - SYMC_DOUBLE_SHIFT, 0x1p-5);
    const symc_pair r = symc_double_over(symc_double_minus(n, symc_double_times_double(d, c)),
        symc_double_plus(d, symc_double_times_double(n, c)));
    const double z = symc_mul64(r.hi, r.hi);
    /* A NaN may have any bits. */
    const uint64_t k = symc_bits64(shifted) & UINT64_C(63);
    const uint64_t j = k > UINT64_C(32) ? UINT64_C(0) : k;
    const symc_pair s = symc_double_sum_of(symc_double_table_atan_hi(j), r.hi);
    const symc_pair a = symc_double_sum_ordered(s.hi, s.lo + (symc_double_table_atan_lo(j)
        + (r.lo + symc_mul64(r.hi, symc_mul64(z, symc_double_polynomial_arc(z))))));
    return steep ? symc_double_minus(symc_pair_of(SYMC_DOUBLE_PI_2_HI, SYMC_DOUBLE_PI_2_LO), a) : a;
}

/* Arc tangent; from 2^60 on it is pi/2 in the last place. */
SYMC_DOUBLE_FN double symc_double_atan(double x)
{
    const double a = symc_double_abs(x);
    const symc_pair y = symc_double_angle_at(symc_pair_of(1.0, 0.0), symc_pair_of(a > 0x1p+60 ? 0x1p+60 : a, 0.0));
    return a < SYMC_DOUBLE_ARC_IS_X ? x : symc_double_with_sign(y.hi + y.lo, x);
}

/* sqrt((1 - a) (1 + a)) for 0 <= a < 1. */
SYMC_DOUBLE_FN symc_pair symc_double_beside(double a)
{
    return symc_double_root(symc_double_times(symc_double_sum_of(1.0, -a), symc_double_sum_of(1.0, a)));
}

/* Arc sine. */
SYMC_DOUBLE_FN double symc_double_asin(double x)
{
    const double a = symc_double_abs(x);
    const symc_pair y = symc_double_angle_at(symc_double_beside(a), symc_pair_of(a, 0.0));
    const double inner = a < SYMC_DOUBLE_ARC_IS_X ? x : symc_double_with_sign(y.hi + y.lo, x);
    return a < 1.0 ? inner : (symc_double_equal(a, 1.0) ? symc_double_with_sign(SYMC_DOUBLE_PI_2_HI, x)
        : symc_mul64(x, symc_from_bits64(SYMC_DOUBLE_NAN)));
}

/* Arc cosine. */
SYMC_DOUBLE_FN double symc_double_acos(double x)
{
    const double a = symc_double_abs(x);
    const symc_pair y = symc_double_angle_at(symc_pair_of(a < 0x1.87e92154ef7acp-665 ? 0.0 : a, 0.0),
        symc_double_beside(a));
    const symc_pair z = symc_double_minus(symc_pair_of(SYMC_DOUBLE_PI_HI, SYMC_DOUBLE_PI_LO), y);
    const double inner = x < 0.0 ? z.hi + z.lo : y.hi + y.lo;
    return a < 1.0 ? inner : (symc_double_equal(x, 1.0) ? 0.0
        : (symc_double_equal(x, -1.0) ? SYMC_DOUBLE_PI_HI : symc_mul64(x, symc_from_bits64(SYMC_DOUBLE_NAN))));
}

#endif
