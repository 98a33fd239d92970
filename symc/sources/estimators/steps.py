"""Steps before a regressor: what makes columns of columns."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from symc.sources.estimators.family import Family, checked, operand, weighted_sum
from symc.sources.scalers import SCALERS, affine_of
from symc.sources.scaling import number_text


def _scaled(scaler: Any, columns: Sequence[str]) -> list[str]:
    texts = [affine.scaled(c) for affine, c in zip(affine_of(scaler, len(columns)), columns, strict=True)]
    if getattr(scaler, "clip", False):
        low, high = map(number_text, map(float, scaler.feature_range))
        texts = [f"min(max({text}, {low}), {high})" for text in texts]
    return texts


def _powers(step: Any, columns: Sequence[str]) -> list[str]:
    texts = []
    for exponents in step.powers_:
        factors = [c if e == 1 else f"{c}^{e}" for c, e in zip(columns, exponents.tolist(), strict=True) if e]
        texts.append(operand("*".join(factors)) if factors else "1.0")
    return checked(texts, step)


def _components(step: Any, columns: Sequence[str]) -> list[str]:
    weights = np.asarray(step.components_, dtype=np.float64)
    if step.whiten:
        weights = weights / np.sqrt(step.explained_variance_)[:, None]
    constants = -weights @ step.mean_
    return checked([weighted_sum(w, columns, float(c)) for w, c in zip(weights, constants, strict=True)], step)


def _selected(step: Any, columns: Sequence[str]) -> list[str]:
    return [columns[k] for k in step.get_support(indices=True)]


SCALING = Family(tuple(SCALERS), _scaled)
POLYNOMIALS = Family(("PolynomialFeatures",), _powers)
COMPONENTS = Family(("PCA",), _components)
SELECTION = Family(
    ("RFE", "RFECV", "SelectFdr", "SelectFpr", "SelectFwe", "SelectFromModel", "SelectKBest", "SelectPercentile",
     "SequentialFeatureSelector", "VarianceThreshold"),
    _selected,
)  # fmt: skip
