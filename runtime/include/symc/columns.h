/* SPDX-License-Identifier: Apache-2.0
 *
 * symc runtime: the rows of a block as columns.
 *
 * Compilers turn four rows of four numbers with eight instructions where they are shown the vectors. Of a loop over numbers
 * that lie a row apart gcc makes four times as many, and keeps half of what they give on the stack.
 */
#ifndef SYMC_COLUMNS_H
#define SYMC_COLUMNS_H

#include "symc/config.h"

#include <stddef.h>

/* Rows in a block: a multiple of every SIMD width. */
#define SYMC_BLOCK 32

/* Whether the compiler has vectors of 16 bytes as types, and the processor registers for them. Where it has not, one copy of
 * the loops is short. */
#if defined(__GNUC__) && (defined(__SSE2__) || defined(__aarch64__))
#define SYMC_TILES 1
#define SYMC_COLUMNS_FN SYMC_FN
#else
#define SYMC_TILES 0
#define SYMC_COLUMNS_FN SYMC_SHARED_FN
#endif

#if SYMC_TILES
typedef float symc_four __attribute__((vector_size(16)));
typedef double symc_two __attribute__((vector_size(16)));

/* Numbers of two vectors as one, those of the second counted behind those of the first. */
#if defined(__clang__) || __GNUC__ >= 12
#define SYMC_PICK4(a, b, i, j, k, l) __builtin_shufflevector((a), (b), (i), (j), (k), (l))
#define SYMC_PICK2(a, b, i, j) __builtin_shufflevector((a), (b), (i), (j))
#else
typedef int32_t symc_four_places __attribute__((vector_size(16)));
typedef int64_t symc_two_places __attribute__((vector_size(16)));
#define SYMC_PICK4(a, b, i, j, k, l) __builtin_shuffle((a), (b), __extension__(symc_four_places){(i), (j), (k), (l)})
#define SYMC_PICK2(a, b, i, j) __builtin_shuffle((a), (b), __extension__(symc_two_places){(i), (j)})
#endif

SYMC_FN symc_four symc_four_at(const float *place)
{
    symc_four numbers;
    __builtin_memcpy(&numbers, place, sizeof numbers);
    return numbers;
}

SYMC_FN symc_two symc_two_at(const double *place)
{
    symc_two numbers;
    __builtin_memcpy(&numbers, place, sizeof numbers);
    return numbers;
}

/* From row number `row` on to their column, unless that is not used. */
SYMC_FN void symc_four_to(float *column, size_t row, symc_four numbers)
{
    if (column != NULL) {
        __builtin_memcpy(&column[row], &numbers, sizeof numbers);
    }
}

SYMC_FN void symc_two_to(double *column, size_t row, symc_two numbers)
{
    if (column != NULL) {
        __builtin_memcpy(&column[row], &numbers, sizeof numbers);
    }
}
#endif

/* Four neighbouring columns of a block, a that of x[0], x[stride], x[2 * stride], ...; NULL for one that is not used. */
SYMC_COLUMNS_FN void symc_columns(const float *x, size_t stride, float *a, float *b, float *c, float *d)
{
#if SYMC_TILES
    for (size_t i = 0; i < SYMC_BLOCK; i += 4U) {
        const symc_four row0 = symc_four_at(&x[stride * i]);
        const symc_four row1 = symc_four_at(&x[stride * (i + 1U)]);
        const symc_four row2 = symc_four_at(&x[stride * (i + 2U)]);
        const symc_four row3 = symc_four_at(&x[stride * (i + 3U)]);
        const symc_four ab01 = SYMC_PICK4(row0, row1, 0, 4, 1, 5);
        const symc_four ab23 = SYMC_PICK4(row2, row3, 0, 4, 1, 5);
        const symc_four cd01 = SYMC_PICK4(row0, row1, 2, 6, 3, 7);
        const symc_four cd23 = SYMC_PICK4(row2, row3, 2, 6, 3, 7);
        symc_four_to(a, i, SYMC_PICK4(ab01, ab23, 0, 1, 4, 5));
        symc_four_to(b, i, SYMC_PICK4(ab01, ab23, 2, 3, 6, 7));
        symc_four_to(c, i, SYMC_PICK4(cd01, cd23, 0, 1, 4, 5));
        symc_four_to(d, i, SYMC_PICK4(cd01, cd23, 2, 3, 6, 7));
    }
#else
    float *const columns[4] = {a, b, c, d};
    for (size_t k = 0; k < 4U; k++) {
        for (size_t i = 0; columns[k] != NULL && i < SYMC_BLOCK; i++) {
            columns[k][i] = x[stride * i + k];
        }
    }
#endif
}

/* The same of doubles. */
SYMC_COLUMNS_FN void symc_double_columns(const double *x, size_t stride, double *a, double *b, double *c, double *d)
{
#if SYMC_TILES
    for (size_t i = 0; i < SYMC_BLOCK; i += 2U) {
        const symc_two ab0 = symc_two_at(&x[stride * i]);
        const symc_two ab1 = symc_two_at(&x[stride * (i + 1U)]);
        const symc_two cd0 = symc_two_at(&x[stride * i + 2U]);
        const symc_two cd1 = symc_two_at(&x[stride * (i + 1U) + 2U]);
        symc_two_to(a, i, SYMC_PICK2(ab0, ab1, 0, 2));
        symc_two_to(b, i, SYMC_PICK2(ab0, ab1, 1, 3));
        symc_two_to(c, i, SYMC_PICK2(cd0, cd1, 0, 2));
        symc_two_to(d, i, SYMC_PICK2(cd0, cd1, 1, 3));
    }
#else
    double *const columns[4] = {a, b, c, d};
    for (size_t k = 0; k < 4U; k++) {
        for (size_t i = 0; columns[k] != NULL && i < SYMC_BLOCK; i++) {
            columns[k][i] = x[stride * i + k];
        }
    }
#endif
}

/* Begins to read `bytes` from `place` on, which arrive while other things are computed. */
SYMC_FN void symc_fetch(const void *place, size_t bytes)
{
#if SYMC_TILES
    const unsigned char *line = (const unsigned char *)place;
    for (size_t k = 0; k < bytes; k += 64U) {
        __builtin_prefetch(&line[k]);
    }
#else
    (void)place;
    (void)bytes;
#endif
}

#endif
