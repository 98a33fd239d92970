"""Parity: how far the equations are from the network's recorded outputs, beside trivial predictors."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from symc.bundle.manifest import Agreement, Parity
from symc.errors import CheckFailed
from symc.ir.classes import agreeing, are_classes
from symc.ir.evaluate import evaluate
from symc.ir.layered import Layered
from symc.ir.program import Program

PARITY_FILE = "parity.npz"
# With more outputs than this, people read a summary.
MANY_OUTPUTS = 8


@dataclass(frozen=True)
class Recording:
    """Inputs and outputs of the network as recorded: x (n, n_in), y (n, n_out) float32, train (n,) bool."""

    x: npt.NDArray[np.float32]
    y: npt.NDArray[np.float32]
    train: npt.NDArray[np.bool_]

    def to_bytes(self) -> bytes:
        """An uncompressed .npz; numpy dates its members 1980, so equal recordings are equal bytes."""
        buffer = io.BytesIO()
        np.savez(buffer, x=self.x, y=self.y, train=self.train)
        return buffer.getvalue()

    @classmethod
    def from_bytes(cls, data: bytes, program: Program | Layered) -> Recording:
        """Raises CheckFailed when the data are not a recording for `program`."""
        try:
            with np.load(io.BytesIO(data), allow_pickle=False) as arrays:
                recording = cls(arrays["x"], arrays["y"], arrays["train"])
        # Damaged archives and arrays fail in whatever way the damage leads to.
        except Exception as error:
            raise CheckFailed(f"is not a recording: {error}", where=PARITY_FILE) from None
        n = len(recording.train)
        shapes = (recording.x.shape, recording.y.shape, recording.train.shape)
        if shapes != ((n, program.n_in), (n, program.n_out), (n,)):
            raise CheckFailed(f"holds arrays of shapes {shapes}, which do not fit the program", where=PARITY_FILE)
        return recording


def measure(program: Program | Layered, recording: Recording) -> tuple[Parity, ...]:
    """Parity of every output on the training and the held-out split, by the oracle's exact float32 results.

    Figures are rounded to six significant digits, so that they do not depend on a machine's summation order. Raises
    CheckFailed where the program is not finite on a row.
    """
    predicted = evaluate(program, recording.x).astype(np.float64)
    strange = np.argwhere(~np.isfinite(predicted))
    if len(strange):
        row, k = strange[0]
        raise CheckFailed(
            f"{program.outputs[k]} is {predicted[row, k]} on row {row + 1} of the {len(predicted)} recorded ones",
            where="parity",
            hint="Choose another equation, or leave such rows out.",
        )
    y = recording.y.astype(np.float64)
    design = np.column_stack([recording.x.astype(np.float64), np.ones(len(y))])
    train = recording.train
    weights = np.linalg.lstsq(design[train], y[train], rcond=None)[0]
    affine = design @ weights
    records = []
    for k, output in enumerate(program.outputs):
        spread = float(np.ptp(y[train, k]))
        for split, rows in (("train", train), ("held-out", ~train)):
            error = predicted[rows, k] - y[rows, k]
            variance = float(np.mean((y[rows, k] - y[rows, k].mean()) ** 2))
            rmse = _rms(error)
            records.append(
                Parity(
                    output=output,
                    split=split,
                    rows=int(rows.sum()),
                    rmse=_digits(rmse),
                    relative_rmse=_digits(rmse / spread if spread else rmse),
                    max_error=_digits(float(np.abs(error).max())),
                    r2=_digits(1.0 - rmse**2 / variance if variance else float(rmse == 0)),
                    mean=_digits(_rms(y[rows, k] - y[train, k].mean())),
                    zero=_digits(_rms(y[rows, k])),
                    affine=_digits(_rms(affine[rows, k] - y[rows, k])),
                )
            )
    return tuple(records)


def measure_agreement(program: Program | Layered, recording: Recording, head: str) -> tuple[Agreement, ...]:
    """How often equations and network decide for the same class, behind a classifier's head; () behind others."""
    if not are_classes(head):
        return ()
    same = agreeing(evaluate(program, recording.x), recording.y, head)
    splits = (("train", recording.train), ("held-out", ~recording.train))
    return tuple(
        Agreement(split=split, rows=int(rows.sum()), agreeing=int(same[rows].sum())) for split, rows in splits
    )


def told(agreement: Agreement) -> str:
    """The figure as people read it."""
    share = 100.0 * agreement.agreeing / max(agreement.rows, 1)
    return f"the network's class on {agreement.agreeing} of {agreement.rows} {agreement.split} rows ({share:.4g} %)"


def summary(parity: Sequence[Parity]) -> str:
    """One line about many outputs on one split: the median, the worst, and which trivial predictor is better where."""
    relative = np.array([p.relative_rmse for p in parity])
    worst = parity[int(relative.argmax())]
    line = (
        f"{parity[0].split} RMSE {100 * np.median(relative):.2g} % of the recorded range in the median of "
        f"{len(parity)} outputs, at worst {100 * worst.relative_rmse:.2g} % ({worst.output}, R2 {worst.r2:.4g})"
    )
    beaten = {name: sum(getattr(p, name) < p.rmse for p in parity) for name in ("mean", "affine")}
    behind = [f"the {name} is closer for {count}" for name, count in beaten.items() if count]
    return "; ".join([line, *behind])


def _rms(error: npt.NDArray[np.float64]) -> float:
    return float(np.sqrt(np.mean(error**2)))


def _digits(value: float) -> float:
    return float(f"{value:.6g}")
