"""Explanation: what a network does around one point, as a small equation beside an affine map."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from torch import nn

from symc.arithmetic import usual
from symc.capture.dataset import Dataset
from symc.capture.record import record
from symc.capture.sampling import from_domain
from symc.errors import SymcError
from symc.search.front import Front
from symc.search.member import Member
from symc.search.run import search
from symc.tables import printable

Array = NDArray[np.float64]

# LIME's kernel width for n inputs is this times the root of n.
_KERNEL = 0.75
_FEW_NODES = 20


@dataclass(frozen=True)
class LocalModel:
    """One output around the point, twice: as an equation and as value + coefficients . (x - point).

    `gradient` is the equation's at the point, `coefficients` are the affine map's slopes; both in units of the output
    per unit of each input. `r2` and `affine_r2` are weighted, on rows that were not fitted: 1 - MSE / variance, None
    where the output does not vary.
    """

    output: str
    value: float
    equation: str
    complexity: int
    gradient: tuple[float, ...]
    r2: float | None
    coefficients: tuple[float, ...]
    intercept: float
    affine_r2: float | None


@dataclass(frozen=True)
class Explanation:
    """What explain found; prints as a short table.

    `scale` is the standard deviation of the neighbourhood in each input. `fronts` hold all equations that were found.
    """

    features: tuple[str, ...]
    point: tuple[float, ...]
    scale: tuple[float, ...]
    models: tuple[LocalModel, ...]
    fronts: tuple[Front, ...]

    def to_json(self) -> dict[str, Any]:
        """A dict that json.dumps takes, without the fronts."""
        found = asdict(self)
        del found["fronts"]
        return found

    def __str__(self) -> str:
        from symc.tables import table

        parts = []
        for m in self.models:
            columns = zip(self.features, self.point, self.scale, m.gradient, m.coefficients, strict=True)
            rows = [[name, *(f"{v:.6g}" for v in values)] for name, *values in columns]
            parts.append(f"{m.output} = {m.equation}    ({m.value:.6g} at the point)")
            parts.append(table(["input", "point", "+-", "equation's slope", "affine slope"], rows))
            parts.append(f"weighted R2: equation {_shown(m.r2)}, affine map {_shown(m.affine_r2)}")
        return "\n\n".join(parts)


@usual
def explain(
    f: nn.Module | Callable[..., Any],
    point: ArrayLike,
    data: ArrayLike | None = None,
    *,
    spread: ArrayLike | None = None,
    width: float = 0.25,
    samples: int = 1024,
    seed: int = 0,
    features: Sequence[str] | None = None,
    outputs: Sequence[str] | None = None,
    engine: str = "auto",
    evaluations: int = 50_000,
    operators: Sequence[str] | None = None,
    max_complexity: int | None = None,
    select: str = "best",
    workers: int | None = None,
) -> Explanation:
    """Fit an equation and an affine map to `f` in the neighbourhood of `point`.

    The neighbourhood is Gaussian around the point. A row at the distance d, in standard deviations, weighs
    exp(-(d / k)^2) with k = 0.75 sqrt(n_in), the kernel of LIME (Ribeiro, Singh and Guestrin 2016, "Why should I trust
    you?"), whose affine map stands beside the equation. Searching an equation there instead is SymTorch's SLIME.

    Parameters
    ----------
    f: an nn.Module or a function of one tensor (n, n_in) -> (n, n_out), as symc.wrap takes them.
    point: (n_in,). An input that does not vary in the data is held at its value.
    data: (n, n_in), inputs as they occur; their standard deviation is the spread of each input.
    spread: that spread itself, one number or one per input, where there are no data.
    width: standard deviation of the neighbourhood, in spreads: small for the slope, large for the shape.
    samples: rows drawn, rounded up to a power of two; a fifth of them judges and is not fitted.
    seed: fixes the rows and the search.
    features, outputs: names; x0.. and y0.. by default.
    engine, evaluations, operators, workers: see symc.search.run.search.
    max_complexity: the most nodes an equation may have; by default 20, or as many as the affine map where that is more.
    select: which equation of each front is taken ("best", "accuracy", "score"), unless its held-out error is larger
        than the affine map's: then the simplest one that is as good as that, or the most accurate one.

    Raises SymcError for a point, data or spread that do not fit, and where `f` is not finite at the point or near it.
    """
    centre, scale = _neighbourhood(point, data, spread, width)
    rows = record(f, None, _samples(centre, scale, samples, seed))
    if not len(rows.x) or not np.array_equal(rows.x[0], centre.astype(np.float32)):
        raise SymcError("the function is not finite at the point", hint="Explain a point where it is.")
    # Distances from the point as it was rounded to float32, in standard deviations; 0 where nothing varies.
    away = (rows.x - rows.x[0]).astype(np.float64) / np.where(scale > 0.0, scale, 1.0)
    weights = np.exp(-(away**2).sum(axis=1) / (_KERNEL**2 * len(centre)))
    data_set = Dataset.from_samples(rows.x, rows.y, features=features, outputs=outputs, seed=seed, weights=weights)
    most = max(_FEW_NODES, 4 * len(centre) + 1) if max_complexity is None else max_complexity
    found = search(
        data_set,
        engine=engine,
        evaluations=evaluations,
        seed=seed,
        operators=operators,
        max_complexity=most,
        workers=workers,
    )
    slopes, intercepts = _affine(away, data_set)
    coefficients = slopes / np.where(scale > 0.0, scale, 1.0)[:, None]
    fitted = (intercepts + away @ slopes).astype(np.float32)
    models = []
    for k, front in enumerate(found.fronts):
        affine_loss, variance = data_set.losses(k, fitted[:, k])[1], _variance(data_set, k)
        member = _choice(front, select, affine_loss)
        models.append(
            LocalModel(
                output=front.output,
                value=float(rows.y[0, k]),
                equation=member.equation,
                complexity=member.complexity,
                gradient=_gradient(member, data_set),
                r2=_r2(_heldout(member), variance),
                coefficients=tuple(coefficients[:, k].tolist()),
                intercept=float(intercepts[k]),
                affine_r2=_r2(affine_loss, variance),
            )
        )
    names = tuple(map(printable, data_set.input_names or data_set.features))
    return Explanation(names, tuple(rows.x[0].tolist()), tuple(scale.tolist()), tuple(models), found.fronts)


def _neighbourhood(
    point: ArrayLike, data: ArrayLike | None, spread: ArrayLike | None, width: float
) -> tuple[Array, Array]:
    """The point and the standard deviation of its neighbourhood, both (n_in,)."""
    centre = np.atleast_1d(np.asarray(point, dtype=np.float64))
    if centre.ndim != 1 or not np.isfinite(centre).all():
        raise SymcError(f"the point is {point!r}, need one finite number per input")
    if (data is None) == (spread is None):
        raise SymcError(
            "how far the neighbourhood reaches is not said", hint="Give either data or spread, the inputs' spread."
        )
    if data is not None:
        table = np.asarray(data, dtype=np.float64)
        if table.ndim != 2 or table.shape[1] != len(centre) or len(table) < 2 or not np.isfinite(table).all():
            raise SymcError(f"the data have shape {table.shape}, need two or more finite rows of {len(centre)} inputs")
        natural = table.std(axis=0)
    else:
        given = np.asarray(spread, dtype=np.float64)
        if given.shape not in ((), centre.shape) or not (np.isfinite(given) & (given >= 0.0)).all():
            raise SymcError(f"the spread is {spread!r}, need one number from 0 on, or one for each input")
        natural = np.broadcast_to(given, centre.shape)
    scale = width * natural
    if not (np.isfinite(scale).all() and (scale >= 0.0).all() and scale.any()):
        raise SymcError(f"nothing varies: the width is {width!r}, the spread {natural.tolist()}")
    return centre, scale


def _samples(centre: Array, scale: Array, count: int, seed: int) -> NDArray[np.float32]:
    """The point itself, then a Gaussian around it: Sobol's points in the unit cube, through the normal quantiles."""
    from scipy.special import ndtri

    unit, _ = from_domain([(0.0, 1.0)] * len(centre), count, seed)
    # float32 rounds the last cells of the unit interval to 1, whose quantile is infinite.
    normal = ndtri(np.minimum(unit.astype(np.float64), 1.0 - 2.0**-25))
    return np.concatenate([centre[None], centre + scale * normal]).astype(np.float32)


def _affine(away: Array, data: Dataset) -> tuple[Array, Array]:
    """Weighted least squares on the training rows: slopes (n_in, n_out) per standard deviation, intercepts (n_out,)."""
    assert data.weights is not None
    root = np.sqrt(data.weights[data.train].astype(np.float64))[:, None]
    design = np.column_stack([away[data.train], np.ones(int(data.train.sum()))])
    solution = np.linalg.lstsq(root * design, root * data.y[data.train], rcond=None)[0]
    return solution[:-1], solution[-1]


def _choice(front: Front, select: str, affine_loss: float) -> Member:
    picked = front.pick(select)
    if _heldout(picked) <= affine_loss:
        return picked
    faithful = [m for m in front.members if _heldout(m) <= affine_loss]
    return faithful[0] if faithful else min(front.members, key=_heldout)


def _heldout(member: Member) -> float:
    return member.loss if member.heldout is None else member.heldout


def _gradient(member: Member, data: Dataset) -> tuple[float, ...]:
    """The equation's derivative with respect to each input, at the first row."""
    from symc.ir.derive import jacobian
    from symc.ir.evaluate import evaluate
    from symc.ir.lower import lower
    from symc.ir.parse import parse

    program = lower([parse(member.equation, data.features)], data.features, ["y"])
    return tuple(evaluate(jacobian(program), data.x[:1])[0].tolist())


def _variance(data: Dataset, column: int) -> float:
    """Weighted variance of one output over the rows held out."""
    assert data.weights is not None
    values, weights = data.y[~data.train, column].astype(np.float64), data.weights[~data.train].astype(np.float64)
    return float(np.average((values - np.average(values, weights=weights)) ** 2, weights=weights))


def _r2(loss: float, variance: float) -> float | None:
    return 1.0 - loss / variance if variance > 0.0 else None


def _shown(r2: float | None) -> str:
    return "-" if r2 is None else f"{r2:.4f}"
