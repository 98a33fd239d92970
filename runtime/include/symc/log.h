/* SPDX-License-Identifier: Apache-2.0
 *
 * symc runtime: natural logarithm, correctly rounded, by the profile that config.h chose.
 */
#ifndef SYMC_LOG_H
#define SYMC_LOG_H

#include "symc/config.h"

#if SYMC_INT
#include "symc/int/log.h"
#else
#include "symc/f64/log.h"
#endif

#endif
