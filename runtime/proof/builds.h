/* The batch functions of builds.c, compiled several times with different flags and linked into one program. */
#ifndef BUILDS_H
#define BUILDS_H

#include <stddef.h>

typedef void (*unary_batch)(const float *restrict x, float *restrict y, size_t n);
typedef void (*binary_batch)(const float *restrict x, const float *restrict y, float *restrict z, size_t n);

typedef struct {
    const char *name;
    unary_batch exp, log, sin, cos, tan, tanh, sqrt;
    binary_batch pow;
    binary_batch pow_slow; /* every pair through the slow path */
} build;

#define BUILDS 2

/* With fused multiply-add; and with neither that nor a square-root instruction. */
extern const build build_fma;
extern const build build_plain;

#endif
