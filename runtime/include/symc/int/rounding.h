/* SPDX-License-Identifier: Apache-2.0
 *
 * symc runtime: the float nearest to a number of 32 bits, in 32 bits: for cores without registers of 64.
 */
#ifndef SYMC_INT_ROUNDING_H
#define SYMC_INT_ROUNDING_H

#include "symc/bits.h"

/* 1 where 64 bits take two registers or more. */
#if defined(UINTPTR_MAX) && UINTPTR_MAX <= 0xffffffffu
#define SYMC_NARROW 1
#else
#define SYMC_NARROW 0
#endif

/* Where float arithmetic rounds by it too, there is one copy. */
#if defined(SYMC_DIV_SOFT)
#define SYMC_ROUNDING_FN SYMC_SHARED_FN
#else
#define SYMC_ROUNDING_FN SYMC_FN
#endif

#if SYMC_NARROW || defined(SYMC_DIV_SOFT)

/* The exponent of a float, or a sum of two. */
#if defined(__AVR__)
typedef int16_t symc_exponent;
#else
typedef int32_t symc_exponent;
#endif

/* The float nearest to m 2^(e - 157), with this sign bit; 2^30 <= m < 2^31, but where e is 1, and e is not above 254. */
SYMC_FN uint32_t symc_soft_pack(uint32_t sign, symc_exponent e, uint32_t m)
{
#if defined(__AVR__)
    /* Whole bytes fall away without a loop of shifts. */
    const uint8_t rest = (uint8_t)(m << 1);
    m = (m << 1) >> 8;
    m += (uint32_t)((uint16_t)(rest + ((uint8_t)m & 1u)) > 0x80u);
    return sign + (((uint32_t)(uint16_t)((uint16_t)(e - 1) << 7) << 16) + m);
#else
    m += 0x3fu + ((m >> 7) & 1u);
    return sign + (((uint32_t)(e - 1) << 23) + (m >> 7));
#endif
}

/*
 * The float nearest to m 2^(e - 157), with this sign bit. m is at least 2^30, but where e is 1; its last bit is set where
 * the value goes on behind it. e may be anything that two exponents add up to.
 */
SYMC_ROUNDING_FN uint32_t symc_soft_round(uint32_t sign, symc_exponent e, uint32_t m)
{
    if (m >= SYMC_SIGN) {
        m = (m >> 1) | (m & 1u);
        ++e;
    }
#if defined(SYMC_DIV_SOFT)
    /* Nothing of it is left; the functions' exponents are never so far below that this would save time. */
    if (e < -24) {
        return sign;
    }
#endif
    for (; e < 1; ++e) {
        m = (m >> 1) | (m & 1u);
    }
    return e > 254 ? sign | SYMC_INFINITY : symc_soft_pack(sign, e, m);
}

#endif

#endif
