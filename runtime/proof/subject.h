/*
 * The batch loops that subject.c defines: with fused multiply-add, with neither that nor a square root, in integers.
 * -D'EACH_BUILD(X)=X(int)' leaves the others out.
 */
#ifndef SUBJECT_H
#define SUBJECT_H

#include <stddef.h>
#include <stdint.h>

#if !defined(EACH_BUILD)
#define EACH_BUILD(X) X(fma) X(plain) X(int)
#endif

#if ARITY == 2
#define BATCH_PARAMETERS const float *restrict x, const float *restrict y, float *restrict z, size_t n
#else
#define BATCH_PARAMETERS const float *restrict x, float *restrict z, size_t n
#endif

typedef void (*batch)(BATCH_PARAMETERS);

/* FNV-1a, 64 bits. */
#define FNV_START 0xcbf29ce484222325u
#define FNV_PRIME 0x100000001b3u

/* What one build has been found to do. */
typedef struct {
    const char *name;
    batch run;
    batch run_slow; /* of pow */
    uint64_t hash[2];
    uint64_t wrong;
} subject;

#endif
