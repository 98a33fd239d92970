"""Search: from samples to one Pareto front of equations per output."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from symc.capture.dataset import Dataset
from symc.capture.split import check_seed
from symc.errors import SymcError
from symc.search.engines.protocol import DEFAULT_EVALUATIONS, Budget, Candidate, Engine, Proposal, StoppedBy
from symc.search.engines.registry import choose
from symc.search.executor import run_all
from symc.search.front import Front
from symc.search.kept import Fitted, Shelf
from symc.search.refit import Samples
from symc.search.task import Settings, Task, settings_of

__all__ = ["Budget", "Candidate", "Engine", "Proposal", "SearchResult", "Settings", "search"]

# Which of several outputs' endings is reported: the one that makes the result least repeatable.
_ENDINGS: tuple[StoppedBy, ...] = ("time", "evaluations", "converged")


@dataclass(frozen=True)
class SearchResult:
    """One front per output, what found them, and what it took.

    `evaluations` is the sum over the outputs; `stopped_by` is "time" when the time budget cut any of them short, so
    that a repetition may differ, else "evaluations", or "converged" when every output was matched to float32 precision.
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
    evaluations: int | Mapping[str, int] = DEFAULT_EVALUATIONS,
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
    evaluations: budget for each output, in evaluations of one expression over the samples; such a search repeats.
    time_budget: cap in seconds on the engine's search for each output.
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
    """
    found = choose(engine)
    settings = settings_of(dataset.outputs, operators, evaluations, max_complexity)
    for one in settings:
        found.check(one.operators)
    check_seed(seed)
    shelf = Shelf.opened(keep)
    jobs = [
        (
            Task(
                dataset, k, found, Budget(s.evaluations, time_budget), seed, s.operators, s.max_complexity,
                None if slopes is None else slopes[:, k],
            ),
            shelf,
        )
        for k, s in enumerate(settings)
    ]  # fmt: skip
    results = run_all(_search_output, jobs, workers, executor)
    endings = {fitted.stopped_by for fitted in results}
    return SearchResult(
        tuple(fitted.front for fitted in results),
        found.name,
        found.version,
        sum(fitted.evaluations for fitted in results),
        next(ending for ending in _ENDINGS if ending in endings),
    )


def _search_output(task: Task, shelf: Shelf | None) -> Fitted:
    if shelf is None:
        return _fit_output(task)
    fitted = shelf.get(task.key)
    if fitted is None:
        fitted = _fit_output(task)
        shelf.put(task.key, fitted)
    return fitted


def _fit_output(task: Task) -> Fitted:
    from symc.search.judge import constant_front, judge, training
    from symc.search.structure.propose import structure_of

    dataset, column, most = task.dataset, task.column, task.max_complexity
    name = dataset.outputs[column]
    if name in dataset.constant_outputs:
        return Fitted(constant_front(dataset, column), 0, "converged")
    samples = training(dataset, column)
    if task.slopes is not None:
        samples = replace(samples, slopes=task.slopes[dataset.train])
    if not samples.spread > 0.0:
        raise SymcError(f"output {name!r} is constant on the training rows", hint="Sample more of its range.")
    structure = structure_of(samples, task.operators)
    if structure.longest is not None:
        most = structure.longest if most is None else min(most, structure.longest)
    texts = list(structure.laws)
    evaluations = 0
    stopped_by: StoppedBy = "converged"
    if not structure.exact:
        # Half of the budget goes to the law over fewer variables, where there is one.
        whole = task.budget if structure.reduction is None else task.budget.half
        proposal = _engine_fit(task, samples, whole)
        texts += [c.equation for c in proposal.candidates]
        evaluations, stopped_by = proposal.evaluations, proposal.stopped_by
        if structure.reduction is not None and stopped_by != "converged":
            reduced = _engine_fit(task, structure.reduction.samples, task.budget.half)
            texts += [structure.reduction.written_out(c.equation) for c in reduced.candidates]
            evaluations += reduced.evaluations
            stopped_by = "time" if "time" in (stopped_by, reduced.stopped_by) else reduced.stopped_by
    front = judge(dataset, column, texts, task.seed, task.operators, most)
    if not front.members or not math.isfinite(front.members[0].loss):
        raise SymcError(f"no usable equation was found for output {name!r}", hint="Search longer, or scale the output.")
    return Fitted(front, evaluations, stopped_by)


def _engine_fit(task: Task, samples: Samples, budget: Budget) -> Proposal:
    return task.engine.fit(
        samples.x.astype(np.float32),
        samples.y.astype(np.float32),
        samples.features,
        budget,
        task.seed,
        task.operators,
        None if samples.weights is None else samples.weights.astype(np.float32),
        task.max_complexity,
    )
