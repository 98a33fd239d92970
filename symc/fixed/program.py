"""FixedProgram: a Program whose every value is an integer m of one word and a format f that it is read by, m 2^-f."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import floor, frexp

from symc.fixed.word import COMPARISONS, WORDS, Word
from symc.ir.program import Instruction, Program

# What is given as --numbers.
FLOAT, FIXED, FIXED16 = "float", "fixed", "fixed16"
ALIGNED = frozenset({"add", "sub", "min", "max", "relu", "neg", "abs"})


@dataclass(frozen=True)
class FixedProgram:
    """`program` in fixed point: formats[p] is that of instruction p, and bounds[i] the mantissas input i may have.

    The mantissas of instruction p are below 2^(bits - 1 - spare[p]), which code may use; it changes no value.

    An input beyond its bounds is moved to the nearest of them. A constant has the format of each operation that takes
    it (see `operand_formats`); its own is that in which factors and results hold it.
    """

    program: Program
    formats: tuple[int, ...]
    spare: tuple[int, ...]
    bounds: tuple[tuple[int, int], ...]
    bits: int = 32

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


def scaled(program: Program, position: int, formats: Sequence[int]) -> tuple[int, bool] | None:
    """The operand that a product by a power of two is in another format, and whether its sign turns; else None.

    formats: of the instructions. Nothing is rounded then.
    """
    step = program.instructions[position]
    for constant, other in (step.args, step.args[::-1]) if step.op == "mul" else ():
        factor = power_of_two(program.instructions[constant])
        varies = program.instructions[other].op != "const"
        if varies and factor is not None and formats[position] == formats[other] - factor:
            return other, program.instructions[constant].value < 0.0
    return None


def power_of_two(step: Instruction) -> int | None:
    """k where the step is a constant 2^k or -2^k."""
    fraction, exponent = frexp(step.value)
    return exponent - 1 if step.op == "const" and abs(fraction) == 0.5 else None


def mantissa(value: float, point: int) -> int:
    """The integer nearest to value 2^point, ties upward: the one rule of rounding."""
    return floor(Fraction(value) * Fraction(2) ** point + Fraction(1, 2))
