"""How far a surrogate is from its network on one set of inputs, beside what costs nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

QUANTILES = (0.5, 0.9, 0.99, 1.0)


@dataclass(frozen=True)
class Fidelity:
    """Errors of one output on one slice, in the units of that output.

    `quantiles` are those of |surrogate - network| at 50, 90, 99 and 100 %; `r2` is 1 - MSE / variance of the network's
    values (None where these do not vary); `rmse_mean` and `rmse_affine` are the root mean square errors of the two
    trivial surrogates, the mean and the affine map fitted in distribution. Rows where either answer is not finite are
    counted in `not_finite` and left out of the rest.
    """

    output: str
    rows: int
    not_finite: int
    rmse: float
    quantiles: tuple[float, ...]
    r2: float | None
    rmse_mean: float
    rmse_affine: float

    @property
    def largest(self) -> float:
        """The largest error."""
        return self.quantiles[-1]

    def to_json(self) -> dict[str, Any]:
        """A dict of numbers and text."""
        named = {f"{round(100 * q)} %": v for q, v in zip(QUANTILES, self.quantiles, strict=True)}
        return {
            "rows": self.rows,
            "not_finite": self.not_finite,
            "rmse": self.rmse,
            "error_quantiles": named,
            "r2": self.r2,
            "rmse_mean": self.rmse_mean,
            "rmse_affine": self.rmse_affine,
        }


@dataclass(frozen=True)
class Row:
    """One input row with both answers, kept because the surrogate is far off there."""

    slice: str
    x: tuple[float, ...]
    network: tuple[float, ...]
    surrogate: tuple[float, ...]

    def to_json(self) -> dict[str, Any]:
        """A dict of lists; numbers that are not finite become text."""
        columns = {"x": self.x, "network": self.network, "surrogate": self.surrogate}
        return {"slice": self.slice, **{k: [v if np.isfinite(v) else str(v) for v in c] for k, c in columns.items()}}


class Trivial:
    """The mean and the affine map, fitted by least squares to finite rows of x (n, n_in) and y (n, n_out)."""

    def __init__(self, x: Array, y: Array) -> None:
        rows = np.isfinite(x).all(axis=1) & np.isfinite(y).all(axis=1)
        self.mean = y[rows].mean(axis=0) if rows.any() else np.zeros(y.shape[1])
        self.weights = np.linalg.lstsq(_with_one(x[rows]), y[rows], rcond=None)[0]

    def affine(self, x: Array) -> Array:
        """(n, n_in) -> (n, n_out)."""
        return _with_one(x) @ self.weights


def fidelities(
    x: Array, network: Array, surrogate: Array, trivial: Trivial, outputs: tuple[str, ...]
) -> list[Fidelity]:
    """One Fidelity per output; x (n, n_in), network and surrogate (n, n_out)."""
    affine = trivial.affine(x)
    found = []
    for k, output in enumerate(outputs):
        finite = np.isfinite(network[:, k]) & np.isfinite(surrogate[:, k])
        want, got = network[finite, k], surrogate[finite, k]
        error = np.abs(got - want)
        spread = float(np.var(want)) if len(want) else 0.0
        mse = float(np.mean(error**2)) if len(want) else float("nan")
        found.append(
            Fidelity(
                output,
                rows=len(x),
                not_finite=int((~finite).sum()),
                rmse=mse**0.5,
                quantiles=tuple(np.quantile(error, QUANTILES).tolist()) if len(want) else (float("nan"),) * 4,
                r2=1.0 - mse / spread if spread > 0.0 else None,
                rmse_mean=_rms(want - trivial.mean[k]),
                rmse_affine=_rms(want - affine[finite, k]),
            )
        )
    return found


def worst_rows(name: str, x: Array, network: Array, surrogate: Array, count: int) -> list[tuple[float, Row]]:
    """The `count` rows with the largest error, as (error over the spread of its output, row), the worst first.

    A row where one answer is finite and the other is not is worse than any that is finite.
    """
    finite = np.isfinite(network)
    spread = np.array([np.std(network[f, k]) if f.any() else 0.0 for k, f in enumerate(finite.T)])
    with np.errstate(invalid="ignore", over="ignore"):
        error = np.abs(surrogate - network) / np.where(spread > 0.0, spread, 1.0)
    error[finite & ~np.isfinite(surrogate)] = np.inf
    error[~finite] = 0.0
    size = error.max(axis=1)
    order = np.argsort(-size, kind="stable")[:count]
    return [
        (float(size[i]), Row(name, tuple(x[i].tolist()), tuple(network[i].tolist()), tuple(surrogate[i].tolist())))
        for i in order
        if size[i] > 0.0
    ]


def _rms(error: Array) -> float:
    return float(np.mean(error**2)) ** 0.5 if len(error) else float("nan")


def _with_one(x: Array) -> Array:
    return np.column_stack([np.ones(len(x)), x])
