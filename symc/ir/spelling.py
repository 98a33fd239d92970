"""Steps back as text, with no more parentheses than it takes to read the same steps again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from symc.ir.ops import OPERATORS

# Binding strength: text of a lower one gets parentheses inside a higher one.
_COMPARISON, _SUM, _SIGN, _PRODUCT, _POWER, _ATOM = range(6)
# Operator -> its own strength, and what its left and its right operand need.
_INFIX = {
    "add": (_SUM, _SUM, _SIGN),
    "sub": (_SUM, _SUM, _SIGN),
    "mul": (_PRODUCT, _PRODUCT, _POWER),
    "div": (_PRODUCT, _PRODUCT, _POWER),
    "pow": (_POWER, _ATOM, _POWER),
}


class Spelled(NamedTuple):
    """The text of a part of an equation; `strength` says how tightly it binds."""

    text: str
    strength: int


class Spelling:
    """Text as an algebra to read an equation in."""

    def number(self, text: str) -> Spelled:
        return Spelled(text, _ATOM)

    def name(self, text: str) -> Spelled:
        return Spelled(text, _ATOM)

    def apply(self, operator: str, args: Sequence[Spelled]) -> Spelled:
        if operator == "neg":
            return Spelled(f"-{_inside(args[0], _PRODUCT)}", _SIGN)
        symbol = OPERATORS[operator].symbol
        if operator in _INFIX:
            own, left, right = _INFIX[operator]
            sign = f" {symbol} " if own == _SUM else symbol or "^"
            return Spelled(f"{_inside(args[0], left)}{sign}{_inside(args[1], right)}", own)
        if symbol:
            return Spelled(f"{_inside(args[0], _SUM)} {symbol} {_inside(args[1], _SUM)}", _COMPARISON)
        return Spelled(f"{operator}({', '.join(a.text for a in args)})", _ATOM)


def _inside(part: Spelled, strength: int) -> str:
    return part.text if part.strength >= strength else f"({part.text})"
