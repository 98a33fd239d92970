"""Sums of a few simple terms, chosen greedily by linear regression: proposals that cost next to nothing to find.

Many a law is such a sum, and a search by chance can miss it. Terms are powers, functions and products of one or two
inputs; the best are added one by one (orthogonal matching pursuit), and every sum on the way is a proposal.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from symc.search.refit import Samples

Array = NDArray[np.float64]

_TERMS = 6
_STARTS = 2
_PAIRED_INPUTS = 8
_FUNCTIONS = {"exp": np.exp, "log": np.log, "sqrt": np.sqrt, "sin": np.sin, "cos": np.cos, "tanh": np.tanh}
_WEIGHTED = ("exp", "sin", "cos", "tanh")


@dataclass(frozen=True)
class _Term:
    text: str
    values: Array


def sparse_sums(samples: Samples, operators: Sequence[str]) -> list[str]:
    """Equations of one to a few terms over `operators`, in our grammar; none without addition and multiplication."""
    if not {"add", "mul"} <= set(operators) or not samples.spread > 0.0:
        return []
    terms = [t for t in _library(samples, frozenset(operators)) if _usable(t.values)]
    if not terms:
        return []
    columns = np.stack([t.values for t in terms], axis=1)
    columns = np.reshape(samples.root, (-1, 1)) * (columns - samples.mean(columns))
    columns /= np.sqrt(np.mean(columns**2, axis=0))
    target = samples.root * (samples.y - samples.mean(samples.y))
    found = []
    for start in _ranked(columns, target, [])[:_STARTS]:
        chosen = [start]
        while True:
            found.append(_sum([terms[k] for k in chosen], samples))
            residual = _residual(columns[:, chosen], target)
            if len(chosen) == min(_TERMS, len(terms)) or np.mean(residual**2) <= samples.enough:
                break
            chosen.append(_ranked(columns, residual, chosen)[0])
    return list(dict.fromkeys(found))


def _library(samples: Samples, operators: frozenset[str]) -> Iterator[_Term]:
    unary: dict[int, list[_Term]] = {}
    for k, name in enumerate(samples.features):
        unary[k] = list(_of_one(name, samples.x[:, k], operators))
        yield from unary[k]
    strength = [max((_correlation(t.values, samples.y) for t in terms), default=0.0) for terms in unary.values()]
    paired = sorted(sorted(unary, key=lambda k: (-round(strength[k], 9), k))[:_PAIRED_INPUTS])
    for k in paired:
        for other in paired:
            name, x = samples.features[other], samples.x[:, other]
            for term in unary[k]:
                # x0*x1 once, not x1*x0 again; but x0*sin(x1) and x1*sin(x0) both.
                if k != other and (term.text != samples.features[k] or k < other):
                    yield _Term(f"{name}*{term.text}", _product(x, term.values))
                if "div" in operators and k != other and term.text == samples.features[k] and (x > 0).all():
                    yield _Term(f"{term.text}/{name}", term.values / x)


def _product(x: Array, y: Array) -> Array:
    # A term that is not finite is left out later.
    with np.errstate(over="ignore"):
        return x * y


def _of_one(name: str, x: Array, operators: frozenset[str]) -> Iterator[_Term]:
    yield _Term(name, x)
    yield _Term(f"{name}^2", x**2)
    yield _Term(f"{name}^3", x**3)
    positive = bool((x > 0).all())
    if "div" in operators and (positive or (x < 0).all()):
        yield _Term(f"(1/{name})", 1 / x)
    deviation = float(x.std()) or 1.0
    # Weights of one, and some on the scale of the input; the fit that follows finds the rest of the way.
    scales = [1.0, *(_one_digit(s / deviation) for s in (0.5, 1.0, 2.0, 4.0))]
    for function, numeric in _FUNCTIONS.items():
        if function not in operators:
            continue
        if function not in _WEIGHTED:
            if positive:
                yield _Term(f"{function}({name})", numeric(x))
            continue
        for weight in dict.fromkeys(scales):
            with np.errstate(over="ignore"):
                yield _Term(f"{function}({weight!r}*{name})", numeric(weight * x))
                if function == "exp":
                    yield _Term(f"exp(-{weight!r}*{name})", numeric(-weight * x))
                if function == "cos":
                    # A wave that is neither even nor odd: somewhere to start from for its phase.
                    yield _Term(f"cos({weight!r}*{name} + 0.8)", numeric(weight * x + 0.8))


def _one_digit(value: float) -> float:
    """The nearest decimal with one digit."""
    return float(f"{value:.0e}")


def _usable(values: Array) -> bool:
    if not np.isfinite(values).all() or not np.abs(values).max() < 1e15:
        return False
    return float(values.std()) > 1e-9 * float(np.abs(values).max())


def _correlation(values: Array, y: Array) -> float:
    if not _usable(values):
        return 0.0
    deviation = values - values.mean()
    return abs(float(np.mean(deviation * (y - y.mean())))) / float(deviation.std() * y.std())


def _ranked(columns: Array, residual: Array, taken: list[int]) -> list[int]:
    """Columns by falling correlation with the residual, those taken left out."""
    scores = np.abs(np.einsum("ni,n->i", columns, residual)) / (np.sqrt(np.mean(residual**2)) * len(residual))
    # Rounded, so that columns that are equal but for rounding keep their order on every machine.
    order = np.argsort(-np.round(scores, 9), kind="stable")
    return [int(k) for k in order if k not in taken]


def _residual(columns: Array, target: Array) -> Array:
    return target - columns @ np.linalg.lstsq(columns, target, rcond=None)[0]


def _sum(terms: Sequence[_Term], samples: Samples) -> str:
    matrix = np.stack([np.ones(len(samples.y)), *(t.values for t in terms)], axis=1)
    root = np.reshape(samples.root, (-1, 1))
    constant, *weights = np.linalg.lstsq(root * matrix, samples.root * samples.y, rcond=None)[0].tolist()
    return " + ".join([f"({constant!r})", *(f"({w!r})*{t.text}" for w, t in zip(weights, terms, strict=True))])
