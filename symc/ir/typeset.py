"""Expressions as people read them in print: LaTeX, and MathML, which browsers typeset without scripts."""

from __future__ import annotations

import html
import re
from typing import Any

import sympy
from sympy.printing.latex import LatexPrinter
from sympy.printing.mathml import MathMLPresentationPrinter

from symc.ir.symbolic import NAME_OF

_DIGITS = 8
# Letters of one name, which in italics would be a product; not those of a command, as \alpha.
_WORD = re.compile(r"(?<![\\A-Za-z])[A-Za-z]{2,}")


def latex(expression: sympy.Expr) -> str:
    """The expression in LaTeX's mathematics, numbers to eight digits."""
    text: str = _Latex().doprint(expression)
    return text


def mathml(expression: sympy.Expr) -> str:
    """The expression as elements of presentation MathML, well-formed XML; numbers to eight digits."""
    text: str = _MathML({"mul_symbol": "dot"}).doprint(expression)
    # The printer writes HTML's names of characters, which XML does not know.
    return re.sub(r"&(?!(?:lt|gt|amp|quot|apos);)\w+;", lambda match: html.unescape(match[0]), text)


def _own_name(expression: sympy.Expr) -> str | None:
    """Our name of a function that sympy does not know."""
    return None if expression.func.__module__.startswith("sympy.") else NAME_OF.get(expression.func)


class _Latex(LatexPrinter):
    def _print_Symbol(self, expr: sympy.Symbol, style: str = "plain") -> str:
        text: str = super()._print_Symbol(expr, style)
        return _WORD.sub(lambda word: rf"\mathrm{{{word[0]}}}", text)

    def _print_Float(self, expr: sympy.Float) -> str:
        digits, _, exponent = f"{float(expr):.{_DIGITS}g}".partition("e")
        return rf"{digits} \cdot 10^{{{int(exponent)}}}" if exponent else digits

    def _print_Function(self, expr: sympy.Expr, exp: Any = None) -> str:
        name = _own_name(expr)
        if name is None:
            text: str = super()._print_Function(expr, exp)
            return text
        spelled = name.replace("_", r"\_")
        power = "" if exp is None else f"^{{{exp}}}"
        arguments = ", ".join(self._print(argument) for argument in expr.args)
        return rf"\operatorname{{{spelled}}}{power}{{\left({arguments} \right)}}"


class _MathML(MathMLPresentationPrinter):
    def _print_Float(self, expr: sympy.Float) -> Any:
        return self._element("mn", f"{float(expr):.{_DIGITS}g}")

    def _print_Function(self, expr: sympy.Expr, *args: Any, **kwargs: Any) -> Any:
        name = _own_name(expr)
        if name is None:
            return super()._print_Function(expr, *args, **kwargs)
        row = self.dom.createElement("mrow")
        row.appendChild(self._element("mi", name))
        row.appendChild(self._element("mo", "("))
        for k, argument in enumerate(expr.args):
            if k:
                row.appendChild(self._element("mo", ","))
            row.appendChild(self._print(argument))
        row.appendChild(self._element("mo", ")"))
        return row

    def _element(self, tag: str, text: str) -> Any:
        element = self.dom.createElement(tag)
        element.appendChild(self.dom.createTextNode(text))
        return element
