/* SPDX-License-Identifier: Apache-2.0
 *
 * symc runtime: logarithms in fixed point.
 *
 * A result with F fraction bits, F <= 30, is at most 3/4 + 2^(F - 30) units from the real logarithm: 1.75 units at the
 * most.
 */
#ifndef SYMC_FIXED_LOG_H
#define SYMC_FIXED_LOG_H

#include "symc/fixed/product.h"

/* begin FIXED_LOG2 */
/* poly/fit.py: log2(1 + v/16) / v in t = -v, 0 <= v <= 1, times 2^35; relative error 2^-31.5. */
#define SYMC_FIXED_LOG2_1 UINT32_C(3098163999)
#define SYMC_FIXED_LOG2_2 INT32_C(96817478)
#define SYMC_FIXED_LOG2_3 INT32_C(4033384)
#define SYMC_FIXED_LOG2_4 INT32_C(187702)
#define SYMC_FIXED_LOG2_5 INT32_C(8140)
/* end FIXED_LOG2 */

/* log2(z 2^-31) times 2^31, 2^31 <= z. */
SYMC_SHARED_FN uint32_t symc_fixed_log2_of(uint32_t z)
{
    /* r = 2^31 / (1 + i / 16), rounded up, and the logarithm of 2^31 / r to base 2, times 2^31. */
    SYMC_TABLE uint32_t inverse[16] = {
        UINT32_C(2147483648), UINT32_C(2021161081), UINT32_C(1908874354), UINT32_C(1808407283),
        UINT32_C(1717986919), UINT32_C(1636178018), UINT32_C(1561806290), UINT32_C(1493901669),
        UINT32_C(1431655766), UINT32_C(1374389535), UINT32_C(1321528399), UINT32_C(1272582903),
        UINT32_C(1227133514), UINT32_C(1184818565), UINT32_C(1145324613), UINT32_C(1108378658)
    };
    SYMC_TABLE uint32_t logarithm[16] = {
        UINT32_C(0), UINT32_C(187825021), UINT32_C(364911162), UINT32_C(532420280),
        UINT32_C(691335319), UINT32_C(842495249), UINT32_C(986621887), UINT32_C(1124340738),
        UINT32_C(1256197404), UINT32_C(1382670639), UINT32_C(1504182841), UINT32_C(1621108566),
        UINT32_C(1733781491), UINT32_C(1842500156), UINT32_C(1947532723), UINT32_C(2049120971)
    };
    const uint32_t i = (z >> 27) & 15u;
    /* z r is 1 + v / 16 in Q62; what is left of it without the 1 has 58 bits. */
    const uint64_t w = symc_fixed_wide(z, SYMC_AT(inverse, i));
    const uint32_t v = ((uint32_t)(w >> 32) - 0x40000000u) << 6 | (uint32_t)w >> 26;
    uint32_t p = (uint32_t)SYMC_FIXED_LOG2_4 - symc_fixed_high((uint32_t)SYMC_FIXED_LOG2_5, v);
    p = (uint32_t)SYMC_FIXED_LOG2_3 - symc_fixed_high(p, v);
    p = (uint32_t)SYMC_FIXED_LOG2_2 - symc_fixed_high(p, v);
    p = (uint32_t)SYMC_FIXED_LOG2_1 - symc_fixed_high(p, v);
    return SYMC_AT(logarithm, i) + ((symc_fixed_high(p, v) + 8u) >> 4);
}

/*
 * log2(m 2^-f) times c 2^-62 with `point` fraction bits, -31 <= point <= 30. The lowest number where m is not above 0.
 */
SYMC_FN int32_t symc_fixed_log_of(int32_t m, int32_t f, uint64_t c, int32_t point)
{
    /* With 32 bits more than the result has. */
    const uint64_t factor = c >> (30 - point);
    const uint32_t nearest = (uint32_t)((factor + 0x40000000u) >> 31);
    const uint32_t zeros = m > 0 ? symc_leading_zeros((uint32_t)m) : 0u;
    const uint32_t fraction = symc_fixed_log2_of(((uint32_t)m << zeros) | 0x80000000u);
    const uint32_t whole = (uint32_t)(31 - f) - zeros;
    const uint32_t high = whole * (uint32_t)(factor >> 32) - (whole >> 31 != 0u ? (uint32_t)factor : 0u);
    const uint64_t sum = symc_fixed_wide(fraction, nearest) + symc_fixed_wide(whole, (uint32_t)factor);
    return m > 0 ? symc_fixed_signed((uint32_t)((sum + 0x80000000u) >> 32) + high) : INT32_MIN;
}

SYMC_FN int32_t symc_fixed_log(int32_t m, int32_t f, int32_t point)
{
    return symc_fixed_log_of(m, f, UINT64_C(0x2c5c85fdf473de6b), point);
}

SYMC_FN int32_t symc_fixed_log2(int32_t m, int32_t f, int32_t point)
{
    return symc_fixed_log_of(m, f, UINT64_C(0x4000000000000000), point);
}

SYMC_FN int32_t symc_fixed_log10(int32_t m, int32_t f, int32_t point)
{
    return symc_fixed_log_of(m, f, UINT64_C(0x134413509f79fef3), point);
}

#endif
