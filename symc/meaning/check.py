"""The check itself: a Program against the texts it came from, each evaluated without the other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from symc.errors import CheckFailed
from symc.ir.evaluate import evaluate
from symc.ir.formats import FLOAT32, Format
from symc.ir.passes import alone
from symc.ir.program import Program
from symc.ir.reading import Steps, read
from symc.ir.reference import real_values_and_rest
from symc.ir.written import as_written
from symc.meaning.compile import ODD, other_kinds, points
from symc.meaning.points import Box, odd
from symc.meaning.rounding import MARGIN, rounding_bound, unit

Real = NDArray[np.floating]
F64 = NDArray[np.float64]

_ROWS = 256
_MANY_INPUTS = 8


@dataclass(frozen=True)
class Distance:
    """How far one output is from its text's real value over `points`, none of which gives another kind of value.

    ulp: the largest error in units in the last place of the real value, at `place`, an input by name. share: the
    largest error over the largest real value. undecided: points at which nothing could be said of the error: the value
    hangs on a step, or on more than the first order of rounding errors. overflows: points at which the text has a value
    that the text's own order of operations in the program's format does not reach.
    """

    output: str
    points: int
    ulp: float
    place: dict[str, float]
    share: float
    undecided: int
    overflows: int


def check_meaning(
    program: Program,
    texts: Sequence[str],
    domain: Box | None,
    recorded: Real | None = None,
    *,
    beyond: bool = True,
) -> tuple[Distance, ...]:
    """Evaluate each text in real numbers and `program` by the oracle, and say how far they are apart.

    texts: one equation per output over the program's inputs, as it is written. recorded: (n, n_in) inputs that were
    recorded; some are checked too. beyond: look outside the domain as well, at huge inputs, infinities and NaN, where
    the two must give the same kind of value.
    Raises CheckFailed naming output and input where a finite value became NaN or infinite or the reverse, or where an
    error is larger than the format's arithmetic in the text's order explains.
    """
    readings = [read(text, program.inputs) for text in texts]
    format = program.format
    written = as_written(readings, program.inputs, program.outputs, format)
    few = np.empty((0, program.n_in), format.dtype)
    if recorded is not None:
        few = recorded[:: max(len(recorded) // _ROWS, 1)][:_ROWS].astype(format.dtype)
    if beyond:
        _same_kinds(program, written, odd(program.n_in, ODD, format))
    found = []
    for k, steps in enumerate(readings):
        rows = np.concatenate([points(domain, program.n_in, len(steps), format), few])
        value, plain = (evaluate(alone(p, k), rows)[:, 0].astype(np.float64) for p in (program, written))
        where = _Where(program.outputs[k], program.inputs, rows, format)
        found.append(_distance(where, steps, value, plain, rounding_bound(alone(written, k), rows)[:, 0]))
    return tuple(found)


@dataclass(frozen=True)
class _Where:
    output: str
    inputs: tuple[str, ...]
    rows: Real
    format: Format

    def fail(self, row: int, what: str) -> CheckFailed:
        named = [f"{n} = {v!r}" for n, v in list(self.place(row).items())[:_MANY_INPUTS]]
        more = ", ..." if len(self.inputs) > _MANY_INPUTS else ""
        return CheckFailed(f"{self.output} at {', '.join(named)}{more}: {what}")

    def place(self, row: int) -> dict[str, float]:
        return dict(zip(self.inputs, self.rows[row].tolist(), strict=True))


def _distance(where: _Where, steps: Steps, value: F64, plain: F64, bound: F64) -> Distance:
    real, rest = real_values_and_rest(steps, where.inputs, where.rows)
    undefined, unknown = np.isnan(real), np.isposinf(real)
    # Beyond the format's range infinity is the right answer, to half a unit of the largest number.
    fits = ~undefined & ~unknown & (np.abs(real) <= _largest(where.format))
    finite, reached = np.isfinite(value), np.isfinite(plain)
    for row in np.flatnonzero(fits & ~finite & reached).tolist():
        raise where.fail(row, f"the code gives {value[row]}, the text means {real[row]:.6g}")
    for row in np.flatnonzero(undefined & finite & ~reached).tolist():
        raise where.fail(row, f"the code gives {value[row]:.6g}, where the text has no value")
    told = fits & finite
    with np.errstate(invalid="ignore"):
        error = np.where(told, np.abs((value - np.where(told, real, 0.0)) - rest), 0.0)
    units = unit(np.where(told, real, 1.0), where.format)
    for row in np.flatnonzero(told & (error > MARGIN * bound + units)).tolist():
        raise where.fail(
            row,
            f"the code gives {value[row]:.9g}, the text means {real[row]:.9g}: {where.format.name} arithmetic explains "
            f"an error of {bound[row]:.2g}, not of {error[row]:.2g}",
        )
    sure = told & np.isfinite(bound)
    ulp = np.where(sure, error / units, 0.0)
    worst = int(np.argmax(ulp))
    scale = float(np.max(np.abs(real[sure]), initial=0.0))
    return Distance(
        where.output,
        len(where.rows),
        float(ulp[worst]),
        where.place(worst),
        float(np.max(error[sure], initial=0.0)) / scale if scale else 0.0,
        int((unknown | (told & ~np.isfinite(bound))).sum()),
        int((fits & ~finite).sum()),
    )


def _largest(format: Format) -> float:
    """What still is a number of the format; of binary64 not its largest, which stands for all that is larger too."""
    return format.largest if format == FLOAT32 else float(np.nextafter(format.largest, 0.0))


def _same_kinds(program: Program, written: Program, rows: Real) -> None:
    """Raise CheckFailed where odd inputs, NaN and infinities among them, give another kind of value than as written."""
    for row, column in np.argwhere(other_kinds(program, written, rows)).tolist():
        value, plain = (evaluate(p, rows) for p in (program, written))
        where = _Where(program.outputs[column], program.inputs, rows, program.format)
        raise where.fail(row, f"the code gives {value[row, column]}, the text's own order {plain[row, column]}")
