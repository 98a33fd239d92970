/* SPDX-License-Identifier: Apache-2.0
 *
 * symc runtime: evaluation with 64 bits, for what 32 do not decide: one copy of each step for all functions.
 */
#ifndef SYMC_INT_SHARED_H
#define SYMC_INT_SHARED_H

#include "symc/int/core.h"
#include "symc/int/float.h"

#if defined(__AVR__)
/* high 2^32 + low grows by term; it shrinks by b where sign has its upper bit. gcc would compare for each carry. */
#define SYMC_GROW(high, low, term) \
    __asm__("add %A[l], %A[t]\n\tadc %B[l], %B[t]\n\tadc %C[l], %C[t]\n\tadc %D[l], %D[t]\n\t" \
            "adc %A[h], __zero_reg__\n\tadc %B[h], __zero_reg__\n\t" \
            "adc %C[h], __zero_reg__\n\tadc %D[h], __zero_reg__" \
            : [h] "+&r"(high), [l] "+&r"(low) : [t] "r"(term))
#define SYMC_SHRINK(high, low, b_high, b_low, sign) \
    __asm__("sbrs %D[s], 7\n\trjmp 1f\n\t" \
            "sub %A[l], %A[bl]\n\tsbc %B[l], %B[bl]\n\tsbc %C[l], %C[bl]\n\tsbc %D[l], %D[bl]\n\t" \
            "sbc %A[h], %A[bh]\n\tsbc %B[h], %B[bh]\n\tsbc %C[h], %C[bh]\n\tsbc %D[h], %D[bh]\n1:" \
            : [h] "+&r"(high), [l] "+&r"(low) : [bh] "r"(b_high), [bl] "r"(b_low), [s] "r"(sign))
#endif

/*
 * a b 2^-64, less than 3 units too small: what the product of the lower halves carries is left out, which spares much
 * of the work of symc_mul_high_signed64.
 */
SYMC_SHARED_FN int64_t symc_product64(int64_t a, int64_t b)
{
    const uint32_t a0 = (uint32_t)a;
    const uint32_t b0 = (uint32_t)b;
#if SYMC_NARROW_MUL
    /* By halves and unsigned throughout; a negative factor counts as 2^64 more. */
    const uint32_t a1 = symc_upper((uint64_t)a);
    const uint32_t b1 = symc_upper((uint64_t)b);
#if defined(__AVR__)
    uint32_t low = a1 * b1;
    uint32_t high = symc_mul_high(a1, b1);
    SYMC_GROW(high, low, symc_mul_high(a1, b0));
    SYMC_GROW(high, low, symc_mul_high(b1, a0));
    SYMC_SHRINK(high, low, b1, b0, a1);
    SYMC_SHRINK(high, low, a1, a0, b1);
#else
    const uint32_t t = symc_mul_high(a1, b0);
    const uint32_t u = symc_mul_high(b1, a0);
    uint32_t low = a1 * b1 + t;
    uint32_t high = symc_mul_high(a1, b1) + (uint32_t)(low < t);
    low += u;
    high += (uint32_t)(low < u);
    if ((a1 & SYMC_SIGN) != 0u) {
        high -= b1 + (uint32_t)(low < b0);
        low -= b0;
    }
    if ((b1 & SYMC_SIGN) != 0u) {
        high -= a1 + (uint32_t)(low < a0);
        low -= a0;
    }
#endif
    return (int64_t)symc_joined(high, low);
#else
    const int32_t a1 = (int32_t)((uint64_t)a >> 32);
    const int32_t b1 = (int32_t)((uint64_t)b >> 32);
    const uint64_t others = (uint64_t)symc_mul_high((uint32_t)a1, b0) + symc_mul_high((uint32_t)b1, a0);
    const uint64_t correction = (uint64_t)(a1 < 0 ? b0 : 0u) + (b1 < 0 ? a0 : 0u);
    return (int64_t)a1 * b1 + (int64_t)(others - correction);
#endif
}

/* c[0] + c[1] t + ... + c[degree] t^degree, t with 64 fraction bits; each product is a symc_product64. */
SYMC_SHARED_FN int64_t symc_polynomial64(SYMC_IN_TABLE int64_t *c, uint32_t degree, int64_t t)
{
    int64_t p = SYMC_AT(c, degree);
    while (degree-- > 0u) {
        p = symc_product64(p, t) + SYMC_AT(c, degree);
    }
    return p;
}

/* The bits of the float nearest to m 2^(e - 63), m not 0; symc_pack tells which that is. */
SYMC_SHARED_FN uint32_t symc_nearest64(uint64_t m, int32_t e)
{
#if SYMC_NARROW
    /* In 32 bits: of what follows them, it only matters whether there is anything. */
#if SYMC_NARROW_MUL
    uint32_t high = symc_upper(m);
#else
    uint32_t high = (uint32_t)(m >> 32);
#endif
    uint32_t low = (uint32_t)m;
#if defined(__AVR__)
    symc_exponent exponent = (symc_exponent)(e + 127);
    /* A shift by a number that is not known is a loop there: one for all of m. */
    __asm__("1:\n\ttst %D[high]\n\tbrmi 2f\n\t"
            "lsl %A[low]\n\trol %B[low]\n\trol %C[low]\n\trol %D[low]\n\t"
            "rol %A[high]\n\trol %B[high]\n\trol %C[high]\n\trol %D[high]\n\t"
            "subi %A[exponent], 1\n\tsbci %B[exponent], 0\n\trjmp 1b\n2:"
            : [high] "+r"(high), [low] "+r"(low), [exponent] "+d"(exponent));
    high |= (uint32_t)(low != 0u);
    return symc_soft_round(0u, exponent, (high >> 1) | (high & 1u));
#else
    uint32_t zeros;
    if (high == 0u) {
        high = low;
        low = 0u;
        e -= 32;
    }
    zeros = symc_leading_zeros(high);
    high = (high << zeros) | ((low >> 1) >> (31u - zeros)) | (uint32_t)((low << zeros) != 0u);
    return symc_soft_round(0u, (symc_exponent)(e - (int32_t)zeros + 127), (high >> 1) | (high & 1u));
#endif
#else
    const uint32_t zeros = symc_leading_zeros64(m);
    uint32_t high;
    m <<= zeros;
    /* Of what follows 32 bits, it only matters whether there is anything. */
    high = (uint32_t)(m >> 32) | (uint32_t)((uint32_t)m != 0u);
    return symc_pack((uint64_t)high << 32, e - (int32_t)zeros);
#endif
}

#endif
