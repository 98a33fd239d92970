"""The search for one output, in the process where it runs: structure, then an engine, then the judge."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np
from threadpoolctl import threadpool_limits

from symc.errors import SymcError
from symc.ir.evaluate import evaluate
from symc.ir.reading import read
from symc.ir.written import as_written
from symc.search.board import Board
from symc.search.engines.protocol import Budget, Proposal, StoppedBy
from symc.search.front import Front
from symc.search.interrupts import leave_to_the_caller
from symc.search.kept import Fitted, Shelf
from symc.search.refit import Samples
from symc.search.structure.symmetry import Reduction
from symc.search.task import Task
from symc.search.watch import Watch, ends_with

# Of a time budget structure gets at most this share: where there is none, an engine needs the rest.
_STRUCTURE = 0.6


def search_output(task: Task, shelf: Shelf | None, board: str | None) -> Fitted | None:
    """What the search found, or the shelf has; None where an interrupt came before any equation.

    `board` is the file of the board (symc.search.board) that says how far it is. What an interrupt cut short is not
    put on the shelf: it is to go on.
    """
    leave_to_the_caller()
    seconds, names = task.budget.seconds, task.dataset.outputs
    watch = Watch(Board.at(board, len(names)), task.column, seconds, _heldout_error(task))
    fitted = None if shelf is None else shelf.get(task.key)
    if fitted is None and not watch.interrupted:
        # Matrices are small here: more threads than one of each search only get in each other's way.
        with threadpool_limits(1, user_api="blas"):
            fitted = _fit_output(task, watch)
        if shelf is not None and fitted is not None and fitted.stopped_by != "interrupted":
            shelf.put(task.key, fitted)
    watch.done()
    return fitted


def _fit_output(task: Task, watch: Watch) -> Fitted | None:
    from symc.search.judge import constant_front, joined, judge, training
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
    watch.structure()
    with ends_with(watch, _STRUCTURE):
        structure = structure_of(samples, task.operators)
    texts = list(structure.laws)
    settled = None
    if structure.longest is not None:
        watch.judging()
        shortest = structure.longest if most is None else min(most, structure.longest)
        settled = _nearly(judge(dataset, column, texts, task.seed, task.operators, shortest))
    evaluations = 0
    stopped_by: StoppedBy = "converged"
    goes_on = task.named_budget if settled is not None else not structure.exact
    if goes_on:
        proposed, evaluations, stopped_by = _engine_fits(task, samples, structure.reduction, watch)
        texts += proposed
    if stopped_by == "interrupted" and not texts:
        return None
    watch.judging()
    if settled is not None and not goes_on:
        front = settled
    else:
        front = judge(dataset, column, texts, task.seed, task.operators, most)
        front = front if settled is None else joined(settled, front)
    if not front.members or not math.isfinite(front.members[0].loss):
        raise SymcError(f"no usable equation was found for output {name!r}", hint="Search longer, or scale the output.")
    if stopped_by in ("interrupted", "time"):
        front = replace(front, cut_short=stopped_by)
    return Fitted(front, evaluations, stopped_by)


def _nearly(front: Front) -> Front | None:
    """The front with the member that "best" picks marked as the law; None where there is none to mark."""
    if not front.members:
        return None
    best = front.pick()
    if best.law:
        return front
    return replace(front, members=tuple(replace(m, law="near") if m is best else m for m in front.members))


def _engine_fits(
    task: Task, samples: Samples, reduction: Reduction | None, watch: Watch
) -> tuple[list[str], int, StoppedBy]:
    """What the engine proposes, the evaluations it spent, and what ended it.

    Half of the budget goes to the law over fewer variables, where there is one.
    """
    if reduction is None:
        watch.engine(task.budget.evaluations)
        only = _engine_fit(task, samples, watch, task.budget.evaluations, watch.left)
        return [c.equation for c in only.candidates], only.evaluations, only.stopped_by
    half = task.budget.half.evaluations
    watch.engine(2 * half)
    first = _engine_fit(task, samples, watch, half, None if watch.left is None else watch.left / 2.0)
    texts = [c.equation for c in first.candidates]
    if first.stopped_by in ("converged", "interrupted"):
        return texts, first.evaluations, first.stopped_by
    watch.engine(2 * half, first.evaluations, reduction.written_out)
    second = _engine_fit(task, reduction.samples, watch, half, watch.left)
    texts += [reduction.written_out(c.equation) for c in second.candidates]
    out_of_time = first.stopped_by == "time" and second.stopped_by != "interrupted"
    return texts, first.evaluations + second.evaluations, "time" if out_of_time else second.stopped_by


def _engine_fit(task: Task, samples: Samples, watch: Watch, evaluations: int, seconds: float | None) -> Proposal:
    if watch.ending is not None:
        return Proposal((), 0, watch.ending)
    return task.engine.fit(
        samples.x.astype(np.float32),
        samples.y.astype(np.float32),
        samples.features,
        Budget(evaluations, seconds),
        task.seed,
        task.operators,
        None if samples.weights is None else samples.weights.astype(np.float32),
        task.max_complexity,
        watch,
    )


def _heldout_error(task: Task) -> Callable[[str], float]:
    """The root mean square error of an equation's text on the rows held out; NaN where it has none."""
    dataset = task.dataset

    def of(text: str) -> float:
        try:
            steps = read(dataset.variables.written_out(text), dataset.features)
            values = evaluate(as_written([steps], dataset.features, ["y"]), dataset.x)[:, 0]
            with np.errstate(all="ignore"):
                return math.sqrt(dataset.losses(task.column, values)[1])
        except (SymcError, ArithmeticError, ValueError):
            return math.nan

    return of
