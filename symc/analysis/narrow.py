"""What a condition says of the values it is made of: their intervals where it holds, and which is the greater of two.

The condition is carried down the program, instruction by instruction, as constraint propagation does (HC4, Benhamou et
al., "Revising hull and box consistency", 1999).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from symc.analysis.guards import Guards
from symc.analysis.interval import Interval, Mask, Real
from symc.analysis.inverses import Bounds, above, before, below
from symc.ir.formats import Format
from symc.ir.program import Program

F64 = NDArray[np.float64]

# A comparison as "left < right", "left <= right" or "left == right": operator -> (kind, operands swapped, negated).
_COMPARED = {
    "lt": ("less", False, False),
    "gt": ("less", True, False),
    "le": ("most", False, False),
    "ge": ("most", True, False),
    "eq": ("same", False, False),
    "ne": ("same", False, True),
}


@dataclass
class Known:
    """What holds in each box where the guards do.

    values: position -> interval, of those that are narrower. greater: (a, b) -> where a >= b, and where a > b.
    empty: (n,), where the guards hold nowhere.
    """

    empty: Mask
    values: dict[int, Interval] = field(default_factory=dict)
    greater: dict[tuple[int, int], tuple[Mask, Mask]] = field(default_factory=dict)


def known(
    program: Program, values: Sequence[Interval], guards: Guards, fewer: Known, errors: Sequence[F64] | None = None
) -> Known:
    """What `guards` say of the values of the code, `values` without them, beside what `fewer` guards said.

    errors: where given, each guard may hold of the code or of the real values, which are at most that far apart.
    """
    found = Known(fewer.empty.copy(), dict(fewer.values), dict(fewer.greater))
    for condition, positive in sorted(guards):
        _Guard(program, values, found, errors).carry(condition, positive)
    return found


@dataclass
class _Claim:
    """Bounds of a value where it is `a_number`; elsewhere nothing is known."""

    low: F64
    high: F64
    a_number: Mask


class _Guard:
    """One guard: claims on values, from its condition down to the inputs."""

    def __init__(
        self, program: Program, values: Sequence[Interval], found: Known, errors: Sequence[F64] | None
    ) -> None:
        self.program, self.values, self.found, self.errors = program, values, found, errors
        self.format = program.format
        self.claims: dict[int, _Claim] = {}

    def carry(self, condition: int, positive: bool) -> None:
        n = len(self.found.empty)
        everywhere, unknown = np.ones(n, np.bool_), self._value(condition).nan
        if positive:
            self._claim(condition, self._above_zero(condition), everywhere)
        else:
            # NaN counts as not above 0.
            self._claim(condition, (np.full(n, -np.inf), np.zeros(n)), ~unknown)
        for position in range(condition, -1, -1):
            if position in self.claims:
                self._revise(position)

    def _above_zero(self, position: int) -> Bounds:
        least = np.where(self._exact(position) | self._is_truth(position), self.format.least, 0.0)
        return least, np.full_like(least, np.inf)

    def _is_truth(self, position: int) -> bool:
        """Whether a value is 1 or 0, the real one too: above 0 is 1 then."""
        step = self.program.instructions[position]
        if step.op in ("min", "max"):
            return all(map(self._is_truth, step.args))
        return step.op in _COMPARED

    def _value(self, position: int) -> Interval:
        return self.found.values.get(position, self.values[position])

    def _exact(self, position: int) -> Mask:
        """Where the real value is that of the code."""
        if self.errors is None:
            return np.ones(len(self.found.empty), np.bool_)
        return self.errors[position] == 0.0

    def _wide(self, position: int) -> Bounds:
        """Bounds of what the guard speaks of: the values of the code, or the real ones."""
        value = self._value(position)
        low, high = value.low.astype(np.float64), value.high.astype(np.float64)
        if self.errors is None:
            return low, high
        with np.errstate(invalid="ignore"):
            low, high = low - self.errors[position], high + self.errors[position]
        return np.where(np.isnan(low), -np.inf, low), np.where(np.isnan(high), np.inf, high)

    def _claim(self, position: int, bounds: Bounds, a_number: Mask) -> None:
        low, high = np.where(a_number, bounds[0], -np.inf), np.where(a_number, bounds[1], np.inf)
        old = self.claims.get(position)
        if old is not None:
            low, high, a_number = np.maximum(low, old.low), np.minimum(high, old.high), a_number | old.a_number
        self.claims[position] = _Claim(low, high, a_number)

    def _revise(self, position: int) -> None:
        claim, wide, step = self.claims[position], self._wide(position), self.program.instructions[position]
        low, high = np.maximum(claim.low, wide[0]), np.minimum(claim.high, wide[1])
        sure = claim.a_number
        impossible = sure & (low > high)
        low, high = np.where(impossible, wide[0], low), np.where(impossible, wide[1], high)
        self.found.empty |= impossible
        news = sure & ((low > wide[0]) | (high < wide[1]) | self._value(position).nan)
        self._narrow(position, low, high, sure)
        if not news.any():
            # It says nothing new, and so nothing of the operands.
            return
        if step.op in _COMPARED:
            self._compare(step.op, step.args, low, high, sure)
        elif step.op == "select":
            self._select(step.args, low, high, sure)
        elif step.op != "pow" and step.args:
            if step.op == "sub":
                # Rounding never turns the sign of a difference.
                self._order(step.args[0], step.args[1], sure & (low >= 0.0), sure & (low > 0.0))
                self._order(step.args[1], step.args[0], sure & (high <= 0.0), sure & (high < 0.0))
            operands = [self._wide(a) for a in step.args]
            same = len(set(step.args)) < len(step.args)
            found = before(step.op, (low, high), operands, same, self.format)
            for argument, bounds in zip(step.args, found, strict=True):
                self._claim(argument, bounds, sure)

    def _narrow(self, position: int, low: F64, high: F64, sure: Mask) -> None:
        value = self._value(position)
        if self.errors is not None:
            with np.errstate(invalid="ignore"):
                low, high = low - self.errors[position], high + self.errors[position]
        inner = Interval(
            np.where(sure, np.maximum(value.low, _up(low, self.format)), value.low),
            np.where(sure, np.minimum(value.high, -_up(-high, self.format)), value.high),
            value.nan & ~sure if self.errors is None else value.nan,
        )
        impossible = inner.low > inner.high
        self.found.empty |= impossible
        inner = Interval(
            np.where(impossible, value.low, inner.low), np.where(impossible, value.high, inner.high), inner.nan
        )
        changed = (inner.low != value.low) | (inner.high != value.high) | (inner.nan != value.nan)
        if changed.any():
            self.found.values[position] = inner

    def _compare(self, op: str, args: tuple[int, ...], low: F64, high: F64, sure: Mask) -> None:
        kind, swapped, negated = _COMPARED[op]
        a, b = args[::-1] if swapped else args
        # Of numbers alone the negation of a comparison is the other comparison.
        numbers = ~self._value(a).nan & ~self._value(b).nan
        yes, no = sure & (low > 0.0), sure & (high < 1.0) & numbers
        if negated:
            yes, no = sure & (high < 1.0), sure & (low > 0.0) & numbers
        if kind == "same":
            self._order(a, b, yes, np.zeros_like(yes))
            self._order(b, a, yes, np.zeros_like(yes))
            self._differ(a, b, no)
            self._differ(b, a, no)
        else:
            strict = kind == "less"
            self._order(b, a, yes, yes if strict else np.zeros_like(yes))
            self._order(a, b, no, np.zeros_like(no) if strict else no)

    def _order(self, greater: int, lesser: int, where: Mask, strictly: Mask) -> None:
        """`greater` >= `lesser` in boxes `where`, and > where `strictly`."""
        if not where.any():
            return
        exact = self._exact(greater) & self._exact(lesser)
        least, most = self._wide(lesser)[0], self._wide(greater)[1]
        up, down = (strictly & (exact | self._is_truth(p)) for p in (greater, lesser))
        self._claim(greater, (np.where(up, above(least, self.format), least), np.full_like(least, np.inf)), where)
        self._claim(lesser, (np.full_like(most, -np.inf), np.where(down, below(most, self.format), most)), where)
        old = self.found.greater.get((greater, lesser), (False, False))
        self.found.greater[greater, lesser] = (old[0] | (where & exact), old[1] | (strictly & exact))

    def _differ(self, one: int, other: int, where: Mask) -> None:
        """`one` is not `other`: it says something where `other` is a bound of `one`."""
        wide, place = self._wide(one), self._value(other)
        usable = where & self._exact(one) & self._exact(other) & place.is_point
        at = place.low.astype(np.float64)
        low, high = usable & (wide[0] == at), usable & (wide[1] == at)
        bounds = np.where(low, above(at, self.format), -np.inf), np.where(high, below(at, self.format), np.inf)
        self._claim(one, bounds, low | high)

    def _select(self, args: tuple[int, ...], low: F64, high: F64, sure: Mask) -> None:
        condition, first, second = args
        n = len(low)
        out = [sure & ~_meet(self._wide(p), (low, high)) & ~self._value(p).nan for p in (first, second)]
        self._claim(condition, self._above_zero(condition), out[1])
        self._claim(condition, (np.full(n, -np.inf), np.zeros(n)), out[0] & ~self._value(condition).nan)
        self._claim(first, (low, high), out[1])
        self._claim(second, (low, high), out[0])


def _meet(one: Bounds, other: Bounds) -> Mask:
    return (one[0] <= other[1]) & (other[0] <= one[1])


def _up(bound: F64, format: Format) -> Real:
    """The least number of the format that is not below; NaN is no bound."""
    with np.errstate(over="ignore"):
        rounded = np.where(np.isnan(bound), -np.inf, bound).astype(format.dtype)
    return np.where(rounded.astype(np.float64) < bound, np.nextafter(rounded, format.dtype(np.inf)), rounded)
