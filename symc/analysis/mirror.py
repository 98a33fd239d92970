"""Whether an output keeps its value, or only turns its sign, when inputs turn theirs or change places.

Proved to the bit, for all inputs at once: rounding to nearest knows no sign, so that -(a + b) is (-a) + (-b), and a + b
is b + a. The program is read twice, with the inputs as they are and as they are changed, into one table of values that
leaves signs and the order of commutative operands out (value numbering); equal entries are equal values. Zeros of both
signs count as equal, and where the code is not finite nothing is said.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from symc.analysis.signs import Sign
from symc.ir.evaluate import evaluate
from symc.ir.program import Instruction, Program
from symc.meaning.points import Box, inside

_POINTS = 4096
_ODD = frozenset(
    {"cbrt", "sin", "tan", "asin", "atan", "sinh", "tanh", "asinh", "atanh", "erf", "sign", "round", "trunc"}
)
_EVEN = frozenset({"abs", "cos", "cosh"})
# What an operator of a negated operand, or of two, is the negative of.
_TURNED = {"floor": "ceil", "ceil": "floor", "min": "max", "max": "min"}
_SWAPPED = {"gt": "lt", "ge": "le"}


@dataclass(frozen=True)
class Change:
    """Column k of the inputs becomes `signs[k]` times column `columns[k]`."""

    columns: tuple[int, ...]
    signs: tuple[int, ...]

    @classmethod
    def of_sign(cls, n_in: int, turned: Sequence[int]) -> Change:
        return cls(tuple(range(n_in)), tuple(-1 if k in turned else 1 for k in range(n_in)))

    @classmethod
    def of_places(cls, n_in: int, first: int, second: int) -> Change:
        other = {first: second, second: first}
        return cls(tuple(other.get(k, k) for k in range(n_in)), (1,) * n_in)

    def keeps(self, domain: Box) -> bool:
        """Whether the changed box is the box."""
        moved = zip(self.columns, self.signs, strict=True)
        return [tuple(sorted(s * bound for bound in domain[c])) for c, s in moved] == [tuple(pair) for pair in domain]


def keeps_value(program: Program, column: int, change: Change, sign: int, domain: Box) -> Sign:
    """Whether output `column` at changed inputs is `sign` times what it is, at every float32 input of the box.

    domain: (lo, hi) per input, a box that the change keeps. Refuted at a point with the value there.
    """
    table = _Values()
    same = [_Value(1, table.number("input", k)) for k in range(program.n_in)]
    changed = [_Value(s * same[c].sign, same[c].key) for c, s in zip(change.columns, change.signs, strict=True)]
    result = program.results[column]
    before, after = (table.read(program, inputs)[result] for inputs in (same, changed))
    if after == _Value(sign * before.sign, before.key):
        return Sign(True)
    x = inside(domain, program.n_in, _POINTS)
    moved = x[:, list(change.columns)] * np.array(change.signs, dtype=np.float32)
    y, z = evaluate(program, x)[:, column], evaluate(program, moved)[:, column]
    with np.errstate(invalid="ignore", over="ignore"):
        distance = np.abs(np.float32(sign) * y - z)
    wrong = np.flatnonzero(np.isfinite(y) & np.isfinite(z) & (distance > 0))
    if not len(wrong):
        return Sign(False)
    worst = wrong[np.argmax(distance[wrong])]
    return Sign(False, dict(zip(program.inputs, x[worst].tolist(), strict=True)), float(distance[worst]))


@dataclass(frozen=True)
class _Value:
    """`sign` times what entry `key` of the table stands for."""

    sign: int
    key: int


class _Values:
    def __init__(self) -> None:
        self._numbers: dict[tuple[object, ...], int] = {}

    def number(self, *what: object) -> int:
        return self._numbers.setdefault(what, len(self._numbers))

    def read(self, program: Program, inputs: Sequence[_Value]) -> list[_Value]:
        values: list[_Value] = []
        for step in program.instructions:
            values.append(self._value(program, step, [values[a] for a in step.args], inputs))
        return values

    def _value(
        self, program: Program, step: Instruction, args: Sequence[_Value], inputs: Sequence[_Value]
    ) -> _Value:
        op = step.op
        if op == "input":
            return inputs[step.index]
        if op == "const":
            return _Value(-1 if step.value < 0 else 1, self.number("const", abs(step.value)))
        if op == "neg":
            return _Value(-args[0].sign, args[0].key)
        if op in _EVEN:
            return _Value(1, self.number(op, args[0].key))
        if op in _ODD:
            return _Value(args[0].sign, self.number(op, args[0].key))
        if op in ("mul", "div"):
            keys = sorted(a.key for a in args) if op == "mul" else [a.key for a in args]
            return _Value(args[0].sign * args[1].sign, self.number(op, *keys))
        if op == "pow":
            return self._power(program.instructions[step.args[1]], args)
        if op in ("add", "sub"):
            second = args[1] if op == "add" else _Value(-args[1].sign, args[1].key)
            return self._of_either_sign("add", [args[0], second], any_order=True)
        if op in _TURNED:
            return self._of_either_sign(op, args, any_order=len(args) == 2)
        if op == "select":
            condition, *branches = args
            found = self._of_either_sign("select", branches, any_order=False)
            return _Value(found.sign, self.number("select", condition, found.key))
        if op in ("lt", "le", "gt", "ge"):
            return self._order(_SWAPPED.get(op, op), args[::-1] if op in _SWAPPED else args)
        if op in ("eq", "ne"):
            found = self._of_either_sign(op, args, any_order=True)
            return _Value(1, found.key)
        return _Value(1, self.number(op, *args))

    def _of_either_sign(self, op: str, args: Sequence[_Value], any_order: bool) -> _Value:
        """The first operand made positive: the sign that all of them share comes out."""
        ordered = sorted(args, key=lambda a: (a.key, -a.sign)) if any_order else list(args)
        lead = ordered[0].sign
        if lead < 0:
            op = _TURNED.get(op, op)
        return _Value(lead, self.number(op, *(_Value(lead * a.sign, a.key) for a in ordered)))

    def _power(self, exponent: Instruction, args: Sequence[_Value]) -> _Value:
        base = args[0]
        if exponent.op == "const" and exponent.value.is_integer():
            odd = exponent.value % 2.0 == 1.0
            return _Value(base.sign if odd else 1, self.number("pow", base.key, args[1]))
        return _Value(1, self.number("pow", *args))

    def _order(self, op: str, args: Sequence[_Value]) -> _Value:
        """a < b is -b < -a: of the two the one that comes first."""
        turned = [_Value(-a.sign, a.key) for a in reversed(args)]
        first = min([list(args), turned], key=lambda pair: [(a.key, a.sign) for a in pair])
        return _Value(1, self.number(op, *first))
