"""Search: from samples to one Pareto front of equations per output."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from symc.capture.dataset import Dataset
from symc.capture.split import check_seed
from symc.search.board import shared_board
from symc.search.engines.protocol import DEFAULT_EVALUATIONS, Budget, Candidate, Engine, Proposal, StoppedBy
from symc.search.engines.registry import choose
from symc.search.executor import run_all, runs_elsewhere
from symc.search.fitting import search_output
from symc.search.front import Front
from symc.search.interrupts import Interrupted, gently
from symc.search.kept import Fitted, Shelf
from symc.search.progress import shown
from symc.search.task import Settings, Task, settings_of

__all__ = ["Budget", "Candidate", "Engine", "Proposal", "SearchResult", "Settings", "search"]

# Which of several outputs' endings is reported: the one that makes the result least repeatable.
_ENDINGS: tuple[StoppedBy, ...] = ("interrupted", "time", "evaluations", "converged")


@dataclass(frozen=True)
class SearchResult:
    """One front per output, what found them, and what it took.

    `evaluations` is the sum over the outputs; `stopped_by` is "interrupted" or "time" when Ctrl-C or the time budget
    cut any of them short, so that a repetition may differ, else "evaluations", or "converged" when every output was
    matched to float32 precision.
    """

    fronts: tuple[Front, ...]
    engine: str
    engine_version: str
    evaluations: int
    stopped_by: StoppedBy

    def __str__(self) -> str:
        head = f"{self.engine} {self.engine_version}: {self.evaluations} evaluations, stopped by {self.stopped_by}"
        return "\n\n".join([head, *map(str, self.fronts)])


def search(
    dataset: Dataset,
    engine: str = "auto",
    evaluations: int | Mapping[str, int] | None = None,
    time_budget: float | None = None,
    seed: int = 0,
    operators: Sequence[str] | Mapping[str, Sequence[str]] | None = None,
    workers: int | None = None,
    executor: str | None = None,
    keep: str | Path | None = None,
    max_complexity: int | Mapping[str, int] | None = None,
    slopes: NDArray[np.float64] | None = None,
) -> SearchResult:
    """Search equations for every output of `dataset`.

    Parameters
    ----------
    engine: "operon", "pysr", or "auto" for PySR where a Julia that needs no download is found and Operon elsewhere.
    evaluations: budget for each output, in evaluations of one expression over the samples; such a search repeats. By
        default 500,000. A law that is exact but for a network's own error ends the search of an output whose budget is
        not named; of one that is, the budget is spent, for "accuracy" to choose longer equations.
    time_budget: cap in seconds on the search for each output, structure and engine together. Judging what was found
        then takes its own time.
    operators: names from the operator table that equations may use; constants may scale and shift besides.
    max_complexity: the most nodes that an equation may have.
    workers: processes; by default one per output up to the cores there are. The result does not depend on it.
    executor: "dask://HOST:PORT" to run the fits on a Dask cluster; a joblib.parallel_config around the call does too.
    slopes: (n, n_out, n_in) derivatives of the targets by the variables, where a network was asked for them. Its error
        then counts as noise: structure is looked for that holds nearly, too.
    keep: folder for finished fits, each written as it ends. A search that is run again takes from it what is there, so
        that one that was killed goes on where it stopped. On a cluster its workers must see the folder.

    evaluations, operators and max_complexity may each be a dict by output; outputs left out of it get the default.
    An output that never changes gives a front of that one constant. Raises SymcError for a bad budget, an unknown
    engine or operator, or when nothing usable was found; MissingTool when the engine is not installed.

    Ctrl-C once ends the searches that run, and what they found until then is judged and returned; twice stops at once.
    Interrupted (a KeyboardInterrupt) is raised where an output has no equations yet. On a cluster the first Ctrl-C
    stops. On a terminal stderr shows how far each search is.
    """
    found = choose(engine)
    budgets = DEFAULT_EVALUATIONS if evaluations is None else evaluations
    settings = settings_of(dataset.outputs, operators, budgets, max_complexity)
    named = set(evaluations if isinstance(evaluations, Mapping) else () if evaluations is None else dataset.outputs)
    for one in settings:
        found.check(one.operators)
    check_seed(seed)
    shelf = Shelf.opened(keep)
    tasks = [
        Task(
            dataset, k, found, Budget(s.evaluations, time_budget), seed, s.operators, s.max_complexity,
            None if slopes is None else slopes[:, k], dataset.outputs[k] in named,
        )
        for k, s in enumerate(settings)
    ]  # fmt: skip
    results = _watched(tasks, shelf, workers, executor)
    endings = {fitted.stopped_by for fitted in results}
    return SearchResult(
        tuple(fitted.front for fitted in results),
        found.name,
        found.version,
        sum(fitted.evaluations for fitted in results),
        next(ending for ending in _ENDINGS if ending in endings),
    )


def _watched(tasks: Sequence[Task], shelf: Shelf | None, workers: int | None, executor: str | None) -> list[Fitted]:
    """The searches in their order, shown while they run; Interrupted where one was ended before it found anything."""
    names = tasks[0].dataset.outputs
    with shared_board(len(tasks)) as (board, path), shown(board, names, tasks[0].budget.seconds):
        elsewhere = runs_elsewhere(executor)
        jobs = [(task, shelf, None if elsewhere else path) for task in tasks]
        try:
            with nullcontext() if elsewhere else gently(board):
                results: list[Fitted | None] = run_all(search_output, jobs, workers, executor)
        except Exception:
            if not board.stopped:
                raise
            # A worker that Ctrl-C caught before its search began has died of it.
            results = [None] * len(tasks)
        fitted = [one for one in results if one is not None]
        if len(fitted) < len(tasks):
            missing = ", ".join(name for name, one in zip(names, results, strict=True) if one is None)
            raise Interrupted(f"no equations had been found yet for {missing}")
    return fitted
