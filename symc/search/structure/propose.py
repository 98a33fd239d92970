"""Laws proposed from structure alone, before any search: few, ranked, and cheap to find."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from symc.search.refit import Samples
from symc.search.structure.forms import shortest_forms
from symc.search.structure.judged import DIGITS, GRID_DIGITS, Law, few_numbers, is_exact, judge_all
from symc.search.structure.nearly import fewest_variables, near_laws, near_reductions
from symc.search.structure.quadratic import quadratic_laws
from symc.search.structure.reducing import reductions
from symc.search.structure.relations import algebraic_laws, transcendental_laws
from symc.search.structure.scales import scaled_laws
from symc.search.structure.smooth import error_of
from symc.search.structure.symmetry import Reduction
from symc.search.watch import Ended

# More inputs than this leave an interpolant too little to go by.
_MOST_INPUTS = 12
_FEWEST_ROWS = 60
_MOST_LAWS = 8
_MOST_EXACT = 3
_FAR_BETTER = 0.3
_SCALES, _SHIFTS = {"mul", "div"}, {"add", "sub"}


@dataclass(frozen=True)
class Structure:
    """laws: equations over the variables, the best first.

    exact: whether one of them is the law, to float32 precision or to a network's error: there is nothing to search.
    reduction: the law over the fewest variables, where there are fewer; what is found for it is written out by it.
    longest: the nodes of a law that is exact to a network's error, which longer equations would fit; else None.
    """

    laws: tuple[str, ...]
    exact: bool
    reduction: Reduction | None
    longest: int | None = None


def structure_of(samples: Samples, operators: Sequence[str]) -> Structure:
    """What the samples tell before a search; nothing where rows are too few or inputs too many.

    Where the search is to end before all was looked for (symc.search.watch), the laws that were found until then.
    """
    if len(samples.features) > _MOST_INPUTS or len(samples.y) < _FEWEST_ROWS or not samples.spread > 0.0:
        return Structure((), False, None)
    samples = _varying(samples)
    judged: set[Law] = set()
    found: list[Reduction] = []
    try:
        if _by_arithmetic(operators):
            found = reductions(samples, operators=operators)
        judge_all(_texts(samples, found, operators), samples, judged)
        # No relation of a network's is so exact: what it nearly fulfils is looked for below.
        if samples.slopes is None:
            _judge_functions(samples, found, operators, judged)
    except Ended:
        # What was found until then is worth as much.
        pass
    best = sorted(judged)[:_MOST_LAWS]
    exact = [entry for entry in best if is_exact(entry, samples)]
    # Of an exact law the shortest way to write it counts; fits are only where the search starts.
    chosen = exact[:_MOST_EXACT] or best
    if not exact and samples.slopes is not None:
        return _nearly(samples, operators, [text for _, _, text in best])
    laws = dict.fromkeys(form for _, _, text in chosen for form in shortest_forms(text, samples))
    return Structure(tuple(laws), bool(exact), _worth_a_search(samples, found))


def _judge_functions(
    samples: Samples, found: Sequence[Reduction], operators: Sequence[str], judged: set[Law]
) -> None:
    """Laws with functions over the fewest variables first, until one is exact."""
    # Numbers are looked for in seconds, pairs of functions take longer.
    ways = ((scaled_laws, GRID_DIGITS), (transcendental_laws, DIGITS))
    for (way, digits), reduction in itertools.product(ways, (*reversed(found), None)):
        if judged and is_exact(min(judged), samples):
            return
        texts = filter(few_numbers, way(samples if reduction is None else reduction.samples, operators))
        judge_all(texts if reduction is None else map(reduction.written_out, texts), samples, judged, True, digits)


def _nearly(samples: Samples, operators: Sequence[str], others: Sequence[str]) -> Structure:
    """Structure that holds but for a network's error; `others` are texts that were found to be near."""
    try:
        near = near_reductions(samples) if _by_arithmetic(operators) else []
    except Ended:
        return Structure(tuple(others), False, None)
    texts, longest = near_laws(samples, near, operators, others)
    return Structure(tuple(texts), longest is not None, fewest_variables(near), longest)


def _by_arithmetic(operators: Sequence[str]) -> bool:
    """Whether equations may be written with what a reduction needs."""
    return set(operators) >= _SCALES | _SHIFTS


def _worth_a_search(samples: Samples, found: Sequence[Reduction]) -> Reduction | None:
    """The last reduction, where its fewer variables tell the output far better: half of a budget is much to spend."""
    if not found or not found[-1].samples.features:
        return None
    reduced = found[-1].samples
    return found[-1] if error_of(reduced.x, reduced.y) < _FAR_BETTER * error_of(samples.x, samples.y) else None


def _varying(samples: Samples) -> Samples:
    """The samples without inputs that never change, which tell nothing."""
    varies = samples.x.std(axis=0) > 0.0
    names = tuple(name for name, keep in zip(samples.features, varies, strict=True) if keep)
    slopes = None if samples.slopes is None else samples.slopes[:, varies]
    return Samples(samples.x[:, varies], samples.y, names, samples.weights, slopes)


def _texts(samples: Samples, found: Sequence[Reduction], operators: Sequence[str]) -> Iterator[str]:
    # What a network is wrong by fits no such relation, and higher powers fit it.
    exact = samples.slopes is None
    yield from algebraic_laws(samples, operators)
    yield from quadratic_laws(samples, operators) if exact else ()
    for reduction in found:
        if not reduction.samples.features:
            yield reduction.written_out(f"{float(np.median(reduction.samples.y)):.9g}")
        yield from map(reduction.written_out, algebraic_laws(reduction.samples, operators, few=exact))
        yield from map(reduction.written_out, quadratic_laws(reduction.samples, operators) if exact else ())
