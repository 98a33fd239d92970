/* SPDX-License-Identifier: Apache-2.0
 *
 * symc runtime: cube root, correctly rounded, by the profile that config.h chose.
 */
#ifndef SYMC_CBRT_H
#define SYMC_CBRT_H

#include "symc/config.h"

#if SYMC_INT
#include "symc/int/cbrt.h"
#else
#include "symc/f64/cbrt.h"
#endif

#endif
