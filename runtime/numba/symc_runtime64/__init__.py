# SPDX-License-Identifier: Apache-2.0
"""symc runtime for Numba, binary64: one fixed algorithm for each function, the same bits as the headers symc/double.

Each function takes and returns float64 (a comparison returns 1.0 or 0.0) and is meant to be called from code compiled
with njit(fastmath=False, error_model="numpy"). NaN results may have any bits until `canonical` makes 0x7ff8000000000000
of them.

A bundle brings the modules that its equations need; this one offers the functions of those that lie beside it.
"""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

_MODULES = [import_module(f".{path.stem}", __name__) for path in sorted(Path(__file__).parent.glob("[a-z]*.py"))]
# Last, because importing a module binds its name here, and a function may have the same.
globals().update(
    {name: value for module in _MODULES for name, value in vars(module).items() if hasattr(value, "py_func")}
)
globals().update({name: getattr(module, name) for module in _MODULES for name in getattr(module, "__all__", ())})
