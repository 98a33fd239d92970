/* SPDX-License-Identifier: Apache-2.0
 *
 * symc runtime: what fixed point does in assembly on AVR, whose compiler multiplies 32 bits by 32 into 64 by way of
 * factors of 64.
 *
 * r1, which the compiler takes for 0, is 0 again at the end of each.
 */
#ifndef SYMC_FIXED_AVR_H
#define SYMC_FIXED_AVR_H

#include "symc/config.h"

/*
 * The 16 products of bytes are added up column by column; three bytes hold the sum of a column, the lowest of them goes
 * when the next column begins. Before the fourth of them goes, its highest bit is added to the fifth.
 */
#define SYMC_FIXED_COLUMNS \
    "clr %[zero]\n\t" \
    "mul %A[a], %A[b]\n\tmov %C[high], r1\n\tclr %D[high]\n\tclr %[carry]\n\t" \
    "mul %A[a], %B[b]\n\tadd %C[high], r0\n\tadc %D[high], r1\n\tadc %[carry], %[zero]\n\t" \
    "mul %B[a], %A[b]\n\tadd %C[high], r0\n\tadc %D[high], r1\n\tadc %[carry], %[zero]\n\t" \
    "clr %A[high]\n\t" \
    "mul %A[a], %C[b]\n\tadd %D[high], r0\n\tadc %[carry], r1\n\tadc %A[high], %[zero]\n\t" \
    "mul %B[a], %B[b]\n\tadd %D[high], r0\n\tadc %[carry], r1\n\tadc %A[high], %[zero]\n\t" \
    "mul %C[a], %A[b]\n\tadd %D[high], r0\n\tadc %[carry], r1\n\tadc %A[high], %[zero]\n\t" \
    "clr %B[high]\n\t" \
    "mul %A[a], %D[b]\n\tadd %[carry], r0\n\tadc %A[high], r1\n\tadc %B[high], %[zero]\n\t" \
    "mul %B[a], %C[b]\n\tadd %[carry], r0\n\tadc %A[high], r1\n\tadc %B[high], %[zero]\n\t" \
    "mul %C[a], %B[b]\n\tadd %[carry], r0\n\tadc %A[high], r1\n\tadc %B[high], %[zero]\n\t" \
    "mul %D[a], %A[b]\n\tadd %[carry], r0\n\tadc %A[high], r1\n\tadc %B[high], %[zero]\n\t" \
    "lsl %[carry]\n\tadc %A[high], %[zero]\n\tadc %B[high], %[zero]\n\t" \
    "clr %C[high]\n\t" \
    "mul %B[a], %D[b]\n\tadd %A[high], r0\n\tadc %B[high], r1\n\tadc %C[high], %[zero]\n\t" \
    "mul %C[a], %C[b]\n\tadd %A[high], r0\n\tadc %B[high], r1\n\tadc %C[high], %[zero]\n\t" \
    "mul %D[a], %B[b]\n\tadd %A[high], r0\n\tadc %B[high], r1\n\tadc %C[high], %[zero]\n\t" \
    "clr %D[high]\n\t" \
    "mul %C[a], %D[b]\n\tadd %B[high], r0\n\tadc %C[high], r1\n\tadc %D[high], %[zero]\n\t" \
    "mul %D[a], %C[b]\n\tadd %B[high], r0\n\tadc %C[high], r1\n\tadc %D[high], %[zero]\n\t" \
    "mul %D[a], %D[b]\n\tadd %C[high], r0\n\tadc %D[high], r1\n\t"

/* The upper half of the product of two magnitudes, rounded. */
SYMC_SHARED_FN uint32_t symc_fixed_high(uint32_t a, uint32_t b)
{
    uint32_t high;
    uint8_t carry;
    uint8_t zero;
    __asm__(SYMC_FIXED_COLUMNS
            "clr r1"
            : [high] "=&r"(high), [carry] "=&r"(carry), [zero] "=&r"(zero)
            : [a] "r"(a), [b] "r"(b)
            : "r0");
    return high;
}

/* The same of two signed numbers, by their bits: those of one below 0 stand for 2^32 more. */
SYMC_SHARED_FN uint32_t symc_fixed_high_signed(uint32_t a, uint32_t b)
{
    uint32_t high;
    uint8_t carry;
    uint8_t zero;
    __asm__(SYMC_FIXED_COLUMNS
            "sbrs %D[a], 7\n\trjmp 1f\n\t"
            "sub %A[high], %A[b]\n\tsbc %B[high], %B[b]\n\tsbc %C[high], %C[b]\n\tsbc %D[high], %D[b]\n"
            "1:\tsbrs %D[b], 7\n\trjmp 2f\n\t"
            "sub %A[high], %A[a]\n\tsbc %B[high], %B[a]\n\tsbc %C[high], %C[a]\n\tsbc %D[high], %D[a]\n"
            "2:\tclr r1"
            : [high] "=&r"(high), [carry] "=&r"(carry), [zero] "=&r"(zero)
            : [a] "r"(a), [b] "r"(b)
            : "r0");
    return high;
}

/* Newton's step of symc_fixed_inverse. Each of the two is shifted to the left by one bit, and to the right by a byte. */
SYMC_FN uint16_t symc_fixed_newton(uint16_t upper, uint8_t first)
{
    uint16_t inverse;
    uint16_t error;
    uint8_t low;
    /* error = (2^23 - upper first) 2^-7, inverse = first error 2^-7. */
    __asm__("mul %A[upper], %[first]\n\tmov %[low], r0\n\tmov %A[error], r1\n\t"
            "mul %B[upper], %[first]\n\tclr %B[error]\n\tadd %A[error], r0\n\tadc %B[error], r1\n\t"
            "neg %[low]\n\tldi %A[inverse], 0\n\tldi %B[inverse], 128\n\t"
            "sbc %A[inverse], %A[error]\n\tsbc %B[inverse], %B[error]\n\t"
            "lsl %[low]\n\trol %A[inverse]\n\trol %B[inverse]\n\tmovw %A[error], %A[inverse]\n\t"
            "mul %A[error], %[first]\n\tmov %[low], r0\n\tmov %A[inverse], r1\n\tclr %B[inverse]\n\t"
            "mul %B[error], %[first]\n\tadd %A[inverse], r0\n\tadc %B[inverse], r1\n\t"
            "lsl %[low]\n\trol %A[inverse]\n\trol %B[inverse]\n\t"
            "clr r1"
            : [inverse] "=&d"(inverse), [error] "=&r"(error), [low] "=&r"(low)
            : [upper] "r"(upper), [first] "r"(first)
            : "r0");
    return inverse;
}
/* See symc/fixed/quotient.h. The bytes of the quotient come in where those below the rest go. */
SYMC_FN uint32_t symc_fixed_bytes(uint32_t *rest, uint32_t below, uint32_t d, uint16_t inverse, uint8_t bytes)
{
    uint32_t part;
    uint16_t estimate;
    uint8_t zero;
    __asm__("clr %[zero]\n"
            "1:\tmul %D[rest], %B[inverse]\n\tmovw %A[estimate], r0\n\t"
            "mul %D[rest], %A[inverse]\n\tadd %A[estimate], r1\n\tadc %B[estimate], %[zero]\n\t"
            "mul %C[rest], %B[inverse]\n\tadd %A[estimate], r1\n\tadc %B[estimate], %[zero]\n\t"
            "lsl %A[estimate]\n\trol %B[estimate]\n\tlsl %A[estimate]\n\trol %B[estimate]\n\t"
            "mul %B[estimate], %A[d]\n\tmovw %A[part], r0\n\t"
            "mul %B[estimate], %C[d]\n\tmovw %C[part], r0\n\t"
            "mul %B[estimate], %B[d]\n\tadd %B[part], r0\n\tadc %C[part], r1\n\tadc %D[part], %[zero]\n\t"
            "mul %B[estimate], %D[d]\n\tadd %D[part], r0\n\t"
            "mov %D[rest], %C[rest]\n\tmov %C[rest], %B[rest]\n\tmov %B[rest], %A[rest]\n\tmov %A[rest], %D[below]\n\t"
            "mov %D[below], %C[below]\n\tmov %C[below], %B[below]\n\tmov %B[below], %A[below]\n\t"
            "sub %A[rest], %A[part]\n\tsbc %B[rest], %B[part]\n\tsbc %C[rest], %C[part]\n\tsbc %D[rest], %D[part]\n\t"
            "cp %A[rest], %A[d]\n\tcpc %B[rest], %B[d]\n\tcpc %C[rest], %C[d]\n\tcpc %D[rest], %D[d]\n\t"
            "brlo 2f\n\t"
            "sub %A[rest], %A[d]\n\tsbc %B[rest], %B[d]\n\tsbc %C[rest], %C[d]\n\tsbc %D[rest], %D[d]\n\t"
            "inc %B[estimate]\n"
            "2:\tmov %A[below], %B[estimate]\n\t"
            "dec %[bytes]\n\tbrne 1b\n\t"
            "clr r1"
            : [rest] "+r"(*rest), [below] "+r"(below), [part] "=&r"(part), [estimate] "=&r"(estimate),
              [zero] "=&r"(zero), [bytes] "+r"(bytes)
            : [d] "r"(d), [inverse] "r"(inverse)
            : "r0");
    return below;
}

/*
 * Sixteen digits of (rest 2^16 + q) / d, d <= 2^15, rest < d, and what is left in rest. They come in where those below the
 * rest go.
 */
SYMC_FN uint16_t symc_fixed_digits(uint16_t *rest, uint16_t q, uint16_t d)
{
    uint8_t turn;
    __asm__("ldi %[turn], 8\n"
            "1:\tlsl %A[q]\n\trol %B[q]\n\trol %A[rest]\n\trol %B[rest]\n\t"
            "cp %A[rest], %A[d]\n\tcpc %B[rest], %B[d]\n\tbrlo 2f\n\t"
            "sub %A[rest], %A[d]\n\tsbc %B[rest], %B[d]\n\tinc %A[q]\n"
            "2:\tlsl %A[q]\n\trol %B[q]\n\trol %A[rest]\n\trol %B[rest]\n\t"
            "cp %A[rest], %A[d]\n\tcpc %B[rest], %B[d]\n\tbrlo 3f\n\t"
            "sub %A[rest], %A[d]\n\tsbc %B[rest], %B[d]\n\tinc %A[q]\n"
            "3:\tdec %[turn]\n\tbrne 1b"
            : [rest] "+r"(*rest), [q] "+r"(q), [turn] "=&d"(turn)
            : [d] "r"(d));
    return q;
}

#endif
