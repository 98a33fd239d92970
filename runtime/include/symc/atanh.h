/* SPDX-License-Identifier: Apache-2.0
 *
 * symc runtime: inverse hyperbolic tangent, correctly rounded, by the profile that config.h chose.
 */
#ifndef SYMC_ATANH_H
#define SYMC_ATANH_H

#include "symc/config.h"

#if SYMC_INT
#include "symc/int/atanh.h"
#else
#include "symc/f64/atanh.h"
#endif

#endif
