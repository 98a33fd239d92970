"""How far a fixed-point program is from the real values of its text, anywhere in boxes of inputs; formats on the way.

For each instruction a bound of |fixed-point value - real value| is carried along, as symc.analysis.roundoff does for
float32: what the operands' errors become by the greatest slope of the function over all values in question
(symc.analysis.passing), and what the instruction rounds itself. The real value lies where float32 code is proved to be,
widened by that code's own distance from the text.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from symc.analysis.branches import Branches, branches
from symc.analysis.interval import Interval, Mask
from symc.analysis.passing import RULES, Operand, half_unit
from symc.analysis.roundoff import keeps_sign, roundoff
from symc.analysis.trace import Trace
from symc.fixed.constants import Constants
from symc.fixed.formats import choose
from symc.fixed.program import mantissa, number_of, operand_formats, power_of_two
from symc.fixed.word import LOGARITHMS, Word
from symc.ir.program import Instruction, Program

F64 = NDArray[np.float64]

_SLACK = 1.0 + 1e-12
_POSITIVE = frozenset({"abs", "relu", "sqrt", "exp", "exp2"})


@dataclass(frozen=True)
class Carried:
    """Per instruction, over the boxes: formats, bits to spare, and errors (n,) that bound |fixed - real|.

    `reals`: bounds (n,) of |float32 code - real|. `open`: the instructions of which no bound is known in some box where
    a result hangs on them. `too_large`: those whose format does not hold them, with their size.
    """

    formats: tuple[int, ...]
    spare: tuple[int, ...]
    errors: tuple[F64, ...]
    reals: tuple[F64, ...]
    open: dict[int, Mask] = field(default_factory=dict)
    too_large: dict[int, float] = field(default_factory=dict)


def carry(
    word: Word,
    found: Trace,
    inputs: Sequence[int],
    constants: Constants,
    formats: Sequence[int] | None,
    forced: int | None,
) -> Carried:
    """The errors of `found.program` in every box; `formats` as they are, or chosen so that all values fit.

    inputs: the format of each input. constants: what is known of them. forced: the one format of all values.
    """
    exact = frozenset(value for value in found.program.constants if constants.is_exact(value))
    reals = roundoff(found, exact, inputs=_half_units(found), inside=True)
    plain = _once(word, found, found.base, None, reals, inputs, constants, formats, forced)
    if found.branches is None:
        return plain
    # A branch matters where the float32 code, the fixed-point code or the real values take it.
    apart = [e + r for e, r in zip(plain.errors, reals, strict=True)]
    inside = branches(found.program, found.base, apart)
    assert inside is not None
    return _once(word, found, inside.values, inside, reals, inputs, constants, formats, forced)


def _half_units(found: Trace) -> F64:
    """How far a real input may be from the float32 values that boxes hold."""
    return half_unit(np.maximum(np.abs(found.boxes.low), np.abs(found.boxes.high)).max(axis=0).astype(np.float64))


def _once(
    word: Word,
    found: Trace,
    values: list[Interval],
    inside: Branches | None,
    reals: list[F64],
    inputs: Sequence[int],
    constants: Constants,
    formats: Sequence[int] | None,
    forced: int | None,
) -> Carried:
    made: list[int] = []
    spare: list[int] = []
    errors: list[F64] = []
    positive: list[Mask] = []
    open_: dict[int, Mask] = {}
    too_large: dict[int, float] = {}
    numbers = constants.numbers(found.program)
    with np.errstate(all="ignore"):
        for position, step in enumerate(found.program.instructions):
            needed = found.needed[position] if step.args else np.ones(len(found.boxes), np.bool_)
            given = [values[a] for a in step.args] if inside is None else inside.operands(position)
            signs = [positive[a] | (x.low - reals[a] >= errors[a]) for a, x in zip(step.args, given, strict=True)]
            operands = [
                _Operand(x, reals[a], errors[a], made[a], sign)
                for a, x, sign in zip(step.args, given, signs, strict=True)
            ]
            at = _At(
                word,
                found.program,
                step,
                constants,
                numbers,
                operands,
                None if inside is None or step.op != "select" else inside.closed(position),
                _size(values[position], reals[position], needed),
                needed,
            )
            if formats is not None:
                point = formats[position]
            elif step.op == "input":
                point = inputs[step.index]
            else:
                room = [spare[a] for a in step.args]
                size = float(at.size.max())
                point = choose(word, found.program, step, at.formats, room, size, at.error, forced, numbers)
            made.append(point)
            errors.append(np.where(np.isfinite(at.size), at.error(point), np.inf))
            held = at.size + errors[-1]
            if not np.isfinite(held).all():
                open_[position] = ~np.isfinite(held)
            elif float(held.max()) * 2.0**point > word.largest and step.op != "input":
                too_large[position] = float(held.max())
            spare.append(_spare(word, float(held.max()), point))
            for a, to in _taken_up(word, step, made):
                if (most := float((_size(values[a], reals[a], needed) + errors[a]).max())) * 2.0**to > word.largest:
                    too_large[a] = most
            nowhere_below = values[position].low - (reals[position] + errors[-1] if step.args else 0.0) >= 0.0
            positive.append(nowhere_below | _sign(step, signs))
    return Carried(tuple(made), tuple(spare), tuple(errors), tuple(reals), open_, too_large)


@dataclass(frozen=True)
class _Operand:
    """What is known of an operand: float32 code is in `value`, the real one at most `real` from it."""

    value: Interval
    real: F64
    error: F64
    point: int
    positive: Mask

    def brought(self, lost: float) -> Operand:
        """With what is lost on its way to another format."""
        low, high = self.value.low.astype(np.float64) - self.real, self.value.high.astype(np.float64) + self.real
        error = self.error + lost
        return Operand(low, high, error, error, (np.where(self.positive, 0.0, -np.inf), np.inf))


@dataclass(frozen=True)
class _At:
    """One instruction; size: (n,), the largest real magnitude where a result hangs on it, which `needed` tells."""

    word: Word
    program: Program
    step: Instruction
    constants: Constants
    numbers: Mapping[float, Fraction]
    operands: list[_Operand]
    closed: tuple[Mask, Mask] | None
    size: F64
    needed: Mask

    @property
    def formats(self) -> list[int]:
        return [operand.point for operand in self.operands]

    def error(self, point: int) -> F64:
        """(n,): the error of the result in the format `point`."""
        step = self.step
        if step.op == "input":
            return np.full(len(self.size), 2.0 ** -(point + 1))
        if step.op == "const":
            constant = self.constants.of(step.value)
            return np.full(len(self.size), (_constant(constant.number, point) + constant.apart) * _SLACK)
        brought = operand_formats(self.word, step, point, self.formats)
        operands = [
            operand.brought(_lost(number_of(self.program.instructions[a], self.numbers), operand.point, to))
            for a, operand, to in zip(step.args, self.operands, brought, strict=True)
        ]
        passed = _passed(step, operands, self.closed)
        factors = [power_of_two(self.program.instructions[a], self.numbers) for a in step.args]
        exact = any(
            factor is not None and point == other - factor
            for factor, other in zip(factors, reversed(self.formats), strict=True)
        )
        total = (passed + _own(self.word, step, brought, point, self.size, passed, exact)) * _SLACK
        return np.where(self.needed, np.where(np.isnan(total), np.inf, total), 0.0)


def _spare(word: Word, held: float, point: int) -> int:
    """By how many bits the largest mantissa is below that of the word, of what is at most `held`."""
    if not math.isfinite(held):
        return 0
    return max(word.bits - 1 - int(held * 2.0**point).bit_length(), 0)


def _taken_up(word: Word, step: Instruction, formats: Sequence[int]) -> list[tuple[int, int]]:
    """The operand, and its format, that a function takes in a finer format than it has."""
    if step.op not in word.taken or formats[step.args[0]] >= word.taken[step.op][0]:
        return []
    return [(step.args[0], word.taken[step.op][0])]


def _size(value: Interval, real: F64, needed: Mask) -> F64:
    """(n,): the largest real magnitude where a result hangs on it."""
    bound = np.maximum(np.abs(value.low), np.abs(value.high)).astype(np.float64) + real
    return np.where(needed, np.where(value.finite & ~np.isnan(bound), bound, np.inf), 0.0)


def _constant(number: Fraction, point: int) -> float:
    """How far a constant is from what its format holds of it."""
    return float(abs(mantissa(number, point) * Fraction(2) ** -point - number))


def _lost(constant: Fraction | None, own: int, to: int) -> float:
    """What bringing a value to another format changes at most; a constant is rounded but once."""
    if constant is not None:
        return max(_constant(constant, to) - _constant(constant, own), 0.0)
    return 2.0 ** -(to + 1) if to < own else 0.0


def _passed(step: Instruction, operands: list[Operand], closed: tuple[Mask, Mask] | None) -> F64:
    same = len(set(step.args)) < len(step.args)
    if step.op == "sqrt":
        # A mantissa below 0 counts as 0, so that the root of what is not below it has no infinite slope from there.
        x = operands[0]
        low = np.maximum(x.low, 0.0)
        return np.where(x.high >= 0.0, np.minimum(x.error / (2.0 * np.sqrt(low)), np.sqrt(x.error)), np.inf)
    clean = np.logical_and.reduce([o.error == 0.0 for o in operands])
    passed = np.where(clean, 0.0, RULES[step.op](operands, same))
    if step.op == "select" and closed is not None:
        passed = np.where(closed[0], operands[2].error, np.where(closed[1], operands[1].error, passed))
    return passed


def _own(
    word: Word, step: Instruction, brought: Sequence[int], point: int, size: F64, passed: F64, exact: bool
) -> F64 | float:
    """What the instruction rounds itself, at most; exact: a product that is no more than another format."""
    half = 2.0 ** -(point + 1)
    if step.op == "mul":
        return 0.0 if exact or sum(brought) == point else half
    if step.op in ("div", "sqrt"):
        return half
    if step.op in word.relative:
        return half + word.relative[step.op] * (size + passed)
    if step.op in LOGARITHMS:
        # The factor between two bases has no more bits than the result needs.
        return 1.5 * half + word.absolute[step.op]
    return half + word.absolute[step.op] if step.op in word.absolute else 0.0


def _sign(step: Instruction, signs: list[Mask]) -> Mask | bool:
    """Where neither the mantissa nor the real value is below 0."""
    return True if step.op in _POSITIVE else keeps_sign(step, signs)
