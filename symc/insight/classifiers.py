"""Networks and surrogates that classify: how often they decide the same, and how often they are right."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from symc.errors import SymcError
from symc.ir.classes import ONE_OF, agreeing, are_classes, decisions
from symc.module.module import SymbolicModule

_METRIC = "classification"
_Function = Callable[[NDArray[np.float32]], NDArray[np.float64]]


def classes_of(metric: str | None, labelled: bool, *functions: Callable[..., Any]) -> str | None:
    """The head by which rows are read as classes; None where they are none. SymcError for an unknown metric."""
    if metric not in (None, _METRIC):
        raise SymcError(f"unknown metric {metric!r}", hint=f"There is {_METRIC!r}; functions of your own are metrics=.")
    heads = [f.head for f in functions if isinstance(f, SymbolicModule) and f.distilled is not None]
    found = next((head for head in heads if are_classes(head)), None)
    if found is None and labelled and metric is None:
        what = "labels are given for what does not end in a classifier's head"
        raise SymcError(what, hint=f"Say metric={_METRIC!r}.")
    return found or (ONE_OF if metric == _METRIC else None)


def agreement_of(functions: Sequence[_Function], x: NDArray[np.float32], head: str) -> float:
    """Share of the rows of x (n, n_in) on which two functions decide for the same class."""
    first, second = (function(x) for function in functions)
    return float(np.mean(agreeing(first, second, head)))


def accuracy_of(
    functions: Sequence[_Function], x: NDArray[np.float32], labels: ArrayLike, head: str
) -> tuple[float, float]:
    """Share of the rows of x (n, n_in) on which each of two functions decides for the label."""
    wanted = np.asarray(labels)
    wanted = wanted[:, None] if wanted.ndim == 1 else wanted
    first, second = (decisions(function(x), head) for function in functions)
    if wanted.shape != first.shape:
        raise SymcError(f"the labels have shape {np.shape(labels)}, the decisions of the network {first.shape}")
    right, also = ((found == wanted).all(axis=1).mean() for found in (first, second))
    return float(right), float(also)
