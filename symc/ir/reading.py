"""Equations from text: our own grammar, read into steps without ever evaluating code. symc.ir.text writes it.

    comparison := sum [("<" | "<=" | ">" | ">=" | "==" | "!=") sum]
    sum        := product (("+" | "-") product)*
    product    := sign (("*" | "/") sign)*
    sign       := ("+" | "-") sign | power
    power      := atom [("^" | "**") sign]            (right-associative, binds tighter than a sign)
    atom       := number | name | name "(" comparison ("," comparison)* ")" | "(" comparison ")"
"""

from __future__ import annotations

import difflib
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NoReturn, Protocol, TypeVar

from symc.errors import SymcError
from symc.ir.ops import OPERATORS, SPELLINGS

T = TypeVar("T")

_TOKEN = re.compile(
    r"\s*(?:(?P<number>(?:\d+\.?\d*|\.\d+)(?:[eEf][+-]?\d+)?)|(?P<name>[A-Za-z_][A-Za-z0-9_]*)"
    r"|(?P<symbol>\*\*|<=|>=|==|!=|[-+*/^<>(),]))"
)
_COMPARISONS = {row.symbol: row.name for row in OPERATORS.values() if row.symbol and row.symbol[0] in "<>=!"}
_INFIX = {row.symbol: row.name for row in OPERATORS.values() if row.symbol and row.symbol in "+-*/"}
_FOLDED = frozenset({"add", "mul", "min", "max"})
_DEEPEST = 100
_LONGEST = 200_000


@dataclass(frozen=True)
class Step:
    """One step of an equation as it is written: a number, a name, or an operator of the table applied to earlier steps.

    `op` is "number" (`text` are its digits, or "pi"), "name" (`text` is the input's), or the operator's name.
    """

    op: str
    args: tuple[int, ...] = ()
    text: str = ""


# In the order of evaluation; the last is the equation's value.
Steps = tuple[Step, ...]


class Algebra(Protocol[T]):
    """What an equation can be read as: sympy's expressions, real numbers, instructions ..."""

    def number(self, text: str) -> T: ...

    def name(self, text: str) -> T: ...

    def apply(self, operator: str, args: Sequence[T]) -> T: ...


def fold(steps: Steps, algebra: Algebra[T]) -> T:
    """The equation's value in `algebra`, step by step in the order in which it is written."""
    values: list[T] = []
    for step in steps:
        if step.op == "number":
            values.append(algebra.number(step.text))
        elif step.op == "name":
            values.append(algebra.name(step.text))
        else:
            values.append(algebra.apply(step.op, [values[a] for a in step.args]))
    return values[-1]


class ParseError(SymcError):
    """Text that is not an equation of ours; `column` (from 1) is where reading stopped."""

    def __init__(self, what: str, text: str, column: int, hint: str | None = None) -> None:
        start = max(0, column - 41)
        excerpt = text[start : start + 80].replace("\n", " ").replace("\t", " ")
        marked = f"{what}\n    {excerpt}\n    {' ' * (column - 1 - start)}^"
        super().__init__(marked, where=f"equation, column {column}", hint=hint)
        self.column = column
        self._arguments = (what, text, column, hint)

    def __reduce__(self) -> tuple[object, ...]:
        return ParseError, self._arguments


def read(text: str, features: Sequence[str]) -> Steps:
    """Read one equation over the named features.

    Names may be features, `pi`, and the operators of the table in any of their spellings. Raises ParseError with
    the column marked. Nothing in the text is ever executed.
    """
    return _Reader(text, features).whole()


class _Reader:
    """Recursive descent over the tokens of one equation."""

    def __init__(self, text: str, features: Sequence[str]) -> None:
        self.text = text
        self.features = frozenset(features)
        self.position = 0
        self.depth = 0
        self.steps: list[Step] = []
        if len(text) > _LONGEST:
            raise SymcError(f"the equation has {len(text)} characters, more than {_LONGEST}", where="equation")
        self._advance()

    def whole(self) -> Steps:
        if self.kind == "end":
            self._fail("the equation is empty")
        self._comparison()
        if self.kind != "end":
            self._fail(f"unexpected {self.token!r}")
        return tuple(self.steps)

    def _advance(self) -> None:
        while self.position < len(self.text) and self.text[self.position].isspace():
            self.position += 1
        self.start = self.position
        match = _TOKEN.match(self.text, self.position)
        if match:
            self.kind, self.token = str(match.lastgroup), str(match[match.lastgroup or 0])
            self.position = match.end()
        elif self.position == len(self.text):
            self.kind, self.token = "end", "end of the equation"
        else:
            self._fail(f"unexpected {self.text[self.position]!r}")

    def _fail(self, what: str, start: int | None = None, hint: str | None = None) -> NoReturn:
        column = (self.start if start is None else start) + 1
        raise ParseError(what, self.text, column, hint)

    def _accept(self, *tokens: str) -> str | None:
        if self.kind != "symbol" or self.token not in tokens:
            return None
        token = self.token
        self._advance()
        return token

    def _expect(self, token: str) -> None:
        if not self._accept(token):
            self._fail(f"expected {token!r}, found {self.token!r}" if self.kind != "end" else f"expected {token!r}")

    def _comparison(self) -> int:
        self.depth += 1
        if self.depth > _DEEPEST:
            self._fail(f"parentheses are nested deeper than {_DEEPEST}")
        value = self._sum()
        sign = self._accept(*_COMPARISONS)
        if sign:
            value = self._apply(_COMPARISONS[sign], value, self._sum())
        self.depth -= 1
        return value

    def _sum(self) -> int:
        value = self._product()
        while sign := self._accept("+", "-"):
            value = self._apply(_INFIX[sign], value, self._product())
        return value

    def _product(self) -> int:
        # A sign before a product is the product's: -a*b is -(a*b).
        negative = self._minus()
        value = self._power()
        while sign := self._accept("*", "/"):
            value = self._apply(_INFIX[sign], value, self._sign())
        return self._apply("neg", value) if negative else value

    def _sign(self) -> int:
        negative = self._minus()
        value = self._power()
        return self._apply("neg", value) if negative else value

    def _minus(self) -> bool:
        negative = False
        while sign := self._accept("+", "-"):
            negative ^= sign == "-"
        return negative

    def _power(self) -> int:
        base = self._atom()
        if not self._accept("^", "**"):
            return base
        self.depth += 1
        if self.depth > _DEEPEST:
            self._fail(f"powers are nested deeper than {_DEEPEST}")
        value = self._apply("pow", base, self._sign())
        self.depth -= 1
        return value

    def _atom(self) -> int:
        start, kind, token = self.start, self.kind, self.token
        if self._accept("("):
            value = self._comparison()
            self._expect(")")
            return value
        if kind == "number":
            self._advance()
            return self._number(token, start)
        if kind == "name":
            self._advance()
            return self._name(token, start)
        self._fail("expected a number, a feature or a function" + (f", found {token!r}" if kind != "end" else ""))

    def _number(self, token: str, start: int) -> int:
        # Julia writes float32 exponents with f: 1.5f-5.
        digits = token.replace("f", "e")
        if math.isinf(float(digits)) or (float(digits) == 0.0 and any(d in "123456789" for d in _significand(digits))):
            self._fail(f"{token} is out of reach: beyond 1e308, or below 1e-308", start)
        return self._append(Step("number", text=digits))

    def _append(self, step: Step) -> int:
        self.steps.append(step)
        return len(self.steps) - 1

    def _apply(self, operator: str, *args: int) -> int:
        return self._append(Step(operator, args))

    def _name(self, name: str, start: int) -> int:
        if self._accept("("):
            return self._call(name, start)
        if name in self.features:
            return self._append(Step("name", text=name))
        if name == "pi":
            return self._append(Step("number", text="pi"))
        close = difflib.get_close_matches(name, sorted(self.features), n=1)
        inputs = ", ".join(sorted(self.features)) or "none"
        hint = f"Did you mean {close[0]!r}?" if close else f"The inputs are: {inputs}."
        self._fail(f"unknown name {name!r}", start, hint)

    def _call(self, name: str, start: int) -> int:
        operator = SPELLINGS.get(name)
        if operator is None:
            close = difflib.get_close_matches(name, sorted(SPELLINGS), n=1)
            self._fail(f"unknown operator {name!r}", start, f"Did you mean {close[0]!r}?" if close else None)
        args = [self._comparison()]
        while self._accept(","):
            args.append(self._comparison())
        self._expect(")")
        arity = OPERATORS[operator].arity
        if operator in _FOLDED and len(args) > arity:
            value = args[0]
            for other in args[1:]:
                value = self._apply(operator, value, other)
            return value
        if len(args) != arity:
            self._fail(f"{name!r} takes {arity} argument{'s' * (arity != 1)}, not {len(args)}", start)
        return self._apply(operator, *args)


def _significand(digits: str) -> str:
    return re.split("[eE]", digits)[0]
