"""What a search engine is: something that proposes equations. Our own evaluator decides what they are worth."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from symc.errors import SymcError
from symc.search.watch import Watch

StoppedBy = Literal["evaluations", "time", "converged", "interrupted"]
DEFAULT_EVALUATIONS = 500_000


@dataclass(frozen=True)
class Budget:
    """How long to search for one output: evaluations of one expression over the samples, and a cap in seconds.

    A budget in evaluations repeats; the cap depends on the machine, so that whether it struck is reported.
    """

    evaluations: int = DEFAULT_EVALUATIONS
    seconds: float | None = None

    def __post_init__(self) -> None:
        if isinstance(self.evaluations, bool) or not isinstance(self.evaluations, int) or self.evaluations < 1:
            raise SymcError(f"the budget is {self.evaluations!r} evaluations, must be a whole number from 1 on")
        if self.seconds is not None and not (math.isfinite(self.seconds) and self.seconds > 0):
            raise SymcError(f"the time budget is {self.seconds!r} seconds, must be positive")

    @property
    def half(self) -> Budget:
        """Half of the evaluations and of the seconds."""
        return Budget(max(self.evaluations // 2, 1), None if self.seconds is None else self.seconds / 2.0)


@dataclass(frozen=True)
class Candidate:
    """One proposal, in our grammar; complexity and loss as the engine counts them, where it does."""

    equation: str
    complexity: int | None = None
    loss: float | None = None


@dataclass(frozen=True)
class Proposal:
    """What an engine found, in the order it reports it; `evaluations` it spent, and what ended its search."""

    candidates: tuple[Candidate, ...]
    evaluations: int
    stopped_by: StoppedBy


class Engine(Protocol):
    """A way to search; instances hold no state, and can be pickled to another process."""

    @property
    def name(self) -> str: ...

    @property
    def version(self) -> str: ...

    def ready(self) -> bool:
        """Whether it could search now, with nothing to download."""

    def check(self, operators: Sequence[str]) -> None:
        """Raise SymcError for an operator that this engine cannot search with, MissingTool when it cannot run."""

    def fit(
        self,
        x: NDArray[np.float32],
        y: NDArray[np.float32],
        features: Sequence[str],
        budget: Budget,
        seed: int,
        operators: Sequence[str],
        weights: NDArray[np.float32] | None = None,
        max_complexity: int | None = None,
        watch: Watch | None = None,
    ) -> Proposal:
        """Propose equations for y (n,) over x (n, n_in); the same arguments propose the same unless time ran out.

        weights: (n,), how much each row counts. max_complexity: equations of more nodes are of no use.
        watch: asked, where there is one, whether the search is to end early with what it has, and told how far it is.
        """
