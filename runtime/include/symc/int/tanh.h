/* SPDX-License-Identifier: Apache-2.0 */
#error "symc: tanh has no profile INT yet: compile with -DSYMC_PROFILE_F64 where double is binary64"
