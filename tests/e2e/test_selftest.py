"""The form of the self-test: asked for by one name in Python and on the command line, recorded, generated again."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest
from click.testing import CliRunner

import symc
from symc.bundle import read_manifest
from symc.cli import main
from tests.tools import require


@pytest.fixture
def model(tmp_path: Path) -> Path:
    path = tmp_path / "hall_of_fame.csv"
    path.write_text("Complexity,Loss,Equation\n6,0.5,sin(x0)*x0\n")
    return path


def test_the_short_form_is_what_a_bundle_gets(model: Path, tmp_path: Path) -> None:
    require("gcc")
    bundle = symc.build(model, out=tmp_path, name="ripple")
    assert bundle.manifest.selftest == "short" and "--selftest" not in bundle.manifest.reproduce
    assert "symc_sin" not in (bundle.path / "src/ripple_selftest.c").read_text()
    assert symc.verify(bundle.path, rows=1000).ok


def test_the_full_form_is_recorded_and_generated_again(model: Path, tmp_path: Path) -> None:
    require("gcc")
    done = CliRunner().invoke(
        main, ["build", str(model), "--selftest", "full", "--name", "ripple", "-o", str(tmp_path)]
    )
    assert done.exit_code == 0, done.output
    manifest = read_manifest(tmp_path / "ripple")
    assert manifest.selftest == "full" and manifest.reproduce.endswith("--selftest full -o OUT")
    assert "symc_sin(a)" in (tmp_path / "ripple/src/ripple_selftest.c").read_text()
    report = symc.verify(tmp_path / "ripple", rows=1000)
    assert report.ok, str(report)


def test_a_bundle_without_c_has_none(model: Path, tmp_path: Path) -> None:
    assert symc.build(model, out=tmp_path, name="ripple", target="numba").manifest.selftest is msgspec.UNSET


def test_another_form_is_refused(model: Path, tmp_path: Path) -> None:
    words = ["build", str(model), "--selftest", "long", "--name", "ripple", "-o", str(tmp_path)]
    done = CliRunner().invoke(main, words)
    assert done.exit_code == 2 and "there is no self-test 'long'" in done.stderr
    assert not (tmp_path / "ripple").exists()
