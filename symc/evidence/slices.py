"""Where in the domain the equations are good: their error by quarters of each input."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from symc.bundle.parity import Recording
from symc.ir.evaluate import evaluate
from symc.ir.layered import Layered
from symc.ir.program import Program

_QUARTERS = (0.0, 0.25, 0.5, 0.75, 1.0)


@dataclass(frozen=True)
class Slice:
    """The held-out rows whose `input` lies in [low, high], and the root mean square error of `output` over them."""

    output: str
    input: str
    low: float
    high: float
    rows: int
    rmse: float


def worst_slices(program: Program | Layered, recording: Recording) -> tuple[Slice, ...]:
    """Of each output the quarter of one input's held-out values in which its error is largest."""
    rows = np.flatnonzero(~recording.train)
    x, y = recording.x[rows].astype(np.float64), recording.y[rows].astype(np.float64)
    errors = evaluate(program, recording.x[rows]).astype(np.float64) - y
    found = []
    for k, output in enumerate(program.outputs):
        slices = [
            Slice(output, program.inputs[i], float(low), float(high), int(inside.sum()), _rms(errors[inside, k]))
            for i in range(program.n_in)
            for low, high in _quarters(x[:, i])
            if (inside := (x[:, i] >= low) & (x[:, i] <= high)).any()
        ]
        found.append(max(slices, key=lambda s: s.rmse))
    return tuple(found)


def _quarters(values: np.ndarray) -> list[tuple[float, float]]:
    edges = np.quantile(values, _QUARTERS)
    return list(zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True))


def _rms(errors: np.ndarray) -> float:
    return float(np.sqrt(np.mean(errors**2)))
