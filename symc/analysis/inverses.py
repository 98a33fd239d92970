"""From what an instruction gives back to what its operands were: bounds that a condition sets, carried down to inputs.

Each rule takes bounds of a result and of the operands, float64, and gives bounds of each operand. It holds for the real
operator and for the one of the format: what a rounded result is at least, the real one is at least the number below it,
and so is, two numbers below, what a function within one unit in the last place is.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from symc.ir.correct_rounding import FUNCTIONS
from symc.ir.formats import FLOAT32, Format

F64 = NDArray[np.float64]
# Bounds (low, high), with one entry a box.
Bounds = tuple[F64, F64]
Rule = Callable[[Bounds, list[Bounds], bool], list[Bounds]]

_SLACK = 1e-12
_NOTHING = float("inf")


def before(op: str, result: Bounds, operands: list[Bounds], same: bool, format: Format) -> list[Bounds]:
    """Bounds of every operand of `op`, given those of its result; `same` where two operands are one value."""
    rounded = _ROUNDED.get(op)
    rule = rounded or _RULES.get(op)
    if rule is None:
        return [_anything(result) for _ in operands]
    with np.errstate(all="ignore"):
        # What is not rounded is itself.
        for _ in range(0 if rounded is None else 2 if op in FUNCTIONS and format != FLOAT32 else 1):
            result = below(result[0], format), above(result[1], format)
        found = rule(result, operands, same)
    return [(np.where(np.isnan(low), -np.inf, low), np.where(np.isnan(high), np.inf, high)) for low, high in found]


def below(bound: F64, format: Format) -> F64:
    """The greatest number of the format below `bound`, float64."""
    least = format.dtype(-np.inf)
    rounded = bound.astype(format.dtype)
    rounded = np.where(rounded.astype(np.float64) > bound, np.nextafter(rounded, least), rounded)
    return np.nextafter(rounded, least).astype(np.float64)


def above(bound: F64, format: Format) -> F64:
    """The least number of the format above `bound`, float64."""
    return -below(-bound, format)


def _anything(like: Bounds) -> Bounds:
    return np.full_like(like[0], -np.inf), np.full_like(like[1], np.inf)


def _outward(low: F64, high: F64) -> Bounds:
    """Bounds computed in float64, with room for its own errors."""
    return low - _SLACK * np.abs(low) - 1e-300, high + _SLACK * np.abs(high) + 1e-300


def _add(result: Bounds, operands: list[Bounds], same: bool) -> list[Bounds]:
    (low, high), (a, b) = result, operands
    if same:
        return [_outward(low / 2.0, high / 2.0)] * 2
    return [_difference(low, high, b), _difference(low, high, a)]


def _difference(low: F64, high: F64, other: Bounds) -> Bounds:
    return _down(low, other[1]), -_down(-high, -other[0])


def _down(a: F64, b: F64) -> F64:
    """a - b, or a float64 below it where that is not exact."""
    difference = a - b
    part = a - difference
    exact = ((a - (difference + part)) + (part - b)) == 0.0
    return np.where(exact, difference, np.nextafter(difference, -np.inf))


def _sub(result: Bounds, operands: list[Bounds], same: bool) -> list[Bounds]:
    if same:
        return [_anything(result)] * 2
    a, b = operands
    first, minus = _add(result, [a, (-b[1], -b[0])], False)
    return [first, (-minus[1], -minus[0])]


def _mul(result: Bounds, operands: list[Bounds], same: bool) -> list[Bounds]:
    low, high = result
    if same:
        size = _outward(np.sqrt(np.maximum(low, 0.0)), np.sqrt(np.maximum(high, 0.0)))
        return [_of_size(size, operands[0])] * 2
    return [_quotient((low, high), operands[1]), _quotient((low, high), operands[0])]


def _quotient(result: Bounds, other: Bounds) -> Bounds:
    corners = [a / b for a in result for b in other]
    usable = (other[0] > 0.0) | (other[1] < 0.0)
    low, high = _outward(np.minimum.reduce(corners), np.maximum.reduce(corners))
    return np.where(usable, low, -np.inf), np.where(usable, high, np.inf)


def _div(result: Bounds, operands: list[Bounds], same: bool) -> list[Bounds]:
    if same:
        return [_anything(result)] * 2
    corners = [a * b for a in result for b in operands[1]]
    usable = (operands[1][0] > 0.0) | (operands[1][1] < 0.0)
    low, high = _outward(np.minimum.reduce(corners), np.maximum.reduce(corners))
    return [(np.where(usable, low, -np.inf), np.where(usable, high, np.inf)), _anything(result)]


def _of_size(size: Bounds, operand: Bounds) -> Bounds:
    """Bounds of x, given those of |x|."""
    low = np.where(operand[0] > -size[0], size[0], -size[1])
    high = np.where(operand[1] < size[0], -size[0], size[1])
    return low, high


def _min(result: Bounds, operands: list[Bounds], same: bool) -> list[Bounds]:
    low, high = result
    a, b = operands
    return [(low, np.where(b[0] > high, high, np.inf)), (low, np.where(a[0] > high, high, np.inf))]


def _max(result: Bounds, operands: list[Bounds], same: bool) -> list[Bounds]:
    low, high = result
    a, b = operands
    return [(np.where(b[1] < low, low, -np.inf), high), (np.where(a[1] < low, low, -np.inf), high)]


def _rising(inverse: Callable[[F64], F64], least: float, most: float) -> Rule:
    """Of a function whose values rise from `least` to `most`."""

    def rule(result: Bounds, operands: list[Bounds], same: bool) -> list[Bounds]:
        low, high = result
        # Between the extremes the inverse is off by a few units of float64, near them by far more.
        back = _outward(inverse(np.clip(low, least, most)), inverse(np.clip(high, least, most)))
        return [(np.where(low > least, back[0], -np.inf), np.where(high < most, back[1], np.inf))]

    return rule


def _relu(result: Bounds, operands: list[Bounds], same: bool) -> list[Bounds]:
    return [(np.where(result[0] > 0.0, result[0], -np.inf), result[1])]


# Of results as they are.
_RULES: dict[str, Rule] = {
    "neg": lambda result, operands, same: [(-result[1], -result[0])],
    "abs": lambda result, operands, same: [_of_size((np.maximum(result[0], 0.0), result[1]), operands[0])],
    "min": _min,
    "max": _max,
    "relu": _relu,
    "floor": lambda result, operands, same: [(np.ceil(result[0]), np.floor(result[1]) + 1.0)],
    "ceil": lambda result, operands, same: [(np.ceil(result[0]) - 1.0, np.floor(result[1]))],
}
# Of results before they were rounded.
_ROUNDED: dict[str, Rule] = {
    "add": _add,
    "sub": _sub,
    "mul": _mul,
    "div": _div,
    "sqrt": _rising(np.square, 0.0, _NOTHING),
    "cbrt": _rising(lambda x: x**3, -_NOTHING, _NOTHING),
    "exp": _rising(np.log, 0.0, _NOTHING),
    "exp2": _rising(np.log2, 0.0, _NOTHING),
    "expm1": _rising(np.log1p, -1.0, _NOTHING),
    "log": _rising(np.exp, -_NOTHING, _NOTHING),
    "log2": _rising(np.exp2, -_NOTHING, _NOTHING),
    "log10": _rising(lambda x: 10.0**x, -_NOTHING, _NOTHING),
    "log1p": _rising(np.expm1, -_NOTHING, _NOTHING),
    "sinh": _rising(np.arcsinh, -_NOTHING, _NOTHING),
    "asinh": _rising(np.sinh, -_NOTHING, _NOTHING),
    "tanh": _rising(np.arctanh, -1.0, 1.0),
    "atanh": _rising(np.tanh, -_NOTHING, _NOTHING),
    # Beyond these the tangent of float64's half pi decides.
    "atan": _rising(np.tan, -1.57, 1.57),
}
