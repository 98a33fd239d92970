"""The code of a bundle beside the samples that were recorded from its model."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from symc.bundle import Manifest
from symc.bundle.fixed import code_of
from symc.bundle.manifest import Agreement, Parity
from symc.bundle.parity import (
    MANY_OUTPUTS,
    PARITY_FILE,
    Recording,
    beaten_by,
    measure,
    measure_agreement,
    summary,
    told,
)
from symc.errors import CheckFailed
from symc.ir.layered import Layered


def check_parity(folder: Path, manifest: Manifest) -> str:
    """A sentence on the distance of the code from the recorded samples, measured again.

    CheckFailed where it is not the recorded one, or a constant or an affine map would be closer.
    """
    recording = Recording.from_bytes((folder / PARITY_FILE).read_bytes(), manifest.program)
    measured = measure(manifest.program, recording, code_of(manifest))
    for now, then in zip(measured, manifest.parity, strict=True):
        if (now.output, now.split) != (then.output, then.split) or not np.isclose(now.rmse, then.rmse, rtol=1e-4):
            raise CheckFailed(f"{now.output} on the {now.split} split: RMSE {now.rmse:g}, recorded {then.rmse:g}")
    classes = "".join(f"; {told(a)}" for a in _agreement(manifest, recording) if a.split == "held-out")
    heldout = [p for p in measured if p.split == "held-out"]
    # A compressed block is judged by the whole network's metric; some of its own outputs may not matter there.
    if not isinstance(manifest.program, Layered):
        _beat_trivial_predictors(heldout)
    if len(heldout) > MANY_OUTPUTS:
        return f"{summary(heldout)}; {heldout[0].rows} rows{classes}"
    worst = max(heldout, key=lambda p: p.relative_rmse)
    return (
        f"held-out RMSE at most {100 * worst.relative_rmse:.2g} % of the recorded range "
        f"({worst.output}, R2 {worst.r2:.6g}, {worst.rows} rows){classes}"
    )


def _agreement(manifest: Manifest, recording: Recording) -> tuple[Agreement, ...]:
    """How often the network's class stays, counted again where the bundle can: not of a block's whole network."""
    recorded = tuple(manifest.agreement or ())
    if isinstance(manifest.program, Layered):
        return recorded
    head = "" if manifest.head_behind is None else manifest.head_behind.name
    agreement = measure_agreement(manifest.program, recording, head)
    # Earlier bundles do not carry it.
    if recorded and recorded != agreement:
        found = "; ".join(map(told, agreement)) or "no classes"
        raise CheckFailed(f"{found}, recorded was {'; '.join(map(told, recorded))}")
    return agreement


def _beat_trivial_predictors(parity: Sequence[Parity]) -> None:
    for p in parity:
        if (better := beaten_by(p)) is not None:
            name, best = better
            raise CheckFailed(f"{p.output}: held-out RMSE {p.rmse:g} is worse than that of the {name}, {best:g}")
