/*
 * One build of one function, as a batch loop in the form in which a bundle uses it. Compiled several times and linked
 * into one driver: -DFUNCTION=sin -DHEADER='"symc/trig.h"' -DBATCH=batch_fma, with -DFAST=1 where the function has a
 * branch-free version, -DSLOW_ONLY=1 for what comes after pow's rounding test, and the flags of that build.
 */
#include "subject.h"

#include HEADER

#define BLOCK_ROWS 64u
#define PASTE(a, b, c) a##b##c
#define NAME(a, b, c) PASTE(a, b, c)

#if ARITY == 2
#define ARGUMENTS x[i], y[i]
#else
#define ARGUMENTS x[i]
#endif

#if defined(SLOW_ONLY)
void BATCH(BATCH_PARAMETERS)
{
    for (size_t i = 0; i < n; ++i) {
        z[i] = NAME(symc_, FUNCTION, _slow)(ARGUMENTS);
    }
}
#elif defined(FAST)
/* Blocks of rows: branch-free over the whole block, and again row by row where one asked for it. */
void BATCH(BATCH_PARAMETERS)
{
    for (size_t start = 0; start < n; start += BLOCK_ROWS) {
        const size_t end = n - start < BLOCK_ROWS ? n : start + BLOCK_ROWS;
        uint32_t slow = 0u;
        for (size_t i = start; i < end; ++i) {
            z[i] = NAME(symc_, FUNCTION, _fast)(ARGUMENTS, &slow);
        }
        for (size_t i = start; slow != 0u && i < end; ++i) {
            z[i] = NAME(symc_, FUNCTION, )(ARGUMENTS);
        }
    }
}
#else
void BATCH(BATCH_PARAMETERS)
{
    for (size_t i = 0; i < n; ++i) {
        z[i] = NAME(symc_, FUNCTION, )(ARGUMENTS);
    }
}
#endif
