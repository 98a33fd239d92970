"""Symmetries of a law, from its derivatives: scalings that multiply it by a power, and shifts that leave it as it is.

Where f(k^a1 x1, k^a2 x2, ...) = k^b f(x) for every k, the elasticities x_i/f df/dx_i satisfy sum a_i e_i = b at every
point, and f is a product of powers times a function of fewer variables: Buckingham's theorem without units (Buckingham,
Phys. Rev. 4, 345, 1914). Where f(x + k a) = f(x), the derivatives satisfy sum a_i f_i = 0, and f depends on differences
and sums. Relations are guessed from the derivatives of an interpolant and accepted only where fewer variables tell the
output better than all of them did; what is wrong all the same is found out by the judge.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from symc.search.refit import Samples
from symc.search.structure.smooth import MOST_ROWS, Smooth, error_of, is_smoother_in_logarithms
from symc.search.watch import pulse

Array = NDArray[np.float64]
Exponents = tuple[Fraction, ...]

_NAME = re.compile(r"[A-Za-z_]\w*")
_POINTS = 200
# Derivatives at the border of the data are poor: points are kept whose inputs lie within these quantiles.
_INNER = 0.1
# Interpolants of fewer variables may be this much worse by chance; without a variable that matters they are far worse.
_AS_GOOD = 1.5
# How far from a relation derivatives of a smooth interpolant may be, relative to their size.
_RELATION = 0.15
_STEPS = (1, 2)
_LARGEST = 6
_MOST_WAYS = 4


@dataclass(frozen=True)
class Reduction:
    """A law over fewer variables: y = prefactor * law(variables), each written over the original ones.

    samples: the variables and the law's values. definitions: text of each variable. prefactor: text, or "" for 1.
    """

    samples: Samples
    definitions: tuple[str, ...]
    prefactor: str = ""

    def written_out(self, text: str) -> str:
        """An equation over the reduced variables as one over the original ones."""
        inner = self.over_inputs(text)
        return f"({self.prefactor})*({inner})" if self.prefactor else inner

    def over_inputs(self, text: str) -> str:
        """Any text over the reduced variables, without the prefactor."""
        place = dict(zip(self.samples.features, self.definitions, strict=True))
        return _NAME.sub(lambda m: f"({place[m[0]]})" if m[0] in place else m[0], text)


def _derivatives(samples: Samples) -> tuple[Array, Array, Array] | None:
    """Points well inside the data, the values there, and the derivatives; None where there is no interpolant."""
    x, y = samples.x[:MOST_ROWS], samples.y[:MOST_ROWS]
    if samples.slopes is not None:
        return x, y, samples.slopes[:MOST_ROWS]
    low, high = np.quantile(x, [_INNER, 1.0 - _INNER], axis=0)
    inner = x[((x >= low) & (x <= high)).all(axis=1)][:_POINTS]
    if len(inner) < 4 * x.shape[1] + 8:
        order = np.argsort(np.abs((x - np.median(x, axis=0)) / np.maximum(x.std(axis=0), 1e-300)).max(axis=1))
        inner = x[order[:_POINTS // 2]]
    try:
        smooth = Smooth(x, y)
        return inner, smooth(inner), smooth.gradient(inner)
    except (np.linalg.LinAlgError, ValueError):
        return None


def scaled(samples: Samples, error: float) -> list[Reduction]:
    """The most scalings at once that hold, written in several ways, the simplest first."""
    derivatives = scale_derivatives(samples)
    if derivatives is None:
        return []
    before = max(error_of(samples.x, samples.y), error)
    # Powers of a variable that changes its sign may have no value.
    positive = [k for k in range(len(samples.features)) if (samples.x[:, k] > 0).all()]
    for chosen in _relations(*derivatives):
        pulse()
        ways = [by_scaling(samples, chosen, pivots) for pivots in _pivots(chosen, positive)]
        if ways and error_of(ways[0].samples.x, ways[0].samples.y) <= _AS_GOOD * before:
            return ways
    return []


def scale_derivatives(samples: Samples, logarithms: bool | None = None) -> tuple[Array, Array] | None:
    """x_i dy/dx_i (n, d) and y (n,) at some points, both divided by y where logarithms tell it better.

    `logarithms` says whether they do, for positive x and y of one sign; None: their errors on unseen rows say it.
    """
    if is_smoother_in_logarithms(samples.x, samples.y) if logarithms is None else logarithms:
        slopes = None if samples.slopes is None else samples.slopes * samples.x / samples.y[:, None]
        logs = Samples(np.log(samples.x), np.log(np.abs(samples.y)), samples.features, samples.weights, slopes)
        found = _derivatives(logs)
        return None if found is None else (found[2], np.ones(len(found[2])))
    found = _derivatives(samples)
    return None if found is None else (found[0] * found[2], found[1])


def shifted(samples: Samples, floor: float) -> Reduction | None:
    """x - y or x + y in the place of two variables that occur in no other way, wherever it tells the output better."""
    if len(samples.features) < 2:
        return None
    found = _derivatives(samples)
    if found is None:
        return None
    gradient = found[2]
    size = np.sqrt((gradient**2).mean(axis=0))
    before = max(error_of(samples.x, samples.y), floor)
    best: tuple[float, Reduction] | None = None
    for i, j in itertools.combinations(range(len(samples.features)), 2):
        for sign in (-1.0, 1.0):
            # A function of x_i + sign * x_j has derivatives of one size, and of the sign's sign.
            apart = np.sqrt(((gradient[:, j] - sign * gradient[:, i]) ** 2).mean())
            if apart > _RELATION * max(size[i], size[j], 1e-300):
                continue
            pulse()
            reduced = _by_shift(samples, i, j, sign)
            error = error_of(reduced.samples.x, reduced.samples.y)
            if error <= _AS_GOOD * before and (best is None or error < best[0]):
                best = (error, reduced)
    return None if best is None else best[1]


def _by_shift(samples: Samples, i: int, j: int, sign: float) -> Reduction:
    names, x = samples.features, samples.x
    others = [k for k in range(len(names)) if k not in (i, j)]
    joined = x[:, i] + sign * x[:, j]
    columns = [joined, *(x[:, k] for k in others)]
    definitions = (f"{names[i]} {'+' if sign > 0 else '-'} {names[j]}", *(names[k] for k in others))
    slopes = samples.slopes
    if slopes is not None:
        slopes = np.column_stack([(slopes[:, i] + sign * slopes[:, j]) / 2.0, slopes[:, others]])
    return reduced(samples, columns, samples.y, definitions, "", slopes)


def reduced(
    samples: Samples,
    columns: list[Array],
    y: Array,
    definitions: tuple[str, ...],
    prefactor: str,
    slopes: Array | None,
) -> Reduction:
    x = np.stack(columns, axis=1) if columns else np.empty((len(y), 0))
    names = tuple(f"v{k}" for k in range(len(columns)))
    return Reduction(Samples(x, y, names, samples.weights, slopes), definitions, prefactor)


def _relations(values: Array, last: Array) -> list[tuple[Exponents, ...]]:
    """Sets of vectors (a_1, ..., a_d, b) of halves with sum a_i values_i = b last everywhere, the largest set first."""
    n, d = values.shape
    matrix = np.column_stack([values, -last]) / np.sqrt(n)
    _, singular, directions = np.linalg.svd(matrix, full_matrices=False)
    found: list[tuple[Exponents, ...]] = []
    for rank in range(min(d, int((singular < _RELATION * singular[0]).sum())), 0, -1):
        rounded = [_rounded(row) for row in _echelon(directions[-rank:], d)]
        held = tuple(r for r in rounded if r is not None and _holds(values, last, r))
        sets = (held, *itertools.combinations(held, len(held) - 1)) if len(held) > 1 else (held,)
        found += [chosen for chosen in sets if chosen and chosen not in found]
    return sorted(found, key=lambda chosen: -len(chosen))


def _echelon(rows: Array, pivots: int) -> Array:
    """Reduced row echelon form over the first `pivots` columns, largest pivots first."""
    rows = rows.copy()
    used: list[int] = []
    for k in range(len(rows)):
        free = [c for c in range(pivots) if c not in used]
        part = np.abs(rows[k:][:, free])
        r, c = np.unravel_index(int(np.argmax(part)), part.shape)
        row, column = k + int(r), free[int(c)]
        rows[[k, row]] = rows[[row, k]]
        if abs(rows[k, column]) < 1e-9:
            return rows[:k]
        rows[k] /= rows[k, column]
        for other in range(len(rows)):
            if other != k:
                rows[other] -= rows[other, column] * rows[k]
        used.append(column)
    return rows


def _rounded(row: Array) -> Exponents | None:
    """The row as halves, or None where it is not close to such."""
    for step in _STEPS:
        exact = np.rint(row * step) / step
        if np.abs(row - exact).max() < 0.12 / step and 0 < np.abs(exact).max() <= _LARGEST:
            return tuple(Fraction(round(v * step), step) for v in exact.tolist())
    return None


def _holds(values: Array, last: Array, relation: Exponents) -> bool:
    *exponents, degree = (float(v) for v in relation)
    off = values @ np.array(exponents) - degree * last
    size = np.sqrt(((values * np.array(exponents)) ** 2).sum(axis=1) + (degree * last) ** 2)
    return bool(np.median(np.abs(off)) <= _RELATION * max(float(np.median(size)), 1e-12))


def by_scaling(samples: Samples, relations: tuple[Exponents, ...], pivots: list[int]) -> Reduction:
    """y = powers of the pivots times a function of products of powers that no scaling changes."""
    d = len(samples.features)
    matrix = _exponents(relations)
    degrees = np.array([float(r[-1]) for r in relations])
    square = matrix[:, pivots]
    factor = np.linalg.solve(square, degrees)
    logs = np.log(samples.x[:, pivots])
    others = [k for k in range(d) if k not in pivots]
    columns, definitions, scales = [], [], []
    for k in others:
        powers = np.linalg.solve(square, -matrix[:, k])
        scales.append(np.exp(logs @ powers))
        columns.append(samples.x[:, k] * scales[-1])
        definitions.append(product_of([samples.features[k], *(samples.features[p] for p in pivots)], [1.0, *powers]))
    y = samples.y / np.exp(logs @ factor)
    prefactor = product_of([samples.features[p] for p in pivots], factor)
    slopes = samples.slopes
    if slopes is not None:
        # With the pivots held still, only the variable itself moves.
        slopes = slopes[:, others] / np.exp(logs @ factor)[:, None]
        slopes = slopes / np.reshape(scales, slopes.T.shape).T
    return reduced(samples, columns, y, tuple(definitions), prefactor, slopes)


def _exponents(relations: tuple[Exponents, ...]) -> Array:
    return np.array([[float(a) for a in r[:-1]] for r in relations])


def _pivots(relations: tuple[Exponents, ...], allowed: list[int]) -> list[list[int]]:
    """Choices of as many variables as there are relations, which make these independent."""
    matrix = _exponents(relations)
    choices = itertools.combinations(allowed, len(matrix))
    found = (list(columns) for columns in choices if abs(np.linalg.det(matrix[:, columns])) > 1e-6)
    return list(itertools.islice(found, _MOST_WAYS))


def product_of(names: Sequence[str], powers: Iterable[float]) -> str:
    """n1^p1 * n2^p2 ... in the grammar; "" where it is 1."""
    above: list[str] = []
    below: list[str] = []
    for name, power in zip(names, powers, strict=True):
        exact = Fraction(power).limit_denominator(12)
        if exact:
            (above if exact > 0 else below).append(_power(name, abs(exact)))
    if not above and not below:
        return ""
    text = "*".join(above) or "1"
    return f"{text}/({'*'.join(below)})" if below else text


def _power(name: str, power: Fraction) -> str:
    if power == 1:
        return name
    if power == Fraction(1, 2):
        return f"sqrt({name})"
    return f"{name}^{power}" if power.denominator == 1 else f"{name}^({float(power)!r})"
