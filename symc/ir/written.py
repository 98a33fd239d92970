"""Equations to a Program step by step as they are written: no term moves, merges or cancels.

Parts without an input are computed exactly and rounded once. A constant factor outside the format's normal range is
kept to full accuracy as two factors, one at the beginning of its product and one at the end. Anywhere else such a
constant is refused, unless the text itself says it: it would be 0 or infinite in the format, or lose its digits.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flint import arb, ctx

from symc.errors import SymcError
from symc.ir import passes
from symc.ir.formats import FLOAT32, Format
from symc.ir.ops import OPERATORS
from symc.ir.powers import LARGEST_CHAIN, integer_power
from symc.ir.program import Builder, Program
from symc.ir.reading import Steps, fold
from symc.ir.reference import PRECISION, Balls, Undecided

# What two normal factors reach between them is twice a format's exponents; a digit of each is left to spare.
_SPARE = 1
_NO_VALUE = "a constant part of the equation has no finite real value (division by zero, log of 0 ...)"


@dataclass(frozen=True)
class Written:
    """A program in the order of its text, and those of its constants that are what the text says, not rounded.

    numbers: each constant of the program -> the real numbers that stand there as it in the text, mostly one.
    """

    program: Program
    exact: frozenset[float]
    numbers: Mapping[float, tuple[arb, ...]]


def as_written(
    equations: Sequence[Steps], features: Sequence[str], outputs: Sequence[str], format: Format = FLOAT32
) -> Program:
    """One program that computes every equation in the order of its text; equal values are computed once.

    Raises SymcError for a constant that the format cannot hold where it stands.
    """
    return written(equations, features, outputs, format).program


def written(
    equations: Sequence[Steps], features: Sequence[str], outputs: Sequence[str], format: Format = FLOAT32
) -> Written:
    """as_written, with what it knows of the constants."""
    builder = Builder(features, format)
    algebra = _Instructions(builder, {name: builder.input(k) for k, name in enumerate(features)})
    with ctx.workprec(PRECISION):
        results = [algebra.emit(fold(steps, algebra)) for steps in equations]
    program = passes.run(builder.finish(outputs, results))
    exact = frozenset(algebra.exact_constants - algebra.rounded_constants)
    return Written(program, exact, {value: tuple(numbers) for value, numbers in algebra.numbers.items()})


@dataclass(frozen=True)
class _Constant:
    """A part without an input; `literal` is its text where it is one number as it is written, else ""."""

    value: arb
    literal: str = ""


@dataclass(frozen=True)
class _Product:
    """Factors in the order of the text, each with "mul" or "div"; none of them is emitted as a product yet."""

    factors: tuple[tuple[str, _Constant | int], ...]


_Term = _Constant | _Product | int


class _Instructions:
    """A Builder's instructions as an algebra to read an equation in."""

    def __init__(self, builder: Builder, names: dict[str, int]) -> None:
        self.builder, self.names = builder, names
        self.exact = Balls({})
        self.exact_constants: set[float] = set()
        self.rounded_constants: set[float] = set()
        self.numbers: dict[float, list[arb]] = {}

    def number(self, text: str) -> _Term:
        return _Constant(self.exact.number(text), text)

    def name(self, text: str) -> _Term:
        return self.names[text]

    def apply(self, operator: str, args: Sequence[_Term]) -> _Term:
        if all(isinstance(a, _Constant) for a in args):
            return self._folded(operator, args)
        if operator == "div" and isinstance(args[1], _Constant) and args[1].value.is_zero():
            raise SymcError(_NO_VALUE)
        if operator in ("mul", "div"):
            first = args[0].factors if isinstance(args[0], _Product) else (("mul", self._factor(args[0])),)
            return _Product((*first, (operator, self._factor(args[1]))))
        if operator == "pow" and isinstance(args[1], _Constant):
            return self._power(self.emit(args[0]), args[1])
        places = tuple(map(self.emit, args))
        expansion = OPERATORS[operator].expansion
        return self.builder.op(operator, *places) if expansion is None else expansion(self, places)

    def op(self, name: str, *args: int) -> int:
        """A primitive; with const, what notation is expanded with."""
        return self.builder.op(name, *args)

    def const(self, value: float) -> int:
        """A number that notation brings in."""
        self._stands_for(self.builder.format.rounded(value), arb(value))
        return self.builder.const(value)

    def emit(self, term: _Term) -> int:
        """The position of the term's value among the instructions."""
        if isinstance(term, _Constant):
            return self._place(term)
        return self._product(term.factors) if isinstance(term, _Product) else term

    def _folded(self, operator: str, args: Sequence[_Term]) -> _Constant:
        try:
            value = self.exact.apply(operator, [a.value for a in args if isinstance(a, _Constant)])
        except Undecided:
            value = arb.nan()
        if not value.is_finite():
            raise SymcError(_NO_VALUE)
        if value.contains(0):
            # sqrt(2)^2 - 2: what 200 bits do not tell from 0 is 0.
            value = arb(0)
        # A sign does not make a number another one.
        literal = args[0].literal if operator == "neg" and isinstance(args[0], _Constant) else ""
        return _Constant(value, f"-{literal}" if literal else "")

    def _factor(self, term: _Term) -> _Constant | int:
        return term if isinstance(term, _Constant) else self.emit(term)

    def _product(self, factors: Sequence[tuple[str, _Constant | int]]) -> int:
        constants = [factor for _, factor in factors if isinstance(factor, _Constant)]
        if all(_is_normal(c.value, self.builder.format) for c in constants):
            return self._chain([(op, self._place(f)) for op, f in factors])
        coefficient = arb(1)
        for op, factor in factors:
            if isinstance(factor, _Constant):
                coefficient = coefficient * factor.value if op == "mul" else coefficient / factor.value
        if coefficient.is_zero():
            return self.const(0.0)
        rest = [(op, self._place(f)) for op, f in factors if not isinstance(f, _Constant)]
        first, last = _split(coefficient, self.builder.format)
        self.rounded_constants |= {first, last}
        self._stands_for(first, coefficient / last)
        chain = [("mul", self.builder.const(first)), *rest]
        return self._chain(chain if last == 1.0 else [*chain, ("mul", self.const(last))])

    def _place(self, factor: _Constant | int) -> int:
        if not isinstance(factor, _Constant):
            return factor
        single = _single(factor, self.builder.format)
        exact = bool(factor.value.is_exact() and factor.value == arb(single))
        (self.exact_constants if exact else self.rounded_constants).add(single)
        self._stands_for(single, factor.value)
        return self.builder.const(single)

    def _stands_for(self, constant: float, number: arb) -> None:
        known = self.numbers.setdefault(constant, [])
        if number not in known:
            known.append(number)

    def _chain(self, factors: Sequence[tuple[str, int]]) -> int:
        (_, result), *others = factors
        for op, place in others:
            result = self.builder.op(op, result, place)
        return result

    def _power(self, base: int, exponent: _Constant) -> int:
        value = float(exponent.value.mid())
        if not exponent.value.is_exact() or (value not in (0.5, -0.5) and not (value.is_integer() and value)):
            return self.builder.op("pow", base, self._place(exponent))
        if abs(value) > LARGEST_CHAIN:
            return self.builder.op("pow", base, self.const(value))
        root = abs(value) == 0.5
        size = self.builder.op("sqrt", base) if root else integer_power(self.builder, base, int(abs(value)))
        return self.builder.op("div", self.const(1.0), size) if value < 0 else size


def _is_normal(value: arb, format: Format) -> bool:
    return bool(value.is_zero() or (abs(value) >= format.smallest and abs(value) <= format.largest))


def _single(constant: _Constant, format: Format) -> float:
    """The nearest number of the format. SymcError where that says something else than the text."""
    value = float(constant.value.mid())
    single = format.rounded(value)
    lost = (single == 0.0) != constant.value.is_zero() or not math.isfinite(single)
    if lost or not (constant.literal or _is_normal(constant.value, format)):
        shown = constant.literal or (
            f"{constant.value.str(6, radius=False)}, which a part of the equation without inputs comes to,"
        )
        raise SymcError(
            f"the constant {shown} is {'too large' if abs(value) > 1.0 else 'too small'} for {format.name}",
            hint="Rescale the variables; a constant of any size may only multiply or divide.",
        )
    return single


def _split(coefficient: arb, format: Format) -> tuple[float, float]:
    """Two normal numbers, the second a power of two or 1, whose product is the coefficient to the format's digits."""
    size = abs(coefficient).log() / arb.const_log2()
    most = -math.floor(math.log2(format.smallest))
    reach = 2 * (most - _SPARE)
    if not (size > -reach and size < reach):
        raise SymcError(
            f"the constant factor {coefficient.str(6, radius=False)} is out of reach of two {format.name} numbers",
            hint="Rescale the variables.",
        )
    exponent = math.floor(float(size.mid()))
    if -most <= exponent <= most:
        return format.rounded(float(coefficient.mid())), 1.0
    half = exponent // 2
    return format.rounded(float((coefficient / arb(2) ** half).mid())), 2.0**half
