"""CUDA sources without a GPU: nvcc and NVRTC take them, and the PTX keeps every operation apart."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest

from symc.backends import Unit, sources
from symc.backends.derived import OF_LAYERED
from symc.ir.directional import DIRECTIONAL
from symc.ir.lower import lower
from symc.ir.parse import parse
from symc.toolchain.cuda import DEVICE_FLAGS, device_code
from tests.targets import building
from tests.targets.programs import coverage_program, layered_program, unit_from_text, unit_of
from tests.tools import require

USER_KERNEL = """#include "every.cuh"
__global__ void mine(const float *x, float *y)
{
    float row[EVERY_N_OUT];
    every_eval(x, row);
    y[threadIdx.x] = row[0] * row[1] + row[2];
}
"""


@pytest.fixture(scope="module")
def unit() -> Unit:
    return unit_of(coverage_program(), name="every")


@pytest.fixture(scope="module")
def folder(unit: Unit, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return building.write(tmp_path_factory.mktemp("cuda"), unit, ["cuda"]) / "cuda"


def _ptx(folder: Path, source: Path, output: Path, *flags: str) -> str:
    nvcc = require("nvcc")
    building.run([nvcc, "--ptx", "-arch=sm_80", f"-I{folder}", *flags, source, "-o", output])
    return output.read_text()


@pytest.fixture(scope="module")
def strict(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The PTX where nothing may be contracted: what is fused there, the runtime fuses on purpose."""
    return _ptx(folder, folder / "every.cu", tmp_path_factory.mktemp("strict") / "every.ptx", "--fmad=false")


@pytest.mark.parametrize("flags", [(), ("--use_fast_math",), ("--fmad=true", "--ftz=true")], ids=" ".join)
def test_ptx_holds_no_contraction_no_flush_and_no_approximation(
    unit: Unit, folder: Path, strict: str, flags: tuple[str, ...], tmp_path: Path
):
    ptx = _ptx(folder, folder / "every.cu", tmp_path / "every.ptx", *flags)
    assert ".visible .entry every_kernel(" in ptx
    assert ".visible .entry every_kernel_J(" in ptx
    assert len(re.findall(r"\b(add|sub|mul|div)\.rn\.f32", ptx)) > 20
    assert _arithmetic(ptx) == _arithmetic(strict)
    # Each exp negates one whole number, which no flush changes; nothing else may flush.
    assert unit.jacobian is not None
    exps = [step for program in (unit.program, unit.jacobian) for step in program.instructions if step.op == "exp"]
    assert len(re.findall(r"neg\.ftz\.f32", ptx)) in (0, len(exps))
    assert not re.findall(r".*(?<!neg)\.ftz.*|.*\.approx.*", ptx)


def _arithmetic(ptx: str) -> Counter[str]:
    """How often each instruction on binary32 that rounds occurs."""
    return Counter(re.findall(r"\b(?:add|sub|mul|div|fma|mad|sqrt|rcp)(?:\.\w+)*\.f32\b", ptx))


def test_device_function_serves_in_a_kernel_of_the_user(folder: Path, tmp_path: Path):
    source = tmp_path / "mine.cu"
    source.write_text(USER_KERNEL)
    fused = {
        flag: len(re.findall(r"\bfma\.\w+(?:\.ftz)?\.f32", _ptx(folder, source, tmp_path / "mine.ptx", flag)))
        for flag in ("--use_fast_math", "--fmad=false")
    }
    # The caller's own expression is fused, as the caller asked; nothing of the model's is.
    assert fused["--use_fast_math"] == fused["--fmad=false"] + 1


def test_launchers_compile_and_link_as_host_code(folder: Path, tmp_path: Path):
    nvcc = require("nvcc")
    require("nm")
    compiled = tmp_path / "every.o"
    strict = ("-Werror", "all-warnings")
    building.run([nvcc, "-arch=sm_80", f"-I{folder}", *strict, "-c", folder / "every.cu", "-o", compiled])
    symbols = building.run(["nm", "-g", "--defined-only", compiled]).stdout.split()
    assert {"every_launch", "every_launch_J"} <= set(symbols)


def test_launchers_of_derivatives_compile_without_a_warning(tmp_path: Path):
    nvcc = require("nvcc")
    require("nm")
    unit = unit_of(layered_program(), "block", further=OF_LAYERED)
    folder = building.write(tmp_path, unit, ["cuda"]) / "cuda"
    strict = ("-Werror", "all-warnings")
    building.run([nvcc, "-arch=sm_80", f"-I{folder}", *strict, "-c", folder / "block.cu", "-o", tmp_path / "block.o"])
    symbols = building.run(["nm", "-g", "--defined-only", tmp_path / "block.o"]).stdout.split()
    assert {"block_launch", "block_launch_VJP", "block_launch_JVP"} <= set(symbols)


def test_host_and_device_headers_refuse_to_meet(tmp_path: Path):
    compiler = require("gcc")
    root = building.write(tmp_path, unit_from_text(["x0 + 1"], ["x0"], ["y"], "inc"), ["c", "cuda"])
    main = tmp_path / "main.c"
    main.write_text('#include "inc.h"\n#include "inc.cuh"\n')
    with pytest.raises(AssertionError, match="include one of them"):
        building.run([compiler, f"-I{root}/include", f"-I{root}/cuda", "-fsyntax-only", main])


def test_nvrtc_compiles_the_kernel_to_a_cubin(unit: Unit):
    require("cuda", module=True)
    code = device_code(sources(unit, ["cuda"]), "cuda/every.cu", ["cuda"], arch="sm_80", compiler="nvrtc")
    assert code[:4] == b"\x7fELF"
    assert b"every_kernel" in code and b"every_kernel_J" in code


@pytest.mark.parametrize("arch", ["sm_75", "sm_90", "sm_120"])
def test_nvrtc_compiles_the_kernels_of_derivatives_along_directions(arch: str):
    require("cuda", module=True)
    law = unit_from_text(["2.5*cos(x1) + x0^2/v", "exp(x0)*abs(x1)"], ("x0", "x1", "v"), ("y", "gx"), "law")
    layered = unit_of(layered_program(), "law", further=OF_LAYERED)
    units = [unit_of(law.program, "law", further=tuple(DIRECTIONAL)), layered]
    for unit in units:
        code = device_code(sources(unit, ["cuda"]), "cuda/law.cu", ["cuda"], arch=arch, compiler="nvrtc")
        assert code[:4] == b"\x7fELF"
        assert all(f"law_kernel_{kind.upper()}".encode() in code for kind in unit.further)


# Narrow rows, blocks of each size in shared memory, rows too wide for it.
@pytest.mark.parametrize(("n_in", "n_out"), [(4, 1), (1, 2), (32, 8), (100, 60), (200, 100), (500, 1)])
def test_rows_of_every_width_fit_the_device(n_in: int, n_out: int):
    require("nvcc")
    features, outputs = [f"x{k}" for k in range(n_in)], [f"y{k}" for k in range(n_out)]
    program = lower([parse(f"x{k % n_in} + {k}.5", features) for k in range(n_out)], features, outputs)
    made = sources(unit_of(program, "rows", derivatives=False), ["cuda"])
    assert device_code(made, "cuda/rows.cu", ["cuda"], compiler="nvcc").startswith(b"\x7fELF")


def test_nvrtc_compiles_the_functions_in_integers():
    require("cuda", module=True)
    flags = (*DEVICE_FLAGS, "-DSYMC_PROFILE_INT")
    # Derivatives call no others.
    files = sources(unit_of(coverage_program(), "every", derivatives=False), ["cuda"])
    ptx = device_code(files, "cuda/every.cu", ["cuda"], form="ptx", compiler="nvrtc", flags=flags).decode()
    assert ".entry every_kernel(" in ptx
    assert ".f64" not in ptx
