"""Equations as a way in: every form means what its author means, and what is no equation is refused with its place."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import mpmath
import numpy as np
import pytest
import sympy

import symc
from symc.errors import SymcError
from symc.sources.equation_text import is_equation
from tests.sources.built import cli, close, values

RNG = np.random.default_rng(5)


def test_an_equation_on_the_command_line(tmp_path: Path) -> None:
    done = cli("build", "--equation", "y = 2.5*cos(x3) + x0^2", "--domain", "-2:2", "-o", tmp_path)
    assert done.exit_code == 0, done.output
    assert "Inputs, in order: x0=-2:2, x3=-2:2" in done.stdout
    report = symc.verify(tmp_path / "y", rows=500)
    assert report.ok, report
    manifest = json.loads((tmp_path / "y" / "manifest.json").read_text())
    assert manifest["model"]["kind"] == "equations"
    assert "--equation 'y = 2.5*cos(x3) + x0^2' --domain -2:2" in manifest["reproduce"]
    readme = (tmp_path / "y" / "README.md").read_text()
    assert "Equations given as text" in readme and "network" not in readme
    x = RNG.uniform(-2, 2, (50, 2)).astype(np.float32)
    f = symc.load(tmp_path / "y")
    exact = [mpmath.mpf("2.5") * mpmath.cos(float(b)) + mpmath.mpf(float(a)) ** 2 for a, b in x]
    close(np.asarray(f(x))[:, 0], np.array(exact, dtype=float))


def test_ranges_go_to_the_inputs_that_they_name(tmp_path: Path) -> None:
    law = ["--equation", "power = 2.5*lift + sqrt(flow)", "--name", "pump", "-o", tmp_path]
    by_place = cli("build", *law, "--domain", "0:4,1:9")
    assert by_place.exit_code == 0 and "Inputs, in order: flow=0:4, lift=1:9" in by_place.stdout
    by_name = cli("build", *law, "--domain", "lift=0:4, flow=1:9")
    assert by_name.exit_code == 0 and "Inputs, in order: flow=1:9, lift=0:4" in by_name.stdout
    manifest = json.loads((tmp_path / "pump" / "manifest.json").read_text())
    assert manifest["domain"] == [[1.0, 9.0], [0.0, 4.0]] and "lift=0:4" in manifest["reproduce"]
    for domain, said in (
        ("lift=0:4,1:9", "range 2 is '1:9', without the name of its input"),
        ("lift=0:4,lift=1:9", "has two ranges for 'lift'"),
        ("lift=0:4", "the domain has no range for 'flow'"),
        ("lift=0:4,flow=1:9,head=0:1", "the domain has a range for 'head'"),
        ("lift=0-4,flow=1:9", "range 1 is '0-4', not lo:hi"),
    ):
        refused = cli("build", *law, "--domain", domain)
        assert refused.exit_code == 2 and said in refused.stderr


def test_a_model_or_an_equation(tmp_path: Path) -> None:
    neither = cli("build", "-o", tmp_path)
    assert neither.exit_code == 2 and "no model is given" in neither.stderr and "--equation" in neither.stderr
    both = cli("build", tmp_path / "m.pt", "--equation", "x", "-o", tmp_path)
    assert both.exit_code == 2 and "Give MODEL or --equation, not both" in both.stderr


@pytest.mark.parametrize(
    "model, options, inputs, outputs, name",
    [
        ("2*x0 + 1", {}, ["x0"], ["y0"], "equations"),
        (["a*b", "z = a+b"], {"features": ["b", "a", "c"]}, ["b", "a", "c"], ["y0", "z"], "equations"),
        ("speed = x10 - x2 + x1", {}, ["x1", "x2", "x10"], ["speed"], "speed"),
        ({"u": "p/q", "v": sympy.Symbol("q") ** 2}, {}, ["p", "q"], ["u", "v"], "equations"),
        (sympy.Eq(sympy.Symbol("w"), sympy.sin(sympy.Symbol("t"))), {}, ["t"], ["w"], "w"),
        ("area = pi*r^2", {}, ["r"], ["area"], "area"),
    ],
)
def test_names(
    model: Any, options: dict[str, Any], inputs: list[str], outputs: list[str], name: str, tmp_path: Path
) -> None:
    bundle = symc.build(model, out=tmp_path, **options)
    assert list(bundle.manifest.program.inputs) == inputs
    assert list(bundle.manifest.program.outputs) == outputs
    assert bundle.path == tmp_path / name


def test_a_bare_name_is_an_equation_where_it_is_called_one(tmp_path: Path) -> None:
    assert symc.build(equation="a", out=tmp_path).manifest.program.inputs == ("a",)
    with pytest.raises(SymcError, match="there is no such file"):
        symc.build("a", out=tmp_path)


@pytest.mark.parametrize("text", ["x0/x1", "a-b", "-x/2", "2*x", "f(x)", "y = x", "mass / volume", "x < 1", "2*x+.5"])
def test_is_an_equation(text: str) -> None:
    assert is_equation(text)


@pytest.mark.parametrize(
    "text", ["modle.pt", "runs/hall.csv", "runs/hall", "./x*y", "/tmp/a(b)", "my-model", "a=b.csv", "~/x*y", r"C:\a*b"]
)
def test_is_a_path(text: str, tmp_path: Path) -> None:
    assert not is_equation(text)
    with pytest.raises(SymcError, match="there is no such file"):
        symc.build(text, out=tmp_path)
    with pytest.raises(SymcError, match="there is no such file"):
        symc.build(["2*x", text], out=tmp_path)


def test_a_file_that_exists_is_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("a*b").write_bytes(b"\x01\x02")
    with pytest.raises(SymcError, match="is not a model that symc knows"):
        symc.build("a*b", out=tmp_path, name="m")


def test_files(tmp_path: Path) -> None:
    lines = tmp_path / "pump.txt"
    lines.write_text("# a pump\n\ny = 2*x0 + 1   # linear\nz = x0*x1\n", encoding="utf-8-sig")
    bundle = symc.build(lines, out=tmp_path)
    assert bundle.path.name == "pump" and bundle.manifest.program.outputs == ("y", "z")
    document = {"equations": {"y": "a^2 - b"}, "features": ["b", "a"], "domain": {"a": [0, 1], "b": [-1, 2]}}
    (tmp_path / "law.json").write_text(json.dumps(document))
    law = symc.build(tmp_path / "law.json", out=tmp_path)
    assert law.manifest.domain == ((-1.0, 2.0), (0.0, 1.0)) and law.manifest.program.inputs == ("b", "a")
    close(values(law, np.array([[0.5, 3.0]]))[:, 0], np.array([8.5]))
    shown = cli("inspect", lines)
    assert shown.exit_code == 0 and "inputs x0, x1\ny = 2*x0 + 1\nz = x0*x1" in shown.stdout
    as_json = cli("inspect", tmp_path / "law.json", "--json")
    assert json.loads(as_json.stdout)["equations"] == {"y": "a^2 - b"}


def test_options_work_as_for_other_equations(tmp_path: Path) -> None:
    scalers = tmp_path / "scalers.json"
    scalers.write_text('{"inputs": {"x": [1.0, 2.0]}, "outputs": {"y": [3.0, 4.0]}}')
    bundle = symc.build(
        "y = x^3 + x",
        domain="-1:1",
        scale=str(scalers),
        require=["rising(x)"],
        outside="clamp",
        units="m -> s",
        out=tmp_path,
    )
    close(values(bundle, np.array([[2.0]]))[:, 0], np.array([3 + 4 * (0.5**3 + 0.5)]))
    assert symc.verify(bundle.path, rows=300).ok


def write_csv(path: Path) -> np.ndarray:
    x = RNG.uniform(-2, 2, (120, 2)).astype(np.float32)
    y = np.float32(2) * x[:, 0] - x[:, 1] ** 2 + np.float32(0.25)
    rows = [f"{b!r},{t!r},{a!r}" for (a, b), t in zip(x.tolist(), y.tolist(), strict=True)]
    path.write_text("\n".join(["b,target,a", *rows]))
    return x


def test_parity_with_data(tmp_path: Path) -> None:
    data = tmp_path / "data.csv"
    write_csv(data)
    words = ["build", "--equation", "y = 2*a - b^2", "--inputs", data, "--targets", "target"]
    done = cli(*words, "-o", tmp_path, "--require", "rmse<=0.3")
    assert done.exit_code == 0, done.output
    report = symc.verify(tmp_path / "y", rows=300)
    assert report.ok and "parity" in [check.name for check in report.checks]
    manifest = json.loads((tmp_path / "y" / "manifest.json").read_text())
    # The data lie a quarter above the equation everywhere.
    assert [p["split"] for p in manifest["parity"]] == ["train", "held-out"]
    assert all(abs(p["rmse"] - 0.25) < 1e-5 and p["rows"] for p in manifest["parity"])
    assert manifest["samples"]["rows"] == 120 and manifest["domain"][0][1] <= 2.0
    assert "--inputs data.csv --targets target" in manifest["reproduce"]
    failed = cli(*words, "-o", tmp_path / "no", "--require", "rmse<=0.2")
    assert failed.exit_code == 1 and not (tmp_path / "no").exists()


def test_targets_as_arrays_and_files(tmp_path: Path) -> None:
    x = write_csv(tmp_path / "data.csv")
    y = 2 * x[:, 0] - x[:, 1] ** 2
    np.save(tmp_path / "y.npy", y)
    for targets in (y, str(tmp_path / "y.npy")):
        bundle = symc.build("y = 2*a - b^2", inputs=x, targets=targets, out=tmp_path)
        assert all(p.rmse < 1e-6 for p in bundle.manifest.parity)


def test_parity_of_a_table_with_data(tmp_path: Path) -> None:
    x = write_csv(tmp_path / "data.csv")
    table = tmp_path / "hall_of_fame.csv"
    table.write_text("Complexity,Loss,Equation\n7,0.5,2*a - b*b\n")
    data = str(tmp_path / "data.csv")
    bundle = symc.build(table, features=["a", "b"], inputs=data, targets="target", out=tmp_path)
    assert all(abs(p.rmse - 0.25) < 1e-5 for p in bundle.manifest.parity)
    assert bundle.manifest.domain is not None and bundle.manifest.domain[0][0] == float(x[:, 0].min())


@pytest.mark.parametrize(
    "options, error",
    [
        ({"targets": "target"}, "rows of inputs are needed"),
        ({"inputs": "data.csv"}, "there are inputs and no targets"),
        ({"inputs": "data.csv", "targets": "tarfet"}, r"no column called 'tarfet'.*b, target, a"),
        ({"inputs": "data.csv", "targets": "target,a"}, "2 columns for 1 outputs"),
        ({"inputs": "data.csv", "targets": "target", "features": ["a", "b", "c"]}, "no column called 'c'"),
        ({"inputs": "data.csv", "targets": np.zeros(7)}, "7 rows of targets for 120 rows of inputs"),
        ({"layer": "0"}, "no use for --layer"),
    ],
)
def test_data_that_do_not_fit(
    options: dict[str, Any], error: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    write_csv(Path("data.csv"))
    with pytest.raises(SymcError, match=error):
        symc.build("y = 2*a - b^2", out=tmp_path, **options)


@pytest.mark.parametrize(
    "equations, error",
    [
        (["y = a", "y = b"], "equation 2: two equations give 'y'"),
        (["y1 = a", "b"], "two equations give 'y1'"),
        (["a*b = 3"], "more than a name on the left"),
        (["y = z = a"], "more than a name on the left"),
        (["z = a*b", "y = z + 1"], "'z' is an output and is used as an input"),
        (["y = 2*e"], r"'e' may be an input, or a number.*exp\(1\)"),
        (["y = sin*x"], "'sin' may be an input, or a function"),
        (["y = 3"], "have no inputs"),
        (["y = __import__('os').system('false')"], "unknown operator|unexpected"),
        (["y = sinn(x)"], r"equation 1, column \d+: unknown operator 'sinn'.*Did you mean 'sin'"),
        (["y = "], "column 5: the equation is empty"),
        (["y = log(-1)*x"], "no finite real value"),
        (["y = Symbol('x').__class__"], "cannot read"),
        (["y = Add(Symbol('x'), open('f'))"], "no function for sympy's open"),
        (["y = Add(Symbol('x'), *[Integer(1)])"], "cannot read"),
        (["y = Add(Symbol('x'), Integer(1)"], "not an expression as sympy's srepr writes it"),
        (["y = " + "cos(Symbol(" * 400], "not an expression as sympy's srepr|nested"),
    ],
)
def test_refused(equations: list[str], error: str, tmp_path: Path) -> None:
    with pytest.raises(SymcError, match=re.compile(error, re.DOTALL)):
        symc.build(equation=equations, out=tmp_path / "out")
    assert not list(tmp_path.glob("out/*"))


@pytest.mark.parametrize(
    "name, content, error",
    [
        ("a.json", b'{"equations": ["y = x"', "is not JSON of equations .*truncated"),
        ("a.json", b'{"equations": ["y = x", 3]}', r"\$.equations\[1\]|equations\[...\]"),
        ("a.json", b'{"equations": ["y = x"], "domian": {}}', "domian"),
        ("a.json", b'{"equations": []}', "holds no equations"),
        ("a.json", b'{"equations": ["y = x"], "domain": {"z": [0, 1]}}', "no range for 'x'"),
        ("a.json", b'{"equations": {"y": "x + + )"}}', r"a.json, equations\['y'\], column 7"),
        ("a.json", b"[" * 100_000, "is not JSON of equations"),
        ("a.txt", "y = x + 1\n".encode("utf-16"), "is not text in UTF-8"),
        ("a.txt", b"y = x + 1\n\0", "holds NUL bytes"),
        ("a.txt", b"y = x + 1\nz = x +\n", r"a.txt, line 2, column 8"),
        ("a.txt", b"y = x + 1\nz = x[0] + exec('1')\n", r"a.txt, line 2"),
        ("a.txt", b"y = " + b"x + " * 2_500_000, "has more than 4000000 bytes"),
        ("a.txt", b"y = " + b"x + " * 900_000, "characters, more than"),
        ("a.txt", b"", "is empty"),
    ],
)
def test_files_refused(name: str, content: bytes, error: str, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(content)
    done = cli("build", tmp_path / name, "-o", tmp_path / "out")
    assert done.exit_code == 2, done.output
    assert re.search(error, done.stderr.replace("\n", " ")), done.stderr
    assert not (tmp_path / "out").exists()
