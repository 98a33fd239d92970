/* SPDX-License-Identifier: Apache-2.0
 *
 * symc runtime: log(1 + x), correctly rounded, by the profile that config.h chose.
 */
#ifndef SYMC_LOG1P_H
#define SYMC_LOG1P_H

#include "symc/config.h"

#if SYMC_INT
#include "symc/int/log1p.h"
#else
#include "symc/f64/log1p.h"
#endif

#endif
