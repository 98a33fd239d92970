"""Algebraic laws, found by linear algebra: P(x) = T(y) Q(x) with sparse polynomials P and Q, T(y) being y, y^2 ...

A rational law is a vector in the null space of the matrix of all monomials of x and of T(y) times monomials
(symc.search.structure.nullspace).
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from symc.search.refit import Samples
from symc.search.structure.nullspace import HIGHEST, Columns, rational_laws

Array = NDArray[np.float64]

_MOST_COLUMNS = 90
_MOST_INPUTS = 6
_MOST_WITH_FUNCTION, _MOST_WITH_TWO = 4, 2
_HIGHEST_OF_FEW = {1: 6, 2: 6, 3: 5}
_FUNCTIONS = {"exp": np.exp, "sin": np.sin, "cos": np.cos, "log": np.log, "sqrt": np.sqrt}
# Of the residual of a relation, its columns being of size 1: float32 samples of a law leave some 1e-8, a function that
# is much like one leaves 1e-6, networks and noise leave more.
_RESIDUALS = (2.5e-8, 2e-7, 2e-6, 5e-5, 1e-3, 1e-2)
# Of those the ones that a law may leave whose inputs were rounded to float32, too.
EXACT_RESIDUALS = _RESIDUALS[:3]


@dataclass(frozen=True)
class _Target:
    """A function of y in which a law may be rational: its text around the law, and what it needs."""

    name: str
    of: Callable[[Array], Array]
    text: str
    operators: frozenset[str]
    positive: bool


_TARGETS = (
    _Target("y", lambda y: y, "{0}", frozenset(), False),
    _Target("y^2", lambda y: y**2, "sqrt({0})", frozenset({"sqrt"}), True),
    _Target("log y", lambda y: np.log(np.maximum(y, 1e-300)), "exp({0})", frozenset({"exp"}), True),
    _Target("exp y", lambda y: np.exp(np.clip(y, -50.0, 50.0)), "log({0})", frozenset({"log"}), False),
)


def algebraic_laws(
    samples: Samples,
    operators: Sequence[str],
    residuals: Sequence[float] = _RESIDUALS,
    most_columns: int = _MOST_COLUMNS,
    few: bool = False,
) -> list[str]:
    """The simplest law of few terms for each target and each size of error; none without add, mul and div.

    few: whether the variables are what is left of more, so that higher powers of them are to be expected.
    """
    known = frozenset(operators)
    if not {"add", "mul", "div"} <= known or not 0 < len(samples.features) <= _MOST_INPUTS:
        return []
    highest = _HIGHEST_OF_FEW.get(len(samples.features), HIGHEST) if few else HIGHEST
    found: list[str] = []
    for target in _TARGETS:
        usable = target.operators <= known and (not target.positive or bool((samples.y > 0).all()))
        with np.errstate(all="ignore"):
            y = target.of(samples.y)
        if usable and np.isfinite(y).all() and 0.0 < float(np.abs(y).max()) < 1e12:
            laws = rational_laws(Columns.of(samples.x, samples.features), y, residuals, most_columns, highest)
            found += [target.text.format(law) for law in laws]
    return list(dict.fromkeys(found))


def transcendental_laws(samples: Samples, operators: Sequence[str]) -> Iterator[str]:
    """Laws that are rational in the inputs and in functions of one or two of them, and may be exact."""
    for laws in _with_functions(samples, operators, EXACT_RESIDUALS, _MOST_COLUMNS):
        yield from laws


def near_transcendental_laws(
    samples: Samples, operators: Sequence[str], residuals: Sequence[float], most_columns: int
) -> list[str]:
    """All of them, for each size of error."""
    return [law for laws in _with_functions(samples, operators, residuals, most_columns) for law in laws]


def _with_functions(
    samples: Samples, operators: Sequence[str], residuals: Sequence[float], most_columns: int
) -> Iterator[list[str]]:
    known = frozenset(operators)
    if not {"add", "mul", "div"} <= known or not 0 < len(samples.features) <= _MOST_WITH_FUNCTION:
        return
    functions = list(_functions(samples, known))
    pairs = itertools.combinations(functions, 2) if len(samples.features) <= _MOST_WITH_TWO else ()
    for chosen in (*((one,) for one in functions), *pairs):
        columns = with_functions(samples, chosen)
        for target in _TARGETS[:2]:
            if target.operators <= known and (not target.positive or bool((samples.y > 0).all())):
                laws = rational_laws(columns, target.of(samples.y), residuals, most_columns)
                if laws:
                    yield [target.text.format(law) for law in laws]


@dataclass(frozen=True)
class Function:
    """A function of one argument as a column: its name, the text of its argument, and its values (n,)."""

    name: str
    argument: str
    values: Array

    @property
    def text(self) -> str:
        return f"{self.name}({self.argument})"


def with_functions(samples: Samples, chosen: Sequence[Function]) -> Columns:
    """The variables and functions of them."""
    cosines = {one.argument for one in chosen if one.name == "cos"}
    linear = [one.name == "sqrt" or (one.name == "sin" and one.argument in cosines) for one in chosen]
    return Columns(
        np.column_stack([samples.x, *(one.values for one in chosen)]),
        (*samples.features, *(one.text for one in chosen)),
        (*(None for _ in samples.features), *(1 if bounded else None for bounded in linear)),
    )


def _functions(samples: Samples, known: frozenset[str]) -> Iterator[Function]:
    for (name, function), (k, feature) in itertools.product(_FUNCTIONS.items(), enumerate(samples.features)):
        if name in known:
            with np.errstate(all="ignore"):
                column = function(samples.x[:, k])
            if np.isfinite(column).all() and 0.0 < float(np.abs(column).max()) < 1e12:
                yield Function(name, feature, column)
