/* SPDX-License-Identifier: Apache-2.0
 *
 * symc runtime: logarithm to base 2, correctly rounded, by the profile that config.h chose.
 */
#ifndef SYMC_LOG2_H
#define SYMC_LOG2_H

#include "symc/config.h"

#if SYMC_INT
#include "symc/int/log2.h"
#else
#include "symc/f64/log2.h"
#endif

#endif
