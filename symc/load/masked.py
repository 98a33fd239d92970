"""numpy's masked arrays, which compiled code would read under the mask."""

from __future__ import annotations

import numpy as np

from symc.errors import SymcError


def check_unmasked(x: np.ndarray, name: str) -> None:
    """Raise SymcError where something of x is masked: it has no value, and the result would have no mask."""
    if np.ma.is_masked(x):
        raise SymcError(f"{name} takes numbers, and some are masked", hint="Use x.filled(...), or x[~x.mask.any(1)].")
