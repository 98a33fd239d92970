"""Whether a bundle still fits what it meets: new rows beside the recorded ones, line by line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from symc.arithmetic import usual
from symc.backends.spelling import format_of
from symc.bundle import Manifest, read_manifest
from symc.bundle.files import read_file
from symc.bundle.fixed import code_of
from symc.bundle.parity import PARITY_FILE, Recording
from symc.errors import CheckFailed, SymcError
from symc.evidence.drift import ALPHA, shift, worse
from symc.ir.evaluate import evaluate
from symc.sources.measured import inputs_of, read_table, rows_and_targets
from symc.tables import labels, table

F32 = NDArray[np.float32]


@dataclass(frozen=True)
class Line:
    """One thing that was looked at: `check` is "domain", "drift" or "error", `column` an input or output.

    verdict: "steady", "drifted", "outside", or "not checked" where there was nothing to compare with.
    """

    check: str
    column: str
    verdict: str
    detail: str
    figures: dict[str, float | int | None]


@dataclass(frozen=True)
class Reverified:
    """What was found over `rows` rows; `bundle` is the folder."""

    bundle: str
    rows: int
    lines: tuple[Line, ...]

    @property
    def ok(self) -> bool:
        return not any(line.verdict in ("drifted", "outside") for line in self.lines)

    def to_json(self) -> dict[str, Any]:
        return {"bundle": self.bundle, "rows": self.rows, "ok": self.ok, "lines": [asdict(line) for line in self.lines]}

    def raise_if_failed(self) -> None:
        failed = [line for line in self.lines if line.verdict in ("drifted", "outside")]
        if failed:
            what = ", ".join(f"{line.check} of {line.column} ({line.verdict})" for line in failed)
            raise CheckFailed(
                f"no longer fits what it meets: {what}",
                where=self.bundle,
                hint="Let the network answer meanwhile, and distil again with the new rows.",
            )

    def __str__(self) -> str:
        return table(
            ("check", "column", "verdict", "detail"), [(n.check, n.column, n.verdict, n.detail) for n in self.lines]
        )


@usual
def reverify(
    bundle: str | Path,
    *,
    inputs: Any,
    targets: Any = None,
    max_outside: float = 0.01,
    max_psi: float = 0.2,
    max_ks: float = 0.1,
    max_ratio: float = 1.5,
) -> Reverified:
    """Compare new rows with the domain, the recorded rows and the recorded errors of the bundle in folder `bundle`.

    inputs: rows as symc.fit takes them, missing values allowed; columns with names are taken by the bundle's names,
    others in order. targets: what was measured there: columns of the inputs ("y" or "y,z"), a file or arrays.

    The lines and when they fail: an input is "outside" where more than the share `max_outside` of its values is NaN or
    outside the domain; it has "drifted" where its stability index exceeds `max_psi` and what chance gives, or its
    Kolmogorov-Smirnov distance exceeds `max_ks` with p below 0.001 over the number of inputs; an output has "drifted"
    where its root mean square error inside the domain is more than `max_ratio` times that of the held-out rows, and the
    whole 99 % interval of that quotient is above 1.

    Raises SymcError: no bundle, unreadable rows, columns that are not there, a threshold that is no number from 0 on.
    CheckFailed: the manifest or the recorded rows were changed.
    """
    limits = {"max_outside": max_outside, "max_psi": max_psi, "max_ks": max_ks, "max_ratio": max_ratio}
    for name, value in limits.items():
        if not (np.isfinite(value) and value >= 0):
            raise SymcError(f"is {value!r}, must be a number from 0 on", where=f"--{name.replace('_', '-')}")
    manifest = read_manifest(bundle)
    data = read_table(inputs, holes=True)
    features, outputs = _names(manifest, data.columns or ())
    if targets is None:
        x, y = inputs_of(data, features), None
    else:
        x, y = rows_and_targets(data, targets, features, outputs, holes=True)
    recording = _recording(manifest, Path(bundle))
    inside = _inside(manifest, x)
    columns = labels(manifest.program.inputs, manifest.own_names[0])
    lines = _domain(columns, x, inside, max_outside)
    if recording is not None:
        lines += [_drift(name, recording.x[:, k], x[:, k], len(columns), limits) for k, name in enumerate(columns)]
    if y is not None:
        shown = labels(manifest.program.outputs, manifest.own_names[1])
        lines += _errors(shown, manifest, recording, x, y, inside, max_ratio)
    return Reverified(str(bundle), len(x), tuple(lines))


def _names(manifest: Manifest, known: Sequence[str]) -> tuple[Sequence[str], Sequence[str]]:
    """Names of inputs and outputs: the columns' own, or where the table has those instead, the identifiers."""
    inputs, outputs = manifest.own_names
    program = manifest.program
    return (
        program.inputs if set(program.inputs) <= set(known) else inputs,
        program.outputs if set(program.outputs) <= set(known) else outputs,
    )


def _recording(manifest: Manifest, folder: Path) -> Recording | None:
    if PARITY_FILE not in manifest.files:
        return None
    return Recording.from_bytes(read_file(folder, PARITY_FILE, manifest.files[PARITY_FILE]), manifest.program)


def _inside(manifest: Manifest, x: F32) -> NDArray[np.bool_]:
    """(n, n_in): whether each value is one that the bundle's domain check lets through, and finite."""
    if manifest.domain is None:
        return np.isfinite(x)
    low, high = np.array(manifest.domain, format_of(manifest.program).dtype).T
    return np.isfinite(x) & (x >= low) & (x <= high)


def _domain(columns: Sequence[str], x: F32, inside: NDArray[np.bool_], most: float) -> list[Line]:
    lines = []
    for name, values, fine in zip(columns, x.T, inside.T, strict=True):
        lost, away = int((~np.isfinite(values)).sum()), int((~fine).sum())
        share = away / len(values)
        detail = f"{100 * share:.3g} % of {len(values)} rows outside, {lost} of them not finite"
        figures: dict[str, float | int | None] = {"rows": len(values), "outside": away, "nonfinite": lost}
        lines.append(Line("domain", name, "outside" if share > most else "steady", detail, figures))
    return lines


def _drift(name: str, recorded: F32, new: F32, inputs: int, limits: dict[str, float]) -> Line:
    new = new[np.isfinite(new)]
    if not len(new):
        return Line("drift", name, "not checked", "no value is finite", {"rows": 0})
    alpha = ALPHA / inputs
    found = shift(recorded.astype(np.float64), new.astype(np.float64), alpha)
    moved = found.psi > max(limits["max_psi"], found.chance) or (found.ks > limits["max_ks"] and found.p < alpha)
    detail = f"PSI {found.psi:.3g} (chance gives {found.chance:.2g}), KS {found.ks:.3g} with p {found.p:.2g}"
    return Line("drift", name, "drifted" if moved else "steady", detail, {"rows": len(new), **asdict(found)})


def _errors(
    columns: Sequence[str],
    manifest: Manifest,
    recording: Recording | None,
    x: F32,
    y: F32,
    inside: NDArray[np.bool_],
    most: float,
) -> list[Line]:
    if recording is None:
        return [Line("error", name, "not checked", "the bundle has no recorded rows", {"rows": 0}) for name in columns]
    heldout, fine = ~recording.train, np.all(inside, axis=1)
    code = code_of(manifest) or partial(evaluate, manifest.program)
    with np.errstate(all="ignore"):
        before = code(recording.x[heldout]).astype(np.float64) - recording.y[heldout]
        now = code(x[fine]).astype(np.float64) - y[fine]
    lines = []
    for k, name in enumerate(columns):
        # A target that is missing says nothing; a result that is not finite is an error without bound.
        errors = np.where(np.isfinite(now[:, k]), now[:, k], np.inf)[np.isfinite(y[fine, k])]
        if not len(errors) or not len(before):
            detail = "no row inside the domain has a target" if len(before) else "no recorded row was held out"
            lines.append(Line("error", name, "not checked", detail, {"rows": 0}))
            continue
        found = worse(before[:, k], errors)
        drifted = found.ratio > most and found.low > 1.0
        detail = (
            f"RMSE {found.new:.4g} over {len(errors)} rows, recorded {found.recorded:.4g}: {found.ratio:.3g} times "
            f"({found.low:.3g} to {found.high:.3g}); largest {found.new_largest:.4g}, recorded "
            f"{found.recorded_largest:.4g}"
        )
        figures = {key: value if np.isfinite(value) else None for key, value in asdict(found).items()}
        lines.append(
            Line("error", name, "drifted" if drifted else "steady", detail, {"rows": len(errors), **figures})
        )
    return lines
