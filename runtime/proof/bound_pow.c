/*
 * The errors of pow's first step in integers, from which int/pow.h derives how near to half-way it may decide: log2|x|
 * for the significands of two binades on each side of 1, and 2^g for the 2^36 values of g that it tells apart.
 *
 *     bound_pow STEP               every STEPth significand and g; with 1 all of them, which takes minutes
 *
 * Output: each part with its lowest and its highest error, in the units of int/pow.h, signs those of log2|x| and 2^g.
 * Exit code 1 if one is beyond what the header says.
 */
#define SYMC_PROFILE_INT
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "symc/pow.h"

static int fault = 0;

static void report(const char *part, double low, double high, double lowest, double highest)
{
    printf("%-16s %8.3f %8.3f\n", part, low, high);
    fault |= low < lowest || high > highest;
}

/* In 2^-40, of log2|x| itself or, where x is beside 1, relative to it. */
static void logarithm(uint32_t step)
{
    double low[2] = {0.0, 0.0};
    double high[2] = {0.0, 0.0};
    for (uint32_t u = 0x3e800000u; u < 0x40800000u; u += step) {
        symc_pow_flag negative;
        symc_pow_flag beside;
        if (u != SYMC_ONE) {
            const uint64_t magnitude = symc_pow_log2(u, &negative, &beside);
            const long double right = log2l((long double)symc_from_bits(u));
            const long double got = ldexpl((long double)magnitude, beside ? -64 : -56) * (negative ? -1.0L : 1.0L);
            const double error = (double)ldexpl((got - right) / (beside ? fabsl(right) : 1.0L), 40);
            low[beside] = fmin(low[beside], error);
            high[beside] = fmax(high[beside], error);
        }
    }
    report("log2", low[0], high[0], -1.0, 1.0);
    report("log2 beside 1", low[1], high[1], -20.3, 20.3);
}

/* In 2^-39 of a power between 1 and 2. */
static void power(uint64_t step)
{
    double c[8];
    double low = 0.0;
    double high = 0.0;
    double term = 1.0;
    for (int k = 0; k < 8; ++k) {
        term *= 0.69314718055994530942 / (k + 1);
        c[k] = term;
    }
    for (uint32_t j = 0u; j < 16u; ++j) {
        const double root = ldexp(exp2(j / 16.0), 39);
        for (uint64_t h = 0u; h >> 32 == 0u; h += step) {
            const double t = (double)h * 0x1p-36;
            const double right =
                root + root * t * (c[0] + t * (c[1] + t * (c[2] + t * (c[3] + t * (c[4] + t * (c[5] + t * c[6]))))));
            uint16_t more;
            const uint32_t got = symc_pow_exp2(j << 28 | (uint32_t)(h >> 4), (uint32_t)h << 28, &more);
            const double error = (got < SYMC_SIGN ? 0x1p40 : 0.0) + (double)got * 256.0 + (double)(more & 0xffu) - right;
            low = error < low ? error : low;
            high = error > high ? error : high;
        }
    }
    report("2^g", low, high, -42.0, 53.5);
}

int main(int count, char **words)
{
    const uint32_t step = count == 2 ? (uint32_t)strtoul(words[1], NULL, 10) : 0u;
    if (step == 0u) {
        fprintf(stderr, "usage: bound_pow STEP\n");
        return 2;
    }
    logarithm(step);
    power(step);
    return fault;
}
