"""How steep each function is at most between two bounds: what it can make of an error in its operand."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

F64 = NDArray[np.float64]

_LN2, _LN10 = np.log(2.0), np.log(10.0)
_ROOT_PI = np.sqrt(np.pi)


def nearest(low: F64, high: F64) -> F64:
    """The least magnitude between the bounds."""
    return np.where((low <= 0.0) & (high >= 0.0), 0.0, np.minimum(np.abs(low), np.abs(high)))


def farthest(low: F64, high: F64) -> F64:
    """The greatest magnitude between the bounds."""
    return np.maximum(np.abs(low), np.abs(high))


def _above(least: float, slope: Callable[[F64], F64]) -> Callable[[F64, F64], F64]:
    """Steepest at the lower bound; infinite where that is not above `least`, or the function has no real value."""
    return lambda low, high: np.where(low > least, slope(np.maximum(low, least)), np.inf)


def _within_one(slope: Callable[[F64], F64]) -> Callable[[F64, F64], F64]:
    """Steepest at the greatest magnitude, which must be below 1."""

    def steepest(low: F64, high: F64) -> F64:
        size = farthest(low, high)
        return np.where(size < 1.0, slope(np.minimum(size, 1.0)), np.inf)

    return steepest


def _tan(low: F64, high: F64) -> F64:
    # Between two poles the slope 1 + tan^2 is greatest at a bound.
    start, end = low / np.pi - 0.5, high / np.pi - 0.5
    safe = np.floor(start - _slack(start)) == np.floor(end + _slack(end))
    return np.where(safe, 1.0 + np.maximum(np.tan(low) ** 2, np.tan(high) ** 2), np.inf)


def _gamma(low: F64, high: F64) -> F64:
    from scipy.special import digamma, gamma

    # The derivative rises over positive numbers.
    slope = np.maximum(*(np.abs(gamma(bound) * digamma(bound)) for bound in (low, high)))
    return np.where(low > 0.0, slope, np.inf)


# The greatest |f'| over [low, high], each from the sign of f''.
STEEPEST: dict[str, Callable[[F64, F64], F64]] = {
    "cbrt": lambda low, high: 1.0 / (3.0 * np.cbrt(nearest(low, high)) ** 2),
    "exp": lambda low, high: np.exp(high),
    "exp2": lambda low, high: np.exp2(high) * _LN2,
    "expm1": lambda low, high: np.exp(high),
    "log": _above(0.0, lambda x: 1.0 / x),
    "log2": _above(0.0, lambda x: 1.0 / (x * _LN2)),
    "log10": _above(0.0, lambda x: 1.0 / (x * _LN10)),
    "log1p": _above(-1.0, lambda x: 1.0 / (1.0 + x)),
    "sin": lambda low, high: np.minimum(1.0, _wave(low, high, 0.0)),
    "cos": lambda low, high: np.minimum(1.0, _wave(low, high, np.pi / 2.0)),
    "tan": _tan,
    "asin": _within_one(lambda x: 1.0 / np.sqrt((1.0 - x) * (1.0 + x))),
    "acos": _within_one(lambda x: 1.0 / np.sqrt((1.0 - x) * (1.0 + x))),
    "atan": lambda low, high: 1.0 / (1.0 + nearest(low, high) ** 2),
    "sinh": lambda low, high: np.cosh(farthest(low, high)),
    "cosh": lambda low, high: np.sinh(farthest(low, high)),
    "tanh": lambda low, high: 1.0 / np.cosh(np.minimum(nearest(low, high), 700.0)) ** 2,
    "asinh": lambda low, high: 1.0 / np.hypot(1.0, nearest(low, high)),
    "acosh": _above(1.0, lambda x: 1.0 / np.sqrt((x - 1.0) * (x + 1.0))),
    "atanh": _within_one(lambda x: 1.0 / ((1.0 - x) * (1.0 + x))),
    "erf": lambda low, high: 2.0 / _ROOT_PI * np.exp(-(nearest(low, high) ** 2)),
    "erfc": lambda low, high: 2.0 / _ROOT_PI * np.exp(-(nearest(low, high) ** 2)),
    "gamma": _gamma,
}


def _slack(turns: F64) -> F64:
    """More than the rounding of what was divided by pi."""
    return 1e-9 * (1.0 + np.abs(turns))


def _wave(low: F64, high: F64, phase: float) -> F64:
    """The greatest |cos(x - phase)|: 1 where the interval reaches an extreme, else at a bound."""
    start, end = (low - phase) / np.pi, (high - phase) / np.pi
    reaches = np.floor(end + _slack(end)) >= np.ceil(start - _slack(start))
    return np.where(reaches, 1.0, np.maximum(np.abs(np.cos(low - phase)), np.abs(np.cos(high - phase))))
