"""Equations from text as sympy's expressions."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import sympy

from symc.ir.reading import ParseError, Steps, fold, read
from symc.ir.symbolic import construct, finite, multiply, number, symbol
from symc.ir.text import complexity, format_expression

__all__ = ["ParseError", "complexity", "format_expression", "parse", "symbol"]


def parse(text: str, features: Sequence[str]) -> sympy.Expr:
    """Read one equation over the named features; ParseError as symc.ir.reading.read raises it.

    sympy's own rules apply: equal terms are collected, equal factors cancel.
    """
    return expression_of(read(text, features))


# A build asks for the same equation several times, and sympy takes seconds over a sum of hundreds of terms.
@lru_cache(maxsize=16)
def expression_of(steps: Steps) -> sympy.Expr:
    """An equation that was read, as an expression; SymcError where a constant part has no finite value."""
    return finite(fold(steps, _Expressions()))


class _Expressions:
    """sympy's expressions as an algebra to read in."""

    def number(self, text: str) -> sympy.Expr:
        return sympy.pi if text == "pi" else number(float(text))

    def name(self, text: str) -> sympy.Expr:
        return symbol(text)

    def apply(self, operator: str, args: Sequence[sympy.Expr]) -> sympy.Expr:
        if operator == "neg":
            return multiply(number(-1.0), args[0])
        return construct(operator, *args)
