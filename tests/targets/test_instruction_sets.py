"""Batches compiled for no particular x86-64: programs take what their CPU has, and every bit is the oracle's."""

from __future__ import annotations

import platform
import subprocess
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from symc.ir.evaluate import evaluate
from symc.ir.layered import Layered
from symc.ir.program import Program
from tests.targets import building
from tests.targets.programs import coverage_program, differences, hard_inputs, layered_program, unit_of
from tests.tools import require

pytestmark = pytest.mark.skipif(
    platform.machine() != "x86_64" or platform.libc_ver()[0] != "glibc", reason="for x86-64 with glibc"
)
ROWS = 643
MAIN = """
#include <stdio.h>
#include "model.h"

int main(void)
{
    static float x[ROWS * MODEL_N_IN];
    static float y[ROWS * MODEL_N_OUT];
    if (fread(x, sizeof x, 1, stdin) != 1) {
        return 1;
    }
    model_eval_batch(x, y, ROWS);
    return fwrite(y, sizeof y, 1, stdout) == 1 ? 0 : 1;
}
"""
# The emulator has no AVX-512; what this machine has runs natively.
CPUS = {"native": (), "AVX2": ("qemu-x86_64", "-cpu", "Haswell"), "SSE2": ("qemu-x86_64", "-cpu", "qemu64")}


def compiled(folder: Path, program: Program | Layered) -> Path:
    """A program that reads rows and writes the results, with no word about the CPU in its flags."""
    compiler = require("gcc")
    root = building.write(folder, unit_of(program, derivatives=False), ["c"])
    (folder / "main.c").write_text(MAIN)
    building.run(
        [compiler, "-std=gnu99", "-O3", "-fno-trapping-math", f"-DROWS={ROWS}", f"-I{root}/include", f"-I{root}/src",
         root / "src/model.c", folder / "main.c", "-o", folder / "program"]
    )  # fmt: skip
    return folder / "program"


@pytest.fixture(scope="module", params=[coverage_program, layered_program], ids=["equations", "layered"])
def case(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[Program | Layered, Path]:
    make: Callable[[], Program | Layered] = request.param
    program = make()
    return program, compiled(tmp_path_factory.mktemp("sets"), program)


@pytest.mark.parametrize("cpu", CPUS)
def test_every_cpu_gives_the_bits_of_the_oracle(case: tuple[Program | Layered, Path], cpu: str) -> None:
    program, path = case
    if CPUS[cpu]:
        require(CPUS[cpu][0])
    n_in = len(program.inputs)
    x = hard_inputs(n_in)[-ROWS:]
    assert x.shape == (ROWS, n_in)
    done = subprocess.run([*CPUS[cpu], path], input=x.tobytes(), capture_output=True, timeout=120, check=True)
    found = np.frombuffer(done.stdout, np.float32).reshape(ROWS, -1)
    want = evaluate(program, x)
    assert not differences(found, want, x, program.outputs)


def test_there_is_code_for_three_kinds_of_cpu(case: tuple[Program | Layered, Path]) -> None:
    version = building.run([require("gcc"), "-dumpversion"]).stdout
    if int(version.split(".")[0]) < 12:
        pytest.skip(f"gcc {version.strip()} compiles for one instruction set at a time")
    symbols = building.run([require("nm"), case[1]]).stdout
    for kind in ("avx512f", "avx2", "default"):
        assert f"_rows.{kind}" in symbols


def test_a_freestanding_program_has_one_kind_and_asks_nobody(tmp_path: Path) -> None:
    root = building.write(tmp_path, unit_of(layered_program(), derivatives=False), ["c"])
    flags = ("-ffreestanding", "-O3", "-fno-stack-protector", f"-I{root}/include", f"-I{root}/src")
    building.run([require("gcc"), *flags, "-c", root / "src/model.c", "-o", tmp_path / "model.o"])
    undefined = building.run([require("nm"), "-u", tmp_path / "model.o"]).stdout.split()
    assert [symbol for symbol in undefined if symbol not in ("U", "_GLOBAL_OFFSET_TABLE_")] == []
