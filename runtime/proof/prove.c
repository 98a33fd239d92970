/*
 * Exhaustive check of one unary function: every float32 input, each result compared with the correctly rounded one.
 *
 *     prove FUNCTION [FIRST LAST]        bit patterns FIRST..LAST, hexadecimal, default all 2^32
 *
 * The reference is glibc's double function where reference.h says that it decides, elsewhere ("hard") MPFR with 200
 * bits, rounded once to the 24 bits and the exponent range of a float32, subnormals included. The result for a
 * negative input of an odd or even function is compared with that for the positive input, which the run checked before.
 *
 * Output, one line: FUNCTION inputs wrong hard hash. The hash is FNV-1a (64 bits) over the 32-bit patterns in order.
 * The first wrong inputs are listed on stderr.
 */
#include <math.h>
#include <mpfr.h>
#include <stdio.h>
#include <stdlib.h>

#include "functions.h"
#include "reference.h"

#define BLOCK 4096u
#define CANONICAL_NAN 0x7fc00000u
#define SIGN 0x80000000u

typedef void (*batch_function)(const float *restrict x, float *restrict y, size_t n);
typedef double (*double_function)(double);
typedef int (*mpfr_function)(mpfr_t, mpfr_srcptr, mpfr_rnd_t);

enum symmetry { NONE, ODD, EVEN };

typedef struct {
    const char *name;
    enum symmetry symmetry;
    batch_function batch;
    double_function reference;
    mpfr_function exact;
} function;

static const function table[] = {
    {"exp", NONE, batch_exp, exp, mpfr_exp},     {"log", NONE, batch_log, log, mpfr_log},
    {"sqrt", NONE, batch_sqrt, sqrt, mpfr_sqrt}, {"sin", ODD, batch_sin, sin, mpfr_sin},
    {"cos", EVEN, batch_cos, cos, mpfr_cos},     {"tan", ODD, batch_tan, tan, mpfr_tan},
    {"tanh", ODD, batch_tanh, tanh, mpfr_tanh},
};

/* The bits of the float32 nearest to f(x); counts where MPFR had to decide. */
static uint32_t right_bits(const function *f, float x, uint64_t *hard)
{
    static mpfr_t value;
    static int ready = 0;
    const double v = f->reference((double)x);
    if (isnan(v)) {
        return CANONICAL_NAN;
    }
    if (!near_boundary(v)) {
        return bits_of((float)v);
    }
    if (!ready) {
        mpfr_init2(value, 200);
        ready = 1;
    }
    ++*hard;
    mpfr_set_flt(value, x, MPFR_RNDN);
    f->exact(value, value, MPFR_RNDN);
    return bits_of(mpfr_get_flt(value, MPFR_RNDN));
}

/* The result for -x, given that for x. */
static uint32_t mirrored(const function *f, uint32_t y)
{
    return f->symmetry == ODD && y != CANONICAL_NAN ? y ^ SIGN : y;
}

int main(int count, char **words)
{
    static float x[BLOCK];
    static float y[BLOCK];
    static float positive_x[BLOCK];
    static float positive_y[BLOCK];
    const function *f = NULL;
    uint64_t first = 0u;
    uint64_t last = 0xffffffffu;
    uint64_t hash = 0xcbf29ce484222325u;
    uint64_t wrong = 0u;
    uint64_t hard = 0u;
    if (count == 4) {
        first = strtoull(words[2], NULL, 16);
        last = strtoull(words[3], NULL, 16);
    }
    for (size_t i = 0; count > 1 && i < sizeof table / sizeof *table; ++i) {
        if (strcmp(table[i].name, words[1]) == 0) {
            f = &table[i];
        }
    }
    if (f == NULL || (count != 2 && count != 4)) {
        fprintf(stderr, "usage: prove FUNCTION [FIRST LAST]\n");
        return 2;
    }
    for (uint64_t start = first; start <= last; start += BLOCK) {
        const size_t n = last - start + 1u < BLOCK ? (size_t)(last - start + 1u) : BLOCK;
        const int mirror = f->symmetry != NONE && start >= SIGN;
        for (size_t i = 0; i < n; ++i) {
            const uint32_t u = (uint32_t)(start + i);
            x[i] = float_of(u);
            positive_x[i] = float_of(u & ~SIGN);
        }
        f->batch(x, y, n);
        if (mirror) {
            f->batch(positive_x, positive_y, n);
        }
        for (size_t i = 0; i < n; ++i) {
            const uint32_t got = bits_of(y[i]);
            const uint32_t right = mirror ? mirrored(f, bits_of(positive_y[i])) : right_bits(f, x[i], &hard);
            if (got != right) {
                ++wrong;
                if (wrong <= 100u) {
                    fprintf(stderr, "wrong %s %08x: %08x instead of %08x\n", f->name, bits_of(x[i]), got, right);
                }
            }
            hash = (hash ^ got) * 0x100000001b3u;
        }
    }
    printf("%s %llu %llu %llu %016llx\n", f->name, (unsigned long long)(last - first + 1u), (unsigned long long)wrong,
           (unsigned long long)hard, (unsigned long long)hash);
    return wrong == 0u ? 0 : 1;
}
