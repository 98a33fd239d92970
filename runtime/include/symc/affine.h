/* SPDX-License-Identifier: Apache-2.0
 *
 * symc runtime: matrices times rows, plus a bias; the exact sums of a layered program.
 *
 * A matrix with n_in inputs and n_out sums is a table by input: the n_out weights of input 0, then those of input 1, and
 * so on. A sum takes up its products in the order of the inputs; every product is rounded, and every sum. Compilers may
 * vectorise over the sums (the innermost loops), which changes no order and so no bit.
 */
#ifndef SYMC_AFFINE_H
#define SYMC_AFFINE_H

#include "symc/f32.h"

#if !defined(__CUDACC_RTC__)
#include <stddef.h>
#endif

/* Tables of weights: SYMC_WEIGHTS declares one, SYMC_WEIGHT reads a place of it. On AVR they stay in flash, which only
 * its own instructions can read, and those reach the first 64 KiB. */
#if defined(__CUDACC__)
#define SYMC_WEIGHTS static __device__ const float
#define SYMC_WEIGHT(place) (place)
#elif defined(__AVR__)
#include <avr/pgmspace.h>
#define SYMC_WEIGHTS static const PROGMEM float
#define SYMC_WEIGHT(place) pgm_read_float(&(place))
#else
#define SYMC_WEIGHTS static const float
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

/* sum += weight x for `rows` rows.
 *
 * sum: rows * n_out values, row-major, apart from the others.
 * weight: n_in * n_out weights, by input.
 * x: row i begins at x[stride * i] and has n_in values.
 */
SYMC_FN void symc_affine_add(float *SYMC_RESTRICT sum, const float *weight, const float *x, size_t stride, size_t rows,
                             size_t n_in, size_t n_out)
{
    size_t k = 0;
    /* Four inputs at a time, so that each sum is loaded and stored once for them. */
    for (; k + 4 <= n_in; k += 4) {
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
    for (; k < n_in; k++) {
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

#endif
