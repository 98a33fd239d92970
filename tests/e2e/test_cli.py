"""The command line as a user meets it: exit codes, messages on stderr, JSON on stdout."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from click.testing import CliRunner, Result

from symc.cli import main
from tests.distilled import save_model


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_model(tmp_path_factory.mktemp("model") / "law.pt")


def run(*words: object) -> Result:
    return CliRunner().invoke(main, [str(w) for w in words])


def refused(*words: object, code: int = 2) -> str:
    """Run a command that must fail with `code`, saying why in one paragraph on stderr alone."""
    result = run(*words)
    assert result.exit_code == code, result.output
    assert result.stdout == ""
    assert "Traceback" not in result.stderr
    return result.stderr


def test_build_inspect_verify(model: Path, tmp_path: Path) -> None:
    built = run("build", model, "-o", tmp_path, "--target", "c", "--select", "accuracy")
    assert built.exit_code == 0, built.output
    assert "x0^2 + 2.5382*cos(x1) - 0.5" in built.stdout and "held-out" in built.stdout
    inspected = run("inspect", tmp_path / "law")
    assert inspected.exit_code == 0 and "2.5382" in inspected.stdout
    verified = run("verify", tmp_path / "law", "--rows", "1000")
    assert verified.exit_code == 0, verified.output
    assert "1000 inputs bit-equal" in verified.stdout


def test_json_is_one_object_on_stdout(model: Path, tmp_path: Path) -> None:
    built = json.loads(run("build", model, "-o", tmp_path, "--json").stdout)
    assert built["manifest"]["name"] == "law" and built["manifest"]["files"]
    assert json.loads(run("inspect", model, "--json").stdout)["kind"] == "distilled"
    assert json.loads(run("inspect", tmp_path / "law", "--json").stdout)["schema"] == 1
    assert json.loads(run("verify", tmp_path / "law", "--rows", "500", "--json").stdout)["ok"] is True
    tools = {row["name"] for row in json.loads(run("doctor", "--json").stdout)["tools"]}
    assert {"python", "torch", "operon"} <= tools


def test_quiet_prints_nothing(model: Path, tmp_path: Path) -> None:
    result = run("build", model, "-o", tmp_path, "-q")
    assert (result.exit_code, result.output) == (0, "")


def test_the_recorded_command_repeats_the_build(model: Path, tmp_path: Path) -> None:
    first = json.loads(run("build", model, "-o", tmp_path / "a", "--complexity", "10,5", "--json").stdout)
    command = first["manifest"]["reproduce"]
    assert command == "symc build law.pt --target c --name law --complexity 10,5 -o OUT"
    words = command.replace("law.pt", str(model)).replace("OUT", str(tmp_path / "b")).split()[1:]
    assert run(*words).exit_code == 0
    for path in (tmp_path / "a").rglob("*"):
        if path.is_file():
            assert path.read_bytes() == (tmp_path / "b" / path.relative_to(tmp_path / "a")).read_bytes()


def test_a_tampered_bundle_exits_1_and_names_the_file(model: Path, tmp_path: Path) -> None:
    run("build", model, "-o", tmp_path)
    source = tmp_path / "law/src/law.c"
    source.write_text(source.read_text().replace("2.5382F", "2.5383F"))
    result = run("verify", tmp_path / "law")
    assert result.exit_code == 1
    assert "FAIL  files" in result.stdout and "src/law.c" in result.stdout
    assert "src/law.c" in result.stderr


def test_bad_usage(model: Path, tmp_path: Path) -> None:
    out = ("-o", tmp_path / "out")
    assert "no such file" in refused("build", tmp_path / "absent.pt", *out)
    assert "unknown target 'verilog'" in refused("build", model, *out, "--target", "verilog")
    assert "The targets are: c, cuda, numba" in refused("build", model, *out, "--target", "verilog")
    assert "keyword" in refused("build", model, *out, "--name", "while")
    assert "complexities: 1, 10" in refused("build", model, *out, "--complexity", "7")
    assert "rules are: best" in refused("build", model, *out, "--select", "prettiest")
    assert "--complexity: 'few' is not a whole number" in refused("build", model, *out, "--complexity", "few")
    assert "no use" in refused("build", model, *out, "--evaluations", "1000")
    assert "no such folder" in refused("verify", tmp_path / "absent")
    assert "Missing option" in refused("build", model)
    assert "No such command" in refused("frobnicate")
    assert not (tmp_path / "out").exists()


def test_a_constant_equation_is_warned_of(tmp_path: Path) -> None:
    file = tmp_path / "hall_of_fame.csv"
    file.write_text('Complexity,Loss,Equation\n6,2.0,"exp(log_abs(0.56))"\n3,3.0,"x0 +"\n')
    result = run("build", file, "-o", tmp_path / "out")
    assert result.exit_code == 0
    assert "y0 is a constant" in result.stderr and "1 equations were left out" in result.stderr
    assert "line 3, column 5" in result.stdout
    file.write_text('Complexity,Loss,Equation\n1,2.0,"sin(x0*3.1)*exp(x1*-1.9)"\n')
    assert "constant" not in run("build", file, "-o", tmp_path / "other").stderr


def test_operators_that_are_not_known_are_no_reason_for_a_constant(tmp_path: Path) -> None:
    file = tmp_path / "hall_of_fame.csv"
    file.write_text('Complexity,Loss,Equation\n1,2.0,"0.5"\n2,1.5,"x0"\n3,1.0,"bump(x0)"\n5,0.5,"bump(x0 + 1)"\n')
    result = run("build", file, "-o", tmp_path / "out")
    assert result.exit_code == 1 and "equations of y0, 2 use the operator 'bump'" in result.stderr
    assert '--define "bump(x) = ..."' in result.stderr and not (tmp_path / "out").exists()
    assert run("build", file, "-o", tmp_path / "out", "--complexity", "2").exit_code == 0
    assert "unknown operator 'bump'" in refused("build", file, "-o", tmp_path / "out", "--complexity", "5")


def test_a_name_is_made_of_one_that_is_none(model: Path, tmp_path: Path) -> None:
    for file, name in (("const.pt", "run_const"), ("2024 a-b.pt", "run_2024_a_b"), ("pump__2_.pt", "pump_2")):
        copy = tmp_path / file
        copy.write_bytes(model.read_bytes())
        assert run("build", copy, "-o", tmp_path / "out").exit_code == 0
        assert (tmp_path / "out" / name / "include" / f"{name}.h").is_file()
    assert "is not a C identifier" in refused("build", model, "-o", tmp_path / "out", "--name", "20241126_run")


def test_a_network_needs_trust_and_inputs(tmp_path: Path) -> None:
    path = tmp_path / "net.pt"
    torch.save(torch.nn.Sequential(torch.nn.Linear(2, 3), torch.nn.Tanh(), torch.nn.Linear(3, 1)), path)
    assert "--trust" in refused("build", path, "-o", tmp_path / "out", "--domain", "0:1")
    assert "--inputs" in refused("build", path, "-o", tmp_path / "out", "--trust")
    assert "no layer" in refused("build", path, "-o", tmp_path / "out", "--trust", "--domain", "0:1", "--layer", "7")
    listed = run("inspect", path, "--trust")
    assert "1  Tanh" in listed.stdout


def test_without_a_compiler_verify_exits_3_and_says_what_to_install(
    model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run("build", model, "-o", tmp_path)
    monkeypatch.delenv("CC", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("SYMC_CACHE_DIR", str(tmp_path / "cache"))
    done = run("verify", tmp_path / "law")
    assert done.exit_code == 3, done.output
    assert "compiler" in done.stderr and "nstall" in done.stderr


def test_help_and_version_are_quick_and_need_no_torch() -> None:
    script = "import sys; from symc.cli import main\ntry: main(['--help'])\nexcept SystemExit: pass\n"
    script += "sys.exit(bool({'torch', 'sympy', 'numba', 'scipy'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.returncode == 0 and "build" in done.stdout


def test_what_is_read_is_not_replaced(model: Path, tmp_path: Path) -> None:
    data = tmp_path / "rows.csv"
    data.write_text("a,y\n" + "".join(f"{k},{2 * k}\n" for k in range(40)))
    (tmp_path / "link.pt").symlink_to(data)
    before = data.read_bytes()
    for words in (
        ("fit", data, "--targets", "y", "-o", data),
        ("fit", data, "--targets", "y", "-o", tmp_path / "link.pt"),
        ("distill", data, "--domain", "0:1", "-o", data),
        ("distill", model, "--inputs", data, "-o", data),
    ):
        assert "is what is read, and would be lost. Give another --out" in refused(*words)
    assert data.read_bytes() == before


@pytest.mark.skipif(sys.platform != "linux", reason="names of any bytes")
def test_encodings_end_no_command_that_did_its_work(tmp_path: Path) -> None:
    def ended(encoding: str, *words: str | bytes) -> tuple[int, bytes, bytes]:
        command = [sys.executable, "-m", "symc.cli", *words]
        environment = {**os.environ, "PYTHONIOENCODING": encoding}
        done = subprocess.run(command, env=environment, capture_output=True)
        return done.returncode, done.stdout, done.stderr

    code, printed, said = ended("latin-1", "build", "--equation", "y = x0", "-o", os.fsencode(tmp_path) + b"/\xff")
    assert code == 0 and b"????" in printed and not said
    assert (Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xff")) / "y" / "manifest.json").exists()
    code, printed, said = ended("utf-8", "inspect", os.fsencode(tmp_path) + b"/\xff/y")
    assert code == 0 and "─".encode() in printed and not said
    code, _, said = ended("utf-8", "build", "--equation", b"y = x0 + \xff", "-o", str(tmp_path))
    assert code == 2 and b"is no text in this locale's encoding" in said and b"Traceback" not in said
