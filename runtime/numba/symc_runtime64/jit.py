# SPDX-License-Identifier: Apache-2.0
"""Short names of the types, and how the functions of this package are compiled."""

from __future__ import annotations

import numpy as np
from numba import njit

__all__ = ["called"]

F64 = np.float64
U64 = np.uint64
public = njit(fastmath=False, error_model="numpy", no_cfunc_wrapper=True)
# For compiled code alone, Python must not call them: a way in would take as long to compile as the function itself.
inlined = njit(fastmath=False, error_model="numpy", no_cfunc_wrapper=True, no_cpython_wrapper=True, forceinline=True)
called = njit(fastmath=False, error_model="numpy", no_cfunc_wrapper=True, no_cpython_wrapper=True)
