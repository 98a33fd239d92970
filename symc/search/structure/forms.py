"""The shortest of several ways to write one law: factored, over one denominator, cancelled, or as people divide it."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import sympy

from symc.errors import SymcError
from symc.ir.parse import complexity, format_expression, parse
from symc.ir.symbolic import symbol
from symc.search.refit import Samples
from symc.search.watch import Ended, pulse

_MOST_FORMS = 2
# A constant so close to a fraction of small numbers is that fraction; the fit that follows judges it.
_CLOSE = 1e-5
_DENOMINATORS = (1, 2, 3, 4, 5, 6, 8, 12)
# Longer laws take sympy too long, and are no laws.
_LONGEST = 60


def shortest_forms(text: str, samples: Samples) -> list[str]:
    """Texts of the same law, the shortest first; `text` itself where sympy knows no shorter one, or time is over."""
    expression = parse(text, samples.features)
    if complexity(expression) > _LONGEST:
        return [text]
    # Where all samples are positive, sqrt(x^2) is x.
    positive = {
        symbol(name): sympy.Symbol(name, positive=True)
        for name, column in zip(samples.features, samples.x.T, strict=True)
        if (column > 0).all()
    }
    plain = {value: original for original, value in positive.items()}
    found: dict[str, int] = {}
    try:
        for form in _forms(as_fractions(expression).xreplace(positive)):
            pulse()
            try:
                written = format_expression(as_decimals(_signed(form.xreplace(plain), samples)))
                size = complexity(parse(written, samples.features))
            except (SymcError, KeyError, TypeError, ValueError):
                # A form in functions that are none of ours.
                continue
            found.setdefault(written, size)
    except Ended:
        # The law itself is found: a longer way to write it is one, too.
        found.setdefault(text, complexity(expression))
    best = sorted(found, key=lambda written: (found[written], written))[:_MOST_FORMS]
    return best or [text]


def _signed(expression: sympy.Expr, samples: Samples) -> sympy.Expr:
    """|u| as u or -u where u has one sign on all samples, for a law seldom has a kink where there is no sample."""
    places = {}
    for magnitude in expression.atoms(sympy.Abs):
        inner = magnitude.args[0]
        names = sorted(inner.free_symbols, key=str)
        columns = [samples.x[:, samples.features.index(name.name)] for name in names]
        values = np.asarray(sympy.lambdify(names, inner, "numpy")(*columns))
        if (values > 0).all() or (values < 0).all():
            places[magnitude] = inner if (values > 0).all() else -inner
    return expression.xreplace(places)


def _forms(expression: sympy.Expr) -> Iterator[sympy.Expr]:
    yield expression
    joined = sympy.cancel(sympy.together(expression)) if not expression.has(sympy.Float) else sympy.together(expression)
    for form in (expression, joined):
        factored = sympy.factor(form, deep=True)
        yield factored
        yield sympy.powdenest(sympy.expand_power_base(factored), force=False)
        yield _divided(factored)


def _divided(expression: sympy.Expr) -> sympy.Expr:
    """Each quotient with its numerator's powers taken into the denominator: a*b/(b + c) as a/(1 + c/b)."""
    if not expression.args:
        return expression
    expression = expression.func(*(_divided(argument) for argument in expression.args))
    above, below = expression.as_numer_denom()
    if not isinstance(below, sympy.Add) or above.is_Add:
        return expression
    factors = [f for f in sympy.Mul.make_args(above) if not f.is_number and not f.is_Add]
    best = expression
    for factor in factors:
        tried = (above / factor) / sympy.Add(*(term / factor for term in below.args))
        best = min(best, tried, key=sympy.count_ops)
    return best


def as_fractions(expression: sympy.Expr) -> sympy.Expr:
    """Constants that are fractions of small numbers but for rounding as such."""
    places = {}
    for value in expression.atoms(sympy.Float):
        for denominator in _DENOMINATORS:
            above = round(float(value) * denominator)
            if above and abs(float(value) * denominator - above) <= _CLOSE * abs(above) and abs(above) <= 1000:
                places[value] = sympy.Rational(above, denominator)
                break
    return expression.xreplace(places)


def as_decimals(expression: sympy.Expr) -> sympy.Expr:
    """Fractions that are no exponents as decimals, which the grammar has."""
    if isinstance(expression, sympy.Rational) and not expression.is_Integer:
        return sympy.Float(float(expression))
    if expression.is_Pow:
        return sympy.Pow(as_decimals(expression.base), expression.exp)
    return expression.func(*map(as_decimals, expression.args)) if expression.args else expression
