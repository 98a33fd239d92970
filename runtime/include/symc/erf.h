/* SPDX-License-Identifier: Apache-2.0
 *
 * symc runtime: error function and its complement, correctly rounded, by the profile that config.h chose.
 */
#ifndef SYMC_ERF_H
#define SYMC_ERF_H

#include "symc/config.h"

#if SYMC_INT
#include "symc/int/erf.h"
#else
#include "symc/f64/erf.h"
#endif

#endif
