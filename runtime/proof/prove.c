/*
 * Exhaustive check of one unary function: every float32 input, the result of each build (builds.h) compared with the
 * correctly rounded one.
 *
 *     prove FUNCTION [FIRST LAST]        |x| from FIRST to LAST, both signs; bit patterns, hexadecimal; default all
 *
 * The reference is glibc's double function where reference.h says that it decides, elsewhere ("hard") MPFR with 200
 * bits, rounded once to the 24 bits and the exponent range of a float32, subnormals included. For -x, the reference of
 * an odd or even function is that of x, its sign changed or not.
 *
 * Output, one line per build: FUNCTION BUILD inputs wrong hard hash. The hash is FNV-1a (64 bits) over the 32-bit
 * result patterns in the order of |x|, first for the positive, then for the negative inputs. The first wrong inputs
 * are listed on stderr. Exit code 1 if any result is wrong.
 */
#include <math.h>
#include <mpfr.h>
#include <stdio.h>
#include <stdlib.h>

#include "builds.h"
#include "reference.h"

#define BLOCK 4096u
#define CANONICAL_NAN 0x7fc00000u
#define SIGN 0x80000000u

typedef double (*double_function)(double);
typedef int (*mpfr_function)(mpfr_t, mpfr_srcptr, mpfr_rnd_t);

enum symmetry { NONE, ODD, EVEN };

typedef struct {
    const char *name;
    enum symmetry symmetry;
    size_t member; /* of struct build */
    double_function reference;
    mpfr_function exact;
} function;

#define FUNCTION(name, symmetry) {#name, symmetry, offsetof(build, name), name, mpfr_##name}

static const function table[] = {
    FUNCTION(exp, NONE), FUNCTION(log, NONE), FUNCTION(sqrt, NONE), FUNCTION(sin, ODD),
    FUNCTION(cos, EVEN), FUNCTION(tan, ODD),  FUNCTION(tanh, ODD),
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

/* What one build has been found to do. */
typedef struct {
    const build *build;
    unary_batch batch;
    uint64_t hash[2];
    uint64_t wrong;
} subject;

static void compare(subject *s, const function *f, const float *x, const uint32_t *right, size_t n, int negative)
{
    static float y[BLOCK];
    uint64_t hash = s->hash[negative];
    s->batch(x, y, n);
    for (size_t i = 0; i < n; ++i) {
        const uint32_t got = bits_of(y[i]);
        if (got != right[i] && ++s->wrong <= 100u) {
            fprintf(stderr, "wrong %s (%s) %08x: %08x instead of %08x\n", f->name, s->build->name, bits_of(x[i]),
                    got, right[i]);
        }
        hash = (hash ^ got) * 0x100000001b3u;
    }
    s->hash[negative] = hash;
}

int main(int count, char **words)
{
    static float x[BLOCK];
    static uint32_t right[BLOCK];
    subject subjects[BUILDS] = {{.build = &build_fma}, {.build = &build_plain}};
    const function *f = count > 1 ? find(words[1]) : NULL;
    const uint32_t first = count == 4 ? (uint32_t)strtoul(words[2], NULL, 16) : 0u;
    const uint32_t last = count == 4 ? (uint32_t)strtoul(words[3], NULL, 16) : SIGN - 1u;
    uint64_t wrong = 0u;
    uint64_t hard = 0u;
    if (f == NULL || (count != 2 && count != 4) || last >= SIGN) {
        fprintf(stderr, "usage: prove FUNCTION [FIRST LAST]\n");
        return 2;
    }
    for (int b = 0; b < BUILDS; ++b) {
        memcpy(&subjects[b].batch, (const char *)subjects[b].build + f->member, sizeof subjects[b].batch);
        subjects[b].hash[0] = subjects[b].hash[1] = 0xcbf29ce484222325u;
    }
    for (uint32_t start = first; start <= last; start += BLOCK) {
        const uint32_t n = last - start < BLOCK ? last - start + 1u : BLOCK;
        for (int negative = 0; negative < 2; ++negative) {
            for (uint32_t i = 0; i < n; ++i) {
                x[i] = float_of((start + i) | (uint32_t)negative << 31);
                right[i] = negative && f->symmetry != NONE ? mirrored(f, right[i]) : right_bits(f, x[i], &hard);
            }
            for (int b = 0; b < BUILDS; ++b) {
                compare(&subjects[b], f, x, right, n, negative);
            }
        }
    }
    for (int b = 0; b < BUILDS; ++b) {
        printf("%s %s %llu %llu %llu %016llx-%016llx\n", f->name, subjects[b].build->name,
               2ull * (last - first + 1u), (unsigned long long)subjects[b].wrong, (unsigned long long)hard,
               (unsigned long long)subjects[b].hash[0], (unsigned long long)subjects[b].hash[1]);
        wrong += subjects[b].wrong;
    }
    return wrong == 0u ? 0 : 1;
}
