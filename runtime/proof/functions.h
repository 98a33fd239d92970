/* Batch loops over the runtime's functions, in the form in which a bundle uses them. */
#ifndef FUNCTIONS_H
#define FUNCTIONS_H

#include <stddef.h>

#include "symc/exp.h"
#include "symc/log.h"
#include "symc/pow.h"
#include "symc/sqrt.h"
#include "symc/tanh.h"
#include "symc/trig.h"

#define BLOCK_ROWS 64u

#define BATCH(name)                                                                                                    \
    static void batch_##name(const float *restrict x, float *restrict y, size_t n)                                     \
    {                                                                                                                  \
        for (size_t i = 0; i < n; ++i) {                                                                               \
            y[i] = symc_##name(x[i]);                                                                                  \
        }                                                                                                              \
    }

/* Blocks of rows: branch-free over the whole block, and again row by row where one asked for it. */
#define BATCH_WITH_SLOW_PATH(name)                                                                                     \
    static void batch_##name(const float *restrict x, float *restrict y, size_t n)                                     \
    {                                                                                                                  \
        for (size_t start = 0; start < n; start += BLOCK_ROWS) {                                                       \
            const size_t end = n - start < BLOCK_ROWS ? n : start + BLOCK_ROWS;                                        \
            uint32_t slow = 0u;                                                                                        \
            for (size_t i = start; i < end; ++i) {                                                                     \
                y[i] = symc_##name##_fast(x[i], &slow);                                                                \
            }                                                                                                          \
            for (size_t i = start; slow != 0u && i < end; ++i) {                                                       \
                y[i] = symc_##name(x[i]);                                                                              \
            }                                                                                                          \
        }                                                                                                              \
    }

#if defined(__GNUC__)
#pragma GCC diagnostic ignored "-Wunused-function"
#endif

BATCH(exp)
BATCH(log)
BATCH(sqrt)
BATCH(tanh)
BATCH_WITH_SLOW_PATH(sin)
BATCH_WITH_SLOW_PATH(cos)
BATCH_WITH_SLOW_PATH(tan)

static void batch_pow(const float *restrict x, const float *restrict y, float *restrict z, size_t n)
{
    for (size_t start = 0; start < n; start += BLOCK_ROWS) {
        const size_t end = n - start < BLOCK_ROWS ? n : start + BLOCK_ROWS;
        uint32_t slow = 0u;
        for (size_t i = start; i < end; ++i) {
            z[i] = symc_pow_fast(x[i], y[i], &slow);
        }
        for (size_t i = start; slow != 0u && i < end; ++i) {
            z[i] = symc_pow(x[i], y[i]);
        }
    }
}

#endif
