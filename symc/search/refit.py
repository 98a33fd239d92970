"""Constants of an equation fitted to samples by least squares, in double precision with exact derivatives."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import sympy
from numpy.typing import NDArray
from scipy.optimize import least_squares

from symc.ir.derive import jacobian
from symc.ir.evaluate import evaluate_real
from symc.ir.lower import lower
from symc.ir.passes import drop_dead
from symc.ir.program import Program
from symc.ir.symbolic import finite, multiply, number, substitute, symbol

Array = NDArray[np.float64]

# What a constant does in its equation decides what it may be snapped to.
FACTOR, TERM, EXPONENT, OTHER = "factor", "term", "exponent", "other"
_UNFIT = 1e6


@dataclass(frozen=True)
class Samples:
    """What constants are fitted to: x (n, n_in) and y (n,), both float64, and the names of the variables.

    `weights` (n,), not negative, say how much each row counts in every mean; None: all the same. `slopes` (n, n_in)
    are the derivatives of y by each variable, where they are known.
    """

    x: Array
    y: Array
    features: tuple[str, ...]
    weights: Array | None = None
    slopes: Array | None = None

    @cached_property
    def root(self) -> Array | float:
        """What turns weighted least squares into plain ones: the root of each weight, relative to their mean."""
        return 1.0 if self.weights is None else np.sqrt(self.weights / self.weights.mean())

    def mean(self, values: Array) -> Array:
        """Weighted mean of values (n, ...) over the rows."""
        return values.mean(axis=0) if self.weights is None else np.average(values, axis=0, weights=self.weights)

    @property
    def spread(self) -> float:
        """Mean squared deviation of y from its mean."""
        return float(np.mean((self.root * (self.y - self.mean(self.y))) ** 2))

    @property
    def enough(self) -> float:
        """The mean squared error that float32 arithmetic alone makes: an equation this close is exact.

        Two units in the last place of the root mean square of y, which is what rounding y and a dozen operations
        leave.
        """
        return float(np.mean((self.root * self.y) ** 2)) * 2.0**-44


@dataclass(frozen=True)
class Template:
    """An equation whose constants are symbols: `values[k]` belongs to `parameters[k]`, which has role `roles[k]`."""

    expression: sympy.Expr
    parameters: tuple[sympy.Symbol, ...]
    values: tuple[float, ...]
    roles: tuple[str, ...]

    def filled(self, values: Sequence[float] | None = None) -> sympy.Expr:
        """The equation with numbers in place of its symbols, folded; SymcError when that has no finite value."""
        numbers = dict(zip(self.parameters, map(number, self.values if values is None else values), strict=True))
        return finite(substitute(self.expression, numbers))

    def fixed(self, values: Mapping[int, float]) -> Template:
        """The template with some of its parameters, by their places, fixed at values; SymcError as in filled."""
        numbers = {self.parameters[k]: number(value) for k, value in values.items()}
        left = [k for k in range(len(self.parameters)) if k not in values]
        return Template(
            finite(substitute(self.expression, numbers)),
            tuple(self.parameters[k] for k in left),
            tuple(self.values[k] for k in left),
            tuple(self.roles[k] for k in left),
        )


@dataclass(frozen=True)
class Fit:
    """A template with fitted values, its mean squared error, and its Jacobian there (n, n_parameters).

    Rows of the Jacobian are scaled by the roots of the samples' weights.
    """

    template: Template
    loss: float
    slopes: Array

    @cached_property
    def expression(self) -> sympy.Expr:
        return self.template.filled()


def fit(expression: sympy.Expr, samples: Samples, iterations: int = 40) -> Fit:
    """Fit the constants of `expression`, starting from those it has; never worse than it was.

    Constants 0, 1, -1 and whole exponents are structure and stay. See fit_template.
    """
    return fit_template(parametrise(expression, samples.features), samples, iterations)


def fit_template(template: Template, samples: Samples, iterations: int = 40) -> Fit:
    """Fit the parameters of a template, starting from the values it has; never worse than it was.

    A trust-region Gauss-Newton method (scipy's "trf"), at most `iterations` evaluations. The loss is infinite when the
    equation is not finite on the samples. Raises SymcError when the expression cannot be lowered.
    """
    program, slopes = _programs(template, samples.features)
    columns = np.empty((len(samples.x), program.n_in), order="F")
    columns[:, : samples.x.shape[1]] = samples.x
    rows = np.reshape(samples.root, (-1, 1))

    def residuals(values: Array) -> Array:
        columns[:, samples.x.shape[1] :] = values
        difference = samples.root * (evaluate_real(program, columns)[:, 0] - samples.y)
        return np.where(np.isfinite(difference), np.clip(difference, -limit, limit), limit)

    def derivatives(values: Array) -> Array:
        columns[:, samples.x.shape[1] :] = values
        return rows * np.nan_to_num(evaluate_real(slopes, columns), nan=0.0, posinf=limit, neginf=-limit)

    def loss(values: Array) -> float:
        columns[:, samples.x.shape[1] :] = values
        with np.errstate(over="ignore", invalid="ignore"):
            mean = float(np.mean((samples.root * (evaluate_real(program, columns)[:, 0] - samples.y)) ** 2))
        return mean if math.isfinite(mean) else math.inf

    # Beyond this a residual only says "not there": the step that led to it is taken back.
    limit = _UNFIT * (1.0 + float(np.max(np.abs(samples.y))))
    start = np.array(template.values)
    best, least = start, loss(start)
    if len(start) and iterations and len(start) <= len(samples.y):
        # Its last gradient may overflow where an equation is not finite; the step taken is judged by its loss.
        with np.errstate(over="ignore", invalid="ignore"):
            # Not method="lm": where constants are redundant, scipy 1.17's MINPACK steps elsewhere from call to call,
            # by what happens to lie in memory, and a search would not repeat.
            found = least_squares(
                residuals, start, derivatives, method="trf", x_scale="jac", ftol=1e-12, xtol=1e-12, gtol=1e-14,
                max_nfev=iterations,
            ).x  # fmt: skip
        if np.all(np.isfinite(found)) and (after := loss(found)) < least:
            best, least = found, after
    return Fit(replace(template, values=tuple(best.tolist())), least, derivatives(best))


def parametrise(expression: sympy.Expr, features: Sequence[str]) -> Template:
    """Replace every constant of an equation, except those that are structure, by a symbol of its own."""
    prefix = "c"
    while any(name.startswith(prefix) for name in features):
        prefix += "_"
    found: list[tuple[sympy.Symbol, float, str]] = []

    def parameter(value: sympy.Expr, role: str) -> sympy.Symbol:
        found.append((symbol(f"{prefix}{len(found)}"), float(value), role))
        return found[-1][0]

    def visit(e: sympy.Expr, role: str) -> sympy.Expr:
        if e.is_number:
            return e if e in (0, 1, -1) else parameter(e, role)
        if not e.args:
            return e
        if isinstance(e, sympy.Pow):
            exponent = e.exp if e.exp.is_Rational else visit(e.exp, EXPONENT)
            return sympy.Pow(visit(e.base, OTHER), exponent)
        inner = TERM if e.is_Add else FACTOR if e.is_Mul else OTHER
        args = [visit(a, inner) for a in e.args]
        return multiply(*args) if e.is_Mul else e.func(*args)

    template = visit(expression, OTHER)
    symbols, values, roles = zip(*found, strict=True) if found else ((), (), ())
    return Template(template, tuple(symbols), tuple(values), tuple(roles))


def _programs(template: Template, features: Sequence[str]) -> tuple[Program, Program]:
    """The equation and its derivatives by the parameters, both over (features, parameters)."""
    names = [*features, *(p.name for p in template.parameters)]
    program = lower([template.expression], names, ["y"])
    slopes = jacobian(program)
    first = len(features)
    wanted = replace(slopes, outputs=slopes.outputs[first:], results=slopes.results[first:])
    return program, drop_dead(wanted)
