"""Evaluation: a surrogate beside its network, in distribution and out of it, with the metric that matters."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from symc.arithmetic import usual
from symc.errors import SymcError
from symc.insight.fidelity import Fidelity, Row, Trivial, fidelities, worst_rows
from symc.insight.limits import broken, raise_for, read_limits
from symc.insight.slices import INSIDE, slices_of
from symc.insight.speed import BATCH, Speed, compare_speed
from symc.tables import table

if TYPE_CHECKING:
    from torch import nn

Metric = Callable[[Callable[..., Any]], float]

_METRIC = "metric/"


@dataclass(frozen=True)
class Evaluation:
    """What evaluate found; prints as a table.

    fidelity: slice -> one Fidelity per output. metrics: name -> (of the network, of the surrogate).
    speed: "network" and "surrogate", or None where it was not measured. worst: the rows with the largest errors.
    agreement: of classifiers slice -> share of the rows on which both decide for the same class; accuracy: the shares
    of the rows in distribution on which (the network, the surrogate) decide for their label, None without labels.
    """

    fidelity: Mapping[str, tuple[Fidelity, ...]]
    metrics: Mapping[str, tuple[float, float]]
    speed: Mapping[str, Speed] | None
    worst: tuple[Row, ...]
    agreement: Mapping[str, float] = field(default_factory=dict)
    accuracy: tuple[float, float] | None = None

    def to_json(self) -> dict[str, Any]:
        """All of it as a dict that json.dumps takes."""
        found = {
            "fidelity": {name: {f.output: f.to_json() for f in of} for name, of in self.fidelity.items()},
            "metrics": {name: {"network": a, "surrogate": b} for name, (a, b) in self.metrics.items()},
            "speed": None if self.speed is None else {name: s.to_json() for name, s in self.speed.items()},
            "worst": [row.to_json() for row in self.worst],
        }
        if self.agreement:
            found["agreement"] = dict(self.agreement)
        if self.accuracy is not None:
            found["accuracy"] = dict(zip(("network", "surrogate"), self.accuracy, strict=True))
        return _plain(found)

    def save(self, path: str | Path) -> None:
        """Write to_json() as text."""
        try:
            Path(path).write_text(json.dumps(self.to_json(), indent=1, allow_nan=False) + "\n", encoding="utf-8")
        except OSError as error:
            raise SymcError(f"cannot be written: {error.strerror}", where=str(path)) from None

    def require(self, limits: Mapping[str, float] | Sequence[str] | str) -> None:
        """Raise CheckFailed naming every limit that does not hold, and by how much.

        A limit is `[SLICE/][OUTPUT.]MEASURE`: "rmse", "largest" or "not_finite" (upper bounds) or "r2" (a lower bound),
        of every output in distribution unless it says otherwise, such as "shifted/y0.rmse"; or "metric/NAME": the
        largest difference between the metric of the surrogate and that of the network. They are given as a dict, or
        as texts such as "rmse<=0.01".
        """
        findings, measured = [], {}
        for name, limit in read_limits(limits).items():
            if name.startswith(_METRIC):
                findings += self._apart(name.removeprefix(_METRIC), limit)
            else:
                measured[name] = limit
        raise_for(broken(measured, self._figures, INSIDE) + findings)

    def __str__(self) -> str:
        rows = [
            [
                name if k == 0 else "",
                f.output,
                *(f"{v:.3g}" for v in (f.rmse, f.quantiles[0], f.quantiles[2], f.largest)),
                "" if f.r2 is None else f"{f.r2:.4f}",
                f"{f.rmse_mean:.3g}",
                f"{f.rmse_affine:.3g}",
                str(f.not_finite) if f.not_finite else "",
            ]
            for name, of in self.fidelity.items()
            for k, f in enumerate(of)
        ]
        heads = ["slice", "output", "RMSE", "median", "99 %", "largest", "R2", "mean's", "affine's", "not finite"]
        parts = [table(heads, rows)]
        if self.agreement:
            parts.append(table(["slice", "% same class"], [[n, f"{100 * a:.4g}"] for n, a in self.agreement.items()]))
        if self.accuracy is not None:
            parts.append("accuracy in distribution: network {:.4%}, surrogate {:.4%}".format(*self.accuracy))
        if self.metrics:
            parts.append(
                table(
                    ["metric", "network", "surrogate"],
                    [[n, f"{a:.6g}", f"{b:.6g}"] for n, (a, b) in self.metrics.items()],
                )
            )
        if self.speed:
            speed = [[name, f"{1e6 * s.latency:.3g}", f"{s.throughput:.3g}"] for name, s in self.speed.items()]
            batch = next(iter(self.speed.values())).batch
            parts.append(table(["", "one row, us", f"rows/s ({batch} rows)"], speed))
        return "\n\n".join(parts)

    @property
    def _figures(self) -> dict[str, dict[str, dict[str, float | None]]]:
        return {
            name: {f.output: {"rmse": f.rmse, "largest": f.largest, "not_finite": f.not_finite, "r2": f.r2} for f in of}
            for name, of in self.fidelity.items()
        }

    def _apart(self, name: str, limit: float) -> list[str]:
        if name not in self.metrics:
            raise SymcError(f"there is no metric {name!r}", hint=f"There are: {', '.join(self.metrics) or 'none'}.")
        network, surrogate = self.metrics[name]
        if abs(surrogate - network) <= limit:
            return []
        return [f"{name}: {surrogate:g}, the network's is {network:g}, the difference may be {limit:g}"]


@usual
def evaluate(
    model: Callable[..., Any],
    surrogate: Callable[..., Any],
    x: Any,
    *,
    parent: nn.Module | None = None,
    slices: Mapping[str, ArrayLike] | None = None,
    metrics: Mapping[str, Metric] | None = None,
    metric: str | None = None,
    labels: ArrayLike | None = None,
    outputs: tuple[str, ...] | None = None,
    speed: bool = True,
    worst: int = 10,
    seed: int = 0,
) -> Evaluation:
    """Compare `surrogate` with `model`, both (n, n_in) -> (n, n_out), nn.Modules or functions of numpy arrays.

    model: the block as a network; of a SymbolicModule the block that it wraps, in whatever mode it is.
    x: inputs in distribution that the surrogate was not fitted to: of `parent`, as distill takes them, or without one
    of the block itself (n, n_in). Besides them, the two are compared on shifted and scaled inputs, on the corners of
    the box of what the block gets, and on the `slices` that are given (name -> inputs, of `parent` too).
    parent: the network that the block is part of. It runs, and what reaches the block is what the two are compared on.
        Without it rows are refused of which more than a tenth leave the domain of an input that the surrogate was
        validated in; see symc.insight.rows.check_rows.
    metrics: name -> a function that takes the model, then the surrogate, and returns a number (the loss of a whole
    network with it inside, a perplexity, an accuracy).
    metric: "classification" reads rows of outputs as classes (the largest output; of a single one whether it is above a
        half) and tells how often both decide the same. Without it that is told of a SymbolicModule whose head is
        softmax or sigmoid. labels: the true class of each row of x, (n,), or (n, n_out) of 0 and 1 behind a sigmoid.
    outputs: names; y0, y1, ... by default. worst: how many rows with the largest errors are kept.

    Modules are run in evaluation mode and left as they were. Raises SymcError for answers that do not fit, for rows
    that are none of the block's, and for a surrogate that is a SymbolicModule whose network answers.
    """
    import torch

    from symc.capture.record import evaluating
    from symc.insight.classifiers import accuracy_of, agreement_of, classes_of
    from symc.insight.rows import check_rows, check_surrogate, network_of, rows_inside

    check_surrogate(surrogate)
    head = classes_of(metric, labels is not None, model, surrogate)
    if parent is None:
        check_rows(x, model, surrogate)
    elif parent not in (model, network_of(model)):
        x, slices = rows_inside(model, parent, x, slices, seed)
    model = network_of(model)
    functions = {"network": _Function(model, "model"), "surrogate": _Function(surrogate, "surrogate")}
    sets = slices_of(x, slices, seed)
    modules = [f for f in (model, surrogate) if isinstance(f, torch.nn.Module)]
    with evaluating(*modules), torch.no_grad():
        found, rows = _compare(functions, sets, outputs, worst)
        measured = {name: (float(metric(model)), float(metric(surrogate))) for name, metric in (metrics or {}).items()}
        timed = _timed(functions, sets[INSIDE]) if speed else None
        pair = tuple(functions.values())
        agreement = {} if head is None else {name: agreement_of(pair, of, head) for name, of in sets.items()}
        accuracy = None if head is None or labels is None else accuracy_of(pair, sets[INSIDE], labels, head)
    return Evaluation(found, measured, timed, rows, agreement, accuracy)


def _compare(
    functions: Mapping[str, _Function],
    sets: Mapping[str, NDArray[np.float32]],
    outputs: tuple[str, ...] | None,
    worst: int,
) -> tuple[dict[str, tuple[Fidelity, ...]], tuple[Row, ...]]:
    found: dict[str, tuple[Fidelity, ...]] = {}
    ranked: list[tuple[float, Row]] = []
    trivial: Trivial | None = None
    for name, inputs in sets.items():
        network, surrogate = (f(inputs) for f in functions.values())
        if network.shape != surrogate.shape:
            raise SymcError(f"the model answers {network.shape}, the surrogate {surrogate.shape}, for {inputs.shape}")
        names = outputs or tuple(f"y{k}" for k in range(network.shape[1]))
        if len(names) != network.shape[1]:
            raise SymcError(f"{len(names)} names are given for {network.shape[1]} outputs")
        wide = inputs.astype(np.float64)
        # The first slice is the one in distribution.
        trivial = trivial or Trivial(wide, network)
        found[name] = tuple(fidelities(wide, network, surrogate, trivial, names))
        ranked += worst_rows(name, wide, network, surrogate, worst)
    ranked.sort(key=lambda pair: -pair[0])
    return found, tuple(row for _, row in ranked[:worst])


def _timed(functions: Mapping[str, _Function], x: NDArray[np.float32]) -> dict[str, Speed]:
    batch = np.resize(x, (BATCH, x.shape[1]))
    return compare_speed({name: (f.prepared(x[:1]), f.prepared(batch)) for name, f in functions.items()}, BATCH)


class _Function:
    """A module or function as (n, n_in) float32 -> (n, n_out) float64, both numpy."""

    def __init__(self, function: Callable[..., Any], role: str) -> None:
        self.function, self.role = function, role

    def __call__(self, x: NDArray[np.float32]) -> NDArray[np.float64]:
        y = self.prepared(x)()
        array = np.asarray(y.detach().double().cpu() if hasattr(y, "detach") else y, dtype=np.float64)
        if array.ndim == 1 and len(array) == len(x):
            array = array[:, None]
        if array.ndim != 2 or len(array) != len(x):
            raise SymcError(f"the {self.role} answers {array.shape} for inputs {x.shape}, need (n, n_out)")
        return array

    def prepared(self, x: NDArray[np.float32]) -> Callable[[], Any]:
        """A call without arguments, its conversions done."""
        import torch

        if not isinstance(self.function, torch.nn.Module):
            return lambda: self.function(x)
        module = self.function
        weight = next((p for p in [*module.parameters(), *module.buffers()] if p.is_floating_point()), None)
        given = torch.from_numpy(x.copy())
        placed = given if weight is None else given.to(weight.device, weight.dtype)
        return lambda: module(placed)


def _plain(value: Any) -> Any:
    """`value` with text in place of the floats that JSON has no number for."""
    if isinstance(value, dict):
        return {name: _plain(v) for name, v in value.items()}
    if isinstance(value, list):
        return [_plain(v) for v in value]
    return str(value) if isinstance(value, float) and not math.isfinite(value) else value
