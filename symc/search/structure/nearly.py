"""Structure that holds but for a network's error: proposed at several sizes of error, fitted, and kept where short.

What a trained network is wrong by is smooth: an interpolant of its samples does not see it, so that a symmetry of the
law looks broken, and no relation is exact. How large the error is nobody knows. So relations and symmetries are
accepted at a ladder of errors, every law is fitted to the samples, and the front of length against error is proposed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import numpy as np

from symc.errors import SymcError
from symc.ir.evaluate import evaluate_real
from symc.ir.lower import lower
from symc.ir.parse import complexity, format_expression, parse
from symc.search.refit import Samples, fit
from symc.search.structure.forms import shortest_forms
from symc.search.structure.reducing import reductions
from symc.search.structure.relations import algebraic_laws, near_transcendental_laws
from symc.search.structure.smooth import error_of
from symc.search.structure.symmetry import Reduction
from symc.search.watch import Ended, pulse

# Relative errors of networks that are worth a law.
_ERRORS = (1e-3, 5e-3)
_RESIDUALS = (1e-4, 3e-4, 1e-3, 3e-3, 1e-2)
# More columns fit the network's error.
_MOST_COLUMNS = 36
_FIT_ROWS = 300
_ITERATIONS = 15
_MOST_VARIABLES = 3
_MOST_READ, _LONGEST, _MOST_FITTED, _MOST_LAWS = 60, 32, 16, 6
_GAIN = 0.9
# A law this short and this near, relative to the deviation of the samples, may be the law; what a longer one adds must
# then be worth less than this share, node for node.
_SETTLED_NODES, _SETTLED, _WORTH = 20, 8e-3, 0.25

# Nodes, loss, text: so that they sort.
_Fitted = tuple[int, float, str]


def near_reductions(samples: Samples) -> list[Reduction]:
    """Reductions at every size of error, each once."""
    found: dict[tuple[str, ...], Reduction] = {}
    for error in _ERRORS:
        for reduction in reductions(samples, error):
            found.setdefault((reduction.prefactor, *reduction.definitions), reduction)
    return list(found.values())


def fewest_variables(found: Sequence[Reduction]) -> Reduction | None:
    """The reduction to search besides the samples: of those over the fewest variables the one they tell best."""
    with_variables = [r for r in found if r.samples.features]
    if not with_variables:
        return None
    least = min(len(r.samples.features) for r in with_variables)
    return min(
        (r for r in with_variables if len(r.samples.features) == least),
        key=lambda r: error_of(r.samples.x, r.samples.y),
    )


def near_laws(
    samples: Samples, found: Sequence[Reduction], operators: Sequence[str], others: Sequence[str]
) -> tuple[list[str], int | None]:
    """Laws fitted to the samples, each nearer to them than all shorter ones; `others` are further laws to fit.

    Where one is the law but for a network's error, that alone in several forms, and its nodes.
    """
    few = _some(samples)
    laws: set[_Fitted] = set()
    try:
        for texts in ([*others, *_algebraic(samples, found, operators)], _with_functions(samples, found, operators)):
            for text in _promising(texts, few):
                laws.update(_fitted(text, few))
            front = _front(laws)
            for k, law in enumerate(front):
                if _settles(law, front[k + 1 :], few):
                    return [law[2], *shortest_forms(law[2], samples)], law[0]
    except Ended:
        # Of those that were not fitted yet the judge fits what is near.
        return [*others, *_texts(laws)], None
    return _texts(laws), None


def _front(laws: Iterable[_Fitted]) -> list[_Fitted]:
    front: list[_Fitted] = []
    for law in sorted(laws):
        if not front or law[1] < _GAIN * front[-1][1]:
            front.append(law)
    return front


def _texts(laws: Iterable[_Fitted]) -> list[str]:
    return [text for *_, text in _front(laws)[-_MOST_LAWS:]]


def _settles(law: _Fitted, longer: Sequence[_Fitted], samples: Samples) -> bool:
    """Whether a law is near, and its nodes told far more about the samples than those that longer ones add to it."""
    nodes, loss, _ = law
    if nodes > _SETTLED_NODES or loss > _SETTLED**2 * samples.spread:
        return False
    worth = _WORTH * np.log(samples.spread / max(loss, samples.enough)) / nodes
    return all(np.log(loss / max(after, samples.enough)) <= worth * (more - nodes) for more, after, _ in longer)


def _some(samples: Samples) -> Samples:
    rows = np.arange(min(_FIT_ROWS, len(samples.y))) * len(samples.y) // min(_FIT_ROWS, len(samples.y))
    weights = None if samples.weights is None else samples.weights[rows]
    return Samples(samples.x[rows], samples.y[rows], samples.features, weights)


def _algebraic(samples: Samples, found: Sequence[Reduction], operators: Sequence[str]) -> Iterator[str]:
    yield from algebraic_laws(samples, operators, _RESIDUALS, _MOST_COLUMNS)
    for reduction in found:
        if not reduction.samples.features:
            yield reduction.written_out(f"{float(np.median(reduction.samples.y)):.9g}")
        laws = algebraic_laws(reduction.samples, operators, _RESIDUALS, _MOST_COLUMNS)
        yield from map(reduction.written_out, laws)


def _with_functions(samples: Samples, found: Sequence[Reduction], operators: Sequence[str]) -> Iterator[str]:
    """Laws with functions, over the fewest variables: over more there are too many to try."""
    best = fewest_variables(found)
    within = samples if best is None else best.samples
    if len(within.features) > _MOST_VARIABLES:
        return
    laws = near_transcendental_laws(within, operators, _RESIDUALS, _MOST_COLUMNS)
    yield from laws if best is None else map(best.written_out, laws)


def _promising(texts: Iterable[str], few: Samples) -> list[str]:
    """Of all lengths those that are nearest before a fit."""
    found: set[tuple[int, float, str]] = set()
    # Long texts fit the network's error, and take long to read.
    for text in sorted(dict.fromkeys(texts), key=lambda text: (len(text), text))[:_MOST_READ]:
        pulse()
        try:
            expression = parse(text, few.features)
            values = evaluate_real(lower([expression], few.features, ["y"]), few.x)[:, 0]
        except (SymcError, ArithmeticError):
            continue
        with np.errstate(all="ignore"):
            loss = float(np.mean((few.root * (values - few.y)) ** 2))
        nodes = complexity(expression)
        if nodes <= _LONGEST and loss < few.spread:
            found.add((nodes, float(f"{loss:.3g}"), text))
    # What is longer and worse than twice the best shorter one waits behind.
    ranked: list[tuple[bool, float, int, str]] = []
    least = np.inf
    for nodes, loss, text in sorted(found):
        ranked.append((loss > 2.0 * least, loss, nodes, text))
        least = min(least, loss)
    return [text for *_, text in sorted(ranked)[:_MOST_FITTED]]


def _fitted(text: str, few: Samples) -> Iterator[_Fitted]:
    pulse()
    try:
        found = fit(parse(text, few.features), few, _ITERATIONS)
        written = format_expression(found.expression)
        yield complexity(parse(written, few.features)), float(f"{found.loss:.3g}"), written
    except (SymcError, ArithmeticError, np.linalg.LinAlgError):
        return
