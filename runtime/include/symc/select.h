/* SPDX-License-Identifier: Apache-2.0
 *
 * symc runtime: a choice between two values, which takes nothing from the one that is not chosen.
 */
#ifndef SYMC_SELECT_H
#define SYMC_SELECT_H

#include "symc/f32.h"

/* x where c > 0, else y; also where c is a NaN. */
SYMC_FN float symc_if_positive(float c, float x, float y)
{
    /* 1 is the least pattern above zero, infinity the greatest. */
    const uint32_t positive = (uint32_t)(symc_bits(c) - 1u < SYMC_INFINITY);
    return symc_from_bits(symc_select(positive, symc_bits(x), symc_bits(y)));
}

#endif
