"""The derivative of an equation by one of its names, as text again: by the operator table, in the order of the text."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from symc.errors import SymcError
from symc.ir.ops import OPERATORS
from symc.ir.reading import fold, read
from symc.ir.spelling import Spelled, Spelling

# Their derivatives in the table are approximations: good for gradients, but no meaning that code can be held against.
_APPROXIMATE = frozenset({"gamma"})
# What holds where the second operand is the result.
_OTHER = {"min": "gt", "max": "lt"}
# Every part is text of its own.
_LONGEST = 10_000


def slope(equation: str, names: Sequence[str], name: str) -> str:
    """Text of the derivative by `name`, one of the equation's `names`.

    At a kink it is the one-sided value that the operator table states. Raises SymcError for a function whose derivative
    is not exact there and for an equation of more than 10000 characters, ParseError for what is no equation.
    """
    if len(equation) > _LONGEST:
        raise SymcError(f"an equation of {len(equation)} characters is too long for a derivative in text")
    found = fold(read(equation, names), _Duals(name)).slope
    return "0" if found is None else found.text


class _Dual(NamedTuple):
    """A part of an equation and its derivative; None is zero."""

    value: Spelled
    slope: Spelled | None


class _Duals:
    """Parts with their derivatives as an algebra to read an equation in."""

    def __init__(self, name: str) -> None:
        self.by = name
        self.spelling = Spelling()
        self.maker = _Maker()

    def number(self, text: str) -> _Dual:
        return _Dual(self.spelling.number(text), None)

    def name(self, text: str) -> _Dual:
        return _Dual(self.spelling.name(text), self.maker.const(1.0) if text == self.by else None)

    def apply(self, operator: str, args: Sequence[_Dual]) -> _Dual:
        expansion = OPERATORS[operator].expansion
        return self.op(operator, *args) if expansion is None else expansion(self, tuple(args))

    def const(self, value: float) -> _Dual:
        return _Dual(self.maker.const(value), None)

    def op(self, name: str, *args: _Dual) -> _Dual:
        """A primitive; with const, what notation is expanded with."""
        values = tuple(arg.value for arg in args)
        result = self.spelling.apply(name, values)
        # The table's rows are written for any kind of value.
        derivative: Any = OPERATORS[name].derivative
        # By terms, what is not chosen would count with 0, and have no value where it has none.
        if name == "select":
            return _Dual(result, self._chosen(values[0], args[1].slope, args[2].slope))
        if name in _OTHER:
            return _Dual(result, self._chosen(self.maker.op(_OTHER[name], *values), args[1].slope, args[0].slope))
        if name == "relu":
            nothing = self.maker.const(0.0)
            return _Dual(result, self._chosen(self.maker.op("le", values[0], nothing), None, args[0].slope))
        total: Spelled | None = None
        if derivative is not None and any(arg.slope is not None for arg in args):
            if name in _APPROXIMATE:
                raise SymcError(f"the derivative of {name!r} is known only approximately")
            for partial, arg in zip(derivative(self.maker, values, result), args, strict=True):
                if partial is not None and arg.slope is not None:
                    term = self.maker.times(partial, arg.slope)
                    total = term if total is None else self.maker.op("add", total, term)
        return _Dual(result, total)

    def _chosen(self, condition: Spelled, first: Spelled | None, second: Spelled | None) -> Spelled | None:
        if first is None and second is None:
            return None
        nothing = self.maker.const(0.0)
        return self.maker.op("select", condition, first or nothing, second or nothing)


class _Maker:
    """What the table's derivatives are made with: text."""

    def __init__(self) -> None:
        self.spelling = Spelling()

    def op(self, name: str, *args: Spelled) -> Spelled:
        return self.spelling.apply(name, args)

    def const(self, value: float) -> Spelled:
        size = self.spelling.number(repr(abs(value)).removesuffix(".0"))
        return size if value >= 0.0 else self.op("neg", size)

    def times(self, x: Spelled, y: Spelled) -> Spelled:
        if "1" in (x.text, y.text):
            return y if x.text == "1" else x
        return self.op("mul", x, y)
