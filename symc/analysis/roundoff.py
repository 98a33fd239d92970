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
from symc.analysis.slopes import STEEPEST, farthest, nearest
from symc.analysis.trace import Trace
from symc.ir.heads import Head
from symc.ir.program import Instruction, Program
from symc.meaning.compile import alone

F64 = NDArray[np.float64]

_SLACK = 1.0 + 1e-12
_HALF_SUBNORMAL = 2.0**-150
_SMALLEST = float(np.finfo(np.float32).smallest_normal)
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


class Operand:
    """A value of the code between `low` and `high`, at most `apart` from its real value, and neither beyond `reach`.

    error: the part of that distance whose consequences are asked for.
    """

    def __init__(self, low: F64, high: F64, apart: F64, error: F64, reach: tuple[float, float]) -> None:
        self.error = error
        # Of the code's value and the real one together.
        self.low, self.high = np.maximum(low - apart, reach[0]), np.minimum(high + apart, reach[1])

    @property
    def size(self) -> F64:
        return farthest(self.low, self.high)


def roundoff(found: Trace, exact: Collection[float] = (), inputs: F64 | None = None) -> list[F64]:
    """Per instruction, (n,): a bound of |code - real| in every box; infinite where none can be told.

    The real function is that of the equation's text: each constant is taken to be rounded, but for those in `exact`.
    inputs: (n_in,), how far each input is from its real value at most.
    """

    def rounds(step: Instruction) -> bool:
        return step.op not in _EXACT and not (step.op == "const" and step.value in exact)

    return _carried(found, rounds, inputs=inputs)


def drift(found: Trace, exact: Collection[float]) -> list[F64]:
    """Per instruction, (n,): a bound of what rounded constants alone change of the real value; `exact` are none."""
    return _carried(found, lambda step: step.op == "const" and step.value not in exact, roundoff(found, exact))


def _carried(
    found: Trace,
    rounds: Callable[[Instruction], bool],
    apart: list[F64] | None = None,
    inputs: F64 | None = None,
) -> list[F64]:
    """Errors of the instructions that round, and what the others make of them; code and real value are `apart`."""
    plain = _once(found, found.base, None, rounds, apart, inputs)
    if found.branches is None:
        return plain
    # A branch matters where the code takes it, and where the real values do.
    inside = branches(found.program, found.base, apart or plain)
    assert inside is not None
    narrow = _once(found, inside.values, inside, rounds, apart, inputs)
    return [np.minimum(a, b) for a, b in zip(plain, narrow, strict=True)]


def _once(
    found: Trace,
    values: list[Interval],
    inside: Branches | None,
    rounds: Callable[[Instruction], bool],
    apart: list[F64] | None,
    inputs: F64 | None,
) -> list[F64]:
    errors: list[F64] = []
    with np.errstate(all="ignore"):
        for position, step in enumerate(found.program.instructions):
            value = values[position]
            n = len(value.low)
            if step.op == "input":
                errors.append(np.full(n, 0.0 if inputs is None else inputs[step.index]))
                continue
            given = [values[a] for a in step.args] if inside is None else inside.operands(position)
            own = _rounding(found.program, step, value, given) if rounds(step) else np.zeros(n)
            passed = np.zeros(n)
            if step.op != "const":
                away = apart or errors
                operands = [
                    _operand(found.program.instructions[a], x, away[a], errors[a])
                    for a, x in zip(step.args, given, strict=True)
                ]
                passed = _passed(step, operands, None if inside is None else inside.closed(position))
            error = (own + passed) * _SLACK
            errors.append(np.where(np.isnan(error) | ~value.finite, np.inf, error))
    return errors


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


def half_unit(size: F64) -> F64:
    """Half a unit in the last place of a float32 of that size; of the smallest normal number below it."""
    return np.exp2(np.floor(np.log2(np.maximum(size, _SMALLEST))) - 24.0)


def _passed(step: Instruction, operands: list[Operand], closed: tuple[Mask, Mask] | None) -> F64:
    # No error passes nothing on, however steep the function.
    clean = np.logical_and.reduce([o.error == 0.0 for o in operands])
    passed = np.where(clean, 0.0, _RULES[step.op](operands, len(set(step.args)) < len(step.args)))
    if step.op == "select" and closed is not None:
        passed = np.where(closed[0], operands[2].error, np.where(closed[1], operands[1].error, passed))
    return passed


def _operand(step: Instruction, value: Interval, apart: F64, error: F64) -> Operand:
    is_square = step.op == "mul" and step.args[0] == step.args[1]
    reach = (0.0, np.inf) if is_square else _REACH.get(step.op, (-np.inf, np.inf))
    return Operand(value.low.astype(np.float64), value.high.astype(np.float64), apart, error, reach)


Rule = Callable[[list[Operand], bool], F64]


def _function(op: str) -> Rule:
    return lambda operands, same: STEEPEST[op](operands[0].low, operands[0].high) * operands[0].error


def _cbrt(operands: list[Operand], same: bool) -> F64:
    # The slope at 0 is infinite, but two roots are at most 2^(2/3) |a - b|^(1/3) apart.
    return np.minimum(_function("cbrt")(operands, same), 1.6 * np.cbrt(operands[0].error))


def _sub(operands: list[Operand], same: bool) -> F64:
    x, y = operands
    return np.zeros_like(x.error) if same else x.error + y.error


def _mul(operands: list[Operand], same: bool) -> F64:
    x, y = operands
    return x.size * y.error + y.size * x.error


def _div(operands: list[Operand], same: bool) -> F64:
    x, y = operands
    least = nearest(y.low, y.high)
    if same:
        return np.where(least > 0.0, 0.0, np.inf)
    return x.error / least + x.size / least**2 * y.error


def _sqrt(operands: list[Operand], same: bool) -> F64:
    (x,) = operands
    # |sqrt(a) - sqrt(b)| is at most sqrt|a - b|; below 0 the real root may not be there.
    bound = np.minimum(x.error / (2.0 * np.sqrt(np.maximum(x.low, 0.0))), np.sqrt(x.error))
    return np.where(x.low >= 0.0, bound, np.inf)


def _pow(operands: list[Operand], same: bool) -> F64:
    x, y = operands
    corners = [(a, b) for a in (x.low, x.high) for b in (y.low, y.high)]
    steep = y.size * np.maximum.reduce([a ** (b - 1.0) for a, b in corners])
    by_power = np.maximum.reduce([a**b for a, b in corners]) * np.maximum(np.abs(np.log(x.low)), np.abs(np.log(x.high)))
    general = steep * x.error + by_power * y.error
    # A whole exponent is exact: the text's, else a negative base has no power.
    middle = (y.low + y.high) / 2.0
    whole = (middle == np.rint(middle)) & (y.high - y.low <= 2.1 * half_unit(np.abs(middle)))
    ends = np.maximum(x.size ** (middle - 1.0), nearest(x.low, x.high) ** (middle - 1.0))
    return np.where(x.low > 0.0, general, np.where(whole, np.abs(middle) * ends * x.error, np.inf))


def _select(operands: list[Operand], same: bool) -> F64:
    x, y, z = operands
    apart = np.maximum(y.high - z.low, z.high - y.low)
    # Where the condition has no error both take the same branch.
    either = np.where(x.error == 0.0, np.maximum(y.error, z.error), np.maximum(apart, 0.0))
    return np.where(x.low > 0.0, y.error, np.where(x.high <= 0.0, z.error, either))


def _comparison(operands: list[Operand], same: bool) -> F64:
    x, y = operands
    decided = (x.high < y.low) | (x.low > y.high)
    return np.where(decided, 0.0, 1.0)


def _step(shift: float, height: float) -> Rule:
    def rule(operands: list[Operand], same: bool) -> F64:
        (x,) = operands
        crossed = np.floor(x.high - shift) - np.ceil(x.low - shift) + 1.0
        return height * np.minimum(np.maximum(crossed, 0.0), np.ceil(x.error) + 1.0)

    return rule


def _sign(operands: list[Operand], same: bool) -> F64:
    (x,) = operands
    return np.where((x.low > 0.0) | (x.high < 0.0), 0.0, 2.0)


def _mod(operands: list[Operand], same: bool) -> F64:
    x, y = operands
    # Within one period x - y floor(x / y) has slopes 1 and floor(x / y); beyond, all that is left is y itself.
    ratio = [a / b for a in (x.low, x.high) for b in (y.low, y.high)]
    least, most = np.minimum.reduce(ratio), np.maximum.reduce(ratio)
    largest = farthest(least, most)
    slack = 1e-12 * (1.0 + largest)
    one = (np.floor(least - slack) == np.floor(most + slack)) & (nearest(y.low, y.high) > 0.0)
    return np.where(one, x.error + (largest + 1.0) * y.error, y.size)


_RULES: dict[str, Rule] = {
    **{op: _function(op) for op in STEEPEST},
    "add": lambda operands, same: operands[0].error + operands[1].error,
    "sub": _sub,
    "mul": _mul,
    "div": _div,
    "neg": lambda operands, same: operands[0].error,
    "abs": lambda operands, same: operands[0].error,
    "relu": lambda operands, same: operands[0].error,
    "min": lambda operands, same: np.maximum(operands[0].error, operands[1].error),
    "max": lambda operands, same: np.maximum(operands[0].error, operands[1].error),
    "sqrt": _sqrt,
    "cbrt": _cbrt,
    "pow": _pow,
    "select": _select,
    **dict.fromkeys(("lt", "le", "gt", "ge", "eq", "ne"), _comparison),
    **dict.fromkeys(("floor", "ceil", "trunc"), _step(0.0, 1.0)),
    "round": _step(0.5, 1.0),
    "sign": _sign,
    "mod": _mod,
}
