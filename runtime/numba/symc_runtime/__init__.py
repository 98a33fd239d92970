# SPDX-License-Identifier: Apache-2.0
"""symc runtime for Numba: float32 operations and correctly rounded functions, the same bits as the C headers.

Each function takes and returns float32 (a comparison returns 1.0 or 0.0) and is meant to be called from code compiled
with njit(fastmath=False, error_model="numpy"). The algorithms and coefficients are those of the headers symc/f64/*.h,
where the comments explain them; polynomial blocks of both are written by one script. NaN results are 0x7fc00000.

`exp_fast`, `sin_fast`, `cos_fast`, `tan_fast` and `pow_fast` return (result, slow): branch-free, for loops that should
vectorise. Where slow is not 0 the element must be computed again by the full function.

A bundle brings the modules that its equations need; this one offers the functions of those that lie beside it.
"""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

_MODULES = [import_module(f".{path.stem}", __name__) for path in sorted(Path(__file__).parent.glob("[a-z]*.py"))]
# Last, because importing a module binds its name here, and a function may have the same.
globals().update({name: getattr(module, name) for module in _MODULES for name in getattr(module, "__all__", ())})
