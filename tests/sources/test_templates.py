"""Tables of template expressions, from the command line to verify."""

from __future__ import annotations

import ast
import re
import shlex
from pathlib import Path

import mpmath
import msgspec
import numpy as np
import pytest
from click.testing import CliRunner

import symc
from symc.bundle.manifest import Manifest
from symc.cli import main
from symc.errors import SymcError
from symc.ir.evaluate import evaluate
from symc.sources.registry import inspect

HEAD = "Complexity,Loss,Equation\n"
TABLE = HEAD + (
    '2,9.0,"f = #1; g = #1; p = [0.5, -1.25]"\n'
    '9,0.1,"f = sin(#1) * #2; g = exp(#1 * -0.5); p = [0.25, 2.0]"\n'
    '11,0.05,"f = sin(#1 +; g = #1; p = [0.25, 2.0]"\n'
)
COMBINE = "p[1]*f(x0, x1) + D(f, 1)(x0, x2) - p[2]*g(x2)"


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "hall_of_fame.csv"
    path.write_text(TABLE)
    return path


def run(*args: object) -> tuple[int, str]:
    result = CliRunner().invoke(main, [str(a) for a in args])
    assert result.exception is None or isinstance(result.exception, SystemExit)
    return result.exit_code, result.output


def test_a_template_has_its_values_and_verify_puts_it_together_again(table: Path, tmp_path: Path) -> None:
    bundle = symc.build(table, out=tmp_path / "out", combine=COMBINE, complexity=9, domain="-2:2")
    x = np.random.default_rng(0).uniform(-2, 2, (300, 3)).astype(np.float32)
    a, b, c = x.astype(np.float64).T
    expected = 0.25 * np.sin(a) * b + np.cos(a) * c - 2.0 * np.exp(-0.5 * c)
    np.testing.assert_allclose(evaluate(bundle.manifest.program, x)[:, 0], expected, rtol=1e-5, atol=2e-6)
    (equation,) = bundle.manifest.equations
    assert "argument" not in equation.text and "  " not in equation.text
    assert equation.source == "f = sin(#1) * #2; g = exp(#1 * -0.5); p = [0.25, 2.0]"
    assert bundle.manifest.options["combine"] == COMBINE
    report = symc.verify(bundle.path, rows=300)
    assert report.ok and "meaning" in [check.name for check in report.checks]
    ((text, reason),) = inspect(table, combine=COMBINE)[1]["fronts"][0]["dropped"]
    assert text.startswith("f = sin(#1 +") and "line 4" in reason


@pytest.mark.parametrize("wrong", [COMBINE.replace("p[1]", "p[2]"), COMBINE.replace("D(f, 1)", "D(f, 2)"), "h(x0)"])
def test_verify_sees_another_combine(wrong: str, table: Path, tmp_path: Path) -> None:
    bundle = symc.build(table, out=tmp_path / "out", combine=COMBINE, complexity=9)
    file = bundle.path / "manifest.json"
    manifest = msgspec.json.decode(file.read_bytes(), type=Manifest)
    changed = msgspec.structs.replace(manifest, options={**manifest.options, "combine": wrong})
    file.write_bytes(changed.sealed().to_bytes())
    failed = [check.name for check in symc.verify(bundle.path, rows=100).checks if not check.ok]
    assert failed[0] == "meaning"


def test_derivatives_of_parts_are_those_of_mpmath(table: Path, tmp_path: Path) -> None:
    cell = "f = exp(#1 * #2) / (#2 + cos(#1)^2)"
    table.write_text(f'{HEAD}9,0.1,"{cell}"\n')
    bundle = symc.build(table, out=tmp_path / "out", combine="D(D(f, 1), 2)(x0, x1)", domain="0.5:1.5")
    for row in np.random.default_rng(1).uniform(0.5, 1.5, (20, 2)).astype(np.float32):
        point = tuple(map(float, row))
        with mpmath.workdps(30):
            f = lambda u, v: mpmath.exp(u * v) / (v + mpmath.cos(u) ** 2)  # noqa: E731
            expected = float(mpmath.diff(f, point, (1, 1)))
        got = float(evaluate(bundle.manifest.program, row[None])[0, 0])
        assert got == pytest.approx(expected, rel=2e-5, abs=2e-5)


def test_without_combine_the_hint_builds(table: Path, tmp_path: Path) -> None:
    code, said = run("build", table, "-o", tmp_path / "out")
    assert code == 2 and "parts of a template" in said and not (tmp_path / "out").exists()
    shown = said.split('--combine "')[1].split('"')[0]
    table.write_text(TABLE.rsplit("11,", 1)[0])
    code, said = run("build", table, "-o", tmp_path / "out", "--combine", shown)
    assert code == 0, said


def test_names_definitions_and_lines_go_together(table: Path, tmp_path: Path) -> None:
    table.write_text(HEAD + '5,0.1,"f = bump(#1) + #2"\n')
    combine = "u = f(flow_rate, Δp)\nu + D(f, 1)(flow_rate, Δp)"
    given = {"define": ["bump(x) = exp(-x^2)"], "combine": combine, "features": ["flow rate", "Δp"]}
    bundle = symc.build(table, out=tmp_path / "one", **given)
    x = np.random.default_rng(2).uniform(-1, 1, (50, 2)).astype(np.float32)
    a, b = x.astype(np.float64).T
    expected = np.exp(-(a**2)) + b - 2 * a * np.exp(-(a**2))
    np.testing.assert_allclose(evaluate(bundle.manifest.program, x)[:, 0], expected, rtol=1e-5, atol=1e-6)
    assert symc.verify(bundle.path, rows=100).ok
    words = shlex.split(bundle.manifest.reproduce.replace("OUT", str(tmp_path / "two")))
    words[words.index("hall_of_fame.csv")] = str(table)
    code, said = run(*words[1:])
    assert code == 0, said
    again = msgspec.json.decode((tmp_path / "two" / bundle.path.name / "manifest.json").read_bytes(), type=Manifest)
    assert again.program == bundle.manifest.program and again.options == bundle.manifest.options


def test_a_comment_of_combine_reaches_no_code(table: Path, tmp_path: Path) -> None:
    evil = '# */ int evil; /* """ + evil \\'
    combine = f"{evil}\nf(x0, x1) {evil}"
    bundle = symc.build(table, out=tmp_path / "out", combine=combine, target=["c", "numba"], complexity=9)
    header = (bundle.path / "include" / f"{bundle.path.name}.h").read_text()
    code = re.sub(r"/\*.*?\*/", "", header, flags=re.S)
    assert "combine: " in header and "evil" in header and "evil" not in code and "/*" not in code
    tree = ast.parse((bundle.path / "numba" / f"{bundle.path.name}.py").read_text())
    assert "evil" in (ast.get_docstring(tree) or "")
    assert "evil" not in {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}


def test_columns_that_do_not_begin_with_x0_must_be_named(table: Path, tmp_path: Path) -> None:
    table.write_text(HEAD + '5,0.1,"f = #1 - #2"\n')
    with pytest.raises(SymcError, match=r"x1 and not x0.*--features x1,x2"):
        symc.build(table, out=tmp_path / "out", combine="f(x1, x2)")
    bundle = symc.build(table, out=tmp_path / "out", combine="f(x1, x2)", features=["x1", "x2"])
    assert evaluate(bundle.manifest.program, np.array([[5.0, 2.0]], np.float32))[0, 0] == 3.0


def test_a_combine_for_equations_is_an_error(table: Path, tmp_path: Path) -> None:
    table.write_text(HEAD + '5,0.1,"x0 + 1"\n')
    code, said = run("build", table, "-o", tmp_path / "out", "--combine", "f(x0)")
    assert code == 2 and "is no part of a template" in said
