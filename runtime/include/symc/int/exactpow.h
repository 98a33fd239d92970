/* SPDX-License-Identifier: Apache-2.0
 *
 * symc runtime: when x^y is a number of few bits; what both profiles of pow ask where a result may lie half-way.
 */
#ifndef SYMC_INT_EXACTPOW_H
#define SYMC_INT_EXACTPOW_H

#include "symc/f32.h"

/* The odd m with u = m 2^*e, for the pattern u of a finite magnitude other than 0. */
SYMC_FN uint32_t symc_pow_odd_part(uint32_t u, int32_t *e)
{
    uint32_t m = u & 0x007fffffu;
    *e = -149;
    if (u >= 0x00800000u) {
        m |= 0x00800000u;
        *e = (int32_t)(u >> 23) - 150;
    }
    while ((m & 1u) == 0u) {
        m >>= 1;
        ++*e;
    }
    return m;
}

/*
 * 1, and x^y = *product 2^*exponent, if *product has at most 32 bits; else 0. x > 0 and y are finite and not 0, and
 * 0 is also returned for some results beyond 2^+-500. (A float has 24 bits, a value half-way between two has 25.)
 *
 * x = m 2^e with m odd. For m > 1, x^y is dyadic only for y = p/2^j > 0 where m is a 2^j-th power (j <= 3, since
 * 3^16 > 2^24) and e is divisible by 2^j; then it is (m^(1/2^j))^p 2^(e p/2^j). A power of two only needs e y to be an
 * integer.
 */
SYMC_SLOW_FN uint32_t symc_pow_exact(float x, float y, uint32_t *product, int32_t *exponent)
{
    int32_t e;
    int32_t f;
    uint64_t power = 1u;
    uint32_t m = symc_pow_odd_part(symc_bits(x), &e);
    uint32_t p = symc_pow_odd_part(symc_bits(y) & SYMC_MAGNITUDE, &f);
    const uint32_t negative = symc_bits(y) >> 31;
    /* 3^21 > 2^32, so that p 2^f is at most 20; and |e| 2^9 > 500 for a power of two other than 1. */
    if (m == 1u && e == 0) {
        p = 0u;
        f = 0;
    }
    if (p >= 512u || f > 8 || (m != 1u && negative != 0u)) {
        return 0u;
    }
    for (; f < 0; ++f) {
        if ((e & 1) != 0) {
            return 0u;
        }
        e /= 2;
        if (m != 1u) {
            uint32_t root = 0u;
            uint32_t digit = 0x800u;
            for (; digit != 0u; digit >>= 1) {
                if ((root | digit) * (root | digit) <= m) {
                    root |= digit;
                }
            }
            if (root * root != m) {
                return 0u;
            }
            m = root;
        }
    }
    p <<= f;
    e *= (int32_t)p;
    for (; m != 1u && p != 0u; --p) {
        power *= m;
        if (power > 0xffffffffu) {
            return 0u;
        }
    }
    *product = (uint32_t)power;
    *exponent = negative != 0u ? -e : e;
    return 1u;
}

#endif
