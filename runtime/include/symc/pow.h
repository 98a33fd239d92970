/* SPDX-License-Identifier: Apache-2.0
 *
 * symc runtime: x^y, correctly rounded, by the profile that config.h chose.
 */
#ifndef SYMC_POW_H
#define SYMC_POW_H

#include "symc/config.h"

#if SYMC_INT
#include "symc/int/pow.h"
#else
#include "symc/f64/pow.h"
#endif

#endif
