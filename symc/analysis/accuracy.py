"""A program of the same real values with less rounding error, where that is proved: a search over identities.

Programs are ranked by proved bounds of their error at points of the domain, in units in the last place, as Herbie ranks
by sampled errors (Panchekha et al., "Automatically Improving Accuracy for Floating Point Expressions", PLDI 2015). One
is taken only if it does not lose anywhere that the analysis looks: nothing new is left unproved, no bound over the
domain grows by more than a few units in the last place, and it means what the text means.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from symc.analysis.findings import Ranges
from symc.analysis.passing import half_unit
from symc.analysis.ranges import analyse
from symc.analysis.rewrites import rewritten
from symc.analysis.roundoff import Source
from symc.analysis.tighten import error_bound
from symc.analysis.trace import Boxes, trace
from symc.errors import CheckFailed
from symc.ir.passes import alone
from symc.ir.program import Program
from symc.ir.reading import read
from symc.ir.written import Written, written
from symc.meaning.check import check_meaning
from symc.meaning.points import Box, inside

F32 = NDArray[np.float32]
F64 = NDArray[np.float64]

_POINTS = 512
_BEAM = 5
_ROUNDS = 10
# Rounds without a better program, after which there is none.
_PATIENCE = 3
# Of the mean number of bits lost: less is not worth another arrangement.
_GAIN = 0.1
_MOST_BITS = 30.0
# Units in the last place of the largest value, to which a bound may grow.
_FEW = 4.0


@dataclass(frozen=True)
class Improved:
    """A program with what it was made from, and per output the largest bound of its error, in ulp, at the points.

    worst: output -> (before, after).
    """

    program: Program
    source: Source
    worst: dict[str, tuple[float, float]]


def improve(program: Program, texts: Sequence[str], domain: Box) -> Improved | None:
    """The best program of the same real values found by identities, None where none is better than `program`.

    texts: what each output means. domain: (low, high) per input. The result depends on the arguments alone.
    """
    text = written([read(t, program.inputs) for t in texts], program.inputs, program.outputs)
    points = inside(domain, program.n_in, _POINTS)
    # What was arranged by sympy has constants of which nothing is known, and may be the better one all the same.
    before = _errors(program, points, text if program == text.program else None)
    enough = min(_score(before), _score(_errors(text.program, points, text))) - _GAIN
    old: Ranges | None = None
    for candidate in _search(text, points, enough):
        old = old or analyse(program, domain)
        source = _source(text, candidate)
        if _nowhere_worse(analyse(candidate, domain, source=source), old) and _means(candidate, texts, domain):
            after = _errors(candidate, points, text)
            pairs = zip(before.max(axis=0).tolist(), after.max(axis=0).tolist(), strict=True)
            return Improved(candidate, source, dict(zip(program.outputs, pairs, strict=True)))
    return None


def _search(text: Written, points: F32, enough: float) -> list[Program]:
    """Programs with a score of at most `enough`, the best first, of equal ones the cheaper.

    Each round rewrites the few best of the round before.
    """
    scores = {text.program: _score(_errors(text.program, points, text))}
    beam, best, waited = [text.program], scores[text.program], 0
    for _ in range(_ROUNDS):
        new = {candidate for one in beam for candidate in rewritten(one) if _is_plain(candidate)} - set(scores)
        scores |= {candidate: _score(_errors(candidate, points, text)) for candidate in new}
        beam = sorted(new, key=lambda p: (scores[p], p.cost, str(p)))[:_BEAM]
        if not beam:
            break
        waited = 0 if scores[beam[0]] < best - _GAIN else waited + 1
        best = min(best, scores[beam[0]])
        if waited == _PATIENCE:
            break
    good = [p for p, score in scores.items() if score <= enough]
    return sorted(good, key=lambda p: (round(scores[p] / _GAIN), p.cost, scores[p], str(p)))


def _is_plain(program: Program) -> bool:
    """Whether no constant comes from another that is computed: a head folds constants, which must round once only."""
    computed: set[int] = set()
    fixed: set[int] = set()
    for position, step in enumerate(program.instructions):
        if step.op == "const":
            fixed.add(position)
        elif step.args and fixed.issuperset(step.args):
            if not computed.isdisjoint(step.args):
                return False
            computed.add(position)
            fixed.add(position)
    return True


def _errors(program: Program, points: F32, text: Written | None) -> F64:
    """(points, outputs): proved bounds of |code - text| in units in the last place of the value."""
    columns = []
    for k in range(program.n_out):
        found = trace(alone(program, k), Boxes.of(points))
        bound = error_bound(found, None if text is None else _source(text, program).only(k))
        value = found.values[found.program.results[0]]
        with np.errstate(all="ignore"):
            columns.append(bound / (2.0 * half_unit(np.abs(value.low).astype(np.float64))))
    return np.column_stack(columns)


def _source(text: Written, program: Program) -> Source:
    return Source(text.program, text.exact, frozenset(program.constants))


def _score(errors: F64) -> float:
    """Bits lost, the mean of all points and outputs."""
    with np.errstate(all="ignore"):
        bits = np.log2(np.where(np.isnan(errors), np.inf, np.maximum(errors, 0.5)))
    return float(np.minimum(bits, _MOST_BITS).mean())


def _nowhere_worse(new: Ranges, old: Ranges) -> bool:
    dangers = [sum(f.verdict in ("unsafe", "undecided") for f in found.findings) for found in (new, old)]
    if dangers[0] > dangers[1]:
        return False
    for name, bound in old.errors.items():
        size = max(map(abs, old.outputs[name]))
        few = _FEW * 2.0 * float(half_unit(np.array(size))) if np.isfinite(size) else 0.0
        if np.isfinite(bound) and new.errors[name] > max(bound, few):
            return False
    return True


def _means(program: Program, texts: Sequence[str], domain: Box) -> bool:
    try:
        check_meaning(program, texts, domain, beyond=False)
    except CheckFailed:
        return False
    return True
