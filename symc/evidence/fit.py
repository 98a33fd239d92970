"""The most accurate equations of the fronts that fit a device, by what their code was measured to cost there."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from symc.bundle import Manifest
from symc.bundle.manifest import Member
from symc.errors import CheckFailed, SymcError

if TYPE_CHECKING:
    from symc.evidence.budget import Budget
    from symc.evidence.device import Cost

FIT = "fit"
Made = tuple[Manifest, dict[str, bytes]]


@dataclass(frozen=True)
class Tried:
    """Equations, one of each front by their complexities, and why they were passed over."""

    complexity: tuple[int, ...]
    why: str

    def __str__(self) -> str:
        return f"complexity {','.join(map(str, self.complexity))}: {self.why}"


def check_rule(rule: str | None, complexity: int | Sequence[int] | None, budget: Budget | None) -> None:
    """Raise SymcError where "fit" has nothing to fit, or nothing to choose."""
    if rule != FIT:
        return
    if budget is None:
        hint = "Say on what and into what: --core cortex-m0 --limit flash=2k."
        raise SymcError("nothing says what has to fit", where="--select fit", hint=hint)
    if complexity is not None:
        raise SymcError("the complexity is given too", where="--select fit", hint="Leave --complexity or --select out.")


def fit(
    fronts: Sequence[Member], make: Callable[[Sequence[int]], Made], budget: Budget
) -> tuple[Made, tuple[Cost, ...], tuple[Tried, ...]]:
    """The bundle of the most accurate equations that keep every limit, its costs, and what was tried before.

    fronts: their members; `make` builds the bundle of the members of these complexities, one of each front, and raises
    CheckFailed for those that cannot be built. Members are tried from the smallest error on (held-out, where all of a
    front have it, else the loss). Of several fronts, the one gives way next whose next member's error grows by the
    smallest factor, so that not every combination is tried. SymcError without fronts; CheckFailed, with what was tried
    and why it failed, where nothing fits.
    """
    if not fronts:
        hint = "Leave it out: --limit alone says whether they fit."
        raise SymcError("there is one equation for each output and none to choose", where="--select fit", hint=hint)
    tried: list[Tried] = []
    for complexity in _descent(fronts):
        try:
            made = make(complexity)
            costs, beyond = budget.measured(*made)
        except CheckFailed as error:
            tried.append(Tried(complexity, error.what))
            continue
        if not beyond:
            return made, costs, tuple(tried)
        tried.append(Tried(complexity, "; ".join(beyond)))
    lines = "\n".join(f"  {attempt}" for attempt in tried)
    hint = "Raise a limit, or search for smaller equations (--max-complexity, --operators)."
    raise CheckFailed(f"no equation fits; tried were\n{lines}", where="--select fit", hint=hint)


def _descent(fronts: Sequence[Member]) -> Iterator[tuple[int, ...]]:
    ladders = [_ladder([m for m in fronts if m.output == name]) for name in dict.fromkeys(m.output for m in fronts)]
    steps = [[_growth(*pair) for pair in pairwise(error for error, _ in ladder)] for ladder in ladders]
    at = [0] * len(ladders)
    while True:
        yield tuple(ladder[k][1] for ladder, k in zip(ladders, at, strict=True))
        ways = [(step[k], n) for n, (step, k) in enumerate(zip(steps, at, strict=True)) if k < len(step)]
        if not ways:
            return
        at[min(ways)[1]] += 1


def _ladder(members: Sequence[Member]) -> list[tuple[float, int]]:
    """(error, complexity) by rising error; of equals, the simplest first."""
    held = all(m.heldout is not None for m in members)
    errors = [m.heldout if held else m.loss for m in members]
    return sorted((math.inf if e is None else e, m.complexity) for e, m in zip(errors, members, strict=True))


def _growth(now: float, then: float) -> float:
    """The factor by which an error grows; errors may be 0, and losses that are logarithms negative."""
    if now == then:
        return 1.0
    return then / now if now > 0.0 else math.inf
