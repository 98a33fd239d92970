/* SPDX-License-Identifier: Apache-2.0
 *
 * symc runtime: arc tangent in radians, correctly rounded, by the profile that config.h chose.
 */
#ifndef SYMC_ATAN_H
#define SYMC_ATAN_H

#include "symc/config.h"

#if SYMC_INT
#include "symc/int/atan.h"
#else
#include "symc/f64/atan.h"
#endif

#endif
