"""What a search engine is: something that proposes equations. Our own evaluator decides what they are worth."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from symc.errors import SymcError
from symc.ir.ops import OPERATORS, SPELLINGS

StoppedBy = Literal["evaluations", "time", "converged"]
ENGINES = ("auto", "operon", "pysr")

# What equations are made of unless the caller says otherwise: common in laws, and cheap where they run.
DEFAULT_OPERATORS = ("add", "sub", "mul", "div", "square", "sqrt", "exp", "log", "sin", "cos", "tanh")
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
    ) -> Proposal:
        """Propose equations for y (n,) over x (n, n_in); the same arguments propose the same unless time ran out.

        weights: (n,), how much each row counts. max_complexity: equations of more nodes are of no use.
        """


def choose(name: str) -> Engine:
    """The engine of that name; "auto" is PySR where a Julia that needs no download is found, else Operon."""
    from symc.frontend.search.operon import Operon
    from symc.frontend.search.pysr import PySR, julia_is_ready

    if name == "auto":
        name = "pysr" if julia_is_ready() else "operon"
    if name == "operon":
        return Operon()
    if name == "pysr":
        return PySR()
    raise SymcError(f"unknown engine {name!r}", hint=f"The engines are: {', '.join(ENGINES)}.")


def check_operators(operators: Sequence[str] | None) -> tuple[str, ...]:
    """The operators' names in our table, each once; the default ones for None. SymcError for an unknown one."""
    if operators is None:
        return DEFAULT_OPERATORS
    if isinstance(operators, str):
        operators = [part.strip() for part in operators.split(",")]
    symbols = {row.symbol: row.name for row in OPERATORS.values() if row.symbol} | {"^": "pow", "**": "pow"}
    names = []
    for operator in operators:
        name = symbols.get(operator) or SPELLINGS.get(operator)
        if name is None:
            raise SymcError(f"unknown operator {operator!r}", hint=f"The operators are: {', '.join(OPERATORS)}.")
        names.append(name)
    if not names:
        raise SymcError("no operators are given", hint=f"The operators are: {', '.join(OPERATORS)}.")
    return tuple(dict.fromkeys(names))


def subset(n: int, count: int, seed: int) -> NDArray[np.intp]:
    """At most `count` of n rows, in order, drawn by seed; unrelated to samples that the caller drew with that seed."""
    if count >= n:
        return np.arange(n)
    return np.sort(_shuffled(n, seed)[:count])


def resample(weights: NDArray, count: int, seed: int) -> NDArray[np.intp]:
    """`count` rows in order, each about as often as its share of the weights, drawn by seed.

    Systematic resampling (Kitagawa 1996): a row of weight w of the sum W comes floor or ceil(count * w / W) times.
    """
    order = _shuffled(len(weights), seed)
    reached = np.cumsum(np.asarray(weights, dtype=np.float64)[order])
    places = (np.arange(count) + 0.5) / count * reached[-1]
    return np.sort(order[np.searchsorted(reached, places)])


def _shuffled(n: int, seed: int) -> NDArray[np.intp]:
    # PCG64's raw stream is the same in every version of numpy; the second word sets this use apart.
    stream = np.random.PCG64(np.random.SeedSequence([seed, 0x726F7773]))
    return np.argsort(stream.random_raw(n), kind="stable")
