/* SPDX-License-Identifier: Apache-2.0
 *
 * symc runtime: logarithm to the base 2, correctly rounded, in integers (proved over all 2^32 inputs).
 */
#ifndef SYMC_INT_LOG2_H
#define SYMC_INT_LOG2_H

#include "symc/int/logarithm.h"

SYMC_FN float symc_log2(float x)
{
    return symc_log_of(x, SYMC_LOG2_2_Q55, SYMC_LOG2_E_Q63);
}

#endif
