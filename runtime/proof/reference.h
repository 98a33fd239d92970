/* When a double that is nearly right decides the float32 that is exactly right. */
#ifndef REFERENCE_H
#define REFERENCE_H

#include <stdint.h>
#include <string.h>

/*
 * By its manual's table of known maximum errors, glibc's double exp, log, sin, cos, tan, pow and sqrt are wrong by at
 * most 1 unit in the last place on x86-64, tanh by 2. A result more than SAFE units away from every value half-way
 * between two floats therefore rounds to float32 as the real value does. 8 leaves a margin of a factor of 4, and still
 * sends only 17 of 2^29 values to MPFR.
 */
#define SAFE 8u

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

/* 1 if v lies within SAFE units in its last place of a value half-way between two neighbouring floats. */
static int near_boundary(double v)
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
    return (rest > half ? rest - half : half - rest) <= SAFE;
}

#endif
