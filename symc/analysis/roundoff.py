"""How far the code of a Program can be from its real function, anywhere in a box: every rounding, and what it becomes.

For each instruction a bound of |float32 value - real value| is carried along. By the mean value theorem a function
makes of an operand's error at most its greatest slope between the two values times that error; to which comes half a
unit in the last place of its own rounding. No term is left out: the slopes hold over the interval widened by the error
itself. The bounds are sums in float64, whose own roundings (1e-16) are covered by a factor of 1 + 1e-12 at each step.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from symc.analysis.branches import Branches, branches
from symc.analysis.interval import Interval, Mask, grid, magnitude
from symc.analysis.passing import RULES, Operand, half_unit
from symc.analysis.trace import Trace
from symc.ir.heads import Head
from symc.ir.passes import alone
from symc.ir.program import Instruction, Program

F64 = NDArray[np.float64]

_SLACK = 1.0 + 1e-12
_HALF_SUBNORMAL = 2.0**-150
_EXACT = frozenset(
    {"neg", "abs", "min", "max", "relu", "select", "floor", "ceil", "round", "trunc", "sign"}
    | {"lt", "le", "gt", "ge", "eq", "ne"}
)


# What no real value of these functions leaves, however large the error of the operand.
_REACH = {
    **dict.fromkeys(("abs", "relu", "sqrt", "exp", "exp2", "acosh"), (0.0, np.inf)),
    **dict.fromkeys(("sin", "cos", "tanh", "erf"), (-1.0, 1.0)),
    "cosh": (1.0, np.inf),
    "erfc": (0.0, 2.0),
}


@dataclass(frozen=True)
class Source:
    """What a program was made from by identities of real numbers: the code in the order of the text.

    exact: those of its constants that the text says so, not rounded. constants: those of the program made from it.
    """

    program: Program
    exact: frozenset[float]
    constants: frozenset[float]

    def only(self, column: int) -> Source:
        """Of one output."""
        return replace(self, program=alone(self.program, column))

    def behind(self, head: Head) -> Source:
        """With a head after it, as the program made from it has."""
        return replace(self, program=head.behind(self.program))


def roundoff(
    found: Trace, exact: Collection[float] = (), inputs: F64 | None = None, inside: bool = False
) -> list[F64]:
    """Per instruction, (n,): a bound of |code - real| in every box; infinite where none can be told.

    The real function is that of the equation's text: each constant is taken to be rounded, but for those in `exact`.
    inputs: (n_in,), how far each input is from its real value at most; inside: which has the sign of the box all the
    same, as a real number between two neighbours in float32 has.
    """

    def rounds(step: Instruction) -> bool:
        return step.op not in _EXACT and not (step.op == "const" and step.value in exact)

    return _carried(found, rounds, inputs=inputs, inside=inside)


def drift(found: Trace, exact: Collection[float]) -> list[F64]:
    """Per instruction, (n,): a bound of what rounded constants alone change of the real value; `exact` are none."""
    return _carried(found, lambda step: step.op == "const" and step.value not in exact, roundoff(found, exact))


def shift(found: Trace, moved: F64, apart: F64) -> list[F64]:
    """Per instruction, (n,): a bound of what it changes of the real value when each input moves by `moved` at most.

    moved, apart: (n_in,). Before and after, each input is at most `apart` from what it is in the boxes.
    """
    return _carried(found, lambda step: False, roundoff(found, inputs=apart), moved)


def _carried(
    found: Trace,
    rounds: Callable[[Instruction], bool],
    apart: list[F64] | None = None,
    inputs: F64 | None = None,
    inside: bool = False,
) -> list[F64]:
    """Errors of the instructions that round, and what the others make of them; code and real value are `apart`."""
    plain = _once(found, found.base, None, rounds, apart, inputs, inside)
    if found.branches is None:
        return plain
    # A branch matters where the code takes it, and where the real values do.
    within = branches(found.program, found.base, apart or plain)
    assert within is not None
    narrow = _once(found, within.values, within, rounds, apart, inputs, inside)
    return [np.minimum(a, b) for a, b in zip(plain, narrow, strict=True)]


def _once(
    found: Trace,
    values: list[Interval],
    within: Branches | None,
    rounds: Callable[[Instruction], bool],
    apart: list[F64] | None,
    inputs: F64 | None,
    inside: bool,
) -> list[F64]:
    errors: list[F64] = []
    away = errors if apart is None else apart
    # Where neither the code's value nor the real one is below 0, whatever their distance.
    positive: list[Mask] = []
    with np.errstate(all="ignore"):
        for position, step in enumerate(found.program.instructions):
            value = values[position]
            n = len(value.low)
            if step.op == "input":
                errors.append(np.full(n, 0.0 if inputs is None else inputs[step.index]))
                positive.append((value.low >= away[position]) | (inside & (value.low >= 0.0)))
                continue
            given = [values[a] for a in step.args] if within is None else within.operands(position)
            own = _rounding(found.program, step, value, given) if rounds(step) else np.zeros(n)
            signs = [positive[a] | (x.low >= away[a]) for a, x in zip(step.args, given, strict=True)]
            passed = np.zeros(n)
            if step.op != "const":
                operands = [
                    _operand(found.program.instructions[a], x, away[a], errors[a], sign)
                    for a, x, sign in zip(step.args, given, signs, strict=True)
                ]
                passed = _passed(step, operands, None if within is None else within.closed(position))
            error = (own + passed) * _SLACK
            errors.append(np.where(np.isnan(error) | ~value.finite, np.inf, error))
            positive.append((value.low >= away[position]) | keeps_sign(step, signs))
    return errors


def keeps_sign(step: Instruction, positive: list[Mask]) -> Mask | bool:
    """Where neither the code's result nor the real one is below 0: that of squares, and of operands that are not."""
    if step.op == "mul" and step.args[0] == step.args[1]:
        return True
    if step.op in ("add", "mul", "div", "min", "sqrt", "cbrt"):
        return np.logical_and.reduce(positive)
    if step.op == "max":
        return np.logical_or.reduce(positive)
    return np.asarray(positive[1] & positive[2]) if step.op == "select" else False


def _rounding(program: Program, step: Instruction, value: Interval, operands: list[Interval]) -> F64:
    """What rounding the result itself may change."""
    size = magnitude(value).high.astype(np.float64)
    if step.op == "const" and step.value == 0.0:
        # A text's constant that only float32 takes for 0 is refused.
        return np.zeros(len(size))
    factors = [program.instructions[a].value for a in step.args if program.instructions[a].op == "const"]
    if step.op == "mul" and any(abs(math.frexp(factor)[0]) == 0.5 for factor in factors):
        # A power of two as a factor changes no digit but of subnormals.
        return np.full(len(size), _HALF_SUBNORMAL)
    unit = half_unit(size)
    if step.op in ("add", "sub"):
        # A multiple of the operands' spacing that 24 bits hold is not rounded (Sterbenz's lemma is a case of it).
        unit = np.where(size <= 2.0**24 * grid(*operands).astype(np.float64), 0.0, unit)
    return unit


def _passed(step: Instruction, operands: list[Operand], closed: tuple[Mask, Mask] | None) -> F64:
    # No error passes nothing on, however steep the function.
    clean = np.logical_and.reduce([o.error == 0.0 for o in operands])
    passed = np.where(clean, 0.0, RULES[step.op](operands, len(set(step.args)) < len(step.args)))
    if step.op == "select" and closed is not None:
        passed = np.where(closed[0], operands[2].error, np.where(closed[1], operands[1].error, passed))
    return passed


def _operand(step: Instruction, value: Interval, apart: F64, error: F64, positive: Mask) -> Operand:
    is_square = step.op == "mul" and step.args[0] == step.args[1]
    least, most = (0.0, np.inf) if is_square else _REACH.get(step.op, (-np.inf, np.inf))
    reach = np.where(positive, np.maximum(least, 0.0), least)
    return Operand(value.low.astype(np.float64), value.high.astype(np.float64), apart, error, (reach, most))
