"""Operon (pyoperon), the engine that is always there: genetic programming with fitted constants, in one C++ library.

Several short searches from different seeds, with inputs as they are or standardised and trees short or long, find more
than one long search does in the same number of evaluations. Trees are read node by node, because the library's printed
constants lose digits; the values it predicts are never used, because its datasets do not own their rows: ours come from
our own evaluation of the tree.
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from importlib.metadata import version
from typing import Any

import numpy as np
from numpy.typing import NDArray

from symc.errors import SymcError
from symc.search.draws import resample, subset
from symc.search.engines.operon.running import finish
from symc.search.engines.operon.tree import NODES, Problem, Tree, node_types
from symc.search.engines.protocol import Budget, Candidate, Proposal, StoppedBy
from symc.search.operators import DEFAULT_OPERATORS
from symc.search.watch import Watch

Array = NDArray[np.float64]

_FREE = frozenset({"neg"})
_POPULATION = 300
_PER_RESTART = 60_000
_MOST_RESTARTS = 12
# Room for one operator of two inputs, without which its trees cannot grow.
_SHORTEST = 3
# A tree is worth our time when its loss is within this factor of what shorter ones reach.
_NEAR = 1.2
_MOST_CANDIDATES = 36
_ROWS = 500
_ROWS_PER_INPUT = 40


@dataclass(frozen=True)
class _Plan:
    """One search: the longest tree, whether inputs are standardised (else only scaled), and the operators left out."""

    length: int
    standardised: bool
    without: frozenset[str] = frozenset()


_PERIODIC = frozenset({"sin", "cos", "tan"})
_SMOOTH = frozenset(NODES) - _PERIODIC - {"add", "sub", "mul", "min", "max", "abs", "floor", "ceil", "square"}
# Fewer operators make a law more likely to be found; all of them, and longer trees, make smooth functions fit well.
_PLANS = (
    _Plan(20, False, _SMOOTH),
    _Plan(30, True),
    _Plan(30, False, _PERIODIC),
    _Plan(25, False),
    _Plan(30, True, _PERIODIC),
    _Plan(25, False, _SMOOTH),
    _Plan(40, True),
    _Plan(40, False, _PERIODIC),
)


@dataclass(frozen=True)
class Operon:
    """The engine; holds nothing."""

    name: str = "operon"

    @property
    def version(self) -> str:
        return version("pyoperon")

    def ready(self) -> bool:
        return True

    def check(self, operators: Sequence[str]) -> None:
        """Raise SymcError for an operator that Operon does not have."""
        for name in operators:
            if name not in NODES and name not in _FREE:
                raise SymcError(
                    f"the engine operon cannot search with operator {name!r}",
                    hint=f"It has: {', '.join(NODES)}.",
                )
        if not any(name in NODES for name in operators):
            raise SymcError("the engine operon needs at least one operator besides neg", hint="Allow add or mul.")

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
        """Search for y (n,) over x (n, n_in), on at most a few hundred of the rows.

        Operon knows no weights: it gets rows as often as they weigh. Nor does it count as we do: no tree is longer
        than `max_complexity`, but one with weighted inputs may count as more.
        """
        self.check(operators)
        few = _ROWS + _ROWS_PER_INPUT * x.shape[1]
        rows = subset(len(x), few, seed) if weights is None else resample(weights, few, seed)
        problem = Problem(x[rows].astype(np.float64), y[rows].astype(np.float64), tuple(features))
        plans = _plans(operators)
        restarts = min(max(1, round(budget.evaluations / _PER_RESTART)), _MOST_RESTARTS)
        deadline = None if budget.seconds is None else time.monotonic() + budget.seconds
        found: dict[str, Candidate] = {}
        spent = 0
        stopped_by: StoppedBy = "evaluations"
        for restart in range(restarts):
            left = None if deadline is None else deadline - time.monotonic()
            if left is not None and left <= 0:
                stopped_by = "time"
                break
            plan = plans[restart % len(plans)]
            share = budget.evaluations * (restart + 1) // restarts - budget.evaluations * restart // restarts
            shorter, restart_seed = _no_longer(plan, max_complexity), _restart_seed(seed, restart)
            run = _run(problem, shorter, operators, share, left, restart_seed, watch, spent)
            spent += run.evaluations
            found |= {c.equation: c for c in run.candidates}
            if watch is not None and watch.interrupted:
                stopped_by = "interrupted"
                break
            if run.out_of_time:
                stopped_by = "time"
                break
            if any(c.loss is not None and c.loss <= problem.enough for c in run.candidates):
                stopped_by = "converged"
                break
        return Proposal(_promising(found.values()), spent, stopped_by)


@dataclass(frozen=True)
class _Run:
    candidates: list[Candidate]
    evaluations: int
    out_of_time: bool


def _run(
    problem: Problem,
    plan: _Plan,
    operators: Sequence[str],
    evaluations: int,
    seconds: float | None,
    seed: int,
    watch: Watch | None,
    before: int,
) -> _Run:
    """One search by NSGA-II over (mean squared error, length); `before` evaluations were spent by earlier ones."""
    import pyoperon as op

    shift, scale, columns = problem.columns(plan.standardised)
    target = (problem.y - problem.middle) / problem.spread
    # Operon's dataset looks into this array without owning it: it must outlive the search.
    matrix = np.asfortranarray(np.column_stack([columns, target]), dtype=np.float32)
    data = op.Dataset(matrix)
    *inputs, output = sorted(data.Variables, key=lambda v: v.Index)
    setup = op.Problem(data)
    setup.TrainingRange = op.Range(0, data.Rows)
    setup.TestRange = op.Range(0, data.Rows)
    setup.Target = output
    # An input that never changes tells nothing.
    setup.InputHashes = [v.Hash for v, used in zip(inputs, columns.std(axis=0) > 0.0, strict=True) if used]
    names = [n for n in operators if n in NODES]
    # A plan that would leave nothing takes everything.
    names = [n for n in names if n not in plan.without] or names
    types = [op.NodeType.Constant, op.NodeType.Variable, *(getattr(op.NodeType, node_types()[n]) for n in names)]
    setup.ConfigurePrimitiveSet(_union(types))
    algorithm, evaluator, _keep = _algorithm(op, setup, plan.length, evaluations, seed)
    index = {v.Hash: k for k, v in enumerate(inputs)}

    def proposals(individuals: Iterable[Any]) -> list[Candidate]:
        trees = (Tree(one.Genotype.Nodes, index, shift, scale) for one in individuals)
        return [c for tree in trees if (c := tree.candidate(problem)) is not None]

    def goes_on() -> bool:
        if watch is None:
            return True
        if watch.due():
            best = proposals(sorted(algorithm.BestFront, key=lambda one: one[0])[:1])
            watch.report(before + int(evaluator.TotalEvaluations), best[0].equation if best else None)
        return not watch.interrupted

    out_of_time = finish(algorithm, op.RandomGenerator(np.uint64(seed)), seconds, goes_on)
    candidates = proposals(algorithm.BestFront)
    return _Run(candidates, int(evaluator.TotalEvaluations), out_of_time)


def _algorithm(op: Any, problem: Any, length: int, evaluations: int, seed: int) -> tuple[Any, Any, list[Any]]:
    """Operon's parts joined; the library holds plain pointers, so the list keeps alive what they point to."""
    depth, primitives, inputs = 10, problem.PrimitiveSet, problem.InputHashes
    iterations = 6
    creator = op.BalancedTreeCreator(primitives, inputs, 0.0)
    coefficients = op.NormalCoefficientInitializer()
    coefficients.ParameterizeDistribution(0, 1)
    table = op.DispatchTable()
    optimizer = op.LMOptimizer(table, problem, iterations, 0)
    metric = op.MSE()
    error = op.Evaluator(problem, table, metric, True)
    size = op.LengthEvaluator(problem)
    evaluator = op.MultiEvaluator(problem)
    for part in (error, size):
        evaluator.Add(part)
    for part in (error, size, evaluator):
        part.Budget = evaluations
    comparison = op.CrowdedComparison()
    female, male = op.TournamentSelector(comparison), op.TournamentSelector(comparison)
    female.TournamentSize = male.TournamentSize = 5
    one, many = op.NormalOnePointMutation(), op.NormalMultiPointMutation()
    for normal in (one, many):
        normal.ParameterizeDistribution(0, 1)
    mutations = [
        one,
        many,
        op.ChangeVariableMutation(inputs),
        op.ChangeFunctionMutation(primitives),
        op.InsertSubtreeMutation(creator, coefficients, depth, length),
        op.ReplaceSubtreeMutation(creator, coefficients, depth, length),
        op.RemoveSubtreeMutation(primitives),
    ]
    mutation = op.MultiMutation()
    for part in mutations:
        mutation.Add(part, 1.0)
    crossover = op.SubtreeCrossover(0.9, depth, length)
    local = op.CoefficientOptimizer(optimizer)
    generator = op.BasicOffspringGenerator(evaluator, crossover, mutation, female, male, local)
    initial = op.UniformLengthTreeInitializer(creator)
    initial.ParameterizeDistribution(primitives.FunctionArityLimits()[0] + 1, min(10, length))
    initial.MinDepth, initial.MaxDepth = 1, 1000
    config = op.GeneticAlgorithmConfig(
        generations=10**9, max_evaluations=evaluations, local_iterations=iterations, population_size=_POPULATION,
        pool_size=_POPULATION, p_crossover=1.0, p_mutation=0.25, p_local=1.0, p_lamarck=1.0, epsilon=1e-6, seed=seed,
        max_time=10**9,
    )  # fmt: skip
    reinserter, sorter = op.KeepBestReinserter(comparison), op.RankSorter()
    algorithm = op.NSGA2Algorithm(config, problem, initial, coefficients, generator, reinserter, sorter)
    keep = [primitives, inputs, creator, coefficients, table, optimizer, metric, error, size, comparison, female, male]
    keep += [*mutations, mutation, crossover, local, generator, initial, config, reinserter, sorter]
    return algorithm, evaluator, keep


def _promising(candidates: Iterable[Candidate]) -> tuple[Candidate, ...]:
    """Those that come near the least loss of the trees no longer than they are, the least loss first."""
    kept: list[Candidate] = []
    least = math.inf
    for candidate in sorted(candidates, key=lambda c: (c.complexity, c.loss, c.equation)):
        loss = candidate.loss if candidate.loss is not None else math.inf
        if loss <= _NEAR * least:
            kept.append(candidate)
        least = min(least, loss)
    kept = sorted(kept, key=lambda c: (c.loss, c.complexity, c.equation))
    # Every so manieth, the best always: all lengths stay represented.
    step = max(1, math.ceil(len(kept) / _MOST_CANDIDATES))
    return tuple(kept[::step])


def _plans(operators: Sequence[str]) -> tuple[_Plan, ...]:
    """The plans in order: operators that the caller names are all there in the first search."""
    if tuple(operators) == DEFAULT_OPERATORS:
        return _PLANS
    return (replace(_PLANS[0], without=frozenset()), *_PLANS[1:])


def _no_longer(plan: _Plan, most: int | None) -> _Plan:
    return plan if most is None else replace(plan, length=max(_SHORTEST, min(plan.length, most)))


def _union(types: Sequence[Any]) -> Any:
    bits = 0
    for one in types:
        bits |= int(one)
    return bits


def _restart_seed(seed: int, restart: int) -> int:
    return int(np.random.SeedSequence([seed, restart]).generate_state(1)[0])
