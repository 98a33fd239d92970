"""The format of each value: the finest that holds what is proved of it, and that its operation can make."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from symc.fixed.program import operand_formats, power_of_two, scaled
from symc.fixed.word import COMPARISONS, TO_INTEGER, Word
from symc.ir.program import Instruction, Program

F64 = NDArray[np.float64]

_WHOLE = COMPARISONS | TO_INTEGER | {"sign"}
# Whose results are made in any format at once.
_MADE_IN_ANY = frozenset(
    {"add", "sub", "div", "sqrt", "neg", "abs", "relu", "min", "max", "select", "input", "exp", "exp2"}
)


def choose(
    word: Word,
    program: Program,
    step: Instruction,
    own: Sequence[int],
    spare: Sequence[int],
    size: float,
    error_in: Callable[[int], F64],
    forced: int | None,
    numbers: Mapping[float, Fraction],
) -> int:
    """The format of the result of `step`, whose operands have the formats `own` and bits to spare.

    size: the largest real magnitude. error_in: format -> the errors there. forced: the one format of all values.
    numbers: as a FixedProgram has them.
    """
    if forced is not None:
        return forced
    if step.op == "const":
        return word.finest(abs(numbers.get(step.value, Fraction(step.value))))
    if step.op in ("neg", "abs", "relu"):
        return own[0]
    if step.op in _WHOLE:
        return 0
    for constant, varying in ((0, 1), (1, 0)) if step.op == "mul" else ():
        if (factor := power_of_two(program.instructions[step.args[constant]], numbers)) is not None:
            return min(max(own[varying] - factor, word.lowest), word.highest)
    if not math.isfinite(size):
        # Nothing is known of it: the program is refused, unless narrower boxes or branches say more.
        return 0
    # Roots have two bits less than a word, so that their remainder fits one.
    fits = word.largest // 2 if step.op == "sqrt" else word.largest
    point = min(word.finest(size), _most(word, program, step, own))
    while point > word.lowest and not float((size + error_in(point)).max()) * 2.0**point <= fits:
        if not np.isfinite(error_in(point)).all():
            return point
        point -= 1
    if step.op == "mul":
        # Of factors that fill their words the result is in the upper one, where nothing is shifted.
        upper = sum(own) + sum(spare) - word.bits
        return upper if point - word.given_up <= upper < point else point
    return point


def _most(word: Word, program: Program, step: Instruction, own: Sequence[int]) -> int:
    """The finest format that the operands give something for."""
    varying = [f for a, f in zip(step.args, own, strict=True) if program.instructions[a].op != "const"] or list(own)
    if step.op in ("add", "sub"):
        return max(varying)
    if step.op in ("min", "max"):
        return min(own)
    if step.op == "select":
        return max(own[1:])
    if step.op == "mul":
        return sum(own)
    if step.op == "div":
        return word.bits - 1 + own[0] - own[1]
    return word.made.get(step.op, word.highest)


def taken(
    word: Word, program: Program, formats: Sequence[int], numbers: Mapping[float, Fraction]
) -> tuple[int, ...]:
    """The formats without what no operation takes: a value that is only ever brought to coarser ones has these at once.

    So it is rounded but once, and where it is an input or a product's result the shift costs nothing. Outputs keep what
    they have, and constants, which each operation rounds for itself.
    """
    steps, found = program.instructions, list(formats)
    uses: list[list[int]] = [[] for _ in steps]
    for result in program.results:
        uses[result].append(formats[result])
    for position in reversed(range(len(steps))):
        step = steps[position]
        if step.op == "const" or not uses[position]:
            continue
        own = [formats[a] for a in step.args]
        found[position] = min(max(*uses[position], _coarsest(word, step, own)), formats[position])
        if (same := scaled(program, position, formats, numbers)) is not None:
            # No more than another format of its operand, in which it stays.
            uses[same[0]].append(found[position] + formats[same[0]] - formats[position])
            continue
        for argument, point in zip(step.args, operand_formats(word, step, found[position], own), strict=True):
            uses[argument].append(point)
    for position in range(len(steps)):
        if (same := scaled(program, position, formats, numbers)) is not None:
            found[position] = found[same[0]] + formats[position] - formats[same[0]]
    return tuple(found)


def _coarsest(word: Word, step: Instruction, own: Sequence[int]) -> int:
    """The coarsest format that the operation makes, of operands in the formats `own`."""
    if step.op == "mul":
        # No product is shifted by all its bits.
        return sum(own) - 2 * word.bits + 1
    if step.op in _MADE_IN_ANY:
        return word.lowest
    return 0 if step.op in word.made else word.highest
