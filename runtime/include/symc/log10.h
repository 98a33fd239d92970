/* SPDX-License-Identifier: Apache-2.0
 *
 * symc runtime: logarithm to base 10, correctly rounded, by the profile that config.h chose.
 */
#ifndef SYMC_LOG10_H
#define SYMC_LOG10_H

#include "symc/config.h"

#if SYMC_INT
#include "symc/int/log10.h"
#else
#include "symc/f64/log10.h"
#endif

#endif
