/* One build of all functions: compile with -DBUILD_NAME=fma, or plain, and the flags of that build. */
#include "builds.h"

#include "functions.h"

#define JOIN(a, b) a##b
#define VARIABLE(name) JOIN(build_, name)
#define QUOTE(name) #name
#define TEXT(name) QUOTE(name)

static void batch_pow_slow(const float *restrict x, const float *restrict y, float *restrict z, size_t n)
{
    for (size_t i = 0; i < n; ++i) {
        z[i] = symc_pow_slow(x[i], y[i]);
    }
}

const build VARIABLE(BUILD_NAME) = {
    TEXT(BUILD_NAME), batch_exp,  batch_log,  batch_sin, batch_cos,
    batch_tan,        batch_tanh, batch_sqrt, batch_pow, batch_pow_slow,
};
