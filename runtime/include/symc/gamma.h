/* SPDX-License-Identifier: Apache-2.0
 *
 * symc runtime: gamma function, correctly rounded, by the profile that config.h chose.
 */
#ifndef SYMC_GAMMA_H
#define SYMC_GAMMA_H

#include "symc/config.h"

#if SYMC_INT
#include "symc/int/gamma.h"
#else
#include "symc/f64/gamma.h"
#endif

#endif
