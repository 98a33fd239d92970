"""Task: the search for one output, with all that its result depends on."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from symc.capture.dataset import Dataset
from symc.errors import SymcError
from symc.search.engines.protocol import DEFAULT_EVALUATIONS, Budget, Engine
from symc.search.operators import check_operators


@dataclass(frozen=True)
class Settings:
    """How one output is searched: the operators, the budget in evaluations, and the most nodes an equation may have."""

    operators: tuple[str, ...]
    evaluations: int = DEFAULT_EVALUATIONS
    max_complexity: int | None = None

    def __post_init__(self) -> None:
        most = self.max_complexity
        if most is not None and (isinstance(most, bool) or not isinstance(most, int) or most < 1):
            raise SymcError(f"max_complexity is {most!r}, must be a whole number from 1 on")


@dataclass(frozen=True)
class Task:
    """The search for one output of a dataset. slopes: (n, variables) derivatives of its target, where known.

    named_budget: whether the budget is to be spent on longer equations where a law is found that is only near.
    """

    dataset: Dataset
    column: int
    engine: Engine
    budget: Budget
    seed: int
    operators: tuple[str, ...]
    max_complexity: int | None = None
    slopes: NDArray[np.float64] | None = None
    named_budget: bool = False

    @property
    def key(self) -> str:
        """sha256 of everything that the result depends on, and of the version of symc."""
        from symc.version import __version__

        parts = (
            self.dataset.sha256,
            self.column,
            self.engine.name,
            self.engine.version,
            self.budget.evaluations,
            self.budget.seconds,
            self.seed,
            self.operators,
            self.max_complexity,
            self.named_budget,
            None if self.slopes is None else hashlib.sha256(np.asarray(self.slopes, "<f8").tobytes()).hexdigest(),
        )
        return hashlib.sha256(repr((__version__, *parts)).encode()).hexdigest()


def settings_of(
    outputs: Sequence[str],
    operators: Sequence[str] | Mapping[str, Sequence[str]] | None,
    evaluations: int | Mapping[str, int],
    max_complexity: int | Mapping[str, int] | None,
) -> tuple[Settings, ...]:
    """Settings of each output: every argument is one value for all, or a dict by output; those left out get defaults.

    Raises SymcError for an output that is not there, an unknown operator, and a complexity or a budget below 1.
    """
    for name, value in (("operators", operators), ("evaluations", evaluations), ("max_complexity", max_complexity)):
        for output in value if isinstance(value, Mapping) else ():
            if output not in outputs:
                raise SymcError(
                    f"{name} are given for output {output!r}, which is not there",
                    hint=f"The outputs are: {', '.join(outputs)}.",
                )

    def of(value: Any, output: str, default: Any) -> Any:
        return value.get(output, default) if isinstance(value, Mapping) else value

    found = []
    for output in outputs:
        budget = Budget(of(evaluations, output, DEFAULT_EVALUATIONS))
        allowed = check_operators(of(operators, output, None))
        found.append(Settings(allowed, budget.evaluations, of(max_complexity, output, None)))
    return tuple(found)
