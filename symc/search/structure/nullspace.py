"""Sparse polynomial relations between columns, as vectors in the null space of a matrix of their monomials.

Of degrees so low that the null space is one line, that line is the relation, whatever its constants; what does not take
part is left out one column at a time (Kaheman, Kutz and Brunton, "SINDy-PI", Proc. R. Soc. A 476, 2020, find the same
by sparse regression).
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from symc.search.watch import pulse

Array = NDArray[np.float64]
Exponents = tuple[int, ...]
Terms = list[tuple[float, Exponents]]

_MOST_ROWS = 600
_MOST_TERMS = 9
# Degrees of numerator and denominator that are tried.
HIGHEST = 4


@dataclass(frozen=True)
class Columns:
    """What relations are polynomials in: values (n, d), the text of each, and the highest power of each (None: any).

    Powers are bounded where higher ones are other columns' polynomials: sqrt(x)^2 is x, and sin(x)^2 is 1 - cos(x)^2.
    """

    x: Array
    names: tuple[str, ...]
    most: tuple[int | None, ...]

    @classmethod
    def of(cls, x: Array, names: Sequence[str]) -> Columns:
        """Columns of any power."""
        return cls(x, tuple(names), (None,) * len(names))


def rational_laws(
    columns: Columns, y: Array, residuals: Sequence[float], most_columns: int, highest: int = HIGHEST
) -> list[str]:
    """y as a quotient of sparse polynomials in `columns`: for each size of residual that of the lowest degrees.

    `residuals` are of a relation whose columns are of size 1; `highest` is that of both degrees.
    """
    x, y = Products(columns.x[:_MOST_ROWS]), y[:_MOST_ROWS]
    open_ = list(residuals)
    found = []
    for above, below in _degrees(columns, highest):
        pulse()
        top, bottom = monomials(columns, above), monomials(columns, below)
        if len(top) + len(bottom) > min(most_columns, len(y) // 3):
            continue
        scaled, sizes = relation_matrix(x, [(top, None), (bottom, -y)])
        if scaled is None:
            continue
        residual, weights = null(scaled)
        for limit in [limit for limit in open_ if residual <= limit]:
            kept, kept_weights = sparse(scaled, weights, limit)
            terms = [(float(w / sizes[k]), int(k)) for w, k in zip(kept_weights, kept, strict=True)]
            above_terms = [(w, top[k]) for w, k in terms if k < len(top)]
            below_terms = [(w, bottom[k - len(top)]) for w, k in terms if k >= len(top)]
            if len(terms) <= _MOST_TERMS and above_terms and below_terms:
                found.append(_quotient(above_terms, below_terms, columns.names))
                open_.remove(limit)
        if not open_:
            break
    return found


class Products:
    """Monomials of the columns of x (n, d), each computed once: the degrees that are tried share most of them.

    By multiplications alone, which every machine rounds the same.
    """

    def __init__(self, x: Array) -> None:
        self._x = x
        self._known: dict[Exponents, Array] = {(0,) * x.shape[1]: np.ones(len(x))}

    def of(self, exponents: Exponents) -> Array:
        """The monomial (n,)."""
        found = self._known.get(exponents)
        if found is None:
            last = max(k for k, e in enumerate(exponents) if e)
            lower = (*exponents[:last], exponents[last] - 1, *exponents[last + 1 :])
            found = self._known[exponents] = self.of(lower) * self._x[:, last]
        return found


def relation_matrix(
    x: Products, parts: Sequence[tuple[Sequence[Exponents], Array | None]]
) -> tuple[Array | None, Array]:
    """Monomials, each part times a column (n,), of size 1 and as the triangle of their QR factorisation.

    The triangle has the same relations in fewer rows. Also the size of each column; no matrix where one has none.
    """
    columns = [x.of(e) if factor is None else factor * x.of(e) for part, factor in parts for e in part]
    matrix = np.stack(columns, axis=1)
    with np.errstate(all="ignore"):
        sizes = np.sqrt((matrix**2).mean(axis=0))
    if not (np.isfinite(sizes).all() and (sizes > 0.0).all()):
        return None, sizes
    return np.asarray(np.linalg.qr(matrix / (sizes * np.sqrt(len(matrix))), mode="r")), sizes


def _degrees(columns: Columns, highest: int) -> Iterator[tuple[int, int]]:
    """Degrees of numerator and denominator, small ones first."""
    counts = [len(monomials(columns, degree)) for degree in range(highest + 1)]
    pairs = [(a, b) for a in range(highest + 1) for b in range(highest + 1) if a + b > 0]
    yield from sorted(pairs, key=lambda p: (counts[p[0]] + counts[p[1]], p[1]))


def monomials(columns: Columns, degree: int) -> tuple[Exponents, ...]:
    """Exponents of all monomials up to a degree, none above the most that its column may have."""
    return _exponents(columns.most, degree)


@lru_cache(maxsize=256)
def _exponents(most: tuple[int | None, ...], degree: int) -> tuple[Exponents, ...]:
    ranges = [range(min(degree, degree if one is None else one) + 1) for one in most]
    return tuple(e for e in itertools.product(*ranges) if sum(e) <= degree)


def sparse(matrix: Array, weights: Array, limit: float) -> tuple[NDArray[np.intp], Array]:
    """Columns and weights of a relation whose smallest weights are left out while its residual stays below `limit`."""
    kept = np.arange(matrix.shape[1])
    count = len(kept) // 2
    while count and len(kept) - count >= 2:
        # As many as possible at once; of the last, each of three is tried alone.
        order = np.argsort(np.abs(weights))
        for drop in [order[:count]] if count > 1 else [order[k : k + 1] for k in range(3)]:
            rest = np.delete(kept, drop)
            residual, other = null(matrix[:, rest])
            if residual <= limit:
                kept, weights = rest, other
                count = min(count, len(kept) // 2)
                break
        else:
            count //= 2
    return kept, weights


def null(matrix: Array) -> tuple[float, Array]:
    """The smallest |matrix @ v| over unit vectors v, and that v."""
    _, singular, directions = np.linalg.svd(matrix, full_matrices=len(matrix) < matrix.shape[1])
    return float(singular[-1]), np.asarray(directions[-1])


def _quotient(
    top: Terms, bottom: Terms, names: Sequence[str]
) -> str:
    """P/Q in the grammar, the first weight of Q being 1, and without the powers that all terms share."""
    lead = bottom[0][0]
    shared = np.min([e for _, e in (*top, *bottom)], axis=0)
    above, below = (
        polynomial([(w / lead, tuple(int(v) for v in np.array(e) - shared)) for w, e in terms], names)
        for terms in (top, bottom)
    )
    return f"({above})" if below == "(1)" else f"({above})/({below})"


def polynomial(terms: Terms, names: Sequence[str]) -> str:
    """A sum of monomials in the grammar."""
    return " + ".join(_term(weight, exponents, names) for weight, exponents in terms)


def _term(weight: float, exponents: Exponents, names: Sequence[str]) -> str:
    factors = [name if e == 1 else f"{name}^{e}" for name, e in zip(names, exponents, strict=True) if e]
    # Nine digits: more would hang on the order in which a machine adds, and the constants are fitted again.
    return "*".join([f"({weight:.9g})", *factors])
