"""Equations from text: our own grammar, read into steps without ever evaluating code. symc.ir.text writes it.

    truth      := both ("|" both)*
    both       := comparison ("&" comparison)*
    comparison := "~"* sum [("<" | "<=" | ">" | ">=" | "==" | "!=") sum]
    sum        := product (("+" | "-") product)*
    product    := sign (("*" | "/") sign)*
    sign       := ("+" | "-") sign | power
    power      := atom [("^" | "**") sign]            (right-associative, binds tighter than a sign)
    atom       := number | name | name "(" truth ("," truth)* ")" | "(" truth ")" | piecewise
    piecewise  := "Piecewise" "(" ("(" truth "," truth ")" ",")* "(" truth "," "True" ")" ")"

What "|", "&", "~", And, Or, Not, where, ite and Piecewise judge must be a comparison, or made of comparisons: a number
is true elsewhere where it is not zero, and in `ifelse` where it is positive.
"""

from __future__ import annotations

import difflib
import math
import re
from collections.abc import Generator, Sequence
from functools import reduce
from typing import NoReturn

from symc.errors import SymcError
from symc.ir.ops import OPERATORS, SPELLINGS
from symc.ir.steps import Algebra, Step, Steps, fold
from symc.ir.tokens import TOKEN, ParseError

__all__ = ["LONGEST", "UNKNOWN", "Algebra", "ParseError", "Step", "Steps", "fold", "read"]

_COMPARISONS = {row.symbol: row.name for row in OPERATORS.values() if row.symbol and row.symbol[0] in "<>=!"}
_INFIX = {row.symbol: row.name for row in OPERATORS.values() if row.symbol and row.symbol in "+-*/"}
_FOLDED = frozenset({"add", "mul", "min", "max", "logical_and", "logical_or"})
_TRUTHS = frozenset({*_COMPARISONS.values(), "logical_and", "logical_or"})
# Spellings whose operands, or whose first one, must be comparisons.
_JUDGING = {"And": "logical_and", "Or": "logical_or", "Not": "not", "where": "select", "ite": "select", "ITE": "select"}
LONGEST = 200_000
# What an error says of a function that the grammar does not know.
UNKNOWN = re.compile(r"unknown operator '(\w+)'")


def read(text: str, features: Sequence[str]) -> Steps:
    """Read one equation over the named features.

    Names may be features, `pi`, and the operators of the table in any of their spellings. Raises ParseError with
    the column marked; SymcError for more than LONGEST characters, which alone limit how deep it is nested. Nothing in
    the text is ever executed.
    """
    return _Reader(text, features).whole()


# What reads one rule of the grammar: it yields the readers of the rules within and is sent the places of their values.
_Reading = Generator["_Reading", int, int]


class _Reader:
    """Recursive descent over the tokens of one equation, on a stack of its own: any depth can be read."""

    def __init__(self, text: str, features: Sequence[str]) -> None:
        self.text = text
        self.features = frozenset(features)
        self.position = 0
        self.steps: list[Step] = []
        # Steps that are 1 or 0 because a comparison holds or does not.
        self.truths: set[int] = set()
        if len(text) > LONGEST:
            raise SymcError(f"the equation has {len(text)} characters, more than {LONGEST}", where="equation")
        self._advance()

    def whole(self) -> Steps:
        if self.kind == "end":
            self._fail("the equation is empty")
        self._run(self._truth())
        if self.kind != "end":
            self._fail(f"unexpected {self.token!r}")
        return tuple(self.steps)

    def _run(self, rule: _Reading) -> int:
        stack = [rule]
        value: int | None = None
        while True:
            try:
                # A rule that begins is sent nothing.
                inner = next(stack[-1]) if value is None else stack[-1].send(value)
            except StopIteration as ended:
                stack.pop()
                value = int(ended.value)
                if not stack:
                    return value
            else:
                stack.append(inner)
                value = None

    def _advance(self) -> None:
        while self.position < len(self.text) and self.text[self.position].isspace():
            self.position += 1
        self.start = self.position
        match = TOKEN.match(self.text, self.position)
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

    def _truth(self) -> _Reading:
        start = self.start
        value = yield self._comparison()
        either: int | None = None
        while sign := self._accept("&", "|"):
            value, start = self._judged(value, start), self.start
            if sign == "&":
                value = self._apply("logical_and", value, self._judged((yield self._comparison()), start))
            else:
                either = value if either is None else self._apply("logical_or", either, value)
                value = self._judged((yield self._comparison()), start)
        return value if either is None else self._apply("logical_or", either, value)

    def _comparison(self) -> _Reading:
        denials = 0
        while self._accept("~"):
            denials += 1
        start = self.start
        value = yield self._sum()
        if sign := self._accept(*_COMPARISONS):
            value = self._apply(_COMPARISONS[sign], value, (yield self._sum()))
        if denials:
            self._judged(value, start)
        return self._denied(value) if denials % 2 else value

    def _judged(self, value: int, start: int) -> int:
        if value not in self.truths:
            self._fail("expected a comparison", start, "Write what is true of it, such as x > 0 or x != 0.")
        return value

    def _denied(self, value: int) -> int:
        return self._apply("eq", value, self._append(Step("number", text="0")))

    def _sum(self) -> _Reading:
        value = yield self._product()
        while sign := self._accept("+", "-"):
            value = self._apply(_INFIX[sign], value, (yield self._product()))
        return value

    def _product(self) -> _Reading:
        # A sign before a product is the product's: -a*b is -(a*b).
        negative = self._minus()
        value = yield self._power()
        while sign := self._accept("*", "/"):
            value = self._apply(_INFIX[sign], value, (yield self._sign()))
        return self._apply("neg", value) if negative else value

    def _sign(self) -> _Reading:
        negative = self._minus()
        value = yield self._power()
        return self._apply("neg", value) if negative else value

    def _minus(self) -> bool:
        negative = False
        while sign := self._accept("+", "-"):
            negative ^= sign == "-"
        return negative

    def _power(self) -> _Reading:
        base = yield self._atom()
        if not self._accept("^", "**"):
            return base
        return self._apply("pow", base, (yield self._sign()))

    def _atom(self) -> _Reading:
        start, kind, token = self.start, self.kind, self.token
        if self._accept("("):
            value = yield self._truth()
            self._expect(")")
            return value
        if kind == "number":
            self._advance()
            return self._number(token, start)
        if kind == "name":
            self._advance()
            return (yield self._name(token, start))
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
        value = self._append(Step(operator, args))
        if operator in _TRUTHS:
            self.truths.add(value)
        return value

    def _name(self, name: str, start: int) -> _Reading:
        if self._accept("("):
            return (yield self._call(name, start))
        if name in self.features:
            return self._append(Step("name", text=name))
        if name == "pi":
            return self._append(Step("number", text="pi"))
        close = difflib.get_close_matches(name, sorted(self.features), n=1)
        inputs = ", ".join(sorted(self.features)) or "none"
        hint = f"Did you mean {close[0]!r}?" if close else f"The inputs are: {inputs}."
        self._fail(f"unknown name {name!r}", start, hint)

    def _call(self, name: str, start: int) -> _Reading:
        if name == "Piecewise":
            return (yield self._piecewise())
        operator = SPELLINGS.get(name) or _JUDGING.get(name)
        if operator is None:
            close = difflib.get_close_matches(name, sorted({*SPELLINGS, *_JUDGING}), n=1)
            self._fail(f"unknown operator {name!r}", start, f"Did you mean {close[0]!r}?" if close else None)
        places, args = [self.start], [(yield self._truth())]
        while self._accept(","):
            places.append(self.start)
            args.append((yield self._truth()))
        self._expect(")")
        if name in _JUDGING:
            judged = len(args) if operator != "select" else 1
            for value, place in zip(args[:judged], places, strict=False):
                self._judged(value, place)
        arity = 1 if operator == "not" else OPERATORS[operator].arity
        if operator in _FOLDED and len(args) > arity:
            return reduce(lambda value, other: self._apply(operator, value, other), args)
        if len(args) != arity:
            self._fail(f"{name!r} takes {arity} argument{'s' * (arity != 1)}, not {len(args)}", start)
        return self._denied(args[0]) if operator == "not" else self._apply(operator, *args)

    def _piecewise(self) -> _Reading:
        pieces: list[tuple[int, int]] = []
        while True:
            self._expect("(")
            value = yield self._truth()
            self._expect(",")
            if self.kind == "name" and self.token == "True":
                self._advance()
                self._expect(")")
                self._expect(")")
                break
            start = self.start
            pieces.append((value, self._judged((yield self._truth()), start)))
            self._expect(")")
            if not self._accept(","):
                self._fail("what holds elsewhere is not said", hint="End with (value, True).")
        for piece, condition in reversed(pieces):
            value = self._apply("select", condition, piece, value)
        return value


def _significand(digits: str) -> str:
    return re.split("[eE]", digits)[0]
