/* SPDX-License-Identifier: Apache-2.0
 *
 * symc runtime: e^x, correctly rounded, by the profile that config.h chose.
 */
#ifndef SYMC_EXP_H
#define SYMC_EXP_H

#include "symc/config.h"

#if SYMC_INT
#include "symc/int/exp.h"
#else
#include "symc/f64/exp.h"
#endif

#endif
