/* SPDX-License-Identifier: Apache-2.0
 *
 * symc runtime: matrices times rows, plus a bias; the exact sums of a layered program.
 *
 * A matrix with n_in inputs and n_out sums is a table by input: the n_out weights of input 0, then those of input 1, and
 * so on. A sum takes up its products in the order of the inputs; every product is rounded, and every sum. Compilers may
 * vectorise over the sums or, where these are few, over the rows (the innermost loops), which changes no order, no bit.
 */
#ifndef SYMC_AFFINE_H
#define SYMC_AFFINE_H

#include "symc/columns.h"
#include "symc/f32.h"

#if !defined(__CUDACC_RTC__)
#include <stddef.h>
#endif

/* Tables of weights: SYMC_WEIGHTS defines one of a file, SYMC_SHARED_WEIGHTS one of several files, SYMC_WEIGHT reads a
 * place of either. On AVR they stay in flash, which only its own instructions can read, and those reach the first 64 KiB. */
#if defined(__CUDACC__)
#define SYMC_WEIGHTS static __device__ const float
#define SYMC_WEIGHT(place) (place)
#elif defined(__AVR__)
#include <avr/pgmspace.h>
#define SYMC_WEIGHTS static const PROGMEM float
#define SYMC_SHARED_WEIGHTS const PROGMEM float
#define SYMC_WEIGHT(place) pgm_read_float(&(place))
#else
#define SYMC_WEIGHTS static const float
#define SYMC_SHARED_WEIGHTS const float
#define SYMC_WEIGHT(place) (place)
#endif

#if defined(__GNUC__) || defined(_MSC_VER) || defined(__CUDACC__)
#define SYMC_RESTRICT __restrict
#else
#define SYMC_RESTRICT
#endif

/* One product taken up by a sum. */
SYMC_FN float symc_affine_step(float sum, float weight, float x)
{
    return symc_add(sum, symc_mul(weight, x));
}

/* The sum of one output: sum + weight[0] x[0] + weight[n_out] x[1] + ..., in this order. For a machine that keeps one row
 * in each of many threads, and so has nothing to vectorise. */
SYMC_FN float symc_affine_one(float sum, const float *weight, const float *x, size_t n_in, size_t n_out)
{
    for (size_t k = 0; k < n_in; k++) {
        sum = symc_affine_step(sum, SYMC_WEIGHT(weight[n_out * k]), x[k]);
    }
    return sum;
}

#if !defined(__CUDACC__)
/* Fewer sums than this are too few to vectorise over; of many rows, the rows are. */
#define SYMC_AFFINE_FEW 8
/* Rows that are taken together for it, and the inputs of which a copy by column is kept: 2 KiB of stack. */
#define SYMC_AFFINE_ROWS SYMC_BLOCK
#define SYMC_AFFINE_INPUTS 8

/* Whether a matrix has so few sums; of a single one compilers vectorise over the rows by themselves. */
SYMC_FN int symc_affine_is_few(size_t n_in, size_t n_out)
{
    return n_out > 1U && n_out < SYMC_AFFINE_FEW && n_in >= SYMC_AFFINE_INPUTS;
}

/* SYMC_AFFINE_INPUTS inputs for SYMC_AFFINE_ROWS rows, into less than SYMC_AFFINE_FEW sums of each.
 *
 * sums: by column. weight: those of the first of the inputs. x: the first of them, `stride` apart by row.
 */
SYMC_FN void symc_affine_columns(float sums[SYMC_AFFINE_FEW][SYMC_AFFINE_ROWS], const float *weight, const float *x,
                                 size_t stride, size_t n_out)
{
    float tile[SYMC_AFFINE_INPUTS][SYMC_AFFINE_ROWS];
    symc_columns(&x[0], stride, tile[0], tile[1], tile[2], tile[3]);
    symc_columns(&x[4], stride, tile[4], tile[5], tile[6], tile[7]);
    for (size_t c = 0; c < n_out; c++) {
        float *s = sums[c];
        for (size_t k = 0; k < SYMC_AFFINE_INPUTS; k += 4) {
            const float *w = &weight[n_out * k + c];
            const float w0 = SYMC_WEIGHT(w[0]);
            const float w1 = SYMC_WEIGHT(w[n_out]);
            const float w2 = SYMC_WEIGHT(w[2 * n_out]);
            const float w3 = SYMC_WEIGHT(w[3 * n_out]);
            for (size_t i = 0; i < SYMC_AFFINE_ROWS; i++) {
                const float s0 = symc_affine_step(s[i], w0, tile[k][i]);
                const float s1 = symc_affine_step(s0, w1, tile[k + 1][i]);
                const float s2 = symc_affine_step(s1, w2, tile[k + 2][i]);
                s[i] = symc_affine_step(s2, w3, tile[k + 3][i]);
            }
        }
    }
}

/* sum = bias + weight x, or sum += weight x where there is no bias, for SYMC_AFFINE_ROWS rows of less than
 * SYMC_AFFINE_FEW sums. */
SYMC_FN void symc_affine_few(float *SYMC_RESTRICT sum, const float *bias, const float *weight, const float *x,
                             size_t stride, size_t n_in, size_t n_out)
{
    float sums[SYMC_AFFINE_FEW][SYMC_AFFINE_ROWS];
    for (size_t c = 0; c < n_out; c++) {
        for (size_t i = 0; i < SYMC_AFFINE_ROWS; i++) {
            sums[c][i] = bias != NULL ? SYMC_WEIGHT(bias[c]) : sum[n_out * i + c];
        }
    }
    for (size_t k = 0; k + SYMC_AFFINE_INPUTS <= n_in; k += SYMC_AFFINE_INPUTS) {
        symc_affine_columns(sums, &weight[n_out * k], &x[k], stride, n_out);
    }
    for (size_t k = n_in - n_in % SYMC_AFFINE_INPUTS; k < n_in; k++) {
        for (size_t c = 0; c < n_out; c++) {
            const float w = SYMC_WEIGHT(weight[n_out * k + c]);
            for (size_t i = 0; i < SYMC_AFFINE_ROWS; i++) {
                sums[c][i] = symc_affine_step(sums[c][i], w, x[stride * i + k]);
            }
        }
    }
    for (size_t c = 0; c < n_out; c++) {
        for (size_t i = 0; i < SYMC_AFFINE_ROWS; i++) {
            sum[n_out * i + c] = sums[c][i];
        }
    }
}
#endif

/* sum += weight x for `rows` rows.
 *
 * sum: rows * n_out values, row-major, apart from the others.
 * weight: n_in * n_out weights, by input.
 * x: row i begins at x[stride * i] and has n_in values.
 */
SYMC_FN void symc_affine_add(float *SYMC_RESTRICT sum, const float *weight, const float *x, size_t stride, size_t rows,
                             size_t n_in, size_t n_out)
{
#if !defined(__CUDACC__)
    for (; symc_affine_is_few(n_in, n_out) != 0 && rows >= SYMC_AFFINE_ROWS; rows -= SYMC_AFFINE_ROWS) {
        symc_affine_few(sum, NULL, weight, x, stride, n_in, n_out);
        sum = &sum[n_out * SYMC_AFFINE_ROWS];
        x = &x[stride * SYMC_AFFINE_ROWS];
    }
#endif
    /* Four inputs at a time, so that each sum is loaded and stored once for them. */
    for (size_t k = 0; k + 4 <= n_in; k += 4) {
        const float *w = &weight[n_out * k];
        for (size_t i = 0; i < rows; i++) {
            float *s = &sum[n_out * i];
            const float *row = &x[stride * i + k];
            const float x0 = row[0];
            const float x1 = row[1];
            const float x2 = row[2];
            const float x3 = row[3];
            for (size_t j = 0; j < n_out; j++) {
                const float s0 = symc_affine_step(s[j], SYMC_WEIGHT(w[j]), x0);
                const float s1 = symc_affine_step(s0, SYMC_WEIGHT(w[n_out + j]), x1);
                const float s2 = symc_affine_step(s1, SYMC_WEIGHT(w[2 * n_out + j]), x2);
                s[j] = symc_affine_step(s2, SYMC_WEIGHT(w[3 * n_out + j]), x3);
            }
        }
    }
    for (size_t k = n_in - n_in % 4U; k < n_in; k++) {
        const float *w = &weight[n_out * k];
        for (size_t i = 0; i < rows; i++) {
            float *s = &sum[n_out * i];
            const float x0 = x[stride * i + k];
            for (size_t j = 0; j < n_out; j++) {
                s[j] = symc_affine_step(s[j], SYMC_WEIGHT(w[j]), x0);
            }
        }
    }
}

/* sum = bias + weight x for `rows` rows; bias has n_out values, x is row-major and contiguous, n_in is not 0. */
SYMC_FN void symc_affine(float *SYMC_RESTRICT sum, const float *bias, const float *weight, const float *x, size_t rows,
                         size_t n_in, size_t n_out)
{
#if !defined(__CUDACC__)
    for (; symc_affine_is_few(n_in, n_out) != 0 && rows >= SYMC_AFFINE_ROWS; rows -= SYMC_AFFINE_ROWS) {
        symc_affine_few(sum, bias, weight, x, n_in, n_in, n_out);
        sum = &sum[n_out * SYMC_AFFINE_ROWS];
        x = &x[n_in * SYMC_AFFINE_ROWS];
    }
#endif
    /* The first input with the bias: a plain copy of the bias could become a call of memcpy. */
    for (size_t i = 0; i < rows; i++) {
        float *s = &sum[n_out * i];
        const float x0 = x[n_in * i];
        for (size_t j = 0; j < n_out; j++) {
            s[j] = symc_affine_step(SYMC_WEIGHT(bias[j]), SYMC_WEIGHT(weight[j]), x0);
        }
    }
    symc_affine_add(sum, &weight[n_out], &x[1], n_in, rows, n_in - 1, n_out);
}

/* sum = weight x for `rows` rows, without a bias: a sum begins at 0. n_in is not 0. */
SYMC_FN void symc_affine_linear(float *SYMC_RESTRICT sum, const float *weight, const float *x, size_t rows, size_t n_in,
                                size_t n_out)
{
    for (size_t i = 0; i < rows; i++) {
        float *s = &sum[n_out * i];
        const float x0 = x[n_in * i];
        for (size_t j = 0; j < n_out; j++) {
            s[j] = symc_affine_step(0.0F, SYMC_WEIGHT(weight[j]), x0);
        }
    }
    symc_affine_add(sum, &weight[n_out], &x[1], n_in, rows, n_in - 1, n_out);
}

/* Where there are vectors, derivatives go backwards through turned tables, by output: the sums lie side by side there as
 * those of values do here, and take up the same products in the same order. Elsewhere it would only double the tables. */
#if !defined(SYMC_AFFINE_TURNED)
#if defined(__SSE__) || defined(_M_X64) || defined(__aarch64__) || defined(_M_ARM64) || defined(__ARM_NEON) || \
    defined(__wasm_simd128__) || defined(__riscv_vector) || defined(__ALTIVEC__)
#define SYMC_AFFINE_TURNED 1
#else
#define SYMC_AFFINE_TURNED 0
#endif
#endif

/* Backwards through the same table: the derivatives by its inputs of a sum of its outputs with weights v.
 *
 * The sum of one input: sum + weight[0] v[0] + weight[1] v[1] + ..., in this order. */
SYMC_FN float symc_affine_back_one(float sum, const float *weight, const float *v, size_t n_out)
{
    for (size_t o = 0; o < n_out; o++) {
        sum = symc_affine_step(sum, SYMC_WEIGHT(weight[o]), v[o]);
    }
    return sum;
}

#if !defined(__CUDACC__)
/* For one row, four inputs at a time: their sums do not wait for one another. */
SYMC_FN void symc_affine_back_row(float *SYMC_RESTRICT sum, const float *weight, const float *v, size_t n_in, size_t n_out,
                                  int begins)
{
    size_t k = 0;
    for (; k + 4 <= n_in; k += 4) {
        const float *w = &weight[n_out * k];
        float s0 = begins != 0 ? 0.0F : sum[k];
        float s1 = begins != 0 ? 0.0F : sum[k + 1];
        float s2 = begins != 0 ? 0.0F : sum[k + 2];
        float s3 = begins != 0 ? 0.0F : sum[k + 3];
        for (size_t o = 0; o < n_out; o++) {
            s0 = symc_affine_step(s0, SYMC_WEIGHT(w[o]), v[o]);
            s1 = symc_affine_step(s1, SYMC_WEIGHT(w[n_out + o]), v[o]);
            s2 = symc_affine_step(s2, SYMC_WEIGHT(w[2 * n_out + o]), v[o]);
            s3 = symc_affine_step(s3, SYMC_WEIGHT(w[3 * n_out + o]), v[o]);
        }
        sum[k] = s0;
        sum[k + 1] = s1;
        sum[k + 2] = s2;
        sum[k + 3] = s3;
    }
    for (; k < n_in; k++) {
        sum[k] = symc_affine_back_one(begins != 0 ? 0.0F : sum[k], &weight[n_out * k], v, n_out);
    }
}

/* sum = v weight for `rows` rows, where it begins: every sum at 0; else sum += v weight.
 *
 * sum: rows * n_in values, row-major, apart from the others.
 * weight: n_in * n_out weights, by input.
 * v: rows * n_out values, row-major; n_out is not 0.
 */
SYMC_FN void symc_affine_back(float *SYMC_RESTRICT sum, const float *weight, const float *v, size_t rows, size_t n_in,
                              size_t n_out, int begins)
{
    for (size_t i = 0; i < rows; i++) {
        symc_affine_back_row(&sum[n_in * i], weight, &v[n_out * i], n_in, n_out, begins);
    }
}
#endif

#endif
