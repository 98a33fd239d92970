"""From proposals to a front: tidy, refit, lower, evaluate to the bit, and keep what nothing simpler matches."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import sympy
from numpy.typing import NDArray

from symc.analysis.ranges import unsafe_in
from symc.capture.dataset import Dataset
from symc.errors import SymcError
from symc.ir.evaluate import evaluate
from symc.ir.lower import lower
from symc.ir.parse import complexity, format_expression, parse
from symc.ir.program import Program
from symc.search.draws import resample
from symc.search.front import Front
from symc.search.member import Member, pareto
from symc.search.plain import allowed_growth, plain
from symc.search.refit import Samples, fit
from symc.search.sparse import sparse_sums
from symc.search.structure.forms import shortest_forms
from symc.search.tidy import Archive, shorten, tidy

# A more complex equation must lower the loss by this much, relative, to stay on a front.
GAIN = 1e-3
_TIDY_ROWS = 400
_REFIT_ROWS = 8192
_DOMAIN_POINTS = 4096
_ZERO_POINTS = 32
_MOST_CORNERED = 8
_COARSER_STEPS = 10
_PER_COMPLEXITY = 3
# Longer equations are fits, and their constants mean nothing.
_LAW = 40
# Instructions times boxes for one candidate: most poles are found among the first few hundred points.
_ANALYSIS = 100_000


@dataclass(frozen=True)
class _Entry:
    complexity: int
    loss: float
    text: str


def judge(
    dataset: Dataset,
    column: int,
    equations: Sequence[str],
    seed: int = 0,
    operators: Sequence[str] = (),
    max_complexity: int | None = None,
) -> Front:
    """The front of one output from proposed equations (text in our grammar), judged by our own evaluator.

    The mean, the affine map and sums of a few simple terms over `operators` are always among the proposals. Losses
    are those of the float32 program on all training rows, weighted where the rows are, and behind the head where the
    dataset has one. An equation that would be on the front but is not finite on every sample, or shown not to be
    somewhere in the domain, is dropped with its reason, as is text that is not an equation. None of more than
    `max_complexity` nodes is kept. One that leaves no more than float32's rounding ends the front, as its exact law.
    """
    samples = training(dataset, column)
    few = _subset(samples, _TIDY_ROWS)
    most = math.inf if max_complexity is None else max_complexity
    dropped: dict[str, str] = {}
    entries: list[_Entry] = []
    archive = Archive()
    own = (repr(float(samples.mean(samples.y))), _affine(samples), *sparse_sums(few, operators))
    for text in (*own, *equations):
        try:
            entries += _proposals(parse(text, samples.features), few, archive)
        except SymcError as error:
            dropped.setdefault(text, error.what.partition("\n")[0])
        except (ArithmeticError, np.linalg.LinAlgError) as error:
            # Whatever an engine proposes, one equation that cannot be fitted must not end the search.
            dropped.setdefault(text, f"its constants cannot be fitted ({error})")
    promising = _promising(entry for entry in entries if entry.complexity <= most)
    finals = {final for entry in promising if (final := _final(entry, samples)).complexity <= most}
    checks = _Checks(dataset, column, seed)
    enough = _enough(dataset, column)
    members: list[Member] = []
    for entry in sorted(finals, key=lambda e: (e.complexity, e.loss, e.text)):
        least = members[-1].loss if members else math.inf
        # Behind a head the loss of an entry, which is that of the logit, does not tell that of the member.
        if dataset.logits is None and (least <= enough or not entry.loss < least * (1.0 - GAIN)):
            continue
        member = checks.member(entry)
        if isinstance(member, Member):
            members.append(member)
        else:
            dropped.setdefault(entry.text, member)
    front = pareto((_plainer(member, samples, checks) for member in pareto(members, enough, GAIN)), enough, GAIN)
    if front and front[-1].loss <= enough:
        front = (*front[:-1], replace(front[-1], law="exact"))
    return Front(dataset.outputs[column], front, tuple(sorted(dropped.items())))


def joined(law: Front, more: Front) -> Front:
    """The front `law`, whose law is near, with what the search for more added: longer members of a smaller loss."""
    settled = next(m for m in law.members if m.law)
    longer = [m for m in more.members if m.complexity > settled.complexity]
    rest = [m for m in law.members if m is not settled]
    members = pareto([*rest, replace(settled, law="searched"), *longer], 0.0, GAIN)
    dropped = {**dict(law.dropped), **dict(more.dropped)}
    return Front(law.output, members, tuple(sorted(dropped.items())))


def training(dataset: Dataset, column: int) -> Samples:
    """The variables and one target on the training rows, in double precision."""
    return _samples(dataset, dataset.targets[:, column])


def _enough(dataset: Dataset, column: int) -> float:
    """The loss at which an equation of one output is exact; see Samples.enough."""
    return _samples(dataset, dataset.y[:, column]).enough


def _samples(dataset: Dataset, y: NDArray[np.float32]) -> Samples:
    x = dataset.variables.values(dataset.x[dataset.train])
    weights = None if dataset.weights is None else dataset.weights[dataset.train].astype(np.float64)
    return Samples(x, y[dataset.train].astype(np.float64), dataset.variables.names, weights)


def constant_front(dataset: Dataset, column: int) -> Front:
    """The front of an output whose target never changes: that one number."""
    value = dataset.targets[0, column]
    text = format_expression(sympy.Float(float(value)))
    return Front(dataset.outputs[column], (Member(text, 1, 0.0, 0.0, 0),))


def _proposals(expression: sympy.Expr, few: Samples, archive: Archive) -> list[_Entry]:
    found = tidy(expression, few, _COARSER_STEPS, archive)
    return [_Entry(t.complexity, t.loss, format_expression(t.expression)) for t in found]


def _affine(samples: Samples) -> str:
    matrix = np.column_stack([np.ones(len(samples.x)), samples.x])
    root = np.reshape(samples.root, (-1, 1))
    solution = np.linalg.lstsq(root * matrix, samples.root * samples.y, rcond=None)[0].tolist()
    terms = [f"({weight!r})*{name}" for weight, name in zip(solution[1:], samples.features, strict=True)]
    return " + ".join([f"({solution[0]!r})", *terms])


def _subset(samples: Samples, count: int) -> Samples:
    """At most `count` rows, evenly spaced; of weighted ones as many of each as it weighs, which then count the same."""
    n = len(samples.x)
    if n <= count:
        return samples
    if samples.weights is not None:
        drawn = resample(samples.weights, count, 0)
        return Samples(samples.x[drawn], samples.y[drawn], samples.features)
    rows = np.arange(count) * n // count
    return Samples(samples.x[rows], samples.y[rows], samples.features)


def _promising(entries: Iterable[_Entry]) -> list[_Entry]:
    """The best few of each complexity, as long as they are near what simpler ones reach."""
    kept: list[_Entry] = []
    at: dict[int, int] = {}
    least = math.inf
    for entry in sorted(set(entries), key=lambda e: (e.complexity, e.loss, e.text)):
        if entry.loss < 1.1 * least and at.get(entry.complexity, 0) < _PER_COMPLEXITY:
            kept.append(entry)
            at[entry.complexity] = at.get(entry.complexity, 0) + 1
        least = min(least, entry.loss)
    return kept


def _final(entry: _Entry, samples: Samples) -> _Entry:
    """The entry with its constants fitted to all rows and written in as few digits as they need."""
    expression = parse(entry.text, samples.features)
    rows = _subset(samples, _REFIT_ROWS)
    found = shorten(fit(expression, rows), rows)
    text = format_expression(found.expression)
    # What counts is the text: it is read again.
    return _Entry(complexity(parse(text, samples.features)), found.loss, text)


def _plainer(member: Member, samples: Samples, checks: _Checks) -> Member:
    """The member with plain numbers for constants, written in the shortest way, where no error grows beyond chance."""
    if checks.dataset.logits is not None or member.complexity > _LAW:
        return member
    rows = _subset(samples, _REFIT_ROWS)
    found, replaced = plain(fit(parse(member.equation, samples.features), rows, iterations=0), rows)
    if not replaced:
        return member
    text = format_expression(shorten(found, rows).expression)
    for written in dict.fromkeys((*shortest_forms(text, rows), text)):
        entry = _Entry(complexity(parse(written, samples.features)), found.loss, written)
        if entry.complexity <= member.complexity:
            tried = checks.member(entry)
            if isinstance(tried, Member) and checks.as_good(tried, member, replaced):
                return tried
    return member


class _Checks:
    """Evaluates equations by the oracle on the samples and on a dense sample of the domain, and looks between them."""

    def __init__(self, dataset: Dataset, column: int, seed: int) -> None:
        self.dataset, self.column = dataset, column
        self.points = domain_points(dataset.domain, seed)

    def member(self, entry: _Entry) -> Member | str:
        """The entry as a member of a front, or the reason why it cannot be one."""
        features = self.dataset.features
        try:
            program = lower([parse(self.dataset.variables.written_out(entry.text), features)], features, ["y"])
        except SymcError as error:
            return error.what
        whole = self._behind_head(program)
        for x, where in ((self.dataset.x, "sample"), (self.points, "point of the domain")):
            problem = _not_finite(whole, x, features, where)
            if problem:
                return problem
        unsafe = unsafe_in(program, self.dataset.domain.tolist(), _ANALYSIS)
        if unsafe:
            return str(unsafe[0])
        values = evaluate(program, self.dataset.x)[:, 0]
        loss, heldout = self.dataset.losses(self.column, values)
        agreement = self.dataset.agreement(self.column, values)
        return Member(entry.text, entry.complexity, loss, heldout, program.cost, agreement=agreement)

    def as_good(self, plainer: Member, member: Member, replaced: int) -> bool:
        """Whether no error of `plainer` is above that of `member` by more than so many right constants explain."""
        train = self.dataset.train
        exact = _enough(self.dataset, self.column)
        return all(
            new is None or old is None or new <= max(old * allowed_growth(replaced, int(rows.sum())), 2.0 * exact)
            for new, old, rows in (
                (plainer.loss, member.loss, train),
                (plainer.heldout, member.heldout, ~train),
            )
        )

    def _behind_head(self, logit: Program) -> Program:
        """What an output is made of; a head that needs the other logits too is finite where its logits are."""
        head = None if self.dataset.logits is None else self.dataset.logits.head
        return logit if head is None or head.kind.joint else head.only([self.column]).behind(logit)


def domain_points(domain: NDArray[np.float32], seed: int) -> NDArray[np.float32]:
    """(m, n_in) float32: Sobol points that fill the box, points where an input is 0, and the corners where few.

    Sobol points miss 0 itself, where poles and logarithms fail first.
    """
    from symc.capture.sampling import from_domain

    flat = bool((domain[:, 0] == domain[:, 1]).all())
    inside = domain[None, :, 0] if flat else from_domain(domain, _DOMAIN_POINTS, seed)[0]
    parts = [inside]
    for k, (low, high) in enumerate(domain.tolist()):
        if low <= 0.0 <= high:
            parts.append(inside[:_ZERO_POINTS].copy())
            parts[-1][:, k] = 0.0
    if len(domain) <= _MOST_CORNERED:
        corners = np.stack(np.meshgrid(*domain, indexing="ij"), axis=-1).reshape(-1, len(domain))
        parts.append(corners.astype(np.float32))
    return np.concatenate(parts)


def _not_finite(program: Program, x: NDArray[np.float32], features: Sequence[str], where: str) -> str | None:
    values = evaluate(program, x)[:, 0]
    bad = np.flatnonzero(~np.isfinite(values))
    if not len(bad):
        return None
    row = x[bad[0]]
    place = ", ".join(f"{name}={value:.6g}" for name, value in zip(features[:4], row.tolist(), strict=False))
    more = ", ..." if len(features) > 4 else ""
    others = f", and at {len(bad) - 1} more of {len(x)}" if len(bad) > 1 else ""
    return f"is {values[bad[0]]} at a {where} ({place}{more}){others}"
