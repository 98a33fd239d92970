"""The recorded proof is about the sources as they are, and the sources hold what the fitting script computes."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from symc.backends.headers import closure
from symc.toolchain.compilers import write_tree
from tests.runtime.helpers import RUNTIME, UNARY, prove
from tests.tools import require

sys.path.insert(0, str(RUNTIME / "poly"))
import fit
import records as record_files
import subjects

POLYNOMIALS = {p.name: p for p in fit.polynomials()}


@pytest.fixture(scope="module")
def records() -> dict[str, dict]:
    return prove.recorded()


def test_every_function_is_proved_as_it_stands(records: dict[str, dict]) -> None:
    """None wrong of 2^32 in each build, equal hashes, for the present bytes of every header."""
    assert prove.check(records, prove.jobs(), require("gcc")) == []
    for name in UNARY:
        assert records[name]["inputs"] == 1 << 32
        assert {build: run["wrong"] for build, run in records[name]["builds"].items()} == dict.fromkeys(prove.BUILDS, 0)
    assert sum(record["inputs"] for record in records.values() if record["function"] == "pow") > 10_000_000_000


def test_a_changed_header_a_wrong_result_and_a_missing_run_are_found(records: dict[str, dict]) -> None:
    changed = json.loads(json.dumps(records))
    changed["exp"]["headers"]["symc/f64/core.h"] = "0" * 64
    changed["exp"]["code"]["int"] = "0" * 64
    changed["log"]["builds"]["fma"]["wrong"] = 1
    changed["tanh"]["builds"]["int"]["hash"] = "0" * 16
    del changed["cos"]["builds"]["fma"]
    del changed["sin"]
    assert sorted(prove.check(changed, prove.jobs(), require("gcc"))) == [
        "cos: a build is missing",
        "exp: a header changed since the run",
        "log: 1 wrong results in the build fma",
        "sin: not run",
        "tanh: the builds differ",
    ]


def test_comments_and_what_other_targets_see_need_no_new_proof(
    records: dict[str, dict], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gcc = require("gcc")
    shutil.copytree(RUNTIME / "include" / "symc", tmp_path / "symc")
    monkeypatch.setattr(subjects, "INCLUDE", tmp_path)
    header = tmp_path / "symc" / "f64" / "exp2.h"
    text = header.read_text()
    header.write_text(text.replace("2^x", "two to the x") + "#if defined(__AVR__)\n#error elsewhere\n#endif\n")
    (job,) = (job for job in prove.jobs() if job.key == "exp2")
    assert prove.check(records, [job], gcc) == []
    assert prove.check(records, [job], None) == ["exp2: a header changed since the run"]
    header.write_text(text.replace("0x1.62e4", "0x1.62e5", 1))
    assert prove.check(records, [job], gcc) == ["exp2: a header changed since the run"]


def test_headers_as_bundles_bring_them_are_what_was_proved(
    records: dict[str, dict], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each holds one line more, by which it refuses another runtime, and the same code."""
    include = RUNTIME / "include"
    made = closure(path.relative_to(include).as_posix() for path in include.rglob("*.h"))
    assert all(b"SYMC_RUNTIME" in content for content in made.values())
    write_tree(tmp_path, made)
    monkeypatch.setattr(subjects, "INCLUDE", tmp_path)
    assert prove.check(records, prove.jobs(), require("gcc")) == []


def test_only_builds_that_changed_need_to_run_again(records: dict[str, dict]) -> None:
    (job,) = (job for job in prove.jobs() if job.key == "exp")
    record = records["exp"]
    version, code = record["compiler"], record["code"]
    assert prove.proved(record, job, version, code) == record["builds"]
    assert list(prove.proved(record, job, version, code | {"int": "0" * 64})) == ["fma", "plain"]
    assert prove.proved(record, job, "another compiler", code) == {}
    assert prove.proved(record, replace(job, arguments=("0", "1")), version, code) == {}
    assert prove.proved(None, job, version, code) == {}
    wrong = json.loads(json.dumps(record))
    wrong["builds"]["plain"]["wrong"] = 1
    wrong["builds"]["int"]["flags"] = "-O0"
    assert list(prove.proved(wrong, job, version, code)) == ["fma"]


def test_a_run_replaces_what_changed_and_keeps_the_rest(
    records: dict[str, dict], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    gcc = compiler()
    monkeypatch.setattr(record_files, "RESULTS", tmp_path)
    (job,) = (job for job in prove.jobs() if job.key == "pow-special")
    prove.prove([job], gcc, 1, everything=False, sample=None)
    assert [line.split()[1] for line in capsys.readouterr().out.splitlines()[:-1]] == list(prove.BUILDS)
    first = prove.recorded()["pow-special"]
    assert first["builds"] == records["pow-special"]["builds"]
    stale = json.loads(json.dumps(first))
    stale["code"]["int"] = stale["builds"]["int"]["hash"] = "0" * 16
    record_files.write(job, stale)
    prove.prove([job], gcc, 1, everything=False, sample=None)
    assert [line.split()[1] for line in capsys.readouterr().out.splitlines()[:-1]] == ["int"]
    assert prove.recorded()["pow-special"] == first
    prove.prove([job], gcc, 1, everything=False, sample=None)
    assert capsys.readouterr().out == ""


def test_check_runs_from_the_command_line() -> None:
    done = subprocess.run([sys.executable, RUNTIME / "proof" / "prove.py", "--check"], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def compiler() -> str:
    """gcc, where it finds MPFR and this machine can run the builds; else a skip."""
    gcc = require("gcc")
    built = subprocess.run(
        [gcc, "-xc", "-", "-lmpfr", "-lgmp", "-o", "/dev/null"],
        input="#include <mpfr.h>\nint main(void) { return 0; }\n", capture_output=True, text=True,
    )  # fmt: skip
    if built.returncode != 0:
        pytest.skip("MPFR (libmpfr-dev) is not installed")
    if " fma " not in (Path("/proc/cpuinfo").read_text() if Path("/proc/cpuinfo").exists() else ""):
        pytest.skip("the builds need x86-64 with AVX2 and FMA")
    return gcc


@pytest.mark.parametrize("name", UNARY)
def test_a_sample_of_the_proof(name: str, tmp_path: Path) -> None:
    """Every 4099th input of each function in each build, and the binade of 1 in full steps of 7."""
    driver = prove.compile_driver(name, compiler(), tmp_path)
    for arguments, inputs in ((["0", "7fffffff", "1003"], 1_047_810), (["3f800000", "3fffffff", "7"], 2_396_746)):
        ran = subprocess.run([driver, *arguments], capture_output=True, text=True)
        assert ran.returncode == 0, ran.stderr
        lines = [line.split() for line in ran.stdout.splitlines()]
        assert [line[:4] for line in lines] == [[name, build, str(inputs), "0"] for build in prove.BUILDS]
        assert len({line[5] for line in lines}) == 1


def test_the_exhaustive_driver_finds_a_wrong_digit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    gcc = compiler()
    shutil.copytree(RUNTIME / "include" / "symc", tmp_path / "symc")
    header = tmp_path / "symc" / "f64" / "exp2.h"
    wrong = header.read_text().replace("0x1.62e4", "0x1.62e5", 1)
    assert wrong != header.read_text()
    header.write_text(wrong)
    monkeypatch.setattr(subjects, "INCLUDE", tmp_path)
    driver = prove.compile_driver("exp2", gcc, tmp_path)
    ran = subprocess.run([driver, "3f000000", "3f1fffff"], capture_output=True, text=True)
    assert ran.returncode == 1
    found = {line.split()[1]: int(line.split()[3]) for line in ran.stdout.splitlines()}
    assert found["fma"] > 0 and found["plain"] > 0 and found["int"] == 0
    assert "wrong exp2 (fma)" in ran.stderr


def test_the_pow_driver_works(tmp_path: Path) -> None:
    driver = prove.compile_driver("pow", compiler(), tmp_path)
    for arguments in (["special"], ["powers", "2048"], ["random", "400000", "3"], ["slow", "20000", "4"]):
        ran = subprocess.run([driver, *arguments], capture_output=True, text=True)
        assert ran.returncode == 0, ran.stderr
        assert all(int(line.split()[2]) > 4000 for line in ran.stdout.splitlines())


@pytest.mark.parametrize("step", [4099, pytest.param(1, marks=pytest.mark.long)])
def test_the_first_step_of_pow_is_as_exact_as_its_rounding_test_takes_it_to_be(step: int, tmp_path: Path) -> None:
    program = tmp_path / "bound_pow"
    source = RUNTIME / "proof" / "bound_pow.c"
    subprocess.run([compiler(), "-O3", f"-I{RUNTIME / 'include'}", source, "-lm", "-o", program], check=True)
    ran = subprocess.run([program, str(step)], capture_output=True, text=True)
    assert ran.returncode == 0, ran.stdout
    assert len(ran.stdout.splitlines()) == 3


# fit.py --check, which `make proof` runs, takes a minute or two for all of them.
@pytest.mark.parametrize("name", sorted(POLYNOMIALS)[::8])
def test_coefficients_are_the_fitted_ones(name: str) -> None:
    """The block in the header, and that in the Numba module, is what fit.py computes."""
    polynomial = POLYNOMIALS[name]
    values, error = fit.fit(polynomial)
    assert fit.c_block(polynomial, values, error) in (RUNTIME / "include" / "symc" / polynomial.header).read_text()
    if module := fit.numba_module(polynomial):
        assert fit.python_block(polynomial, values) in module.read_text()
