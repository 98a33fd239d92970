"""One enclosure per primitive operator: the interval of its results, and where it has a pole or no value.

A function of float64 is taken to be within one unit in the last place of its real value, which is tested and not proved
(docs/float64.md). Two of its values are in another order than the real ones by two units at most then, which are four
steps between neighbours where the unit changes; and none is beyond 0, 1 or 2 where no real value is.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce
from operator import and_, or_

import numpy as np

from symc.analysis.interval import Enclosure, Interval, Mask, Real, enclose, hull, magnitude
from symc.ir.correct_rounding import FUNCTIONS
from symc.ir.evaluate import exact
from symc.ir.ops import PRIMITIVES

_ZERO, _ONE, _INF = np.float32(0), np.float32(1), np.float32(np.inf)
# Where a function that rises (or falls) over its whole domain is defined, and the bounds at which it is infinite.
_RISING: dict[str, tuple[float, float]] = {
    **dict.fromkeys(
        ("cbrt", "exp", "exp2", "expm1", "atan", "sinh", "tanh", "asinh", "erf"), (-np.inf, np.inf)
    ),
    **dict.fromkeys(("floor", "ceil", "round", "trunc", "sign", "relu"), (-np.inf, np.inf)),
    **dict.fromkeys(("sqrt", "log", "log2", "log10"), (0.0, np.inf)),
    "log1p": (-1.0, np.inf),
    "asin": (-1.0, 1.0),
    "acosh": (1.0, np.inf),
    "atanh": (-1.0, 1.0),
}  # fmt: skip
_FALLING: dict[str, tuple[float, float]] = {"neg": (-np.inf, np.inf), "erfc": (-np.inf, np.inf), "acos": (-1.0, 1.0)}
_POLES: dict[str, tuple[float, ...]] = {
    **dict.fromkeys(("log", "log2", "log10"), (0.0,)),
    "log1p": (-1.0,),
    "atanh": (-1.0, 1.0),
}
# The least value of gamma over positive numbers, where digamma is 0 (OEIS A030169, A030171).
_GAMMA_LEAST_AT, _GAMMA_LEAST = np.float32(1.4616321), np.float32(0.8856032)

# How far two values of a function may be out of order, in steps between neighbours; in float32 they never are.
_STEPS = {np.dtype(np.float32): 0, np.dtype(np.float64): 4}
# What no value leaves, be it one unit off.
_IMAGE = {
    **dict.fromkeys(("sin", "cos", "tanh", "erf"), (-1.0, 1.0)),
    **dict.fromkeys(("exp", "exp2", "cosh", "acos", "acosh"), (0.0, np.inf)),
    "erfc": (0.0, 2.0),
    "expm1": (-1.0, np.inf),
}
# Where a function of one operand is exactly 0; the others at 0, if anywhere.
_ZEROS = dict.fromkeys(("log", "log2", "log10"), 1.0)


def _around(op: str, *operands: Real) -> tuple[Real, Real]:
    """What encloses the values of `op` whose real ones are not below, and not above, the one at the operands."""
    value = exact(op, *operands)
    steps = _STEPS[value.dtype] if op in FUNCTIONS else 0
    if not steps:
        return value, value
    low = high = value
    for _ in range(steps):
        low, high = np.nextafter(low, -np.inf), np.nextafter(high, np.inf)
    # Where a value is on one side of 0, the real one is there or at 0, and so is what lies beyond it.
    low, high = np.where(value > 0, np.maximum(low, 0.0), low), np.where(value < 0, np.minimum(high, 0.0), high)
    if len(operands) == 1:
        zero = (value == 0) & (operands[0] == _ZEROS.get(op, 0.0))
        low, high = np.where(zero, value, low), np.where(zero, value, high)
    if op in ("exp", "exp2"):
        # Below 1 the unit is half of that above it: no value of what is less is more than 1.
        high = np.where((operands[0] == 0.0) & (value == 1.0), value, high)
    least, most = _IMAGE.get(op, (-np.inf, np.inf))
    return np.maximum(low, least), np.minimum(high, most)


def _corners(op: str, *corners: tuple[Real, ...]) -> tuple[Real, Real]:
    """What encloses the values of `op` whose real ones lie between those at the corners."""
    low, high = _around(op, *map(np.concatenate, zip(*corners, strict=True)))
    each = len(corners), -1
    return hull(*low.reshape(each))[0], hull(*high.reshape(each))[1]


def enclosure(op: str, operands: list[Interval], same: bool) -> Enclosure:
    """What primitive `op` may give for the operands, in every box; `same` where its two operands are one value."""
    found = _TABLE[op](operands, same)
    return _sharpened(op, operands, found)


def _sharpened(op: str, operands: list[Interval], found: Enclosure) -> Enclosure:
    """The operator's exact value where every operand is a single number."""
    point = reduce(and_, (o.is_point for o in operands))
    if not point.any():
        return found
    # No number is an odd multiple of pi/2; at the other poles the sign of a zero decides.
    point = point if op == "tan" else point & ~found.pole
    if not point.any():
        return found
    value = exact(op, *(o.low[point] for o in operands))
    low, high = found.value.low.copy(), found.value.high.copy()
    nan, pole = found.value.nan.copy(), found.pole.copy()
    unknown = np.isnan(value)
    low[point], high[point], nan[point] = np.where(unknown, -_INF, value), np.where(unknown, _INF, value), unknown
    pole[point] = False
    return Enclosure(Interval(low, high, nan), pole, found.undefined)


def _any_nan(operands: list[Interval]) -> Mask:
    return reduce(or_, (o.nan for o in operands))


def _monotone(op: str, falls: bool, domain: tuple[float, float]) -> Callable[[list[Interval], bool], Enclosure]:
    least, most = np.float32(domain[0]), np.float32(domain[1])
    bounded = np.isfinite(domain).any()

    def apply(operands: list[Interval], same: bool) -> Enclosure:
        (x,) = operands
        bounds, n = np.concatenate([x.low, x.high]), len(x.low)
        around = _around(op, np.clip(bounds, least, most) if bounded else bounds)
        below, above = ((around[0][part], around[1][part]) for part in (slice(n), slice(n, None)))
        pole: Mask | bool = False
        for place in _POLES.get(op, ()):
            pole = pole | ((x.low <= place) & (x.high >= place))
        low, high = (above[0], below[1]) if falls else (below[0], above[1])
        return enclose(low, high, x.nan, pole, (x.low < least) | (x.high > most))

    return apply


def _add(operands: list[Interval], same: bool) -> Enclosure:
    x, y = operands
    nan = _any_nan(operands) | ((x.high == _INF) & (y.low == -_INF)) | ((x.low == -_INF) & (y.high == _INF))
    return enclose(x.low + y.low, x.high + y.high, nan)


def _sub(operands: list[Interval], same: bool) -> Enclosure:
    x, y = operands
    if same:
        zero = np.zeros_like(x.low)
        return enclose(zero, zero, x.nan | x.has_infinity)
    return _add([x, Interval(-y.high, -y.low, y.nan)], False)


def _mul(operands: list[Interval], same: bool) -> Enclosure:
    x, y = operands
    if same:
        size = magnitude(x)
        return enclose(size.low * size.low, size.high * size.high, x.nan)
    nan = _any_nan(operands)
    infinite = x.has_infinity, y.has_infinity
    if np.logical_or(*infinite).any():
        nan = nan | (x.has_zero & infinite[1]) | (y.has_zero & infinite[0])
    return enclose(*hull(x.low * y.low, x.low * y.high, x.high * y.low, x.high * y.high), nan)


def _div(operands: list[Interval], same: bool) -> Enclosure:
    x, y = operands
    pole = y.has_zero
    nan = _any_nan(operands) | (x.has_infinity & y.has_infinity) | (pole & x.has_zero)
    if same:
        one = np.ones_like(x.low)
        low, high = np.where(pole, -_INF, one), np.where(pole, _INF, one)
    else:
        low, high = hull(x.low / y.low, x.low / y.high, x.high / y.low, x.high / y.high)
        low, high = np.where(pole, -_INF, low), np.where(pole, _INF, high)
    return enclose(low, high, nan, pole)


def _abs(operands: list[Interval], same: bool) -> Enclosure:
    return enclose(*magnitude(operands[0]))


def _cosh(operands: list[Interval], same: bool) -> Enclosure:
    size = magnitude(operands[0])
    return enclose(_around("cosh", size.low)[0], _around("cosh", size.high)[1], size.nan)


def _extremum(op: str) -> Callable[[list[Interval], bool], Enclosure]:
    def apply(operands: list[Interval], same: bool) -> Enclosure:
        x, y = operands
        return enclose(exact(op, x.low, y.low), exact(op, x.high, y.high), _any_nan(operands))

    return apply


def _select(operands: list[Interval], same: bool) -> Enclosure:
    x, y, z = operands
    first, second = taken(x)
    low = np.minimum(np.where(first, y.low, _INF), np.where(second, z.low, _INF))
    high = np.maximum(np.where(first, y.high, -_INF), np.where(second, z.high, -_INF))
    return enclose(low, high, (first & y.nan) | (second & z.nan))


def taken(condition: Interval) -> tuple[Mask, Mask]:
    """Which of a selection's two values may be taken; one at least is."""
    return (condition.high > 0), (condition.low <= 0) | condition.nan


def _comparison(op: str) -> Callable[[list[Interval], bool], Enclosure]:
    def apply(operands: list[Interval], same: bool) -> Enclosure:
        x, y = operands if op in ("lt", "le", "eq", "ne") else operands[::-1]
        if op in ("eq", "ne"):
            always, ever = x.is_point & y.is_point & (x.low == y.low), (x.low <= y.high) & (y.low <= x.high)
        elif op in ("lt", "gt"):
            always, ever = x.high < y.low, x.low < y.high
        else:
            always, ever = x.high <= y.low, x.low <= y.high
        # A NaN compares as false.
        always = always & ~_any_nan(operands)
        low, high = (~ever & ~_any_nan(operands), ~always) if op == "ne" else (always, ever)
        return enclose(low.astype(x.low.dtype), high.astype(x.low.dtype))

    return apply


def _periods(x: Interval, period: float, phase: float) -> Mask:
    """Whether x + k * period = phase for some integer k and some value of the interval; never a wrong no."""
    low, high = x.low.astype(np.float64) / period - phase / period, x.high.astype(np.float64) / period - phase / period
    # Far more than the rounding errors of the two lines above.
    slack = 1e-12 * (1.0 + np.maximum(np.abs(low), np.abs(high)))
    return ~(np.ceil(low - slack) > np.floor(high + slack))


def _wave(op: str, top: float, bottom: float) -> Callable[[list[Interval], bool], Enclosure]:
    def apply(operands: list[Interval], same: bool) -> Enclosure:
        (x,) = operands
        low, high = _corners(op, (x.low,), (x.high,))
        low = np.where(_periods(x, 2.0 * np.pi, bottom), -_ONE, low)
        high = np.where(_periods(x, 2.0 * np.pi, top), _ONE, high)
        return enclose(low, high, x.nan | x.has_infinity)

    return apply


def _tan(operands: list[Interval], same: bool) -> Enclosure:
    (x,) = operands
    pole = _periods(x, np.pi, np.pi / 2.0)
    low, high = np.where(pole, -_INF, _around("tan", x.low)[0]), np.where(pole, _INF, _around("tan", x.high)[1])
    return enclose(low, high, x.nan | x.has_infinity, pole)


def _gamma(operands: list[Interval], same: bool) -> Enclosure:
    (x,) = operands
    pole = np.ceil(x.low) <= np.minimum(np.floor(x.high), 0)
    low, high = _corners("gamma", (x.low,), (x.high,))
    # Between two poles the logarithm of |gamma| is convex: it is greatest at the bounds.
    low, high = np.where(x.low < 0, np.minimum(low, _ZERO), low), np.where(x.low < 0, np.maximum(high, _ZERO), high)
    least = (x.low <= np.nextafter(_GAMMA_LEAST_AT, _INF)) & (x.high >= np.nextafter(_GAMMA_LEAST_AT, -_INF))
    low = np.where((x.low > 0) & least, np.minimum(low, _GAMMA_LEAST), low)
    low, high = np.where(pole, -_INF, low), np.where(pole, _INF, high)
    return enclose(low, high, x.nan | pole | (x.low == -_INF), pole)


def _mod(operands: list[Interval], same: bool) -> Enclosure:
    x, y = operands
    pole = y.has_zero
    low, high = np.minimum(y.low, _ZERO), np.maximum(y.high, _ZERO)
    # Within one period of a fixed y the remainder rises with x. Of a whole period but a rounding error, the remainders
    # at both ends may round to one number, which says nothing of those between.
    at_low, at_high = exact("mod", x.low, y.low), exact("mod", x.high, y.low)
    width = x.high.astype(np.float64) - x.low.astype(np.float64)
    one = y.is_point & (width < np.abs(y.low.astype(np.float64))) & ((at_low < at_high) | (width == 0))
    low, high = np.where(one & ~pole, at_low, low), np.where(one & ~pole, at_high, high)
    # What lies between 0 and y is its own remainder.
    own = ((x.low >= 0) & (x.high < y.low)) | ((x.high <= 0) & (x.low > y.high))
    low, high = np.where(own, x.low, low), np.where(own, x.high, high)
    return enclose(low, high, _any_nan(operands) | x.has_infinity | pole, pole)


def _pow(operands: list[Interval], same: bool) -> Enclosure:
    x, y = operands
    size = magnitude(x)
    whole = y.is_point & np.isfinite(y.low) & (y.low == np.rint(y.low))
    odd = whole & (np.fmod(y.low.astype(np.float64), 2.0) != 0)
    negative, zero = x.low < 0, x.has_zero
    # For a positive base the power is monotone in each operand, so its extremes are at the corners.
    low, high = _corners("pow", *((a, b) for a in (size.low, size.high) for b in (y.low, y.high)))
    low = np.maximum(low, _ZERO)
    # 0 to the 0 is 1, but 0 to the least power above is 0.
    low = np.where(zero & ~(y.is_point & (y.low == 0)), np.minimum(low, _ZERO), low)
    ends = _corners("pow", (x.low, y.low), (x.high, y.low))
    low, high = np.where(negative & odd, ends[0], low), np.where(negative & odd, ends[1], high)
    neither = negative & ~whole
    low = np.where(neither, np.minimum(low, -high), low)
    pole = zero & (y.low < 0)
    low, high = np.where(pole, -_INF, low), np.where(pole, _INF, high)
    return enclose(low, high, _any_nan(operands), pole, neither)


_TABLE: dict[str, Callable[[list[Interval], bool], Enclosure]] = {
    "add": _add,
    "sub": _sub,
    "mul": _mul,
    "div": _div,
    "abs": _abs,
    "min": _extremum("min"),
    "max": _extremum("max"),
    "select": _select,
    **{op: _comparison(op) for op in ("lt", "le", "gt", "ge", "eq", "ne")},
    **{op: _monotone(op, False, domain) for op, domain in _RISING.items()},
    **{op: _monotone(op, True, domain) for op, domain in _FALLING.items()},
    "cosh": _cosh,
    "sin": _wave("sin", np.pi / 2.0, -np.pi / 2.0),
    "cos": _wave("cos", 0.0, np.pi),
    "tan": _tan,
    "gamma": _gamma,
    "mod": _mod,
    "pow": _pow,
}
assert set(_TABLE) == set(PRIMITIVES)
