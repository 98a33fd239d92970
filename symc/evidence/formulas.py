"""Equations as MathML for a page."""

from __future__ import annotations

from collections.abc import Sequence
from xml.sax.saxutils import escape

import sympy

from symc.errors import SymcError
from symc.ir.parse import parse
from symc.ir.typeset import mathml

_MATHML = "http://www.w3.org/1998/Math/MathML"


def typeset(output: str, text: str, features: Sequence[str]) -> str:
    """`output` = `text` as a <math> element, well-formed XML; the text as it is where sympy cannot hold it."""
    left = mathml(sympy.Symbol(output))
    try:
        right = mathml(parse(text, features))
    except SymcError:
        right = f"<mtext>{escape(text)}</mtext>"
    return f'<math display="block" xmlns="{_MATHML}"><mrow>{left}<mo>=</mo>{right}</mrow></math>'
