"""Laws that solve a quadratic equation with sparse polynomials: S + sqrt(R) solves y^2 - 2 S y + S^2 - R = 0.

Such a sum of a term and a root is no quotient of polynomials, and no root of one.
"""

from __future__ import annotations

from collections.abc import Sequence

import sympy

from symc.ir.parse import format_expression
from symc.ir.symbolic import symbol
from symc.search.refit import Samples
from symc.search.structure.forms import as_decimals, as_fractions
from symc.search.structure.nullspace import Columns, Exponents, Products, monomials, null, relation_matrix, sparse
from symc.search.watch import pulse

_MOST_INPUTS = 3
_ROWS = 600
# Degrees of what stands alone, beside y, and beside y^2.
_DEGREES = ((2, 1, 0), (3, 1, 0), (4, 2, 0), (3, 2, 1))
_RESIDUALS = (1e-7, 1e-6)
_MOST_TERMS = 9


def quadratic_laws(samples: Samples, operators: Sequence[str]) -> list[str]:
    """Both roots of the first such equation of few terms that holds; none without sqrt."""
    known = frozenset(operators)
    if not {"add", "mul", "div", "sqrt"} <= known or not 0 < len(samples.features) <= _MOST_INPUTS:
        return []
    columns, y = Columns.of(samples.x[:_ROWS], samples.features), samples.y[:_ROWS]
    for degrees in _DEGREES:
        pulse()
        parts = [monomials(columns, degree) for degree in degrees]
        factors = (None, y, y**2)
        matrix, sizes = relation_matrix(Products(columns.x), list(zip(parts, factors, strict=True)))
        if matrix is None or matrix.shape[1] > len(y) // 3:
            continue
        residual, weights = null(matrix)
        for limit in (limit for limit in _RESIDUALS if residual <= limit):
            kept, kept_weights = sparse(matrix, weights, limit)
            weighted = {int(k): float(w / sizes[k]) for k, w in zip(kept, kept_weights, strict=True)}
            if len(kept) <= _MOST_TERMS and (laws := _roots(parts, weighted, samples)):
                return laws
    return []


def _roots(parts: Sequence[Sequence[Exponents]], weights: dict[int, float], samples: Samples) -> list[str]:
    """The texts of both y with P0 + P1 y + P2 y^2 = 0, where y^2 takes part."""
    variables = [symbol(name) for name in samples.features]
    flat = [(power, exponents) for power, part in enumerate(parts) for exponents in part]
    polynomials = [sympy.Integer(0)] * 3
    # By the first weight beside y^2, so that the others are the fractions that they are in the law.
    lead = next((weight for k, weight in weights.items() if flat[k][0] == 2), 0.0)
    if lead == 0.0:
        return []
    for k, weight in weights.items():
        power, exponents = flat[k]
        term = sympy.Mul(*(v**e for v, e in zip(variables, exponents, strict=True)))
        polynomials[power] += as_fractions(sympy.Float(weight / lead)) * term
    alone, beside, square = polynomials
    half = sympy.expand(beside / 2)
    outside, inside = _root_of(sympy.expand(half**2 - square * alone))
    # The numbers are decimals in the grammar.
    forms = (-half / square + sign * outside * sympy.sqrt(inside) / square for sign in (1, -1))
    return [format_expression(as_decimals(form)) for form in forms]


def _root_of(polynomial: sympy.Expr) -> tuple[sympy.Expr, sympy.Expr]:
    """(a, b) with a^2 b the polynomial: a root keeps its sign where it changes."""
    outside, inside = sympy.Integer(1), sympy.Integer(1)
    number, factors = sympy.factor_list(polynomial)
    for factor, power in factors:
        outside *= factor ** (power // 2)
        inside *= factor ** (power % 2)
    return outside, number * inside
