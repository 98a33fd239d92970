/* SPDX-License-Identifier: Apache-2.0
 *
 * symc runtime: hyperbolic tangent, correctly rounded, by the profile that config.h chose.
 */
#ifndef SYMC_TANH_H
#define SYMC_TANH_H

#include "symc/config.h"

#if SYMC_INT
#include "symc/int/tanh.h"
#else
#include "symc/f64/tanh.h"
#endif

#endif
