/* SPDX-License-Identifier: Apache-2.0
 *
 * symc runtime: arc sine in radians, correctly rounded, by the profile that config.h chose.
 */
#ifndef SYMC_ASIN_H
#define SYMC_ASIN_H

#include "symc/config.h"

#if SYMC_INT
#include "symc/int/asin.h"
#else
#include "symc/f64/asin.h"
#endif

#endif
