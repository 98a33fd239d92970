"""Limits of a build: a bundle appears only where its equations keep them, and an earlier one stays as it was."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

import symc
from symc.cli import main
from symc.errors import CheckFailed, SymcError
from tests.distilled import save_model


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_model(tmp_path_factory.mktemp("model") / "law.pt")


def contents(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def test_limits_that_hold_are_recorded(model: Path, tmp_path: Path):
    bundle = symc.build(model, out=tmp_path, select="accuracy", require={"r2": 0.9, "held-out/y0.largest": 10.0})
    assert bundle.manifest.options["require"] == "r2>=0.9 held-out/y0.largest<=10.0"
    assert '--require "r2>=0.9" --require "held-out/y0.largest<=10.0"' in bundle.manifest.reproduce
    assert symc.verify(bundle.path, rows=200).ok


def test_a_limit_that_does_not_hold_fails_the_build_and_leaves_the_earlier_bundle(model: Path, tmp_path: Path):
    earlier = symc.build(model, out=tmp_path, select="accuracy").path
    before = contents(tmp_path)
    held_out = symc.build(model, out=tmp_path / "other", complexity=1).manifest.parity[1]
    result = CliRunner().invoke(
        main, ["build", str(model), "-o", str(tmp_path), "--complexity", "1", "--require", "rmse<=1e-3"]
    )
    assert result.exit_code == 1
    assert f"held-out, y0: rmse is {held_out.rmse:g}, limit 0.001, " in result.stderr and "over it" in result.stderr
    assert {k: v for k, v in contents(tmp_path).items() if not k.startswith("other")} == before
    assert symc.verify(earlier, rows=200).ok


@pytest.mark.parametrize("limit", ["rmsd<=1", "other/rmse<=1", "y9.rmse<=1"])
def test_limits_that_nothing_is_measured_for(model: Path, tmp_path: Path, limit: str):
    with pytest.raises(SymcError, match="there is no limit"):
        symc.build(model, out=tmp_path, require=limit)
    assert list(tmp_path.iterdir()) == []


def test_a_hall_of_fame_has_nothing_to_measure(tmp_path: Path):
    front = tmp_path / "hall_of_fame.csv"
    front.write_text('Complexity,Loss,Equation\n1,0.1,"x0"\n')
    with pytest.raises(SymcError, match="no recorded outputs of a network") as caught:
        symc.build(front, out=tmp_path / "out", features=["x0"], require="rmse<=1")
    assert not isinstance(caught.value, CheckFailed)
