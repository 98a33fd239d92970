"""A program may have numpy raise on underflow and overflow; symc computes as before."""

from __future__ import annotations

from pathlib import Path

import numpy as np

import symc

# Of one input: the proofs, which underflow as well, then take few boxes.
TEXTS = ["u = exp(-40*x0^2)", "v = log(x0 + 1e-30) + tanh(x0)"]


def test_what_a_program_has_set_changes_nothing(tmp_path: Path) -> None:
    x = np.linspace(0.1, 2.0, 60)
    table = np.column_stack([x, 1.5 / x])
    built = []
    for k, treatment in enumerate(("warn", "raise")):
        with np.errstate(all=treatment):
            bundle = symc.build(equation=TEXTS, domain="0:4", out=tmp_path / str(k), name="law")
            law = symc.fit(table, targets="x1", evaluations=500, workers=1)
            found = symc.build(law, out=tmp_path / str(k), name="fitted")
            if treatment == "raise":
                assert symc.verify(bundle.path, rows=200).ok
                symc.report(bundle.path, out=tmp_path / "evidence", rows=200)
                assert symc.diff(bundle.path, bundle.path)
        built.append([(p.path / "manifest.json").read_bytes() for p in (bundle, found)])
    assert built[0] == built[1]
