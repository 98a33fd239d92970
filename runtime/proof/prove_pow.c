/*
 * Check of pow, in each build (subject.c), against the correctly rounded result. Two arguments cannot be exhausted, so
 * this is no proof.
 *
 *     prove_pow special            every pair of 64 special values (zeros, infinities, NaN, integers, subnormals, ...)
 *     prove_pow exact              every x^y, within float32's range, exact in 26 bits with x not a power of two
 *     prove_pow powers COUNT       x^y for 60 common exponents y and COUNT mantissas (at most 2^24) of two binades of x
 *     prove_pow quarters COUNT     x^y for y = -16, -15.75, ..., 16 and COUNT mantissas (at most 2^23) of each binade
 *                                  of x that gives x^y other significands
 *     prove_pow near COUNT SEED    COUNT draws of pairs with x^y close to half-way or at an end of the range
 *     prove_pow random COUNT SEED  COUNT pairs from eight distributions
 *     prove_pow slow COUNT SEED    COUNT draws of pairs, each sent through the slow path alone
 *
 * A set's name may go on with "-" and anything, which tells apart the records of several runs.
 *
 * Output, one line per build: pow BUILD pairs wrong hard hash. Hard: MPFR decided (see reference.h). The hash is FNV-1a
 * (64 bits) over the 32-bit result patterns. Exit code 1 if any result is wrong.
 */
#include <math.h>
#include <mpfr.h>
#include <stdio.h>
#include <stdlib.h>

#define ARITY 2
#include "subject.h"

#include "reference.h"

#define BLOCK 4096u
#define CANONICAL_NAN 0x7fc00000u

#define SAFE 8u

#define DECLARE(build) void batch_##build(BATCH_PARAMETERS), slow_##build(BATCH_PARAMETERS);
EACH_BUILD(DECLARE)

#define SUBJECT(build) {.name = #build, .run = batch_##build, .run_slow = slow_##build, .hash = {FNV_START}},
static subject subjects[] = {EACH_BUILD(SUBJECT)};
static const size_t builds = sizeof subjects / sizeof *subjects;
static float xs[BLOCK];
static float ys[BLOCK];
static size_t filled = 0;
static int slow_only = 0;
static uint64_t pairs = 0;
static uint64_t hard = 0;

static uint32_t by_mpfr(float x, float y)
{
    static mpfr_t a;
    static mpfr_t b;
    static int ready = 0;
    if (!ready) {
        mpfr_init2(a, 200);
        mpfr_init2(b, 24);
        ready = 1;
    }
    mpfr_set_flt(a, x, MPFR_RNDN);
    mpfr_set_flt(b, y, MPFR_RNDN);
    mpfr_pow(a, a, b, MPFR_RNDN);
    return bits_of(mpfr_get_flt(a, MPFR_RNDN));
}

static uint32_t right_bits(float x, float y)
{
    const double v = pow((double)x, (double)y);
    if (isnan(v)) {
        return CANONICAL_NAN;
    }
    if (!near_boundary(v, SAFE)) {
        return bits_of((float)v);
    }
    ++hard;
    return by_mpfr(x, y);
}

static void flush(void)
{
    static float zs[BLOCK];
    static uint32_t right[BLOCK];
    for (size_t i = 0; i < filled; ++i) {
        right[i] = right_bits(xs[i], ys[i]);
    }
    for (subject *s = subjects; s < subjects + builds; ++s) {
        (slow_only ? s->run_slow : s->run)(xs, ys, zs, filled);
        for (size_t i = 0; i < filled; ++i) {
            const uint32_t got = bits_of(zs[i]);
            s->hash[0] = (s->hash[0] ^ got) * FNV_PRIME;
            if (got != right[i] && ++s->wrong <= 100u) {
                fprintf(stderr, "wrong pow (%s) %08x %08x: %08x instead of %08x\n", s->name, bits_of(xs[i]),
                        bits_of(ys[i]), got, right[i]);
            }
        }
    }
    pairs += filled;
    filled = 0;
}

static void check(float x, float y)
{
    xs[filled] = x;
    ys[filled] = y;
    if (++filled == BLOCK) {
        flush();
    }
}

static void special(void)
{
    static const uint32_t magnitudes[32] = {
        0x00000000u, 0x00000001u, 0x00000003u, 0x007fffffu, 0x00800000u, 0x00800001u, 0x33800000u, 0x3e800000u,
        0x3f000000u, 0x3f7fffffu, 0x3f800000u, 0x3f800001u, 0x3fc00000u, 0x40000000u, 0x40200000u, 0x40400000u,
        0x40e00000u, 0x41000000u, 0x43150000u, 0x43160000u, 0x4afffffeu, 0x4affffffu, 0x4b000001u, 0x4b7fffffu,
        0x4b800000u, 0x4b800001u, 0x5f000000u, 0x7f7fffffu, 0x7f800000u, 0x7f800001u, 0x7fc00000u, 0x7fffffffu,
    };
    for (size_t i = 0; i < 64u; ++i) {
        for (size_t j = 0; j < 64u; ++j) {
            check(float_of(magnitudes[i / 2u] | (uint32_t)(i & 1u) << 31),
                  float_of(magnitudes[j / 2u] | (uint32_t)(j & 1u) << 31));
        }
    }
}

/* x = (root 2^t)^(2^j), y = p/2^j: x^y = root^p 2^(t p). */
static void exact(void)
{
    for (int j = 0; j <= 3; ++j) {
        for (int p = 1; p <= 33; ++p) {
            for (uint64_t root = 3u; root < (1u << 24); root += 2u) {
                uint64_t m = 1u;
                uint64_t power = 1u;
                int fits = 1;
                for (int i = 0; i < 1 << j; ++i) {
                    m *= root;
                    fits = fits && m < (1u << 24);
                }
                for (int i = 0; i < p; ++i) {
                    power *= root;
                    fits = fits && power < (1u << 26);
                }
                if (!fits || (j == 0 && p == 1)) {
                    break;
                }
                for (int t = -150; t <= 128; ++t) {
                    const double x = ldexp((double)m, t * (1 << j));
                    if ((double)(float)x == x) {
                        check((float)x, (float)ldexp(p, -j));
                        check(-(float)x, (float)ldexp(p, -j));
                    }
                }
            }
        }
    }
}

static void powers(uint32_t count)
{
    static const float exponents[60] = {
        2.0f,  3.0f,  4.0f,  5.0f,  6.0f,  7.0f,  8.0f,  9.0f,  10.0f, 11.0f,   12.0f,   13.0f, 14.0f, 15.0f, 16.0f,
        -1.0f, -2.0f, -3.0f, -4.0f, -5.0f, -6.0f, -7.0f, -8.0f, -9.0f, -10.0f,  0.5f,    1.5f,  2.5f,  3.5f,  4.5f,
        -0.5f, -1.5f, -2.5f, 0.25f, 0.75f, 1.25f, -0.25f, 0.125f, 0.375f, 0.625f, 0.0625f, 0.1f, 0.2f, 0.3f, 0.4f,
        0.6f,  0.7f,  0.8f,  0.9f,  1.1f,  1.2f,  1.3f,  1.4f,  1.7f,  0.33333334f, 0.6666667f, 1.4142135f,
        2.7182817f, 3.1415927f, 100.0f,
    };
    const uint32_t step = (1u << 24) / count;
    for (size_t k = 0; k < sizeof exponents / sizeof *exponents; ++k) {
        for (uint32_t u = 0; u < (1u << 24); u += step) {
            check(float_of(0x3f800000u + u), exponents[k]);
        }
    }
}

/* splitmix64 */
static uint64_t draw(uint64_t *state)
{
    uint64_t z = (*state += 0x9e3779b97f4a7c15u);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

static double uniform(uint64_t *state, double low, double high)
{
    return low + (high - low) * ((double)(draw(state) >> 11) * 0x1p-53);
}

static void random_pairs(uint64_t count, uint64_t seed)
{
    for (uint64_t k = 0; k < count; ++k) {
        const uint64_t raw = draw(&seed);
        const float any = float_of((uint32_t)(raw >> 32));
        const float positive = float_of((uint32_t)(raw >> 32) % 0x7f7fffffu + 1u);
        switch (k % 8u) {
        case 0: /* any bits */
            check(any, float_of((uint32_t)raw));
            break;
        case 1: /* everyday numbers */
            check((float)uniform(&seed, 0.0, 10.0), (float)uniform(&seed, -10.0, 10.0));
            break;
        case 2: /* any x, a result anywhere in range */
            check(positive, (float)(uniform(&seed, -151.0, 129.0) / log2((double)positive)));
            break;
        case 3: /* any x, a subnormal result */
            check(positive, (float)(uniform(&seed, -150.0, -125.9) / log2((double)positive)));
            break;
        case 4: /* any x, a result at the edge of overflow */
            check(positive, (float)(uniform(&seed, 127.9999, 128.0001) / log2((double)positive)));
            break;
        case 5: /* x near 1, large y */
            check((float)uniform(&seed, 0.999, 1.001), (float)uniform(&seed, -80000.0, 80000.0));
            break;
        case 6: /* negative x, integer y */
            check((float)uniform(&seed, -30.0, 0.0), (float)floor(uniform(&seed, -40.0, 40.0)));
            break;
        default: /* results within a few units of 1 */
            check(positive, (float)(uniform(&seed, -0x1p-21, 0x1p-21) / log2((double)positive)));
            break;
        }
    }
}

/* Not for x = 1, and where y is 0 or infinite. */
static void check_ordinary(float x, double y)
{
    if (x != 1.0f && (float)y != 0.0f && fabs(y) < 0x1p128) {
        check(x, (float)y);
    }
}

static float positive_or_near_one(uint64_t *state)
{
    const uint64_t raw = draw(state);
    if ((raw & 1u) != 0u) {
        return float_of((uint32_t)(raw >> 32) % 0x7f7fffffu + 1u);
    }
    return (float)(1.0 + ((raw & 2u) != 0u ? 0.5 : -0.5) * exp2(uniform(state, -23.0, 0.0)));
}

/* The logarithm of a value half-way between two floats next to 1; the nearer to 1, the likelier. */
static double log_of_half_way(uint64_t *state)
{
    const double odd = 2.0 * floor(exp2(uniform(state, 0.0, 22.9))) - 1.0;
    return log1p((draw(state) & 1u) != 0u ? odd * 0x1p-24 : odd * -0x1p-25);
}

/*
 * y is the float nearest to log(r)/log(x). For r = 1 + d half-way between two floats x^y differs from r by at most
 * 2^-24 d: there is nothing closer to half-way than results next to 1.
 */
static void near_pairs(uint64_t count, uint64_t seed)
{
    static const double edges[6] = {0x1p-150, 0x1.8p-149, 0x1.2p-147, 0x1.fffffep-127, 0x1.000001p-126, 0x1.ffffffp127};
    for (uint64_t k = 0; k < count; ++k) {
        float x = positive_or_near_one(&seed);
        const double log_r = log_of_half_way(&seed);
        switch (k % 4u) {
        case 0:
        case 1:
            check_ordinary(x, log_r / log((double)x));
            break;
        case 2: { /* of 1024 x the one that makes log(r)/log(x) nearly a float */
            double least = 1.0;
            float best = 1.0f;
            for (uint32_t i = 0; i < 1024u; ++i) {
                const double y = log_r / log((double)x);
                const double off = fabs(y - (double)(float)y) / fabs(y);
                if (off < least) {
                    least = off;
                    best = x;
                }
                x = positive_or_near_one(&seed);
            }
            check_ordinary(best, log_r / log((double)best));
            break;
        }
        default: /* where results vanish, become subnormal or overflow, and a few units around */
            for (int i = -2; i <= 2; ++i) {
                const float y = (float)(log(edges[k / 4u % 6u]) / log((double)x));
                check_ordinary(x, (double)float_of(bits_of(y) + (uint32_t)i));
            }
            break;
        }
    }
}

static void quarters(uint32_t count)
{
    const uint32_t step = (1u << 23) / count;
    for (int k = -64; k <= 64; ++k) {
        /* x 2^b multiplies x^(k/4) by a power of two if b k is divisible by 4. */
        const uint32_t binades = (k & 1) != 0 ? 4u : (k & 2) != 0 ? 2u : 1u;
        for (uint32_t u = 0; k != 0 && u < binades << 23; u += step) {
            check(float_of(0x3f800000u + u), (float)k * 0.25f);
        }
    }
}

static void slow_pairs(uint64_t count, uint64_t seed)
{
    slow_only = 1;
    for (uint64_t k = 0; k < count; ++k) {
        const uint64_t raw = draw(&seed);
        const float any = float_of((uint32_t)(raw >> 32) % 0x7f7fffffu + 1u);
        const double log2_x = log2((double)any);
        if (k % 3u == 0u) {
            check_ordinary(any, uniform(&seed, -150.0, 128.1) / log2_x);
        } else if (k % 3u == 1u) {
            check_ordinary(any, uniform(&seed, -1.0, 1.0) / log2_x);
        } else {
            /* few bits in both: x^y may be exact */
            const float x = float_of(bits_of(any) & (0xffffffffu << (raw & 0xffu) % 24u));
            const double y = (double)(1 + (int)((raw >> 8) & 0xffu) % 33) * exp2(-(double)((raw >> 16) & 3u));
            const double log2_power = x > 0.0f ? y * log2((double)x) : 0.0;
            check_ordinary(log2_power > -150.0 && log2_power < 128.1 && x > 0.0f ? x : 1.0f, y);
        }
    }
}

int main(int count, char **words)
{
    char none[] = "";
    char *set = count > 1 ? words[1] : none;
    const uint64_t size = count > 2 ? strtoull(words[2], NULL, 10) : 0u;
    const uint64_t seed = count > 3 ? strtoull(words[3], NULL, 10) : 0u;
    const size_t length = strcspn(set, "-");
    uint64_t wrong = 0u;
    set[length] = '\0';
    if (strcmp(set, "special") == 0) {
        special();
    } else if (strcmp(set, "exact") == 0) {
        exact();
    } else if (strcmp(set, "powers") == 0 && size > 0u && size <= (1u << 24)) {
        powers((uint32_t)size);
    } else if (strcmp(set, "quarters") == 0 && size > 0u && size <= (1u << 23)) {
        quarters((uint32_t)size);
    } else if (strcmp(set, "near") == 0 && count == 4) {
        near_pairs(size, seed);
    } else if (strcmp(set, "random") == 0 && count == 4) {
        random_pairs(size, seed);
    } else if (strcmp(set, "slow") == 0 && count == 4) {
        slow_pairs(size, seed);
    } else {
        fprintf(stderr, "usage: prove_pow special | exact | powers COUNT | quarters COUNT | near COUNT SEED | "
                        "random COUNT SEED | slow COUNT SEED\n");
        return 2;
    }
    flush();
    for (const subject *s = subjects; s < subjects + builds; ++s) {
        printf("pow %s %llu %llu %llu %016llx\n", s->name, (unsigned long long)pairs, (unsigned long long)s->wrong,
               (unsigned long long)hard, (unsigned long long)s->hash[0]);
        wrong += s->wrong;
    }
    return wrong == 0u ? 0 : 1;
}
