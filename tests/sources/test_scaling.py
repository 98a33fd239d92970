"""Scalers around a model are part of what is built: the code takes and gives the units of the data."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner

import symc
from symc.cli import main
from symc.errors import SymcError
from symc.ir.evaluate import evaluate
from tests.searches import AFFINE, SHORTEST

pytest.importorskip("sklearn")

from sklearn.compose import TransformedTargetRegressor
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import MaxAbsScaler, MinMaxScaler, PolynomialFeatures, RobustScaler, StandardScaler

RUN = 'Complexity,Loss,Equation\n5,0.25,"2.0*p + sin(t)"\n'
SCALE = {"inputs": {"p": [101325.0, 5000.0], "t": [-40.0, 12.5]}, "outputs": {"y0": [3.0, -0.5]}}


def table(tmp_path: Path, scale: Any = SCALE) -> tuple[Path, Path]:
    (tmp_path / "hall_of_fame.csv").write_text(RUN)
    (tmp_path / "scale.json").write_text(json.dumps(scale))
    return tmp_path / "hall_of_fame.csv", tmp_path / "scale.json"


def test_a_table_in_raw_units(tmp_path: Path) -> None:
    csv, scale = table(tmp_path)
    done = CliRunner().invoke(
        main,
        f"build {csv} --features p,t --domain=-2:2 --scale {scale} -t c -o {tmp_path}/out --name law --json".split(),
    )
    assert done.exit_code == 0, done.output
    manifest = json.loads(done.stdout)["manifest"]
    assert "--scale scale.json" in manifest["reproduce"] and "p: centre 101325.0" in manifest["options"]["scaling"]
    assert manifest["domain"] == [[91325.0, 111325.0], [-65.0, -15.0]]
    assert manifest["equations"][0]["loss"] == 0.25 * 0.25
    x = np.random.default_rng(0).uniform([91325.0, -65.0], [111325.0, -15.0], (500, 2)).astype(np.float32)
    p, t = (x[:, 0].astype(float) - 101325.0) / 5000.0, (x[:, 1].astype(float) + 40.0) / 12.5
    bundle = symc.load(tmp_path / "out" / "law")
    np.testing.assert_allclose(bundle(x)[:, 0], (2 * p + np.sin(t)) * -0.5 + 3.0, atol=2e-6)
    assert symc.verify(tmp_path / "out" / "law", rows=500).ok


@pytest.mark.parametrize(
    ("scale", "what"),
    [
        ({"inputs": {"q": [0, 1]}}, "scales the input 'q', which is not there.*p, t"),
        ({"outputs": {"y0": [0, 0]}}, "cannot be undone"),
        ({"inputs": {"p": [1]}}, "not a centre and a scale"),
        ({"input": {"p": [0, 1]}}, "'input', which is no side of a model"),
        ([1, 2], "is not a file of scalers"),
    ],
)
def test_files_of_another_form(scale: Any, what: str, tmp_path: Path) -> None:
    csv, file = table(tmp_path, scale)
    with pytest.raises(SymcError, match=what):
        symc.build(csv, out=tmp_path / "out", name="law", features=["p", "t"], scale=file)


SCALERS = [StandardScaler(), MinMaxScaler((-1, 1)), MaxAbsScaler(), RobustScaler(), StandardScaler(with_std=False)]


# Scales of the target are undone behind the equation, those of the inputs before it: neither knows the other, so that
# every second scaler meets a scaled target. The targets of the build know neither: Numba's compiler runs for one.
CASES = [(scaler, k % 2 == 1, ["c", "numba"] if k == 1 else ["c"]) for k, scaler in enumerate(SCALERS)]


@pytest.mark.parametrize(("scaler", "scaled", "targets"), CASES)
def test_a_pipeline_predicts_what_its_code_computes(
    scaler: Any, scaled: bool, targets: list[str], tmp_path: Path
) -> None:
    rng = np.random.default_rng(1)
    x = (rng.uniform(-1, 1, (300, 2)) * [40.0, 0.002] + [1e3, 0.01]).astype(np.float32)
    y = 3.0 * x[:, 0] + 1e5 * x[:, 1] - 7.0
    model: Any = Pipeline(
        [("first", "passthrough"), ("scale", scaler), ("law", symc.SymbolicRegressor(**AFFINE))]
    )
    if scaled:
        model = TransformedTargetRegressor(regressor=model, transformer=StandardScaler())
    model.fit(x, y)
    bundle = symc.build(model, out=tmp_path, name="law", target=targets)
    got = evaluate(bundle.manifest.program, x)[:, 0]
    spread = float(np.ptp(y))
    np.testing.assert_allclose(got, np.asarray(model.predict(x)).ravel(), atol=1e-5 * spread)
    np.testing.assert_allclose(got, y, atol=1e-4 * spread)
    (low, high), _ = bundle.manifest.domain
    assert math.isclose(low, x[:, 0].min(), rel_tol=1e-6) and math.isclose(high, x[:, 0].max(), rel_tol=1e-6)
    report = symc.verify(bundle.path, rows=500)
    assert bundle.manifest.model.kind == "regressor" and report.ok, str(report)


LAW = symc.SymbolicRegressor(**SHORTEST)


@pytest.mark.parametrize(
    ("steps", "what"),
    [
        ([("p", PolynomialFeatures(1, include_bias=False)), ("law", LAW)], "Polynomial"),
        ([("clip", MinMaxScaler(clip=True)), ("law", LAW)], "clips is no affine map"),
        ([("scale", StandardScaler())], "a Pipeline predicts nothing"),
    ],
)
def test_a_pipeline_of_other_steps_is_refused(steps: list[Any], what: str, tmp_path: Path) -> None:
    x = np.random.default_rng(0).uniform(-1, 1, (60, 2))
    model = Pipeline(steps).fit(x, x[:, 0])
    with pytest.raises(SymcError, match=what):
        symc.build(model, out=tmp_path, name="law")
