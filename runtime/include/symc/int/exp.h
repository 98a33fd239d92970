/* SPDX-License-Identifier: Apache-2.0 */
#error "symc: exp has no profile INT yet: compile with -DSYMC_PROFILE_F64 where double is binary64"
