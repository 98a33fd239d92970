"""How far rows and errors are from those that were recorded: the measures, on arrays alone.

Sources: the population stability index and its distribution where nothing changed, Yurdakul and Naranjo, "Statistical
properties of the population stability index", Journal of Risk Model Validation 14 (2020); Kolmogorov-Smirnov by scipy.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

# Of the index: bins with equal numbers of recorded rows.
BINS = 10
# Chance of a false alarm of one verdict, shared between the inputs.
ALPHA = 0.001
_RESAMPLES = 1000
# A bootstrap resamples so many rows of each side at most, taken evenly.
_RESAMPLED = 20_000

F64 = NDArray[np.float64]


@dataclass(frozen=True)
class Shift:
    """Of one input: index `psi` and what it stays below by `chance` alone; distance `ks` (0 to 1) and its `p`."""

    psi: float
    chance: float
    ks: float
    p: float


@dataclass(frozen=True)
class Worse:
    """Of one output: the root mean square of recorded and new errors, the largest of each, and the quotient.

    ratio and its bootstrap interval low, high (99 %) are of new over recorded; infinite where nothing was recorded but
    zeros.
    """

    recorded: float
    new: float
    recorded_largest: float
    new_largest: float
    ratio: float
    low: float
    high: float


def edges(recorded: F64) -> F64:
    """Where the bins of the index meet: deciles of the recorded values; the first and the last bin are open."""
    inner = np.unique(np.quantile(recorded, np.linspace(0, 1, BINS + 1)[1:-1]))
    # Of values that were all the same, what lies on either side is another.
    return np.array([inner[0], np.nextafter(inner[0], np.inf)]) if np.ptp(recorded) == 0 else inner


def shift(recorded: F64, new: F64, alpha: float = ALPHA) -> Shift:
    """Of the values of one input, (n,) and (m,), finite and at least one each.

    The index is the sum over the bins of (a - b) ln(a/b), a and b the shares of new and of recorded rows; an empty bin
    counts as half a row. Where nothing changed it exceeds `chance` once in 1/alpha times.
    """
    from scipy.stats import chi2, ks_2samp

    places = edges(recorded)
    shares = []
    for values in (new, recorded):
        counts = np.bincount(np.searchsorted(places, values, side="right"), minlength=len(places) + 1)
        shares.append(np.maximum(counts, 0.5) / len(values))
    a, b = shares
    psi = float(np.sum((a - b) * np.log(a / b)))
    chance = float((1 / len(new) + 1 / len(recorded)) * chi2.ppf(1 - alpha, len(places)))
    found = ks_2samp(recorded, new, method="asymp")
    return Shift(psi, chance, float(found.statistic), float(found.pvalue))


def worse(recorded: F64, new: F64, seed: int = 0) -> Worse:
    """Of errors of one output, (n,) and (m,), at least one each; the same seed gives the same interval."""
    squares = [errors**2 for errors in (recorded, new)]
    before, now = (float(np.sqrt(values.mean())) for values in squares)
    peak, new_peak = (float(np.abs(errors).max()) for errors in (recorded, new))
    if before == 0.0 or not np.isfinite(now):
        ratio = 1.0 if now == before else np.inf
        return Worse(before, now, peak, new_peak, ratio, ratio, ratio)
    random = np.random.Generator(np.random.PCG64(seed))
    kept = [values[:: -(-len(values) // _RESAMPLED)] for values in squares]
    ratios = np.empty(_RESAMPLES)
    for k in range(_RESAMPLES):
        old, newer = (values[random.integers(0, len(values), len(values))].mean() for values in kept)
        ratios[k] = np.sqrt(newer / old) if old else np.inf
    low, high = np.quantile(ratios, (0.005, 0.995), method="inverted_cdf").tolist()
    return Worse(before, now, peak, new_peak, now / before, low, high)
