/*
 * Exhaustive check of one unary function: every float32 input, each result compared with the correctly rounded one.
 *
 *     prove FUNCTION [FIRST LAST]        |x| from FIRST to LAST, both signs; bit patterns, hexadecimal; default all
 *
 * The reference is glibc's double function where reference.h says that it decides, elsewhere ("hard") MPFR with 200
 * bits, rounded once to the 24 bits and the exponent range of a float32, subnormals included. For -x, the reference of
 * an odd or even function is that of x, its sign changed or not.
 *
 * Output, one line: FUNCTION inputs wrong hard hash. The hash is FNV-1a (64 bits) over the 32-bit result patterns in
 * the order of |x|, first for the positive, then for the negative inputs. The first wrong inputs are listed on stderr.
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

/* The right result for -x, given that for x. */
static uint32_t mirrored(const function *f, uint32_t right)
{
    return f->symmetry == ODD && right != CANONICAL_NAN ? right ^ SIGN : right;
}

static const function *find(const char *name)
{
    for (size_t i = 0; i < sizeof table / sizeof *table; ++i) {
        if (strcmp(table[i].name, name) == 0) {
            return &table[i];
        }
    }
    return NULL;
}

int main(int count, char **words)
{
    static float x[BLOCK];
    static float y[BLOCK];
    static uint32_t right[BLOCK];
    const function *f = count > 1 ? find(words[1]) : NULL;
    const uint32_t first = count == 4 ? (uint32_t)strtoul(words[2], NULL, 16) : 0u;
    const uint32_t last = count == 4 ? (uint32_t)strtoul(words[3], NULL, 16) : SIGN - 1u;
    uint64_t hash[2] = {0xcbf29ce484222325u, 0xcbf29ce484222325u};
    uint64_t wrong = 0u;
    uint64_t hard = 0u;
    if (f == NULL || (count != 2 && count != 4) || last >= SIGN) {
        fprintf(stderr, "usage: prove FUNCTION [FIRST LAST]\n");
        return 2;
    }
    for (uint32_t start = first; start <= last; start += BLOCK) {
        const uint32_t n = last - start < BLOCK ? last - start + 1u : BLOCK;
        for (uint32_t negative = 0u; negative < 2u; ++negative) {
            for (uint32_t i = 0; i < n; ++i) {
                x[i] = float_of((start + i) | negative << 31);
            }
            f->batch(x, y, n);
            for (uint32_t i = 0; i < n; ++i) {
                const uint32_t got = bits_of(y[i]);
                if (negative == 1u && f->symmetry != NONE) {
                    right[i] = mirrored(f, right[i]);
                } else {
                    right[i] = right_bits(f, x[i], &hard);
                }
                if (got != right[i] && ++wrong <= 100u) {
                    fprintf(stderr, "wrong %s %08x: %08x instead of %08x\n", f->name, bits_of(x[i]), got, right[i]);
                }
                hash[negative] = (hash[negative] ^ got) * 0x100000001b3u;
            }
        }
    }
    printf("%s %llu %llu %llu %016llx-%016llx\n", f->name, 2ull * (last - first + 1u), (unsigned long long)wrong,
           (unsigned long long)hard, (unsigned long long)hash[0], (unsigned long long)hash[1]);
    return wrong == 0u ? 0 : 1;
}
