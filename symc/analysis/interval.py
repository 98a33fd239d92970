"""Intervals of a format's values: what an instruction may give for all operands between two bounds, many boxes at once.

In float32 every operator is the correctly rounded real function, and rounding never changes the order of two values. So
a function that rises between two operands rises in float32 too, and the oracle's values at the bounds enclose all
between them, rounding included: no outward rounding is needed, and the bounds are reached. In float64 that holds of
arithmetic; functions are taken to be within one unit in the last place, and their bounds are moved outward by it
(symc.analysis.enclosures). The dtype of the numbers says which format it is.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Real = NDArray[np.floating]
Mask = NDArray[np.bool_]

_INF = np.float32(np.inf)


class Interval(NamedTuple):
    """All values from `low` to `high`, infinities included, and NaN where `nan`; arrays with one entry a box."""

    low: Real
    high: Real
    nan: Mask

    @property
    def finite(self) -> Mask:
        return np.isfinite(self.low) & np.isfinite(self.high) & ~self.nan

    @property
    def has_zero(self) -> Mask:
        return (self.low <= 0) & (self.high >= 0)

    @property
    def has_infinity(self) -> Mask:
        return np.isinf(self.low) | np.isinf(self.high)

    @property
    def is_point(self) -> Mask:
        return (self.low == self.high) & ~self.nan


class Enclosure(NamedTuple):
    """What an instruction may give: its interval, and whether it may meet a pole or an operand outside its domain."""

    value: Interval
    pole: Mask
    undefined: Mask


def enclose(
    low: Real, high: Real, nan: Mask | bool = False, pole: Mask | bool = False, undefined: Mask | bool = False
) -> Enclosure:
    """An Enclosure of full arrays; a bound that is NaN is unknown, an operand outside the domain gives NaN."""
    # Of a NaN and a number these take the number.
    low, high = np.fmax(low, -_INF), np.fmin(high, _INF)
    nan, pole, undefined = (_everywhere(m, low.shape) for m in (nan, pole, undefined))
    return Enclosure(Interval(low, high, nan | undefined), pole, undefined)


def _everywhere(mask: Mask | bool, shape: tuple[int, ...]) -> Mask:
    if isinstance(mask, np.ndarray) and mask.shape == shape:
        return mask
    if mask is False:
        return np.zeros(shape, np.bool_)
    return np.broadcast_to(np.asarray(mask, np.bool_), shape) if np.ndim(mask) else np.full(shape, mask, np.bool_)


def magnitude(x: Interval) -> Interval:
    """|x|."""
    low, high = np.abs(x.low), np.abs(x.high)
    return Interval(np.where(x.has_zero, np.float32(0), np.minimum(low, high)), np.maximum(low, high), x.nan)


def grid(*values: Interval) -> Real:
    """A power of two of which all values between the bounds are multiples: sums and differences are so too."""
    return np.minimum.reduce([np.spacing(magnitude(x).low) for x in values])


def hull(*values: Real) -> tuple[Real, Real]:
    """The least and the greatest of several values; NaN among them counts as 0, between what infinity and 0 enclose."""
    known = np.array(values)
    known[np.isnan(known)] = 0
    return np.minimum.reduce(known), np.maximum.reduce(known)
