"""One instruction of a Program whose value is to be built anew, and what its operands are, however they are written."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from symc.ir.program import Builder, Program


@dataclass(frozen=True)
class Constant:
    value: float


ONE, TWO, HALF = Constant(1.0), Constant(2.0), Constant(0.5)
# A value of the program that is rewritten: the position of an instruction, or a constant by itself.
Ref = int | Constant


class Site:
    """One instruction of `program`, whose value is built anew: operands are read there and written to `builder`."""

    def __init__(self, program: Program, position: int, builder: Builder, place: list[int]) -> None:
        self.program, self.position = program, position
        self._builder, self._place = builder, place

    def args(self, op: str, ref: Ref | None = None) -> tuple[int, ...] | None:
        """The operands of `ref`, by default of the site, where it is that operator."""
        position = self.position if ref is None else ref
        if isinstance(position, Constant) or self.program.instructions[position].op != op:
            return None
        return self.program.instructions[position].args

    def operand(self, op: str, ref: Ref | None = None) -> int | None:
        """The one operand of `ref`."""
        found = self.args(op, ref)
        return found[0] if found else None

    def difference(self, ref: Ref | None = None) -> tuple[Ref, Ref] | None:
        """(a, b) where `ref` is a - b, written in any way, with constants above 0 and without a minus before them."""
        return self._split(ref, -1)

    def sum(self, ref: Ref | None = None) -> tuple[Ref, Ref] | None:
        """(a, b) where `ref` is a + b, in the same way."""
        return self._split(ref, 1)

    def _split(self, ref: Ref | None, sign: int) -> tuple[Ref, Ref] | None:
        position = self.position if ref is None else ref
        if isinstance(position, Constant) or (op := self.program.instructions[position].op) not in ("add", "sub"):
            return None
        a, b = (self._value(p) for p in self.program.instructions[position].args)
        signs = [1, 1 if op == "add" else -1]
        values = [a, b]
        for k, value in enumerate(values):
            if isinstance(value, Constant) and value.value < 0.0:
                values[k], signs[k] = Constant(-value.value), -signs[k]
            elif (inner := self.operand("neg", value)) is not None:
                values[k], signs[k] = self._value(inner), -signs[k]
        if signs == [-1, 1]:
            values, signs = values[::-1], signs[::-1]
        return (values[0], values[1]) if signs == [1, sign] else None

    def _value(self, position: int) -> Ref:
        step = self.program.instructions[position]
        return Constant(step.value) if step.op == "const" else position

    def negative(self, ref: Ref) -> Ref | None:
        """a where `ref` is -a."""
        return self.operand("neg", ref)

    def product(self, ref: Ref) -> tuple[Ref, Ref] | None:
        found = self.args("mul", ref)
        return (self._value(found[0]), self._value(found[1])) if found else None

    def ratio(self, ref: Ref) -> tuple[Ref, Ref] | None:
        found = self.args("div", ref)
        return (self._value(found[0]), self._value(found[1])) if found else None

    def root(self, ref: Ref) -> Ref | None:
        """a where `ref` is a * a."""
        if ref == ONE:
            return ONE
        found = self.product(ref)
        return found[0] if found and found[0] == found[1] else None

    def make(self, op: str, *args: Ref | New) -> New:
        """A new instruction over values of the program, constants, and what was made before; nothing is made of a 1."""
        if op in ("mul", "div") and args[1] == ONE:
            return New(self._placed(args[0]))
        if op == "mul" and args[0] == ONE:
            return New(self._placed(args[1]))
        return New(self._builder.op(op, *(self._placed(a) for a in args)))

    def kept(self, ref: Ref) -> New:
        return New(self._placed(ref))

    def _placed(self, ref: Ref | New) -> int:
        if isinstance(ref, New):
            return ref.position
        return self._builder.const(ref.value) if isinstance(ref, Constant) else self._place[ref]


@dataclass(frozen=True)
class New:
    """A value of the program that is being built."""

    position: int


Rule = Callable[[Site], New | None]
