"""The recorded proof is about the sources as they are, and the sources hold what the fitting script computes."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

from tests.runtime.helpers import RUNTIME, UNARY
from tests.tools import require


def load(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[path.stem] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def prove() -> ModuleType:
    return load(RUNTIME / "proof" / "prove.py")


@pytest.fixture(scope="module")
def records() -> dict[str, dict]:
    return json.loads((RUNTIME / "proof" / "results.json").read_text())


def test_every_function_is_proved_as_it_stands(prove: ModuleType, records: dict[str, dict]) -> None:
    """None wrong of 2^32, with and without fused multiply-add, equal hashes, for the present bytes of every header."""
    assert prove.check(records, prove.jobs()) == []
    for name in UNARY:
        assert records[name]["inputs"] == 1 << 32
        assert {build: run["wrong"] for build, run in records[name]["builds"].items()} == {"fma": 0, "plain": 0}
    assert sum(record["inputs"] for record in records.values() if record["function"] == "pow") > 1_000_000_000


def test_a_changed_header_a_wrong_result_and_a_missing_run_are_found(
    prove: ModuleType, records: dict[str, dict]
) -> None:
    changed = json.loads(json.dumps(records))
    changed["exp"]["headers"]["symc/f64.h"] = "0" * 64
    changed["log"]["builds"]["fma"]["wrong"] = 1
    changed["tanh"]["builds"]["plain"]["hash"] = "0" * 16
    del changed["cos"]["builds"]["fma"]
    del changed["sin"]
    assert sorted(prove.check(changed, prove.jobs())) == [
        "cos: a build is missing",
        "exp: a header changed since the run",
        "log: 1 wrong results in the build fma",
        "sin: not run",
        "tanh: the builds differ",
    ]


def test_check_runs_from_the_command_line() -> None:
    done = subprocess.run([sys.executable, RUNTIME / "proof" / "prove.py", "--check"], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


@pytest.fixture(scope="module")
def drivers(prove: ModuleType, tmp_path_factory: pytest.TempPathFactory) -> Path:
    if not mpfr():
        pytest.skip("MPFR (libmpfr-dev) is not installed")
    folder = tmp_path_factory.mktemp("drivers")
    prove.compile_drivers(require("gcc"), folder)
    return folder


def mpfr() -> bool:
    built = subprocess.run(
        [require("gcc"), "-xc", "-", "-lmpfr", "-lgmp", "-o", "/dev/null"],
        input="#include <mpfr.h>\nint main(void) { return 0; }\n", capture_output=True, text=True,
    )  # fmt: skip
    return built.returncode == 0


def executable(flag: str) -> bool:
    """Whether this machine can run the builds."""
    return flag in Path("/proc/cpuinfo").read_text() if Path("/proc/cpuinfo").exists() else False


needs_fma = pytest.mark.skipif(not executable(" fma "), reason="the builds need x86-64 with AVX2 and FMA")


@needs_fma
def test_the_exhaustive_driver_finds_every_function_right(drivers: Path) -> None:
    """One binade of each function, both signs."""
    for name in UNARY:
        ran = subprocess.run([drivers / "prove", name, "3f000000", "3f1fffff"], capture_output=True, text=True)
        assert ran.returncode == 0, ran.stderr
        lines = [line.split() for line in ran.stdout.splitlines()]
        assert [line[:4] for line in lines] == [[name, build, str(1 << 22), "0"] for build in ("fma", "plain")]


@needs_fma
def test_the_exhaustive_driver_finds_a_wrong_digit(prove: ModuleType, tmp_path: Path, monkeypatch) -> None:
    if not mpfr():
        pytest.skip("MPFR (libmpfr-dev) is not installed")
    headers = tmp_path / "symc"
    headers.mkdir()
    for path in (RUNTIME / "include" / "symc").glob("*.h"):
        (headers / path.name).write_text(path.read_text().replace("SYMC_EXP_6 0x1.6c16", "SYMC_EXP_6 0x1.6c17"))
    monkeypatch.setattr(prove, "INCLUDE", tmp_path)
    prove.compile_drivers(require("gcc"), tmp_path)
    ran = subprocess.run([tmp_path / "prove", "exp", "3f000000", "3f1fffff"], capture_output=True, text=True)
    assert ran.returncode == 1
    assert all(int(line.split()[3]) > 0 for line in ran.stdout.splitlines())
    assert "wrong exp (fma)" in ran.stderr


@needs_fma
def test_the_pow_driver_works(drivers: Path) -> None:
    for arguments in (["special"], ["powers", "2048"], ["random", "400000", "3"], ["slow", "20000", "4"]):
        ran = subprocess.run([drivers / "prove_pow", *arguments], capture_output=True, text=True)
        assert ran.returncode == 0, ran.stderr
        assert all(int(line.split()[2]) > 4000 for line in ran.stdout.splitlines())


@pytest.mark.parametrize("name", ["SIN", "LOG", "EXP2"])
def test_coefficients_are_the_fitted_ones(name: str) -> None:
    """The block in the header, and that in the Numba module, is what fit.py computes."""
    fit = load(RUNTIME / "poly" / "fit.py")
    polynomial = next(p for p in fit.POLYNOMIALS if p.name == name)
    values, error = fit.fit(polynomial)
    header = (RUNTIME / "include" / "symc" / polynomial.header).read_text()
    numba = (RUNTIME / "numba" / "symc_runtime.py").read_text()
    assert fit._c_block(polynomial, values, error) in header
    assert fit._python_block(polynomial, values) in numba
