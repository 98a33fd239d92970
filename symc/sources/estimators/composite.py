"""Estimators that are made of others: pipelines, scaled targets, one regressor per output, votes and searches."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from symc.errors import SymcError
from symc.sources.estimators.family import Family, checked, operand, weighted_sum
from symc.sources.estimators.forms import texts_of
from symc.sources.scalers import affine_of

# What undoes a target's transformation, by numpy's name -> text of its argument.
_INVERSES = {
    "exp": "exp{}",
    "expm1": "expm1{}",
    "exp2": "exp2{}",
    "log": "log{}",
    "log1p": "log1p{}",
    "sqrt": "sqrt{}",
    "square": "({}^2)",
}


def _pipeline(model: Any, columns: Sequence[str]) -> list[str]:
    texts = list(columns)
    for _, step in model.steps:
        if step is not None and not isinstance(step, str):
            texts = texts_of(step, texts)
    return texts


def _target(model: Any, columns: Sequence[str]) -> list[str]:
    texts = texts_of(model.regressor_, columns)
    if model.func is None and model.transformer is None:
        return texts
    if model.func is None:
        affine = affine_of(model.transformer_, len(texts))
        return [operand(a.unscaled(text)) for a, text in zip(affine, texts, strict=True)]
    name = model.inverse_func.__name__ if isinstance(model.inverse_func, np.ufunc) else ""
    if name not in _INVERSES:
        raise SymcError(
            f"the target is transformed back by {model.inverse_func!r}, which symc cannot read",
            hint=f"Give one of numpy's as inverse_func: {', '.join(_INVERSES)}.",
        )
    return [_INVERSES[name].format(operand(text)) for text in texts]


def _several(model: Any, columns: Sequence[str]) -> list[str]:
    return checked([text for part in model.estimators_ for text in texts_of(part, columns)], model)


def _vote(model: Any, columns: Sequence[str]) -> list[str]:
    weights = model._weights_not_none
    shares = np.full(len(model.estimators_), 1.0) if weights is None else np.asarray(weights, dtype=np.float64)
    texts = [texts_of(part, columns)[0] for part in model.estimators_]
    return checked([weighted_sum(shares / shares.sum(), texts)], model)


def _found(model: Any, columns: Sequence[str]) -> list[str]:
    if not hasattr(model, "best_estimator_"):
        raise SymcError(f"the {type(model).__name__} kept no estimator", hint="Use refit=True.")
    return texts_of(model.best_estimator_, columns)


def _consensus(model: Any, columns: Sequence[str]) -> list[str]:
    return texts_of(model.estimator_, columns)


PIPELINES = Family(("Pipeline",), _pipeline)
TARGETS = Family(("TransformedTargetRegressor",), _target)
SEVERAL = Family(("MultiOutputRegressor",), _several)
VOTES = Family(("VotingRegressor",), _vote)
SEARCHES = Family(("GridSearchCV", "HalvingGridSearchCV", "HalvingRandomSearchCV", "RandomizedSearchCV"), _found)
CONSENSUS = Family(("RANSACRegressor",), _consensus)
