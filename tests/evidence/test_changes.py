"""symc diff: how much each output changes, for every input of the domain."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

import symc
from symc.cli.main import main
from symc.evidence.changes import diff


def built(folder: Path, name: str, *equations: str, domain: str | None = "0:1,1:2", **options: object) -> Path:
    paths = []
    for k, equation in enumerate(equations):
        paths.append(folder / f"{name}{k}" / f"hall_of_fame_output{k + 1}.csv")
        paths[-1].parent.mkdir()
        paths[-1].write_text(f'Complexity,Loss,Equation\n9,0.2,"{equation}"\n')
    options |= {} if domain is None else {"domain": domain}
    return symc.build(paths, out=folder, name=name, features=["x0", "x1"], **options).path


def test_the_bound_holds_and_is_reached(tmp_path: Path) -> None:
    old = built(tmp_path, "first", "sin(x0)*x1", "x0 + x1")
    new = built(tmp_path, "second", "sin(x0)*x1 + 0.01*x0^2", "x0 + x1")
    found = diff(old, new)
    first, second = found.outputs
    assert first.bound is not None and 0.01 <= first.bound <= 0.0101 and first.largest == pytest.approx(0.01, rel=1e-3)
    assert first.at["x0"] == 1.0
    assert (second.bound, second.largest) == (0.0, 0.0) and found.others == ()
    x = np.random.Generator(np.random.PCG64(0)).uniform((0, 1), (1, 2), (2000, 2)).astype(np.float32)
    pytest.importorskip("torch")
    change = np.abs(symc.load(new)(x) - symc.load(old)(x)).max(axis=0)
    assert (change <= [first.bound, second.bound]).all()


def test_what_else_differs_is_said(tmp_path: Path) -> None:
    old = built(tmp_path, "first", "x0*x1")
    new = built(tmp_path, "second", "x0*x1", domain="0.5:1,1:3", target=["c", "numba"])
    done = CliRunner().invoke(main, ["diff", str(old), str(new)])
    assert done.exit_code == 0
    assert "the domain: x0 0..1 -> 0.5..1, x1 1..2 -> 1..3" in done.output and "targets: c -> c, numba" in done.output


@pytest.mark.parametrize(("domain", "what"), [(None, "has no domain"), ("2:3,1:2", "no value of x0 in common")])
def test_what_cannot_be_compared_is_refused(tmp_path: Path, domain: str | None, what: str) -> None:
    old = built(tmp_path, "first", "x0*x1")
    new = built(tmp_path, "second", "x0*x1", domain=domain)
    done = CliRunner().invoke(main, ["diff", str(old), str(new)])
    assert done.exit_code == 2 and what in done.output
