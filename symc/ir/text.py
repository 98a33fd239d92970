"""Expressions as text in our grammar, written so that it reads back, and their complexity as one reads it."""

from __future__ import annotations

import numpy as np
import sympy

from symc.ir.ops import OPERATORS
from symc.ir.symbolic import NAME_OF, factors, signed_terms, single_constants


def format_expression(expression: sympy.Expr) -> str:
    """Write an expression in our grammar, constants as the shortest decimals that give their float32 back."""
    return _text(single_constants(expression))


def complexity(expression: sympy.Expr) -> int:
    """Nodes of the expression tree as PySR counts them: x0*x0 and x0^2 are 3, sin(x0) is 2, a + b*c is 5."""
    if isinstance(expression, sympy.Add):
        parts = signed_terms(expression)
        leading_minus = parts[0][0] < 0 and not parts[0][1].is_number
        return sum(complexity(term) for _, term in parts) + len(parts) - 1 + leading_minus
    if expression.is_number or expression.is_Symbol:
        return 1
    if isinstance(expression, sympy.Mul) or _is_inverse_power(expression):
        coefficient, above, below = factors(expression)
        minus = int(coefficient == -1)
        parts = above if coefficient in (1, -1) else [coefficient, *above]
        nodes = sum(map(complexity, parts)) + max(len(parts) - 1, 0)
        if below:
            # One division; a numerator of 1 is the unary `inverse`.
            nodes += sum(map(complexity, below)) + len(below)
        return nodes + minus
    if isinstance(expression, sympy.Pow):
        if expression.exp == sympy.Rational(1, 2):
            return 1 + complexity(expression.base)
        return 1 + complexity(expression.base) + complexity(expression.exp)
    return 1 + sum(complexity(a) for a in expression.args)


# Binding strength of the text written: a higher one needs no parentheses inside a lower one.
_COMPARE, _ADD, _MUL, _NEG, _POW, _ATOM = range(6)


def _text(expression: sympy.Expr) -> str:
    return _write(expression)[0]


def _write(expression: sympy.Expr) -> tuple[str, int]:
    if expression.is_number:
        return _write_number(expression)
    if expression.is_Symbol:
        return expression.name, _ATOM
    if isinstance(expression, sympy.Add):
        return _write_sum(expression), _ADD
    if isinstance(expression, sympy.Mul) or _is_inverse_power(expression):
        return _write_product(expression)
    if isinstance(expression, sympy.Pow):
        if expression.exp == sympy.Rational(1, 2):
            return f"sqrt({_text(expression.base)})", _ATOM
        return f"{_inside(expression.base, _ATOM)}^{_inside(expression.exp, _ATOM)}", _POW
    name = NAME_OF[expression.func]
    sign = OPERATORS[name].symbol
    if sign:
        left, right = (_inside(a, _ADD) for a in expression.args)
        return f"{left} {sign} {right}", _COMPARE
    return f"{name}({', '.join(map(_text, expression.args))})", _ATOM


def _write_number(value: sympy.Expr) -> tuple[str, int]:
    with np.errstate(over="ignore"):
        single = np.float32(float(value))
    if single == 0:
        return "0", _ATOM
    plain = 1e-4 <= abs(single) < 1e7
    text = np.format_float_positional(single, trim="-") if plain else _scientific(single)
    return text, _NEG if single < 0 else _ATOM


def _scientific(value: np.float32) -> str:
    return np.format_float_scientific(value, trim="-", exp_digits=1)


def _write_sum(expression: sympy.Expr) -> str:
    text = ""
    for sign, term in signed_terms(expression):
        if not text:
            text = f"-{_inside(term, _MUL)}" if sign < 0 else _inside(term, _ADD)
        else:
            text += f" {'-' if sign < 0 else '+'} {_inside(term, _MUL)}"
    return text


def _write_product(expression: sympy.Expr) -> tuple[str, int]:
    coefficient, above, below = factors(expression)
    parts = [_inside(f, _POW) for f in above]
    minus = coefficient == -1
    if coefficient not in (1, -1):
        parts.insert(0, _write_number(coefficient)[0])
    text = "*".join(parts) or "1"
    if below:
        denominator = "*".join(_inside(f, _POW) for f in below)
        text += f"/{denominator}" if len(below) == 1 else f"/({denominator})"
    return (f"-{text}", _NEG) if minus else (text, _MUL)


def _inside(expression: sympy.Expr, strength: int) -> str:
    text, own = _write(expression)
    return text if own >= strength else f"({text})"


def _is_inverse_power(expression: sympy.Expr) -> bool:
    return (
        isinstance(expression, sympy.Pow) and expression.exp.is_number and bool(expression.exp.is_negative)
    )
