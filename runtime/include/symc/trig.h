/* SPDX-License-Identifier: Apache-2.0
 *
 * symc runtime: sine, cosine and tangent of radians, correctly rounded, by the profile that config.h chose.
 */
#ifndef SYMC_TRIG_H
#define SYMC_TRIG_H

#include "symc/config.h"

#if SYMC_INT
#include "symc/int/trig.h"
#else
#include "symc/f64/trig.h"
#endif

#endif
