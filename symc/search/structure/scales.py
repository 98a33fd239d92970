"""Functions of one variable times an unknown number, as exp(x/(2 pi)): the number by which a relation becomes exact.

For each number the smallest singular value of a matrix of monomials says how far from a relation the columns are
(variable projection: Golub and Pereyra, SIAM J. Numer. Anal. 10, 413, 1973). It is looked at on a grid, and made least
from the best places of the grid on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from symc.search.refit import Samples
from symc.search.structure.nullspace import Products, monomials, null, rational_laws, relation_matrix
from symc.search.structure.relations import Function, with_functions
from symc.search.watch import pulse

Array = NDArray[np.float64]

_SHAPES: dict[str, Callable[[Array], Array]] = {"exp": np.exp, "tanh": np.tanh, "cos": np.cos, "sin": np.sin}
_MOST_VARIABLES = 2
# Of higher degrees relations fit any smooth function of so many variables, whatever the number.
_ROWS, _DEGREES = 200, {1: (1, 1), 2: (2, 1)}
# The argument's largest value: below the first a function is its own polynomial, above the last rows do not tell it.
_LEAST, _MOST = 0.3, {"exp": 40.0, "tanh": 40.0, "cos": 120.0, "sin": 120.0}
_GRID, _STARTS, _SHRINKINGS = 400, 3, 60
_GOLDEN = (np.sqrt(5.0) - 1.0) / 2.0
# The number found is a little off, which terms make up for that are none of the law's: with larger residuals they go.
_RESIDUALS = (1e-3, 1e-4, 1e-5, 1e-6)
_MOST_COLUMNS, _HIGHEST = 20, 2


def scaled_laws(samples: Samples, operators: Sequence[str]) -> Iterator[str]:
    """Laws that are rational in the variables and in one function of a variable times a number.

    One may be exact once its constants are fitted; of one number the shortest come first.
    """
    known = frozenset(operators)
    if not {"add", "mul", "div"} <= known or not 0 < len(samples.features) <= _MOST_VARIABLES:
        return
    for name in (name for name in _SHAPES if name in known):
        for k, feature in enumerate(samples.features):
            size = float(np.abs(samples.x[:, k]).max())
            for scale in _scales(samples, name, k, _LEAST / size, _MOST[name] / size):
                with np.errstate(all="ignore"):
                    values = _SHAPES[name](scale * samples.x[:, k])
                if np.isfinite(values).all():
                    columns = with_functions(samples, [Function(name, f"({scale:.12g})*{feature}", values)])
                    laws = rational_laws(columns, samples.y, _RESIDUALS, _MOST_COLUMNS, _HIGHEST)
                    yield from sorted(set(laws), key=lambda law: (len(law), law))


def _scales(samples: Samples, name: str, k: int, low: float, high: float) -> list[float]:
    """The numbers by which variable k may have to be multiplied, the most likely first."""
    # Waves are told apart by their number of periods, other functions by how steep they are.
    grid = np.linspace(low, high, _GRID) if name in ("cos", "sin") else np.geomspace(low, high, _GRID)
    values = np.array([_residual(samples, name, k, scale) for scale in grid])
    inner = np.arange(1, _GRID - 1)
    least = inner[(values[inner] <= values[inner - 1]) & (values[inner] <= values[inner + 1])]
    starts = least[np.argsort(values[least], kind="stable")][:_STARTS]
    return [_least(lambda scale: _residual(samples, name, k, scale), grid[s - 1], grid[s + 1]) for s in starts]


def _least(of: Callable[[float], float], low: float, high: float) -> float:
    """Where a function of one number is least between two (golden sections)."""
    a, b = high - _GOLDEN * (high - low), low + _GOLDEN * (high - low)
    at_a, at_b = of(a), of(b)
    for _ in range(_SHRINKINGS):
        if at_a <= at_b:
            high, b, at_b = b, a, at_a
            a = high - _GOLDEN * (high - low)
            at_a = of(a)
        else:
            low, a, at_a = a, b, at_b
            b = low + _GOLDEN * (high - low)
            at_b = of(b)
    return float((low + high) / 2.0)


def _residual(samples: Samples, name: str, k: int, scale: float) -> float:
    """How far the columns with the function of scale * variable k are from a relation of low degree."""
    pulse()
    x, y = samples.x[:_ROWS], samples.y[:_ROWS]
    with np.errstate(all="ignore"):
        values = _SHAPES[name](scale * x[:, k])
    if not np.isfinite(values).all():
        return np.inf
    columns = with_functions(Samples(x, y, samples.features), [Function(name, "", values)])
    above, below = (monomials(columns, degree) for degree in _DEGREES[x.shape[1]])
    matrix, _ = relation_matrix(Products(columns.x), [(above, None), (below, -y)])
    return np.inf if matrix is None else null(matrix)[0]
