/*
 * Exhaustive check of one unary function: every float32 input, the result of each build (subject.c) compared with the
 * correctly rounded one. Compiled for one function: -DFUNCTION=sin -DREFERENCE=sin -DEXACT=mpfr_sin -DSYMMETRY=ODD
 * -DSAFE=8.
 *
 *     prove [FIRST LAST [STRIDE]]        |x| from FIRST to LAST, both signs; bit patterns, hexadecimal; default all
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

#define ARITY 1
#include "subject.h"

#include "reference.h"

#define BLOCK 4096u
#define CANONICAL_NAN 0x7fc00000u
#define SIGN 0x80000000u
#define NONE 0
#define ODD 1
#define EVEN 2
#define QUOTE(name) #name
#define TEXT(name) QUOTE(name)

/* The bits of the float32 nearest to f(x); counts where MPFR had to decide. */
static uint32_t right_bits(float x, uint64_t *hard)
{
    static mpfr_t value;
    static int ready = 0;
    const double v = REFERENCE((double)x);
    if (isnan(v)) {
        return CANONICAL_NAN;
    }
    if (!near_boundary(v, SAFE)) {
        return bits_of((float)v);
    }
    if (!ready) {
        mpfr_init2(value, 200);
        ready = 1;
    }
    ++*hard;
    mpfr_set_flt(value, x, MPFR_RNDN);
    EXACT(value, value, MPFR_RNDN);
    return bits_of(mpfr_get_flt(value, MPFR_RNDN));
}

#define DECLARE(build) void batch_##build(BATCH_PARAMETERS);
EACH_BUILD(DECLARE)

static void compare(subject *s, const float *x, const uint32_t *right, size_t n, int negative)
{
    static float y[BLOCK];
    uint64_t hash = s->hash[negative];
    s->run(x, y, n);
    for (size_t i = 0; i < n; ++i) {
        const uint32_t got = bits_of(y[i]);
        if (got != right[i] && ++s->wrong <= 100u) {
            fprintf(stderr, "wrong " TEXT(FUNCTION) " (%s) %08x: %08x instead of %08x\n", s->name, bits_of(x[i]), got,
                    right[i]);
        }
        hash = (hash ^ got) * FNV_PRIME;
    }
    s->hash[negative] = hash;
}

int main(int count, char **words)
{
    static float x[BLOCK];
    static uint32_t right[BLOCK];
#define SUBJECT(build) {.name = #build, .run = batch_##build, .hash = {FNV_START, FNV_START}},
    subject subjects[] = {EACH_BUILD(SUBJECT)};
    const size_t builds = sizeof subjects / sizeof *subjects;
    const uint32_t first = count >= 3 ? (uint32_t)strtoul(words[1], NULL, 16) : 0u;
    const uint32_t last = count >= 3 ? (uint32_t)strtoul(words[2], NULL, 16) : SIGN - 1u;
    const uint32_t stride = count == 4 ? (uint32_t)strtoul(words[3], NULL, 16) : 1u;
    uint64_t inputs = 0u;
    uint64_t wrong = 0u;
    uint64_t hard = 0u;
    if (count == 2 || count > 4 || last >= SIGN || first > last || stride == 0u) {
        fprintf(stderr, "usage: prove [FIRST LAST [STRIDE]], hexadecimal, at most 7fffffff\n");
        return 2;
    }
    for (uint64_t next = first; next <= last;) {
        const uint64_t start = next;
        uint32_t n = 0u;
        for (int negative = 0; negative < 2; ++negative) {
            n = 0u;
            for (next = start; n < BLOCK && next <= last; next += stride) {
                x[n] = float_of((uint32_t)next | (uint32_t)negative << 31);
                if (negative && SYMMETRY != NONE) {
                    right[n] ^= SYMMETRY == ODD && right[n] != CANONICAL_NAN ? SIGN : 0u;
                } else {
                    right[n] = right_bits(x[n], &hard);
                }
                ++n;
            }
            for (size_t b = 0; b < builds; ++b) {
                compare(&subjects[b], x, right, n, negative);
            }
        }
        inputs += 2u * n;
    }
    for (size_t b = 0; b < builds; ++b) {
        printf(TEXT(FUNCTION) " %s %llu %llu %llu %016llx-%016llx\n", subjects[b].name, (unsigned long long)inputs,
               (unsigned long long)subjects[b].wrong, (unsigned long long)hard,
               (unsigned long long)subjects[b].hash[0], (unsigned long long)subjects[b].hash[1]);
        wrong += subjects[b].wrong;
    }
    return wrong == 0u ? 0 : 1;
}
