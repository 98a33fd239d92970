"""FixedProgram: a Program whose every value is an integer m of one word and a format f that it is read by, m 2^-f."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from math import floor

from symc.fixed.word import COMPARISONS, WORDS, Word, floor_log2
from symc.ir.program import Instruction, Program

# What is given as --numbers.
FLOAT, FIXED, FIXED16 = "float", "fixed", "fixed16"
ALIGNED = frozenset({"add", "sub", "min", "max", "relu", "neg", "abs"})


@dataclass(frozen=True)
class FixedProgram:
    """`program` in fixed point: formats[p] is that of instruction p, and bounds[i] the mantissas input i may have.

    The mantissas of instruction p are below 2^(bits - 1 - spare[p]), which code may use; it changes no value.

    An input beyond its bounds is moved to the nearest of them. A constant has the format of each operation that takes
    it (see `operand_formats`); its own is that in which factors and results hold it. `numbers`: the value of a constant
    -> the number that code takes for it, where that is another.
    """

    program: Program
    formats: tuple[int, ...]
    spare: tuple[int, ...]
    bounds: tuple[tuple[int, int], ...]
    bits: int = 32
    numbers: Mapping[float, Fraction] = field(default_factory=dict)

    @property
    def word(self) -> Word:
        """What mantissas are kept in."""
        return WORDS[self.bits]

    @property
    def inputs(self) -> tuple[int, ...]:
        """The format of each input, which is there whether or not the program reads it."""
        return self.formats[: self.program.n_in]

    @property
    def outputs(self) -> tuple[int, ...]:
        """The format of each output."""
        return tuple(self.formats[r] for r in self.program.results)

    def number(self, position: int) -> Fraction | None:
        """What a constant stands for; None of another instruction."""
        return number_of(self.program.instructions[position], self.numbers)

    def mantissa(self, position: int, point: int) -> int:
        """Of a constant in a format."""
        number = self.number(position)
        assert number is not None
        return mantissa(number, point)

    def operands(self, position: int) -> tuple[int, ...]:
        """The format that each operand of an instruction is brought to before it."""
        step = self.program.instructions[position]
        own = [self.formats[a] for a in step.args]
        return operand_formats(self.word, step, self.formats[position], own)


def operand_formats(word: Word, step: Instruction, result: int, own: Sequence[int]) -> tuple[int, ...]:
    """The formats that the operands of a step with the format `result` are brought to; `own` are those they have.

    A constant is rounded to that format by itself, so that it loses nothing on the way.
    """
    if step.op in ALIGNED:
        return (result,) * len(own)
    if step.op == "select":
        return (own[0], result, result)
    if step.op in COMPARISONS:
        shared = min(own)
        return (shared, shared)
    if step.op == "div":
        # So that the quotient is not shifted to the right.
        return (min(own[0], result + own[1]), own[1])
    if step.op == "sqrt":
        return (min(own[0], 2 * result),)
    if step.op in word.taken:
        least, most = word.taken[step.op]
        return (min(max(own[0], least), most),)
    return tuple(own)


def scaled(
    program: Program, position: int, formats: Sequence[int], numbers: Mapping[float, Fraction]
) -> tuple[int, bool] | None:
    """The operand that a product by a power of two is in another format, and whether its sign turns; else None.

    formats: of the instructions. numbers: as a FixedProgram has them. Nothing is rounded then.
    """
    step = program.instructions[position]
    for constant, other in (step.args, step.args[::-1]) if step.op == "mul" else ():
        factor = power_of_two(program.instructions[constant], numbers)
        varies = program.instructions[other].op != "const"
        if varies and factor is not None and formats[position] == formats[other] - factor:
            return other, program.instructions[constant].value < 0.0
    return None


def number_of(step: Instruction, numbers: Mapping[float, Fraction]) -> Fraction | None:
    """What a constant stands for; None of another step."""
    return numbers.get(step.value, Fraction(step.value)) if step.op == "const" else None


def power_of_two(step: Instruction, numbers: Mapping[float, Fraction]) -> int | None:
    """k where the step is a constant that stands for 2^k or -2^k."""
    number = number_of(step, numbers)
    if not number:
        return None
    exponent = floor_log2(abs(number))
    return exponent if abs(number) == Fraction(2) ** exponent else None


def mantissa(value: float | Fraction, point: int) -> int:
    """The integer nearest to value 2^point, ties upward: the one rule of rounding."""
    return floor(Fraction(value) * Fraction(2) ** point + Fraction(1, 2))
