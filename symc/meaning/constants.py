"""What the constants of a program stand for: the numbers of its texts, of which it holds the nearest float32.

A number of a text is known as it is written, in 200 bits where it is computed of others; one that sympy folded has the
53 bits that sympy computes in. Whether these are what the program's constants stand for is checked where the program is
not the text's own order: with them it must have the text's real values.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import sympy
from flint import arb, ctx, fmpq

from symc.errors import SymcError
from symc.ir.decimals import decimal_of
from symc.ir.parse import expression_of
from symc.ir.program import Program
from symc.ir.reading import Steps, fold, read
from symc.ir.reference import PRECISION, REAL, Balls, Undecided
from symc.ir.written import written
from symc.meaning.points import Box, inside

# How far sympy's numbers are from what they stand for, as a share: 53 bits, and some roundings.
_FOLDED = 2.0**-50
# How far a constant of which nothing is known may be from what it stands for, as a share.
_UNKNOWN = 2.0**-22
# What lowering brings in by itself.
_BROUGHT = frozenset({0.0, 1.0, -1.0})
_POINTS = 32


@dataclass(frozen=True)
class Constant:
    """The number that a constant stands for, and how far the text's own may be from it at most."""

    number: Fraction
    apart: float


def constants_of(program: Program, texts: Sequence[str], domain: Box | None) -> dict[float, Constant]:
    """Values of constants in `program` -> the numbers of the texts (one per output) that they stand for.

    Where several numbers have one float32, the constant stands for what lies between them. One of which no number is
    known stands for itself, two units in the last place of a float32 apart at the most.
    """
    readings = [read(text, program.inputs) for text in texts]
    known = written(readings, program.inputs, program.outputs)
    same = known.program == program
    with ctx.workprec(PRECISION):
        # Passes turn signs.
        balls = {s * value: [s * b for b in numbers] for value, numbers in known.numbers.items() for s in (-1, 1)}
        if not same:
            folded = list(_folded(readings))
            for value in program.constants:
                there = balls.setdefault(value, [])
                nearest = [b for b in folded if np.float32(float(b.mid())) == value]
                there += [b for b in nearest if not any(b.overlaps(other) for other in there)]
                # Of a product of numbers that were rounded before, the float32 may be one next to its own.
                there += [] if there else [b for b in folded if bool(abs(b - value) <= abs(value) * _UNKNOWN)]
        joined = {value: _union(balls.get(value) or [_unknown(value)]) for value in program.constants}
        if not same and not _has_the_values(program, joined, readings, domain):
            joined = {value: _unknown(value) for value in program.constants}
        return {value: _constant(ball) for value, ball in joined.items()}


def _unknown(value: float) -> arb:
    return arb(value) if value in _BROUGHT else arb(value, abs(value) * _UNKNOWN)


def _folded(readings: Sequence[Steps]) -> Iterator[arb]:
    """The numbers of sympy's expressions."""
    for steps in readings:
        try:
            nodes = list(sympy.preorder_traversal(expression_of(steps)))
        except SymcError:
            continue
        # The numbers of a product become one constant.
        factors = [sympy.Mul(*(a for a in node.args if a.is_number)) for node in nodes if node.is_Mul]
        for value in {float(node) for node in (*nodes, *factors) if node.is_number}:
            for sign in (-1.0, 1.0):
                exact = value.is_integer() or value in (0.5, -0.5)
                yield arb(sign * value, 0.0 if exact else abs(value) * _FOLDED)


def _union(balls: Sequence[arb]) -> arb:
    found = balls[0]
    for ball in balls[1:]:
        found = found.union(ball)
    return found


def _constant(ball: arb) -> Constant:
    mantissa, exponent = ball.mid().man_exp()
    number = Fraction(decimal_of(int(mantissa) * Fraction(2) ** int(exponent)))
    apart = abs(ball - fmpq(number.numerator, number.denominator)).upper()
    return Constant(number, float(apart) * (1.0 + 2.0**-50))


def _has_the_values(
    program: Program, balls: Mapping[float, arb], readings: Sequence[Steps], domain: Box | None
) -> bool:
    """Whether `program` with these constants has the real values of the texts, wherever both are known."""
    compared = 0
    for row in inside(domain, program.n_in, _POINTS).astype(np.float64).tolist():
        try:
            found = _values(program, balls, row)
            names = Balls(dict(zip(program.inputs, map(arb, row), strict=True)))
            for steps, value in zip(readings, found, strict=True):
                exact = fold(steps, names)
                if exact.is_finite() and value.is_finite():
                    compared += 1
                    if not value.overlaps(exact):
                        return False
        except Undecided:
            continue
    return compared > 0


def _values(program: Program, balls: Mapping[float, arb], row: Sequence[float]) -> list[arb]:
    values: list[arb] = []
    for step in program.instructions:
        if step.op == "input":
            values.append(arb(row[step.index]))
        elif step.op == "const":
            values.append(balls[step.value])
        else:
            values.append(REAL[step.op](*(values[a] for a in step.args)))
    return [values[r] for r in program.results]
