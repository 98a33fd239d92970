"""What each operator makes of errors in its operands, at most: one rule for each, by its greatest slope."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from symc.analysis.slopes import STEEPEST, farthest, nearest

F64 = NDArray[np.float64]

_SMALLEST = float(np.finfo(np.float32).smallest_normal)


class Operand:
    """A value of the code between `low` and `high`, at most `apart` from its real value, and neither beyond `reach`.

    error: the part of that distance whose consequences are asked for.
    """

    def __init__(self, low: F64, high: F64, apart: F64, error: F64, reach: tuple[F64, float]) -> None:
        self.error = error
        # Of the code's value and the real one together.
        self.low, self.high = np.maximum(low - apart, reach[0]), np.minimum(high + apart, reach[1])

    @property
    def size(self) -> F64:
        return farthest(self.low, self.high)


def half_unit(size: F64) -> F64:
    """Half a unit in the last place of a float32 of that size; of the smallest normal number below it."""
    return np.exp2(np.floor(np.log2(np.maximum(size, _SMALLEST))) - 24.0)


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


RULES: dict[str, Rule] = {
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
