/* SPDX-License-Identifier: Apache-2.0
 *
 * symc runtime: logarithm to the base 10, correctly rounded, in integers (proved over all 2^32 inputs).
 */
#ifndef SYMC_INT_LOG10_H
#define SYMC_INT_LOG10_H

#include "symc/int/logarithm.h"

SYMC_FN float symc_log10(float x)
{
    return symc_log_of(x, SYMC_LOG10_2_Q55, SYMC_LOG10_E_Q63);
}

#endif
