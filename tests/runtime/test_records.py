"""The recorded proof is about the sources as they are, and the sources hold what the fitting script computes."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

from tests.runtime.helpers import HOST_FLAGS, RUNTIME, UNARY, compile_with
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
    """Zero wrong of 2^32, with and without fused multiply-add, equal hashes, for the present bytes of every header."""
    assert prove.check(records, prove.jobs()) == []
    for name in UNARY:
        runs = [record for record in records.values() if record["function"] == name]
        assert len(runs) == 2
        assert all(record["inputs"] == 1 << 32 and record["wrong"] == 0 for record in runs)


def test_a_changed_header_a_wrong_result_and_a_missing_run_are_found(
    prove: ModuleType, records: dict[str, dict]
) -> None:
    changed = json.loads(json.dumps(records))
    changed["exp fma"]["headers"]["symc/f64.h"] = "0" * 64
    changed["log fma"]["wrong"] = 1
    changed["tanh fma"]["hash"] = "0" * 16
    del changed["sin fma"]
    found = "\n".join(prove.check(changed, prove.jobs()))
    for line in ("exp fma: a header changed", "log fma: 1 wrong", "tanh: builds differ", "sin fma: not run"):
        assert line in found


def test_check_runs_from_the_command_line() -> None:
    done = subprocess.run([sys.executable, RUNTIME / "proof" / "prove.py", "--check"], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def driver(tmp_path: Path, name: str, *flags: str) -> str:
    if not Path("/usr/include/mpfr.h").exists():
        pytest.skip("MPFR's header is not installed")
    binary = tmp_path / name
    source = RUNTIME / "proof" / f"{name}.c"
    built = compile_with(
        require("gcc"), "-std=c11", *HOST_FLAGS, *flags, f"-I{RUNTIME / 'proof'}", source, "-o", binary,
        "-lmpfr", "-lgmp", "-lm",
    )  # fmt: skip
    assert built.returncode == 0, built.stderr
    return str(binary)


def test_the_exhaustive_driver_works_and_can_fail(tmp_path: Path) -> None:
    """One binade of each function is right; with a coefficient changed it is not."""
    binary = driver(tmp_path, "prove")
    for name in UNARY:
        ran = subprocess.run([binary, name, "3f000000", "3f7fffff"], capture_output=True, text=True)
        assert ran.returncode == 0, ran.stderr
        assert ran.stdout.split()[:3] == [name, str(1 << 24), "0"]
    broken = driver(tmp_path, "prove", "-include", str(wrong_coefficient(tmp_path)))
    ran = subprocess.run([broken, "exp", "3f000000", "3f7fffff"], capture_output=True, text=True)
    assert ran.returncode == 1
    assert int(ran.stdout.split()[2]) > 0
    assert "wrong exp" in ran.stderr


def wrong_coefficient(folder: Path) -> Path:
    """The exp header with one digit changed; included first, it takes the place of the real one."""
    path = folder / "wrong.h"
    text = (RUNTIME / "include" / "symc" / "exp.h").read_text()
    path.write_text(text.replace("SYMC_EXP_6 0x1.6c16", "SYMC_EXP_6 0x1.6c17"))
    return path


def test_the_pow_driver_works(tmp_path: Path) -> None:
    binary = driver(tmp_path, "prove_pow")
    for arguments in (["special"], ["powers", "2048"], ["random", "400000", "3"], ["slow", "20000", "4"]):
        ran = subprocess.run([binary, *arguments], capture_output=True, text=True)
        assert ran.returncode == 0, ran.stderr
        assert int(ran.stdout.split()[1]) > 4000


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
