"""Algebraic laws, found by linear algebra: P(x) = T(y) Q(x) with sparse polynomials P and Q, T(y) being y, y^2 ...

A rational law is a vector in the null space of the matrix of all monomials of x and of T(y) times monomials: of degrees
so low that the null space is one line, it is the law itself. What does not take part is left out one column at a time
(Kaheman, Kutz and Brunton, "SINDy-PI", Proc. R. Soc. A 476, 2020, find the same by sparse regression).
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from symc.search.refit import Samples
from symc.search.watch import pulse

Array = NDArray[np.float64]

_MOST_ROWS = 600
_MOST_COLUMNS = 90
_MOST_INPUTS = 6
_MOST_WITH_FUNCTION, _MOST_WITH_TWO = 4, 2
_FUNCTIONS = {"exp": np.exp, "sin": np.sin, "cos": np.cos, "log": np.log, "sqrt": np.sqrt}
# Of the residual of a relation, its columns being of size 1: float32 samples of a law leave some 1e-8, a function that
# is much like one leaves 1e-6, networks and noise leave more.
_RESIDUALS = (2.5e-8, 2e-7, 2e-6, 5e-5, 1e-3, 1e-2)
_MOST_TERMS = 9


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
) -> list[str]:
    """The simplest law of few terms for each target and each size of error; none without add, mul and div."""
    known = frozenset(operators)
    if not {"add", "mul", "div"} <= known or not 0 < len(samples.features) <= _MOST_INPUTS:
        return []
    found: list[str] = []
    for target in _TARGETS:
        usable = target.operators <= known and (not target.positive or bool((samples.y > 0).all()))
        with np.errstate(all="ignore"):
            y = target.of(samples.y)
        if usable and np.isfinite(y).all() and 0.0 < float(np.abs(y).max()) < 1e12:
            laws = _rational(samples.x[:_MOST_ROWS], y[:_MOST_ROWS], samples.features, residuals, most_columns)
            found += [target.text.format(law) for law in laws]
    return list(dict.fromkeys(found))


def transcendental_laws(samples: Samples, operators: Sequence[str]) -> list[str]:
    """The first law that is rational in the inputs and in functions of one or two of them, and exact, if any."""
    return next(_with_functions(samples, operators, _RESIDUALS[:1], _MOST_COLUMNS), [])


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
    columns = dict(_functions(samples, known))
    pairs = itertools.combinations(columns, 2) if len(samples.features) <= _MOST_WITH_TWO else ()
    for chosen in (*((name,) for name in columns), *pairs):
        x = np.column_stack([samples.x, *(columns[name] for name in chosen)])[:_MOST_ROWS]
        for target in _TARGETS[:2]:
            if target.operators <= known and (not target.positive or bool((samples.y > 0).all())):
                y = target.of(samples.y[:_MOST_ROWS])
                laws = _rational(x, y, (*samples.features, *chosen), residuals, most_columns)
                if laws:
                    yield [target.text.format(law) for law in laws]


def _functions(samples: Samples, known: frozenset[str]) -> Iterator[tuple[str, Array]]:
    for (name, function), (k, feature) in itertools.product(_FUNCTIONS.items(), enumerate(samples.features)):
        if name in known:
            with np.errstate(all="ignore"):
                column = function(samples.x[:, k])
            if np.isfinite(column).all() and 0.0 < float(np.abs(column).max()) < 1e12:
                yield f"{name}({feature})", column


def _rational(
    x: Array, y: Array, names: Sequence[str], residuals: Sequence[float], most_columns: int
) -> list[str]:
    """For each size of residual the law of the lowest degrees that reaches it."""
    open_ = list(residuals)
    found = []
    for above, below in _degrees(x.shape[1]):
        pulse()
        top, bottom = _exponents(x.shape[1], above), _exponents(x.shape[1], below)
        if len(top) + len(bottom) > min(most_columns, len(x) // 3):
            continue
        columns = [*(_monomial(x, e) for e in top), *(-y * _monomial(x, e) for e in bottom)]
        matrix = np.stack(columns, axis=1)
        sizes = np.sqrt((matrix**2).mean(axis=0))
        if not (np.isfinite(sizes).all() and (sizes > 0.0).all()):
            continue
        # The triangle of a QR factorisation has the same relations in fewer rows.
        scaled = np.asarray(np.linalg.qr(matrix / (sizes * np.sqrt(len(matrix))), mode="r"))
        residual, weights = _null(scaled)
        for limit in [limit for limit in open_ if residual <= limit]:
            kept, kept_weights = _sparse(scaled, weights, limit)
            terms = [(float(w / sizes[k]), int(k)) for w, k in zip(kept_weights, kept, strict=True)]
            above_terms = [(w, top[k]) for w, k in terms if k < len(top)]
            below_terms = [(w, bottom[k - len(top)]) for w, k in terms if k >= len(top)]
            if len(terms) <= _MOST_TERMS and above_terms and below_terms:
                found.append(_quotient(above_terms, below_terms, names))
                open_.remove(limit)
        if not open_:
            break
    return found


def _degrees(n_in: int) -> Iterator[tuple[int, int]]:
    """Degrees of numerator and denominator, small ones first."""
    pairs = [(a, b) for a in range(5) for b in range(5) if a + b > 0]
    yield from sorted(pairs, key=lambda p: (len(_exponents(n_in, p[0])) + len(_exponents(n_in, p[1])), p[1]))


def _exponents(n_in: int, degree: int) -> list[tuple[int, ...]]:
    return [e for e in itertools.product(range(degree + 1), repeat=n_in) if sum(e) <= degree]


def _monomial(x: Array, exponents: tuple[int, ...]) -> Array:
    return np.asarray(np.prod(x ** np.array(exponents), axis=1))


def _sparse(matrix: Array, weights: Array, limit: float) -> tuple[NDArray[np.intp], Array]:
    """Columns and weights of a relation whose smallest weights are left out while its residual stays below `limit`."""
    kept = np.arange(matrix.shape[1])
    count = len(kept) // 2
    while count and len(kept) - count >= 2:
        # As many as possible at once; of the last, each of three is tried alone.
        order = np.argsort(np.abs(weights))
        for drop in [order[:count]] if count > 1 else [order[k : k + 1] for k in range(3)]:
            rest = np.delete(kept, drop)
            residual, other = _null(matrix[:, rest])
            if residual <= limit:
                kept, weights = rest, other
                count = min(count, len(kept) // 2)
                break
        else:
            count //= 2
    return kept, weights


def _null(matrix: Array) -> tuple[float, Array]:
    """The smallest |matrix @ v| over unit vectors v, and that v."""
    _, singular, directions = np.linalg.svd(matrix, full_matrices=len(matrix) < matrix.shape[1])
    return float(singular[-1]), np.asarray(directions[-1])


def _quotient(
    top: list[tuple[float, tuple[int, ...]]], bottom: list[tuple[float, tuple[int, ...]]], names: Sequence[str]
) -> str:
    """P/Q in the grammar, the first weight of Q being 1, and without the powers that all terms share."""
    lead = bottom[0][0]
    shared = np.min([e for _, e in (*top, *bottom)], axis=0)
    above, below = (
        " + ".join(_term(w / lead, tuple(int(v) for v in np.array(e) - shared), names) for w, e in terms)
        for terms in (top, bottom)
    )
    return f"({above})" if below == "(1)" else f"({above})/({below})"


def _term(weight: float, exponents: tuple[int, ...], names: Sequence[str]) -> str:
    factors = [name if e == 1 else f"{name}^{e}" for name, e in zip(names, exponents, strict=True) if e]
    # Nine digits: more would hang on the order in which a machine adds, and the constants are fitted again.
    return "*".join([f"({weight:.9g})", *factors])
