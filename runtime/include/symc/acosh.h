/* SPDX-License-Identifier: Apache-2.0
 *
 * symc runtime: inverse hyperbolic cosine, correctly rounded, by the profile that config.h chose.
 */
#ifndef SYMC_ACOSH_H
#define SYMC_ACOSH_H

#include "symc/config.h"

#if SYMC_INT
#include "symc/int/acosh.h"
#else
#include "symc/f64/acosh.h"
#endif

#endif
