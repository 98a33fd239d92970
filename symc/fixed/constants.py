"""The numbers that fixed-point code takes for a program's constants: those of the text, not the nearest float32."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction

import numpy as np

from symc.analysis.passing import half_unit
from symc.ir.formats import FLOAT32
from symc.ir.heads import Head
from symc.ir.program import Program
from symc.meaning.constants import Constant

# What expansions and whole powers bring in, as exact as it is written.
_BROUGHT = (0.5, 1.0, 2.0)


@dataclass(frozen=True)
class Constants:
    """What is known of the constants of a program: by their values in it, what they stand for."""

    known: Mapping[float, Constant] = field(default_factory=dict)

    @classmethod
    def exact(cls, values: Collection[float]) -> Constants:
        """Of these values, which are what is meant."""
        return cls({value: Constant(Fraction(value), 0.0) for value in values})

    def of(self, value: float) -> Constant:
        """Of one that is not known: a number of which this is the nearest float32."""
        found = self.known.get(value)
        return found or Constant(Fraction(value), float(half_unit(np.array(abs(value)))))

    def is_exact(self, value: float) -> bool:
        """Whether it stands for its value in the program."""
        found = self.of(value)
        return found.apart == 0.0 and found.number == Fraction(value)

    def numbers(self, program: Program) -> dict[float, Fraction]:
        """The constants of `program` for which code takes another number than their value in it."""
        found = {value: self.of(value).number for value in program.constants}
        return {value: number for value, number in found.items() if number != Fraction(value)}

    def taking(self, numbers: Mapping[float, Fraction]) -> Constants:
        """The same where code takes these numbers, or the value itself of a constant that has none."""
        found = {}
        for value in {*self.known, *numbers}:
            constant, number = self.of(value), numbers.get(value, Fraction(value))
            found[value] = Constant(number, _up(constant.apart + float(abs(constant.number - number))))
        return Constants(found)

    def meeting(self, program: Program, others: Iterable[tuple[float, Fraction]]) -> Constants:
        """With further constants behind those of `program`, of which these are known: each with the number it means."""
        there = frozenset(program.constants) - frozenset(self.known)
        found = dict(self.known)
        for value, number in others:
            if value in found:
                found[value] = _both(found[value], number)
            elif value not in there:
                found[value] = Constant(number, 0.0)
        return Constants(found)

    def behind(self, head: Head, program: Program) -> Constants:
        """Of the constants of head.behind(program); the head's numbers are meant as they are written."""
        given = [(float(np.float32(n)), Fraction(repr(n))) for n in head.numbers if abs(n) <= FLOAT32.largest]
        made = {*head.program(program.n_out).constants} - {value for value, _ in given}
        return self.meeting(program, [*given, *((value, Fraction(value)) for value in made)])

    def expanded(self, program: Program) -> Constants:
        """Of the constants of symc.fixed.expand.expanded(program)."""
        return self.meeting(program, [(value, Fraction(value)) for value in _BROUGHT])


def _both(constant: Constant, other: Fraction) -> Constant:
    """For two numbers that are one constant."""
    return Constant(constant.number, max(constant.apart, _up(float(abs(constant.number - other)))))


def _up(bound: float) -> float:
    return bound * (1.0 + 2.0**-50)
