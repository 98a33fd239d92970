"""Equations as MathML, which browsers and printers typeset without scripts."""

from __future__ import annotations

import html
import re
from collections.abc import Sequence

import sympy
from sympy.printing.mathml import MathMLPresentationPrinter

from symc.ir.parse import parse
from symc.ir.symbolic import NAME_OF

_MATHML = "http://www.w3.org/1998/Math/MathML"


class _Printer(MathMLPresentationPrinter):
    """sympy's printer; functions of ours by their names, numbers to the digits that the text shows."""

    def _print_Float(self, expr: sympy.Float) -> object:
        element = self.dom.createElement("mn")
        element.appendChild(self.dom.createTextNode(f"{float(expr):.8g}"))
        return element

    def _print_Function(self, expr: sympy.Function, *args: object, **kwargs: object) -> object:
        name = NAME_OF.get(expr.func)
        if name is None or expr.func.__module__.startswith("sympy."):
            return super()._print_Function(expr, *args, **kwargs)
        row = self.dom.createElement("mrow")
        symbol = self.dom.createElement("mi")
        symbol.appendChild(self.dom.createTextNode(name))
        row.appendChild(symbol)
        fence = self.dom.createElement("mrow")
        fence.appendChild(self._operator("("))
        for k, argument in enumerate(expr.args):
            if k:
                fence.appendChild(self._operator(","))
            fence.appendChild(self._print(argument))
        fence.appendChild(self._operator(")"))
        row.appendChild(fence)
        return row

    def _operator(self, text: str) -> object:
        element = self.dom.createElement("mo")
        element.appendChild(self.dom.createTextNode(text))
        return element


def typeset(output: str, text: str, features: Sequence[str]) -> str:
    """`output` = `text` as a <math> element, well-formed XML."""
    printer = _Printer({"mul_symbol": "dot"})
    left, right = (printer.doprint(part) for part in (sympy.Symbol(output), parse(text, features)))
    math = f'<math display="block" xmlns="{_MATHML}"><mrow>{left}<mo>=</mo>{right}</mrow></math>'
    # The printer writes HTML's names of characters, which XML does not know.
    return re.sub(r"&(?!(?:lt|gt|amp|quot|apos);)\w+;", lambda match: html.unescape(match[0]), math)
