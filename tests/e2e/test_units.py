"""Units from the command line into every part of a bundle, and what is said of equations that are wrong in them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest
from click.testing import CliRunner

import symc
from symc.bundle import MANIFEST_NAME, Manifest, read_manifest
from symc.cli.main import main
from tests.distilled import compressed, distilled
from tests.tools import require

RUN = 'Complexity,Loss,Equation\n3,0.5,"p + T"\n7,0.2,"2.5*p + 0.3*T"\n'


@pytest.fixture
def run(tmp_path: Path) -> Path:
    path = tmp_path / "hall_of_fame.csv"
    path.write_text(RUN)
    return path


def invoke(run: Path, *more: str) -> Any:
    words = ["build", str(run), "--features", "p,T", "--domain=1:2", "--name", "law", "-o", str(run.parent / "out")]
    return CliRunner().invoke(main, [*words, *more])


def test_units_are_everywhere_in_a_bundle(run: Path) -> None:
    require("gcc")
    done = invoke(run, "--complexity", "7", "--units", "bar,degC -> kg/m3", "-t", "c", "-t", "cuda", "-t", "numba")
    assert done.exit_code == 0 and "warning: units" not in done.stderr
    assert "Units: bar, degC -> kg/m3; consistent" in done.stdout
    folder = run.parent / "out" / "law"
    for path in ("include/law.h", "cuda/law.cuh", "numba/law.py"):
        text = (folder / path).read_text()
        for line in ("x[0] p, bar, 1.0 to 2.0", "x[1] T, degC, 1.0 to 2.0", "y[0] y0, kg/m3"):
            assert line in text, path
    readme = (folder / "README.md").read_text()
    assert "| 0 | `p` | bar | 1.0 | 2.0 |" in readme and "| 0 | `y0` | kg/m3 |" in readme
    manifest = read_manifest(folder)
    assert manifest.units and manifest.units.inputs == ("bar", "degC") and manifest.units.outputs == ("kg/m3",)
    assert '--units "bar, degC -> kg/m3"' in manifest.reproduce
    report = symc.verify(folder, rows=300)
    (line,) = [check for check in report.checks if check.name == "units"]
    assert report.ok and line.detail == "bar, degC -> kg/m3; consistent"


def test_an_inconsistent_equation_is_built_with_a_warning(run: Path) -> None:
    require("gcc")
    done = invoke(run, "--complexity", "3", "--units", "bar, K -> bar", "--json")
    assert done.exit_code == 0
    assert "warning: units inconsistent: y0: in p + T, p is in bar, T is in K." in done.stderr
    (found,) = json.loads(done.stdout)["manifest"]["units"]["equations"]
    assert found == {"output": "y0", "verdict": "inconsistent", "part": "p + T", "why": "p is in bar, T is in K"}
    report = symc.verify(run.parent / "out" / "law", rows=300)
    (line,) = [check for check in report.checks if check.name == "units"]
    assert report.ok and "inconsistent: y0: in p + T, p is in bar" in line.detail


@pytest.mark.parametrize(
    ("units", "what"),
    [
        ("bar -> 1", "the model has 2 inputs (p, T), but 1 unit of inputs is given"),
        ("bar, K -> 1, 1", "the model has 1 output (y0), but 2 units of outputs are given"),
        ("bar, K", "there is no arrow"),
        ("bar, Kelvinn -> 1", "'Kelvinn' is not a unit that pint knows"),
    ],
)
def test_units_that_do_not_fit_the_model(units: str, what: str, run: Path) -> None:
    done = invoke(run, "--units", units)
    assert done.exit_code == 2 and what in done.stderr and "--units" in done.stderr
    assert not (run.parent / "out").exists()


def test_without_units_nothing_tells_of_them(run: Path) -> None:
    bundle = symc.build(run, features=["p", "T"], domain="1:2", out=run.parent, name="law")
    assert not read_manifest(bundle.path).units
    assert "units" not in json.loads((bundle.path / MANIFEST_NAME).read_bytes())
    assert "Units" not in (bundle.path / "include" / "law.h").read_text() + str(bundle)
    assert "unit" not in (bundle.path / "README.md").read_text()


def test_scaled_equations_are_checked_as_they_are_built(run: Path) -> None:
    scale = run.parent / "scale.json"
    scale.write_text(json.dumps({"inputs": {"p": [1.5, 0.5], "T": [300.0, 10.0]}}))
    bundle = symc.build(
        run, features=["p", "T"], domain="1:2", scale=scale, complexity=3, out=run.parent, name="law",
        units="bar, K -> 1",
    )  # fmt: skip
    # A scaler's numbers carry units, as every constant does.
    assert bundle.manifest.units and bundle.manifest.units.equations[0].verdict == "consistent"


def test_units_of_one_dimension_without_a_factor_are_told(run: Path) -> None:
    done = invoke(run, "--complexity", "3", "--units", "bar, Pa -> bar")
    told = "y0: in p + T, p is in bar, T is in Pa (the dimensions agree, the scales do not)"
    assert done.exit_code == 0 and f"warning: units: {told}." in done.stderr
    assert f"Units: bar, Pa -> bar; consistent; {told}" in done.stdout


def test_several_outputs_of_a_distilled_module(tmp_path: Path) -> None:
    bundle = symc.build(distilled(), out=tmp_path, name="law", select="accuracy", units="m, rad -> m2, ?")
    units = bundle.manifest.units
    assert units and [c.verdict for c in units.equations] == ["consistent", "consistent"]
    bundle = symc.build(distilled(), out=tmp_path, name="law", select="accuracy", units="m, ? -> m2, s")
    units = bundle.manifest.units
    assert units and [c.verdict for c in units.equations] == ["unknown", "inconsistent"]
    assert "1 inconsistent, 1 unknown: y1: in x0*exp(-x1), the equation is in m, its output in s" in str(bundle)


def test_matrices_of_a_compressed_block_take_any_units(tmp_path: Path) -> None:
    block = compressed(n_in=3, n_out=40)
    outputs = ", ".join(["Pa"] * 40)
    bundle = symc.build(block, out=tmp_path, name="block", units=f"m, K, s -> {outputs}")
    units = bundle.manifest.units
    assert units and {c.verdict for c in units.equations} == {"consistent"}
    assert "y[39] y39, Pa" in (bundle.path / "include" / "block.h").read_text()
    assert "`manifest.json` has the unit of each" in (bundle.path / "README.md").read_text()
    bundle = symc.build(block, out=tmp_path, name="block", units=f"m, K, ? -> {outputs}")
    assert bundle.manifest.units and bundle.manifest.units.equations[0].verdict == "unknown"


def test_verify_checks_the_units_again(run: Path) -> None:
    bundle = symc.build(
        run, features=["p", "T"], domain="1:2", complexity=3, out=run.parent, name="law", units="bar, K -> 1"
    )
    manifest = msgspec.json.decode((bundle.path / MANIFEST_NAME).read_bytes(), type=Manifest)
    assert manifest.units
    (only,) = manifest.units.equations
    kinder = msgspec.structs.replace(only, verdict="consistent", part="", why="")
    for check, forged in (
        ("units", msgspec.structs.replace(manifest.units, equations=(kinder,))),
        ("manifest", msgspec.structs.replace(manifest.units, inputs=("bar",))),
        ("units", msgspec.structs.replace(manifest.units, outputs=("9^9^9^9",))),
    ):
        sealed = msgspec.structs.replace(manifest, units=forged).sealed()
        (bundle.path / MANIFEST_NAME).write_bytes(sealed.to_bytes())
        failed = [check.name for check in symc.verify(bundle.path, rows=300).checks if not check.ok]
        assert failed == [check]
