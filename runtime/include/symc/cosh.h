/* SPDX-License-Identifier: Apache-2.0
 *
 * symc runtime: hyperbolic cosine, correctly rounded, by the profile that config.h chose.
 */
#ifndef SYMC_COSH_H
#define SYMC_COSH_H

#include "symc/config.h"

#if SYMC_INT
#include "symc/int/cosh.h"
#else
#include "symc/f64/cosh.h"
#endif

#endif
