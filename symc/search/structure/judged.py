"""How near a proposed law is to the samples, and whether it is the law: nothing is left but rounding."""

from __future__ import annotations

import re
from collections.abc import Iterable

import numpy as np
import sympy

from symc.errors import SymcError
from symc.ir.derive import jacobian
from symc.ir.evaluate import evaluate_real
from symc.ir.lower import lower
from symc.ir.parse import complexity, format_expression, parse
from symc.search.refit import Samples, fit
from symc.search.structure.forms import as_fractions, shortest_forms
from symc.search.watch import pulse

# Loss, nodes, text: so that they sort.
Law = tuple[float, int, str]

# An exact law of at most so many nodes ends the search: longer ones may only be fits.
_SHORT = 50
# Of more constants that are not plain a law may be a fit, too.
_MOST_ODD = 4
_NUMBER = re.compile(r"(?<![\w.])\d+\.?\d*(?:e[+-]?\d+)?")
_NEAR_FRACTION = 1e-3
# Digits of constants explain a loss of so many times what rounding makes; then they are fitted.
DIGITS = 1e6
# Of laws whose numbers were looked for on a grid.
GRID_DIGITS = 1e8
_ITERATIONS = 12
# Of the mean squared error that rounding the inputs makes; rounding errors are uniform, 2^-24 of the value at most.
_MARGIN = 2.0
_ROUNDING = 2.0**-48 / 3.0


def judge_all(
    texts: Iterable[str], samples: Samples, into: set[Law], first: bool = False, digits: float = DIGITS
) -> None:
    """Add what is nearer to the samples than their mean; with `first`, until one is exact. See judged."""
    for text in texts:
        pulse()
        law = judged(text, samples, digits)
        if law is not None:
            into.add(law)
            if first and is_exact(law, samples):
                break


def few_numbers(text: str) -> bool:
    """Whether a text may be that of an exact law: nearly all of its numbers are near fractions of small numbers."""
    numbers = {abs(float(number)) for number in _NUMBER.findall(text)}
    return sum(abs(12.0 * n - round(12.0 * n)) > _NEAR_FRACTION * max(12.0 * n, 1.0) for n in numbers) <= _MOST_ODD


def is_exact(law: Law, samples: Samples) -> bool:
    """Whether a law leaves nothing but rounding, is short, and has few constants that are not plain."""
    nearest = law[0] <= 1.01 * samples.enough and law[1] <= _SHORT
    return nearest and _is_plain(parse(law[2], samples.features))


def judged(text: str, samples: Samples, digits: float = DIGITS) -> Law | None:
    """(loss, nodes, text), the constants fitted where only their digits may be wrong; None for what is no law at all.

    Their digits may be wrong where the loss is at most `digits` times that of float32 arithmetic.
    The loss of all that are exact is the same, that of float32 arithmetic.
    """
    try:
        expression = parse(text, samples.features)
        nodes = complexity(expression)
        loss = _loss(expression, samples)
        if samples.enough < loss <= digits * samples.enough and _is_plain(expression):
            found = fit(expression, samples, _ITERATIONS)
            if found.loss < loss:
                expression, loss = found.expression, found.loss
                text, nodes = format_expression(expression), complexity(expression)
        if samples.enough < loss <= samples.enough + _rounding(expression, samples):
            loss = samples.enough
        if loss <= samples.enough and nodes > _SHORT:
            shorter = parse(shortest_forms(text, samples)[0], samples.features)
            if complexity(shorter) < nodes and _loss(shorter, samples) <= 2.0 * max(loss, samples.enough):
                text, nodes = format_expression(shorter), complexity(shorter)
    except (SymcError, ArithmeticError, np.linalg.LinAlgError):
        return None
    if not np.isfinite(loss) or loss > samples.spread:
        return None
    # Rounded, so that laws of one loss keep their order on every machine.
    return float(f"{max(loss, samples.enough):.3g}"), nodes, text


def _is_plain(expression: sympy.Expr) -> bool:
    """Whether few of its numbers, signs apart, are no fractions of small numbers: those may be fitted to anything."""
    return len({abs(value) for value in as_fractions(expression).atoms(sympy.Float)}) <= _MOST_ODD


def _loss(expression: sympy.Expr, samples: Samples) -> float:
    values = evaluate_real(lower([expression], samples.features, ["y"]), samples.x)[:, 0]
    with np.errstate(all="ignore"):
        return float(np.mean((samples.root * (values - samples.y)) ** 2))


def _rounding(expression: sympy.Expr, samples: Samples) -> float:
    """The mean squared error of a law whose inputs were rounded to float32 after its values were taken."""
    slopes = evaluate_real(jacobian(lower([expression], samples.features, ["y"])), samples.x)
    with np.errstate(all="ignore"):
        squares = np.mean((np.reshape(samples.root, (-1, 1)) * slopes * samples.x) ** 2, axis=0).sum()
    return _MARGIN * _ROUNDING * float(squares) if np.isfinite(squares) else 0.0
