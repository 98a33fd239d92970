/* The batch loops that subject.c defines: with fused multiply-add, with neither that nor a square root, in integers. */
#ifndef SUBJECT_H
#define SUBJECT_H

#include <stddef.h>

#define BUILDS 3

typedef void (*unary_batch)(const float *restrict x, float *restrict z, size_t n);
typedef void (*binary_batch)(const float *restrict x, const float *restrict y, float *restrict z, size_t n);

static const char *const build_names[BUILDS] = {"fma", "plain", "int"};

#if ARITY == 2
void batch_fma(const float *restrict x, const float *restrict y, float *restrict z, size_t n);
void batch_plain(const float *restrict x, const float *restrict y, float *restrict z, size_t n);
void batch_int(const float *restrict x, const float *restrict y, float *restrict z, size_t n);
#else
void batch_fma(const float *restrict x, float *restrict z, size_t n);
void batch_plain(const float *restrict x, float *restrict z, size_t n);
void batch_int(const float *restrict x, float *restrict z, size_t n);
#endif

#endif
