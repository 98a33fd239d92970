/* SPDX-License-Identifier: Apache-2.0
 *
 * symc runtime: inverse hyperbolic sine, correctly rounded, by the profile that config.h chose.
 */
#ifndef SYMC_ASINH_H
#define SYMC_ASINH_H

#include "symc/config.h"

#if SYMC_INT
#include "symc/int/asinh.h"
#else
#include "symc/f64/asinh.h"
#endif

#endif
