/* SPDX-License-Identifier: Apache-2.0
 *
 * symc runtime: binary32 + - * / in integers, on bit patterns, rounded once to nearest even; every NaN is 0x7fc00000.
 *
 * For cores without floats in hardware whose compiler's own are large and slow: gcc's on Cortex-M0 and RISC-V are written
 * in C for any format. Firmware that has those anyway may define SYMC_LIBRARY_FLOAT to use them. avr-libc's are small and
 * quick, but its division rounds some subnormal quotients wrongly. Define SYMC_SOFT_FLOAT for all four anywhere,
 * SYMC_DIV_SOFT for the division alone.
 */
#ifndef SYMC_INT_FLOAT_H
#define SYMC_INT_FLOAT_H

#include "symc/bits.h"

#if !defined(SYMC_SOFT_FLOAT) && !defined(SYMC_LIBRARY_FLOAT) && !defined(__CUDACC__) && \
    ((defined(__thumb__) && !defined(__thumb2__) && !defined(__ARM_FP)) || \
     (defined(__riscv) && defined(__riscv_mul) && !defined(__riscv_flen)))
#define SYMC_SOFT_FLOAT 1
#endif
#if !defined(SYMC_DIV_SOFT) && (defined(SYMC_SOFT_FLOAT) || defined(__AVR__))
#define SYMC_DIV_SOFT 1
#endif

#include "symc/int/rounding.h"

#if defined(SYMC_DIV_SOFT)

/* The hidden bit of a normal number's significand. */
#define SYMC_SOFT_HIDDEN 0x00800000u

/* The biased exponent of u. */
SYMC_FN symc_exponent symc_soft_exponent(uint32_t u)
{
#if defined(__AVR__)
    /* Whole bytes fall away without a loop of shifts. */
    return (symc_exponent)((uint16_t)((uint16_t)(u >> 16) << 1) >> 8);
#else
    return (symc_exponent)((u << 1) >> 24);
#endif
}

/* Whether e is not the exponent of a normal number. */
SYMC_FN uint32_t symc_soft_is_special(symc_exponent e)
{
#if defined(__AVR__)
    return (uint32_t)((uint8_t)(e - 1) >= 254u);
#else
    return (uint32_t)((uint32_t)e - 1u >= 254u);
#endif
}

/*
 * The significand of a finite u, with 24 bits but for zero, and its biased exponent in *e, which for subnormal numbers is
 * below 1.
 */
SYMC_SHARED_FN uint32_t symc_soft_unpack(uint32_t u, symc_exponent *e)
{
    uint32_t m = u & 0x007fffffu;
    symc_exponent exponent = symc_soft_exponent(u);
    if (exponent != 0) {
        m |= SYMC_SOFT_HIDDEN;
    } else if (m != 0u) {
        exponent = 1;
        while (m < SYMC_SOFT_HIDDEN) {
            m <<= 1;
            --exponent;
        }
    }
    *e = exponent;
    return m;
}

#if defined(__AVR__) && defined(__GNUC__)
/*
 * m/n in Q30, its last bit set where the quotient goes on; n <= m < 2n, 2^23 <= n < 2^24. 25 binary digits one by one: the
 * carry of each comparison is the opposite of a digit, and a bit that leaves the quotient at its top ends the loop.
 */
SYMC_FN uint32_t symc_soft_quotient(uint32_t m, uint32_t n)
{
    uint32_t q = 0x80u;
    __asm__("rjmp 2f\n"
            "1:\tlsl %A[m]\n\trol %B[m]\n\trol %C[m]\n\trol %D[m]\n"
            "2:\tcp %A[m], %A[n]\n\tcpc %B[m], %B[n]\n\tcpc %C[m], %C[n]\n\tcpc %D[m], __zero_reg__\n\t"
            "brcs 3f\n\t"
            "sub %A[m], %A[n]\n\tsbc %B[m], %B[n]\n\tsbc %C[m], %C[n]\n\tsbc %D[m], __zero_reg__\n"
            "3:\trol %A[q]\n\trol %B[q]\n\trol %C[q]\n\trol %D[q]\n\t"
            "brcc 1b"
            : [m] "+r"(m), [q] "+r"(q)
            : [n] "r"(n));
    return ((q ^ 0x01ffffffu) << 6) | (uint32_t)(m != 0u);
}
#else
/*
 * The reciprocal of n, 2^23 <= n < 2^24: 2^39/n, too small by less than 2^-12 of it (all n were tried). A straight line is
 * right to 1/17, and two steps of Newton's, r becoming r (2 - n r), square that twice.
 */
SYMC_FN uint32_t symc_soft_reciprocal(uint32_t n)
{
    const uint32_t high = n >> 8;
    /* times 2^14 */
    uint32_t r = 46260u - ((high * 30840u) >> 16);
    r = (r * (0x10000u - ((high * r) >> 15))) >> 15;
    /* times 2^15 */
    return ((r * (0xffffu - ((high * r) >> 15))) >> 14) - 2u;
}

/* m/n in Q30, its last bit set where the quotient goes on; n <= m < 2n, 2^23 <= n < 2^24. */
SYMC_FN uint32_t symc_soft_quotient(uint32_t m, uint32_t n)
{
    /* Two digits of 12 and 13 bits, too small by a few units of the last. Remainders are below 2^32, their parts not. */
    const uint32_t r = symc_soft_reciprocal(n);
    const uint32_t first = ((m >> 9) * r) >> 18;
    uint32_t rest = (m << 12) - first * n;
    const uint32_t second = ((rest >> 10) * r) >> 16;
    uint32_t q = (first << 13) + second;
    rest = (rest << 13) - second * n;
    while (rest >= n) {
        rest -= n;
        ++q;
    }
    return (q << 5) | (uint32_t)(rest != 0u);
}
#endif

SYMC_SHARED_FN uint32_t symc_soft_div(uint32_t a, uint32_t b)
{
    const uint32_t sign = (a ^ b) & SYMC_SIGN;
    symc_exponent e = symc_soft_exponent(a);
    symc_exponent f = symc_soft_exponent(b);
    uint32_t m = (a & 0x007fffffu) | SYMC_SOFT_HIDDEN;
    uint32_t n = (b & 0x007fffffu) | SYMC_SOFT_HIDDEN;
    if (symc_soft_is_special(e) != 0u || symc_soft_is_special(f) != 0u) {
        a &= SYMC_MAGNITUDE;
        b &= SYMC_MAGNITUDE;
        if (a > SYMC_INFINITY || b > SYMC_INFINITY || (a == b && (a == 0u || a == SYMC_INFINITY))) {
            return SYMC_NAN;
        }
        if (a == 0u || b == SYMC_INFINITY) {
            return sign;
        }
        if (b == 0u || a == SYMC_INFINITY) {
            return sign | SYMC_INFINITY;
        }
        m = symc_soft_unpack(a, &e);
        n = symc_soft_unpack(b, &f);
    }
    e = (symc_exponent)(e - f + 127);
    if (m < n) {
        m <<= 1;
        --e;
    }
    return symc_soft_round(sign, e, symc_soft_quotient(m, n));
}

#endif

#if defined(SYMC_SOFT_FLOAT)

/* m 2^-n for n below 32, its last bit set where bits set were lost. */
SYMC_FN uint32_t symc_soft_shifted(uint32_t m, uint32_t n)
{
    return (m >> n) | (uint32_t)(((m << 1) << (31u - n)) != 0u);
}

SYMC_SHARED_FN uint32_t symc_soft_add(uint32_t a, uint32_t b)
{
    symc_exponent e;
    uint32_t d;
    uint32_t m;
    uint32_t n;
    if ((a << 1) < (b << 1)) {
        const uint32_t larger = b;
        b = a;
        a = larger;
    }
    e = symc_soft_exponent(a);
    d = (uint32_t)(e - symc_soft_exponent(b));
    if (e == 255) {
        /* Infinity or NaN; infinity and its opposite. */
        return (a << 1) > 0xff000000u || (d == 0u && a != b) ? SYMC_NAN : a;
    }
    /* 24 bits and seven more. */
    m = ((a << 9) >> 2) | 0x40000000u;
    n = ((b << 9) >> 2) | 0x40000000u;
    if ((uint32_t)e == d) {
        /* b is zero or subnormal, which has no hidden bit and the exponent of the least normal number. */
        n ^= 0x40000000u;
        if (e == 0) {
            m ^= 0x40000000u;
            e = 1;
        } else {
            --d;
        }
    }
    n = symc_soft_shifted(n, d < 31u ? d : 31u);
    if (((a ^ b) & SYMC_SIGN) == 0u) {
        m += n;
        if (m >= SYMC_SIGN) {
            m = (m >> 1) | (m & 1u);
            ++e;
            if (e > 254) {
                return (a & SYMC_SIGN) | SYMC_INFINITY;
            }
        }
    } else {
        m -= n;
        if (m == 0u) {
            return 0u;
        }
        while (m < 0x40000000u && e > 1) {
            m <<= 1;
            --e;
        }
    }
    return symc_soft_pack(a & SYMC_SIGN, e, m);
}

/* m n 2^-16 for factors of 24 bits, its last bit set where the product goes on. */
SYMC_FN uint32_t symc_soft_product(uint32_t m, uint32_t n)
{
#if defined(__thumb__) && !defined(__thumb2__)
    /* 24 bits times 8 fit in 32; gcc would call a function for the product of 64 bits. */
    const uint32_t low = m * (n & 0xffu);
    const uint32_t middle = m * ((n >> 8) & 0xffu) + (low >> 8);
    return (m * (n >> 16) + (middle >> 8)) | (uint32_t)((((low | middle) << 24)) != 0u);
#else
    const uint64_t product = (uint64_t)(m << 8) * (n << 8);
    return (uint32_t)(product >> 32) | (uint32_t)((uint32_t)product != 0u);
#endif
}

SYMC_SHARED_FN uint32_t symc_soft_mul(uint32_t a, uint32_t b)
{
    const uint32_t sign = (a ^ b) & SYMC_SIGN;
    symc_exponent e = symc_soft_exponent(a);
    symc_exponent f = symc_soft_exponent(b);
    uint32_t m = (a & 0x007fffffu) | SYMC_SOFT_HIDDEN;
    uint32_t n = (b & 0x007fffffu) | SYMC_SOFT_HIDDEN;
    if (symc_soft_is_special(e) != 0u || symc_soft_is_special(f) != 0u) {
        a <<= 1;
        b <<= 1;
        if (e == 255 || f == 255) {
            return a > 0xff000000u || b > 0xff000000u || a == 0u || b == 0u ? SYMC_NAN : sign | SYMC_INFINITY;
        }
        if (a == 0u || b == 0u) {
            return sign;
        }
        m = symc_soft_unpack(a >> 1, &e);
        n = symc_soft_unpack(b >> 1, &f);
    }
    m = symc_soft_product(m, n);
    e = (symc_exponent)(e + f - 127);
    if (m >= SYMC_SIGN) {
        m = (m >> 1) | (m & 1u);
        ++e;
    }
    return symc_soft_is_special(e) == 0u ? symc_soft_pack(sign, e, m) : symc_soft_round(sign, e, m);
}

#endif

#endif
