"""Reductions one at a time, where an interpolant is too poor to show all at once: one power, one pair, one wave.

Derivatives of a poor interpolant only rank what is tried. Fewer variables, or a wave in the place of its argument,
count where they tell the output better than all variables did.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Collection, Iterator
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from symc.search.refit import Samples
from symc.search.structure.smooth import error_in, error_of
from symc.search.structure.symmetry import Exponents, Reduction, by_scaling, product_of, reduced, scale_derivatives
from symc.search.watch import pulse

Array = NDArray[np.float64]

_POWERS = tuple(Fraction(k, 2) for k in (-8, -6, -4, -3, -2, -1, 1, 2, 3, 4, 6, 8))
_PAIRS = tuple((1, Fraction(k, 2)) for k in (-4, -2, -1, 1, 2, 4))
_MOST_TRIED = 24
_INNER = 0.9
# Fewer variables tell a law far better; by chance they seldom tell anything this much better.
_AS_GOOD, _BETTER, _FAR_BETTER = 1.05, 0.8, 0.5
# Below this an interpolant's error is that of float32 samples, and tells no more.
EXACT = 1e-6
# Interpolants of an oscillating law are poor; where they are not, its waves are seen in other ways.
_POOR = 2e-3
_MOST_GROUPED, _MOST_GROUPS, _EXACTLY = 4, 3, 0.1
# Of more variables there are too many pairs to try.
_MOST_WAVED = 6
_WAVES: dict[str, Callable[[Array], Array]] = {"cos": np.cos, "sin": np.sin}
_JOINED: dict[str, Callable[[Array, Array], Array]] = {"*": np.multiply, "-": np.subtract, "+": np.add}


def one_scaling(samples: Samples) -> Reduction | None:
    """The one scaling of one or two variables that leaves variables which tell the output best, if it is one.

    A product of powers is a plane in logarithms: there fewer variables tell as much. In numbers they tell more.
    """
    x, y = samples.x, samples.y
    signed = bool((x > 0).all() and ((y > 0).all() or (y < 0).all()))
    logarithms = signed and error_in(x, y, True) <= _error(x, y, False)
    derivatives = scale_derivatives(samples, logarithms)
    if derivatives is None:
        return None
    limit = (_AS_GOOD if logarithms else _BETTER) * _error(x, y, logarithms)
    best: tuple[float, Reduction] | None = None
    ranked = sorted(_scalings(samples, *derivatives), key=lambda one: one[0])
    for _, relation, pivot in ranked[:_MOST_TRIED]:
        pulse()
        tried = by_scaling(samples, (relation,), [pivot])
        error = max(_error(tried.samples.x, tried.samples.y, logarithms), EXACT)
        if best is None or error < best[0]:
            best = error, tried
    return best[1] if best is not None and best[0] <= limit else None


def _error(x: Array, y: Array, logarithms: bool) -> float:
    """The error of an interpolant, of numbers relative to all but their largest tenth: a division may have made it."""
    if logarithms:
        return error_in(x, y, True)
    squares = np.sort(y**2)
    tail = float(np.sqrt(squares.mean() / max(float(squares[: int(_INNER * len(y))].mean()), 1e-300)))
    return error_in(x, y, False) * tail


def _scalings(samples: Samples, values: Array, last: Array) -> Iterator[tuple[float, Exponents, int]]:
    """How far off it is, the relation, and the variable to go, of every scaling that may be tried."""
    count = len(samples.features)
    positive = [k for k in range(count) if (samples.x[:, k] > 0).all()]
    size = float(last @ last)
    for k in positive:
        for power in _POWERS:
            yield _off(values[:, k], float(power) * last), _relation(count, {k: Fraction(1)}, power), k
    for i, j in itertools.combinations(positive, 2):
        for first, second in _PAIRS:
            moved = float(first) * values[:, i] + float(second) * values[:, j]
            degree = Fraction(round(2.0 * float(moved @ last) / size), 2)
            relation = _relation(count, {i: Fraction(first), j: second}, degree)
            yield _off(moved, float(degree) * last), relation, i


def _relation(count: int, powers: dict[int, Fraction], degree: Fraction) -> Exponents:
    return (*(powers.get(k, Fraction(0)) for k in range(count)), degree)


def _off(values: Array, expected: Array) -> float:
    """Median, for derivatives of interpolants have outliers; one part in a thousand decides nothing."""
    size = float(np.median(np.abs(values)) + np.median(np.abs(expected)))
    return float(f"{np.median(np.abs(values - expected)) / max(size, 1e-300):.3g}")


def one_group(samples: Samples) -> Reduction | None:
    """The product of powers that the output is a function of, where it changes too fast for an interpolant of them all.

    Sorted by the right one, values next to each other are alike.
    """
    count, x = len(samples.features), samples.x
    before = error_of(x, samples.y)
    if not (1 < count <= _MOST_GROUPED and (x > 0).all() and _POOR < before < np.inf):
        return None
    ranked = []
    for powers in itertools.product(range(-2, 3), repeat=count):
        # Of a product and its reciprocal, and of its powers, one is enough.
        if next((p for p in powers if p), 0) > 0 and all(powers) and math.gcd(*powers) == 1:
            order = np.argsort(np.log(x) @ np.array(powers, dtype=float), kind="stable")
            ranked.append((float(np.mean(np.diff(samples.y[order]) ** 2)), powers))
    for _, powers in sorted(ranked)[:_MOST_GROUPS]:
        pulse()
        values = np.prod(x ** np.array(powers, dtype=float), axis=1)
        if error_of(values[:, None], samples.y) <= _EXACTLY * before:
            text = product_of(samples.features, powers)
            return reduced(samples, [values], samples.y, (text,), "", None)
    return None


def one_wave(samples: Samples, operators: Collection[str]) -> Reduction | None:
    """A cosine or sine of a variable, or of a product, sum or difference of two, that tells the output far better."""
    before = error_of(samples.x, samples.y)
    if len(samples.features) > _MOST_WAVED or not _POOR < before < np.inf:
        return None
    found: list[tuple[float, Reduction]] = []
    for name in (name for name in _WAVES if name in operators):
        for argument, values, rest in _arguments(samples):
            pulse()
            tried = reduced(
                samples,
                [_WAVES[name](values), *(samples.x[:, k] for k in rest)],
                samples.y,
                (f"{name}({argument})", *(samples.features[k] for k in rest)),
                "",
                None,
            )
            found.append((max(error_of(tried.samples.x, tried.samples.y), EXACT), tried))
    least = min((error for error, _ in found), default=np.inf)
    if not least <= _FAR_BETTER * before:
        return None
    # Where several do, what needs the fewest variables is the structure.
    near = [(len(tried.samples.features), error, tried) for error, tried in found if error <= 1.5 * least]
    return min(near, key=lambda one: one[:2])[2]


def _arguments(samples: Samples) -> Iterator[tuple[str, Array, list[int]]]:
    """Arguments of a wave, their values, and the variables beside it."""
    names, x = samples.features, samples.x
    every = range(len(names))
    for k in every:
        yield names[k], x[:, k], [i for i in every if i != k]
    for i, j in itertools.combinations(every, 2):
        others = [k for k in every if k not in (i, j)]
        for sign, join in _JOINED.items():
            for kept in ([], [i], [j]):
                yield f"{names[i]}{sign}{names[j]}", join(x[:, i], x[:, j]), [*others, *kept]
