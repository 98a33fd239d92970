"""Equations from text as sympy's expressions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import sympy

from symc.errors import SymcError
from symc.ir.reading import ParseError, Steps, fold, read
from symc.ir.steps import nesting
from symc.ir.symbolic import construct, finite, multiply, number, symbol
from symc.ir.text import complexity, format_expression

__all__ = ["ParseError", "TooDeep", "complexity", "format_expression", "parse", "symbol"]

_DEEPEST = 200


def parse(text: str, features: Sequence[str]) -> sympy.Expr:
    """Read one equation over the named features; ParseError as symc.ir.reading.read raises it.

    sympy's own rules apply: equal terms are collected, equal factors cancel.
    """
    return expression_of(read(text, features))


def nodes_of(text: str, features: Sequence[str]) -> int:
    """The nodes of an equation as PySR counts them; of one that only the order of its text computes those of its text.

    That is one too deep for sympy, or whose parts have no value where they are not taken, as 1/0 in a protected
    division. ParseError as parse raises it.
    """
    steps = read(text, features)
    try:
        return complexity(expression_of(steps))
    except SymcError:
        return len(steps)


class TooDeep(SymcError):
    """An equation that can be computed in the order of its text alone."""


# A build asks for the same equation several times, and sympy takes seconds over a sum of hundreds of terms.
@lru_cache(maxsize=16)
def expression_of(steps: Steps) -> sympy.Expr:
    """An equation that was read, as an expression; SymcError where a constant part has no finite value.

    TooDeep for what is nested deeper than sympy is asked to hold: it recurses, and how far it comes would depend on
    how deep its caller stands.
    """
    if nesting(steps) > _DEEPEST:
        raise TooDeep(f"the equation is nested deeper than {_DEEPEST} operators, which sympy cannot rearrange")
    return finite(_settled(fold(steps, _Expressions())))


@dataclass
class _Sum:
    """A sum that is still being read: sympy sorts all terms each time it adds one, which takes their square in time."""

    terms: list[sympy.Expr]


class _Expressions:
    """sympy's expressions as an algebra to read in. Of a text every value is used once, so that sums may grow."""

    def number(self, text: str) -> sympy.Expr | _Sum:
        return sympy.pi if text == "pi" else number(float(text))

    def name(self, text: str) -> sympy.Expr | _Sum:
        return symbol(text)

    def apply(self, operator: str, args: Sequence[sympy.Expr | _Sum]) -> sympy.Expr | _Sum:
        if operator in ("add", "sub"):
            first, second = args
            term = _settled(second)
            found = first if isinstance(first, _Sum) else _Sum([first])
            found.terms.append(-term if operator == "sub" else term)
            return found
        if operator == "neg":
            return multiply(number(-1.0), _settled(args[0]))
        return construct(operator, *map(_settled, args))


def _settled(value: sympy.Expr | _Sum) -> sympy.Expr:
    return sympy.Add(*value.terms) if isinstance(value, _Sum) else value
