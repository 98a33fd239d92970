"""Sums over support vectors, and perceptrons: sums of one function each of affine maps or distances."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from symc.errors import SymcError
from symc.sources.estimators.family import LONGEST, Family, checked, dense, finite, operand, too_large, weighted_sum
from symc.sources.scaling import number_text

# What a hidden unit, or a coordinate of a support vector, takes more characters than.
_TERM = 10


def _support_vectors(model: Any, columns: Sequence[str]) -> list[str]:
    vectors = dense(model.support_vectors_)
    kernel = _kernels(model, model._gamma, model.kernel, vectors, columns)
    return checked([weighted_sum(dense(model.dual_coef_).ravel(), kernel, float(model.intercept_[0]))], model)


def _kernel_ridge(model: Any, columns: Sequence[str]) -> list[str]:
    vectors = dense(model.X_fit_)
    gamma = 1.0 / len(columns) if model.gamma is None else model.gamma
    kernel = _kernels(model, gamma, model.kernel, vectors, columns)
    weights = np.asarray(model.dual_coef_, dtype=np.float64).reshape(len(vectors), -1)
    return checked([weighted_sum(weights[:, k], kernel) for k in range(weights.shape[1])], model)


def _kernels(model: Any, gamma: float, kernel: Any, vectors: np.ndarray, columns: Sequence[str]) -> list[str]:
    """The kernel of the columns with every vector."""
    if vectors.size * _TERM > LONGEST:
        raise too_large(model, f"{len(vectors):,} vectors of {vectors.shape[1]} numbers")
    gamma = finite(float(gamma))
    if kernel == "rbf":
        return [f"exp({number_text(-gamma)}*{_distance(v, columns)})" for v in vectors]
    if kernel == "linear":
        return [weighted_sum(v, columns) for v in vectors]
    if kernel not in ("poly", "polynomial", "sigmoid"):
        raise SymcError(
            f"the kernel {kernel!r} of the {type(model).__name__} is no closed form that symc knows",
            hint="Use rbf, linear, poly or sigmoid.",
        )
    inner = [weighted_sum(gamma * v, columns, float(model.coef0)) for v in vectors]
    if kernel == "sigmoid":
        return [f"tanh{text}" for text in inner]
    degree = float(model.degree)
    return [f"{text}^{number_text(int(degree) if degree.is_integer() else degree)}" for text in inner]


def _distance(vector: np.ndarray, columns: Sequence[str]) -> str:
    parts = [
        f"({column} - {number_text(finite(value))})^2" for column, value in zip(columns, vector.tolist(), strict=True)
    ]
    return operand(" + ".join(parts))


_ACTIVATIONS = {"identity": "{}", "logistic": "sigmoid{}", "tanh": "tanh{}", "relu": "relu{}"}


def _perceptron(model: Any, columns: Sequence[str]) -> list[str]:
    values = list(columns)
    for layer, (weights, constants) in enumerate(zip(model.coefs_, model.intercepts_, strict=True)):
        last = layer == len(model.coefs_) - 1
        if sum(map(len, values)) * weights.shape[1] > 8 * LONGEST:
            raise too_large(model, f"layers of {', '.join(str(w.shape[1]) for w in model.coefs_)} units, too much")
        form = _ACTIVATIONS[model.out_activation_ if last else model.activation]
        sums = (weighted_sum(weights[:, k], values, float(constants[k])) for k in range(weights.shape[1]))
        values = [form.format(text) for text in sums]
    return checked(values, model)


SUPPORT_VECTORS = Family(("NuSVR", "SVR"), _support_vectors)
KERNEL_RIDGE = Family(("KernelRidge",), _kernel_ridge)
PERCEPTRONS = Family(("MLPRegressor",), _perceptron)
