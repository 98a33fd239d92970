"""Choosing a form by what it does to the whole network, never by how much of the block's variance it explains."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from symc.compression.forms import Form


@dataclass(frozen=True)
class Limits:
    """What is wanted: `tolerance`, the most that the metric may rise; `budget`, the most multiply-adds of one form."""

    tolerance: float | None
    budget: int | None


@dataclass(frozen=True, eq=False)
class Candidate:
    """A form and what it was measured at: the network's metric with it in place, and the rise over the original's."""

    form: Form
    multiply_adds: int
    metric: float
    damage: float
    tuned: bool = False

    @property
    def label(self) -> str:
        return f"{self.form.label}, tuned" if self.tuned else self.form.label


def choose(candidates: Iterable[Candidate], limits: Limits) -> Candidate | None:
    """The cheapest within the tolerance; without a tolerance the least damage within the budget. None: no such form."""
    affordable = _affordable(candidates, limits)
    if limits.tolerance is None:
        return min(affordable, key=lambda c: (c.damage, c.multiply_adds), default=None)
    within = [c for c in affordable if c.damage <= limits.tolerance]
    return min(within, key=lambda c: (c.multiply_adds, c.damage), default=None)


def front(candidates: Iterable[Candidate]) -> list[Candidate]:
    """The candidates that nothing as cheap beats, by rising cost."""
    kept: list[Candidate] = []
    for candidate in sorted(candidates, key=lambda c: (c.multiply_adds, c.damage)):
        if not kept or candidate.damage < kept[-1].damage:
            kept.append(candidate)
    return kept


def finalists(candidates: Sequence[Candidate], limits: Limits, count: int) -> list[Candidate]:
    """Those worth tuning, at most `count`: tuning lowers the damage of each, so that a cheaper one may do.

    Without a tolerance the least damaging; with one, the costliest of the front that are still too damaging.
    """
    affordable = _affordable(candidates, limits)
    if limits.tolerance is None:
        return sorted(affordable, key=lambda c: (c.damage, c.multiply_adds))[:count]
    chosen = choose(affordable, limits)
    most = math.inf if chosen is None else chosen.multiply_adds
    return [c for c in front(affordable) if c.damage > limits.tolerance and c.multiply_adds < most][-count:]


def _affordable(candidates: Iterable[Candidate], limits: Limits) -> list[Candidate]:
    most = math.inf if limits.budget is None else limits.budget
    return [c for c in candidates if c.multiply_adds <= most and math.isfinite(c.damage)]
