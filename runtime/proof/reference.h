/* When a double that is nearly right decides the float32 that is exactly right. */
#ifndef REFERENCE_H
#define REFERENCE_H

#include <stdint.h>
#include <string.h>

static uint32_t bits_of(float x)
{
    uint32_t u;
    memcpy(&u, &x, sizeof u);
    return u;
}

static float float_of(uint32_t u)
{
    float x;
    memcpy(&x, &u, sizeof x);
    return x;
}

/*
 * 1 if v lies within `safe` units in its last place of a value half-way between two neighbouring floats. A v with a
 * smaller error than that, and not near, rounds to float32 as the real value does. glibc's manual has a table of the
 * largest errors known of its double functions; `safe` is at least three times as much, and 8 sends only 17 of 2^29
 * values to MPFR.
 */
static int near_boundary(double v, uint64_t safe)
{
    uint64_t bits;
    memcpy(&bits, &v, sizeof bits);
    const int exponent = (int)((bits >> 52) & 0x7ffu) - 1023;
    const int drop = exponent < -126 ? 29 - 126 - exponent : 29;
    if (exponent == 1024 || exponent < -151) {
        return 0; /* infinity, NaN, or less than half of what rounds to the smallest float */
    }
    const uint64_t significand = (bits & 0xfffffffffffffu) | 0x10000000000000u;
    const uint64_t rest = significand & ((1ull << drop) - 1u);
    const uint64_t half = 1ull << (drop - 1);
    return (rest > half ? rest - half : half - rest) <= safe;
}

#endif
