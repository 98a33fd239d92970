"""symc fit: equations for columns of a table, and what is said of tables that do not do."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner

import symc
from symc.cli.main import main
from tests.tools import require

# Of operators for which no laws with functions are looked for.
QUICK: dict[str, Any] = {"evaluations": 1000, "operators": ["add", "mul"], "workers": 1}


def columns(rows: int = 200) -> dict[str, np.ndarray]:
    r = np.random.Generator(np.random.PCG64(3))
    mass, speed = r.uniform(1, 5, rows), r.uniform(-3, 3, rows)
    return {"mass": mass, "flow speed": speed, "kind": r.integers(0, 2, rows), "energy": 0.5 * mass * speed**2}


def written(path: Path, table: dict[str, np.ndarray]) -> Path:
    lines = [",".join(table), *(",".join(map(str, row)) for row in zip(*table.values(), strict=True))]
    path.write_text("\n".join(lines) + "\n")
    return path


def test_a_law_from_a_file_to_a_bundle(tmp_path: Path) -> None:
    data, law = written(tmp_path / "data.csv", columns()), tmp_path / "law.pt"
    quick = ["--evaluations", "1000", "--operators", "add,mul"]
    done = CliRunner().invoke(main, ["fit", str(data), "--targets", "energy", "-o", str(law), *quick])
    assert done.exit_code == 0, done.output
    assert "0.5*flow_speed^2*mass" in done.output and f"symc build {law}" in done.output
    bundle = symc.build(law, out=tmp_path, name="energy")
    (equation,) = bundle.manifest.equations
    assert equation.text == "0.5*flow_speed^2*mass"
    assert bundle.manifest.model.kind == "regressor" and bundle.manifest.samples is not None
    fresh = columns(50)
    x = np.column_stack([fresh[n] for n in bundle.manifest.names.inputs]).astype(np.float32)
    require("gcc")
    np.testing.assert_allclose(symc.load(bundle.path)(x)[:, 0], fresh["energy"], rtol=1e-5)


def test_columns_are_chosen_by_name(tmp_path: Path) -> None:
    table = columns() | {"weight": np.ones(200)}
    data = written(tmp_path / "data.csv", table)
    found = symc.fit(data, targets="energy", features=["flow speed", "mass"], weights="weight", **QUICK)
    assert found.dataset.features == ("flow_speed", "mass")
    assert found.dataset.weights is not None
    boxed = symc.fit(data, targets=["energy"], features=["mass", "flow speed"], domain="0:10,-5:5", **QUICK)
    assert boxed.dataset.domain.tolist() == [[0, 10], [-5, 5]]


def test_a_data_frame_is_a_table() -> None:
    pandas = pytest.importorskip("pandas")
    found = symc.fit(pandas.DataFrame(columns()), targets="energy", **QUICK)
    assert found.fronts[0].pick().equation == "0.5*flow_speed^2*mass"


@pytest.mark.parametrize(
    ("change", "given", "what"),
    [
        ({}, {"targets": "energi"}, "column called 'energi'. Its columns are: mass, flow speed, kind, energy"),
        ({}, {"targets": "energy", "features": ["mass", "energy"]}, "'energy' is a target and a feature"),
        ({}, {"targets": "mass,flow speed,kind,energy"}, "no columns are left"),
        ({}, {"targets": ""}, "no targets are given"),
        ({"mass": np.full(200, np.nan)}, {"targets": "energy"}, "data.csv"),
        ({"mass": np.full(200, "heavy")}, {"targets": "energy"}, "data.csv"),
        ({"energy": np.ones(200)}, {"targets": "energy"}, "'energy' is constant over all 200 rows"),
        ({}, {"targets": "energy", "weights": "heaviness"}, "column called 'heaviness'"),
    ],
)
def test_what_does_not_do_is_said(tmp_path: Path, change: dict[str, Any], given: dict[str, Any], what: str) -> None:
    data = written(tmp_path / "data.csv", columns() | change)
    with pytest.raises(symc.SymcError) as caught:
        symc.fit(data, **given, **QUICK)
    assert what in str(caught.value)
