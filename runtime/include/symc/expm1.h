/* SPDX-License-Identifier: Apache-2.0
 *
 * symc runtime: e^x - 1, correctly rounded, by the profile that config.h chose.
 */
#ifndef SYMC_EXPM1_H
#define SYMC_EXPM1_H

#include "symc/config.h"

#if SYMC_INT
#include "symc/int/expm1.h"
#else
#include "symc/f64/expm1.h"
#endif

#endif
