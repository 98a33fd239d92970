/* SPDX-License-Identifier: Apache-2.0
 *
 * symc runtime: 2^x, correctly rounded, by the profile that config.h chose.
 */
#ifndef SYMC_EXP2_H
#define SYMC_EXP2_H

#include "symc/config.h"

#if SYMC_INT
#include "symc/int/exp2.h"
#else
#include "symc/f64/exp2.h"
#endif

#endif
