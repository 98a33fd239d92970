"""Operators of a run's own, from the table through the bundle to verify."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

import symc
from symc.cli import main
from symc.errors import CheckFailed, SymcError
from symc.ir.evaluate import evaluate

TABLE = 'Complexity,Loss,Equation\n1,9.0,"0.5"\n3,4.0,"bump(x0)"\n5,0.1,"bump(x0 - x1) * -2.5"\n'
BUMP = "bump(x) = exp(-x^2)"


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "hall_of_fame.csv"
    path.write_text(TABLE)
    return path


def test_a_defined_operator_has_its_values(table: Path, tmp_path: Path) -> None:
    bundle = symc.build(table, out=tmp_path / "out", define=[BUMP], domain="-2:2")
    rng = np.random.default_rng(0)
    x = rng.uniform(-2, 2, (500, 2)).astype(np.float32)
    u = x.astype(np.float64)
    expected = -2.5 * np.exp(-((u[:, 0] - u[:, 1]) ** 2))
    np.testing.assert_allclose(evaluate(bundle.manifest.program, x)[:, 0], expected, rtol=3e-6)
    (equation,) = bundle.manifest.equations
    assert equation.source == "bump(x0 - x1) * -2.5" and bundle.manifest.options["define"] == BUMP
    assert "bump" not in equation.text
    assert f"--define '{BUMP}'" in bundle.manifest.reproduce
    report = symc.verify(bundle.path, rows=500)
    assert report.ok and any(check.name == "meaning" for check in report.checks)
    header = next((bundle.path / "include").glob("*.h")).read_text()
    assert f"define: {BUMP}" in header


def test_verify_writes_the_definitions_out_again(table: Path, tmp_path: Path) -> None:
    bundle = symc.build(table, out=tmp_path / "out", define={"bump(x)": "exp(-x^2)"})
    file = bundle.path / "manifest.json"
    import msgspec

    from symc.bundle.manifest import Manifest

    for wrong in ("bump(x) = exp(-x^4)", "bump(x, y) = exp(x*y)"):
        manifest = msgspec.json.decode(file.read_bytes(), type=Manifest)
        options = {**manifest.options, "define": wrong}
        file.write_bytes(msgspec.structs.replace(manifest, options=options).sealed().to_bytes())
        failed = [check for check in symc.verify(bundle.path, rows=100).checks if not check.ok]
        assert failed[0].name == "meaning", wrong


def test_without_the_definition_the_command_shows_it(table: Path, tmp_path: Path) -> None:
    def run(*args: str) -> tuple[int, str]:
        result = CliRunner().invoke(main, list(args))
        return result.exit_code, result.output

    code, said = run("build", str(table), "-o", str(tmp_path / "out"))
    assert code == 1 and '--define "bump(x) = ..."' in said and not (tmp_path / "out").exists()
    code, said = run("build", str(table), "-o", str(tmp_path / "out"), "--define", BUMP)
    assert code == 0, said
    code, said = run("inspect", str(table), "--define", BUMP, "--json")
    members = json.loads(said)["fronts"][0]["members"]
    assert code == 0 and [m.get("source") for m in members] == [None, "bump(x0)", "bump(x0 - x1) * -2.5"]
    code, said = run("build", str(table), "-o", str(tmp_path / "out"), "--define", "bump(x) = bump(x)")
    assert code == 2 and "calls itself" in said and "Traceback" not in said


def test_a_call_that_does_not_fit_its_definition_is_a_dropped_row(table: Path) -> None:
    table.write_text(TABLE + '7,0.01,"bump(x0, x1)"\n')
    text, _ = symc.sources.registry.inspect(table, define=[BUMP])
    assert "line 5, column 1: 'bump' takes 1 argument, not 2" in text


def test_a_run_of_more_arguments_shows_them(table: Path, tmp_path: Path) -> None:
    table.write_text('Complexity,Loss,Equation\n3,4.0,"blend(x0, x1, x0 + 1)"\n')
    with pytest.raises(CheckFailed, match=r'--define "blend\(x, y, z\) = ..."'):
        symc.build(table, out=tmp_path / "out")


def test_the_inputs_of_calls_are_renamed_and_scaled(table: Path, tmp_path: Path) -> None:
    scale = tmp_path / "scale.json"
    scale.write_text('{"inputs": {"p": [1.0, 2.0]}, "outputs": {"y0": [3.0, 0.5]}}')
    bundle = symc.build(table, out=tmp_path / "out", define=[BUMP], features=["p", "q"], scale=scale)
    x = np.array([[0.5, -0.25], [2.0, 1.5]], np.float32)
    p, q = x.astype(np.float64).T
    expected = 3.0 + 0.5 * (-2.5 * np.exp(-(((p - 1.0) / 2.0 - q) ** 2)))
    np.testing.assert_allclose(evaluate(bundle.manifest.program, x)[:, 0], expected, rtol=1e-6)
    assert symc.verify(bundle.path, rows=100).ok


def test_equations_as_text_call_what_is_defined(tmp_path: Path) -> None:
    texts = ["y = -2.5*bump(u - w)", "z = far(w)"]
    define = [BUMP, "far(x) = 1 - bump(x)"]
    bundle = symc.build(equation=texts, out=tmp_path / "out", define=define, domain="-2:2")
    x = np.random.default_rng(0).uniform(-2, 2, (500, 2)).astype(np.float32)
    u, w = x.astype(np.float64).T
    found = evaluate(bundle.manifest.program, x)
    np.testing.assert_allclose(found[:, 0], -2.5 * np.exp(-((u - w) ** 2)), rtol=3e-6)
    np.testing.assert_allclose(found[:, 1], 1 - np.exp(-(w**2)), atol=1e-7)
    assert [e.source for e in bundle.manifest.equations] == ["-2.5*bump(u - w)", "far(w)"]
    assert f"--define '{BUMP}'" in bundle.manifest.reproduce
    assert symc.verify(bundle.path, rows=100).ok


def test_an_equation_shows_the_definition_that_is_missing(tmp_path: Path) -> None:
    with pytest.raises(SymcError, match=r'column 7: unknown operator .bump.(.|\n)*--define "bump\(x, y\) = ..."'):
        symc.build(equation="y = 2*bump(u, 1)", out=tmp_path / "out")
    with pytest.raises(SymcError, match=r"column 7: .bump. takes 1 argument, not 2"):
        symc.build(equation="y = 2*bump(u, 1)", out=tmp_path / "out", define=BUMP)
    with pytest.raises(SymcError, match=r"written out, column 8: unknown operator .hump."):
        symc.build(equation="y = bump(hump(u))", out=tmp_path / "out", define=BUMP)


def test_a_network_has_no_use_for_it(tmp_path: Path) -> None:
    from tests.small_network import distilled

    with pytest.raises(SymcError, match="no use for --define"):
        symc.sources.registry.open_model(distilled(), define=[BUMP])
