"""Equations as MathML for a page."""

from __future__ import annotations

from collections.abc import Sequence

import sympy

from symc.ir.parse import parse
from symc.ir.typeset import mathml

_MATHML = "http://www.w3.org/1998/Math/MathML"


def typeset(output: str, text: str, features: Sequence[str]) -> str:
    """`output` = `text` as a <math> element, well-formed XML."""
    left, right = mathml(sympy.Symbol(output)), mathml(parse(text, features))
    return f'<math display="block" xmlns="{_MATHML}"><mrow>{left}<mo>=</mo>{right}</mrow></math>'
