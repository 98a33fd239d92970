/* SPDX-License-Identifier: Apache-2.0
 *
 * symc runtime: arc cosine in radians, correctly rounded, by the profile that config.h chose.
 */
#ifndef SYMC_ACOS_H
#define SYMC_ACOS_H

#include "symc/config.h"

#if SYMC_INT
#include "symc/int/acos.h"
#else
#include "symc/f64/acos.h"
#endif

#endif
