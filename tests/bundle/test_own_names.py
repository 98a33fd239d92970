"""Columns whose names are no identifiers, from the model to the code of every target; names meant to break it too."""

from __future__ import annotations

import ast
import shlex
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

import symc
from symc.bundle import read_manifest
from symc.cli import main
from symc.describe import describe
from symc.ir.evaluate import evaluate
from symc.sources.registry import inspect

HOSTILE = [
    *("flow rate", "θ", "x₁", "2nd", "class", "while", "lambda", "A", "a", "温度"),
    "ends in \\",
    'c */ int evil(void); /* "',
    "??/",
    "??*?/",
    "g\n#error evil\r\nh",
    "'''" + '"""; import os',
    "{{ 1 / 0 }}{% raw %}",
    "`r`|</td><script>",
    "\u202egro.live\u2066",
    "$<evil> ${evil} ;",
]


def table(folder: Path, equation: str) -> Path:
    file = folder / "hall_of_fame.csv"
    file.write_text(f'Complexity,Loss,Equation\n5,0.1,"{equation}"\n', encoding="utf-8")
    return file


def test_hostile_names_reach_no_code(tmp_path: Path) -> None:
    weights = np.arange(1, len(HOSTILE) + 1) / 8
    file = table(tmp_path, " + ".join(f"{w} * x{k}" for k, w in enumerate(weights)))
    bundle = symc.build(file, out=tmp_path / "out", target=["c", "cuda", "numba"], features=HOSTILE, domain="-1:1")
    manifest = read_manifest(bundle.path)
    assert manifest.names.inputs == tuple(HOSTILE)
    x = np.random.default_rng(1).uniform(-1, 1, (50, len(HOSTILE))).astype(np.float32)
    np.testing.assert_allclose(evaluate(manifest.program, x)[:, 0], x @ weights, rtol=1e-5, atol=1e-5)
    for path in manifest.files:
        text = (bundle.path / path).read_bytes().decode()
        assert all(c.isprintable() or c == "\n" for c in text), path
        if path.endswith(("CMakeLists.txt", ".c", ".cu", ".cpp")):
            assert not [own for own in HOSTILE if not own.isalnum() and own in text], path
    header = bundle.path / "include" / f"{manifest.name}.h"
    assert 'x[0] flow_rate is "flow rate"' in header.read_text() and 'theta is "θ"' in header.read_text()
    readme = (bundle.path / "README.md").read_text()
    # An indented line is code in Markdown, which neither a fence nor HTML ends.
    assert '\n    x[1] theta is "θ"\n' in readme and '\n    x[17] r_td_script is "`r`|</td><script>"\n' in readme
    said = ast.get_docstring(ast.parse((bundle.path / "numba" / f"{manifest.name}.py").read_text()))
    assert said is not None and 'theta is "θ"' in said and '"""; import os' in said and "{{ 1 / 0 }}" in said
    compiler = shutil.which("gcc")
    if compiler is None:
        pytest.skip("no gcc")
    source = tmp_path / "main.c"
    source.write_text(f'#include "{header.name}"\nint main(void) {{ return 0; }}\n')
    for standard in ("c99", "c17"):
        words = [compiler, f"-std={standard}", "-Wall", "-Wextra", "-Werror", "-fsyntax-only"]
        words += ["-I", str(header.parent), "-I", str(bundle.path / "src"), str(source)]
        done = subprocess.run(words, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr


def test_the_bits_are_the_same_whatever_the_names(tmp_path: Path) -> None:
    file = table(tmp_path, "flow_rate * exp(-θ) + class * x₁^2 - while")
    names = ["flow rate", "θ", "class", "x₁", "while"]
    units = "kg/s, 1, kg/s, 1, kg/s -> kg/s"
    bundle = symc.build(file, out=tmp_path / "out", features=names, domain="-1:1", units=units)
    x = np.random.default_rng(2).uniform(-1, 1, (200, 5)).astype(np.float32)
    flow, theta, of_class, x1, whiles = x.astype(np.float64).T
    expected = flow * np.exp(-theta) + of_class * x1**2 - whiles
    np.testing.assert_allclose(evaluate(bundle.manifest.program, x)[:, 0], expected, rtol=1e-5, atol=1e-6)
    assert symc.verify(bundle.path, rows=300).ok
    assert 'Columns: flow_rate "flow rate", theta "θ", x1 "x₁"' in describe(bundle.manifest, "out")


def test_the_command_that_builds_it_again_does(tmp_path: Path) -> None:
    file = table(tmp_path, "x0 + 2*x1 - x2")
    names = ["flow, hot", 'say "q"', "θ"]
    bundle = symc.build(file, out=tmp_path / "one", features=names)
    words = shlex.split(bundle.manifest.reproduce.replace("OUT", str(tmp_path / "two")))
    words[words.index("hall_of_fame.csv")] = str(file)
    result = CliRunner().invoke(main, words[1:])
    assert result.exit_code == 0, result.output
    assert read_manifest(tmp_path / "two" / bundle.manifest.name).names == bundle.manifest.names


def test_inspect_and_scalers_use_the_own_names(tmp_path: Path) -> None:
    file = table(tmp_path, "flow_rate + 2*θ")
    names = ["flow rate", "θ"]
    shown, data = inspect(file, features=names)
    assert 'inputs flow_rate "flow rate", theta "θ"' in shown and data["names"] == names
    scale = tmp_path / "scale.json"
    scale.write_text('{"inputs": {"flow rate": [1.0, 2.0]}}')
    bundle = symc.build(file, out=tmp_path / "out", features=names, scale=scale)
    x = np.array([[3.0, 0.5]], np.float32)
    assert evaluate(bundle.manifest.program, x)[0, 0] == pytest.approx((3.0 - 1.0) / 2.0 + 1.0)


def test_a_regressor_keeps_the_names_of_its_columns(tmp_path: Path) -> None:
    pandas = pytest.importorskip("pandas")
    rng = np.random.default_rng(3)
    frame = pandas.DataFrame(rng.uniform(-1, 1, (64, 2)), columns=["flow rate", "θ"])
    fitted = symc.SymbolicRegressor(evaluations=500, operators=["add", "mul"], workers=1)
    fitted.fit(frame, frame["flow rate"] * 2 + frame["θ"])
    fitted.save(tmp_path / "model.pt")
    bundle = symc.build(tmp_path / "model.pt", out=tmp_path / "out")
    assert bundle.manifest.program.inputs == ("flow_rate", "theta")
    assert bundle.manifest.names.inputs == ("flow rate", "θ")
    values = evaluate(bundle.manifest.program, frame.to_numpy(np.float32))[:, 0]
    np.testing.assert_array_equal(values, fitted.predict(frame))
    np.testing.assert_allclose(values, 2 * frame["flow rate"] + frame["θ"], atol=0.2)
