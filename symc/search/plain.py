"""Constants that the samples cannot tell from plain numbers become these: 1.9994 is 2, and 0.0796 is 1/(4 pi).

A fit gives each constant with a standard error. A plain number within two of them is taken for the constant where few
numbers as plain lie near, so that to find one so close by chance is unlikely; then the others are fitted again. What
counts in the end is the loss: it may grow by no more than the right values would make it grow.
"""

from __future__ import annotations

import math
from functools import cache

import numpy as np
from numpy.typing import NDArray

from symc.errors import SymcError
from symc.search.freedom import freedom_of
from symc.search.refit import Fit, Samples, fit_template

# A right value lies farther than this from what was fitted, in standard errors, in one case of twenty.
_ERRORS = 2.0
# A plain number so near must be this unlikely by chance; several families of numbers are asked.
_CHANCE = 0.03
# Beyond this many constants an equation is a fit, and they mean nothing.
_MOST_CONSTANTS = 8
_ITERATIONS = 12
_WINDOW = math.log(4.0)


def plain(found: Fit, samples: Samples) -> tuple[Fit, int]:
    """The fit with constants replaced by plain numbers where the samples allow it, and how many were replaced.

    With none replaced it is `found` itself. The parameters of the result are the constants that stayed free.
    """
    template, rows = found.template, len(samples.y)
    count = len(template.values)
    if not 0 < count <= min(_MOST_CONSTANTS, rows - 1) or not math.isfinite(found.loss):
        return found, 0
    places = _places(found, max(found.loss, samples.enough), rows)
    while places:
        try:
            tried = fit_template(template.fixed(places), samples, _ITERATIONS)
        except SymcError:
            return found, 0
        if tried.loss <= found.loss * allowed_growth(len(places), rows) + samples.enough:
            return tried, len(places)
        # The least certain was taken last.
        places.popitem()
    return found, 0


def allowed_growth(replaced: int, rows: int) -> float:
    """The factor by which a mean squared error may grow when so many right values replace fitted ones.

    Each right value costs its squared distance in standard errors, over the number of rows.
    """
    return 1.0 + _ERRORS**2 * replaced / rows


def _places(found: Fit, loss: float, rows: int) -> dict[int, float]:
    """Plain numbers by the places of the constants they replace, the most certain first.

    One after the other: fixing a constant moves the others and narrows their errors (conditioning of a Gaussian).
    """
    values = np.array(found.template.values)
    covariance = freedom_of(found.slopes).covariance(loss, rows)
    # Constants that do nothing, or that others make up for, have no value of their own.
    if covariance is None:
        return {}
    places: dict[int, float] = {}
    while True:
        errors = np.sqrt(np.maximum(np.diag(covariance), 0.0))
        offers = [
            (*offer, k)
            for k, (value, error) in enumerate(zip(values.tolist(), errors.tolist(), strict=True))
            if k not in places and (offer := nearest_plain(value, error)) is not None
        ]
        if not offers:
            return places
        _, target, k = min(offers)
        places[k] = target
        if covariance[k, k] > 0.0:
            gain = covariance[:, k] / covariance[k, k]
            values = values + gain * (target - values[k])
            covariance = covariance - np.outer(gain, covariance[k])


def nearest_plain(value: float, error: float) -> tuple[float, float] | None:
    """(chance, number): the plain number that `value` is, given its standard error, or None.

    `chance` is how often a number as plain lies as near to one that is anything.
    """
    size = abs(value)
    if size == 0.0 or not error < size / 4.0:
        return None
    reach = max(_ERRORS * error, size * 2.0**-23)
    best: tuple[float, float] | None = None
    for family in _families(math.floor(math.log10(size))):
        nearest = min((family[k] for k in _around(family, size)), key=lambda number: abs(number - size))
        if abs(nearest - size) > reach:
            continue
        near = np.searchsorted(family, size * 2.0) - np.searchsorted(family, size / 2.0)
        chance = float(near) * 2.0 * reach / size / _WINDOW
        if chance <= _CHANCE and (best is None or chance < best[0]):
            best = chance, math.copysign(float(nearest), value)
    return best


def _around(family: NDArray[np.float64], size: float) -> list[int]:
    after = int(np.searchsorted(family, size))
    return [k for k in (after - 1, after) if 0 <= k < len(family)]


@cache
def _families(decade: int) -> tuple[NDArray[np.float64], ...]:
    """Plain positive numbers about 10^decade, sorted; each family holds the plainest ones and one kind more."""
    scale = 10.0**decade
    near = [range(10 ** (digits - 1), 10**digits) for digits in (1, 2, 3)]
    decimals = [
        {float(f"{n}e{decade + shift - digits + 1}") for n in numbers for shift in (-1, 0, 1)}
        for digits, numbers in enumerate(near, start=1)
    ]
    whole = {float(n) for n in range(1, 13)}
    halves = {n / 2.0 for n in range(1, 13)}
    quarters = {n / q for n in range(1, 13) for q in (2, 3, 4)}
    fractions = {p / q for p in range(1, 13) for q in range(1, 7)}
    circle = {p / q * math.pi**k for p in range(1, 9) for q in range(1, 8 // p + 1) for k in (-2, -1, 1, 2)}
    roots = {math.sqrt(p / q * math.pi**k) for p in range(1, 7) for q in range(1, 6 // p + 1) for k in (-1, 0, 1)}
    kinds = (whole, halves, quarters, decimals[0], fractions, decimals[1], circle, roots, decimals[2])
    families = []
    for kind in kinds:
        numbers = np.array(sorted(n for n in whole | kind if scale / 10.0 <= n <= scale * 100.0))
        if len(numbers):
            families.append(numbers)
    return tuple(families)
