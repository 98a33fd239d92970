"""Linear regressors, generalized ones, and those that only pick the prediction of another."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from symc.errors import SymcError
from symc.sources.estimators.family import Family, dense, weighted_sum


def linear(model: Any, columns: Sequence[str]) -> list[str]:
    """coef_ (n_out, n_in) or (n_in,) and intercept_."""
    weights = np.atleast_2d(dense(model.coef_))
    constants = np.broadcast_to(np.asarray(model.intercept_, dtype=np.float64).ravel(), len(weights))
    return [weighted_sum(w, columns, float(c)) for w, c in zip(weights, constants, strict=True)]


def generalized(model: Any, columns: Sequence[str]) -> list[str]:
    """The exponential of a linear prediction, where the link is the logarithm."""
    link = getattr(model, "link", "log")
    if link == "auto":
        link = "identity" if model.power <= 0 else "log"
    texts = linear(model, columns)
    if link == "identity":
        return texts
    if link != "log":
        raise SymcError(f"the link {link!r} of a {type(model).__name__} is not known", hint="Use link='log'.")
    return [f"exp({text})" for text in texts]


def partial_least_squares(model: Any, columns: Sequence[str]) -> list[str]:
    """(x - mean) coef_ + intercept_; its means stand in the constant, in float64."""
    weights = np.atleast_2d(np.asarray(model.coef_, dtype=np.float64))
    constants = np.asarray(model.intercept_, dtype=np.float64).ravel() - weights @ model._x_mean
    return [weighted_sum(w, columns, float(c)) for w, c in zip(weights, constants, strict=True)]


def dummy(model: Any, columns: Sequence[str]) -> list[str]:
    return [weighted_sum((), (), float(value)) for value in np.asarray(model.constant_).ravel()]


LINEAR = Family(
    (
        "ARDRegression", "BayesianRidge", "ElasticNet", "ElasticNetCV", "HuberRegressor", "Lars", "LarsCV", "Lasso",
        "LassoCV", "LassoLars", "LassoLarsCV", "LassoLarsIC", "LinearRegression", "LinearSVR", "MultiTaskElasticNet",
        "MultiTaskElasticNetCV", "MultiTaskLasso", "MultiTaskLassoCV", "OrthogonalMatchingPursuit",
        "OrthogonalMatchingPursuitCV", "PassiveAggressiveRegressor", "QuantileRegressor", "Ridge", "RidgeCV",
        "SGDRegressor", "TheilSenRegressor",
    ),
    linear,
)  # fmt: skip
GENERALIZED = Family(("GammaRegressor", "PoissonRegressor", "TweedieRegressor"), generalized)
PARTIAL = Family(("CCA", "PLSCanonical", "PLSRegression"), partial_least_squares)
DUMMY = Family(("DummyRegressor",), dummy)
