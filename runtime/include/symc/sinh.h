/* SPDX-License-Identifier: Apache-2.0
 *
 * symc runtime: hyperbolic sine, correctly rounded, by the profile that config.h chose.
 */
#ifndef SYMC_SINH_H
#define SYMC_SINH_H

#include "symc/config.h"

#if SYMC_INT
#include "symc/int/sinh.h"
#else
#include "symc/f64/sinh.h"
#endif

#endif
