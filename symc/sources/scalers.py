"""Fitted scalers of scikit-learn as affine maps of each column."""

from __future__ import annotations

from typing import Any

import numpy as np

from symc.errors import SymcError
from symc.sources.scaling import Affine

# Class -> (centre, scale) of a fitted scaler; each makes (x - centre) / scale.
SCALERS = {
    "StandardScaler": lambda s: (s.mean_ if s.with_mean else None, s.scale_),
    "MinMaxScaler": lambda s: (-s.min_ / s.scale_, 1.0 / s.scale_),
    "MaxAbsScaler": lambda s: (None, s.scale_),
    "RobustScaler": lambda s: (s.center_, s.scale_),
}


def affine_of(scaler: Any, width: int) -> list[Affine]:
    """The map of each of `width` columns; SymcError for what is none of SCALERS. A clip is not in it."""
    read = SCALERS.get(type(scaler).__name__)
    if read is None:
        raise SymcError(
            f"a {type(scaler).__name__} is no affine map of each column that symc knows",
            hint=f"The steps before the regressor may be: {', '.join(SCALERS)}.",
        )
    centre, scale = read(scaler)
    centres = np.zeros(width) if centre is None else np.asarray(centre, dtype=np.float64)
    scales = np.ones(width) if scale is None else np.asarray(scale, dtype=np.float64)
    return [Affine(float(c), float(s)) for c, s in zip(centres, scales, strict=True)]
