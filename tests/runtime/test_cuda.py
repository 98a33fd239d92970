"""Device code: no flag makes a float operation flush, approximate or fuse; NVRTC accepts the headers as they are."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from tests.runtime.helpers import EXACT_BINARY, EXACT_UNARY, INCLUDE, SLOW_PATH, UNARY, all_headers
from tests.tools import require

BINARY = ("pow", "add", "sub", "mul", "div", *EXACT_BINARY)
FLAGS = ["", "--use_fast_math", "--ftz=true --prec-div=false --prec-sqrt=false --fmad=true"]


def kernels() -> str:
    lines = [all_headers()]
    for name in (*UNARY, *EXACT_UNARY):
        lines.append(
            f'extern "C" __global__ void k_{name}(const float *x, float *y) '
            f"{{ y[threadIdx.x] = symc_{name}(x[threadIdx.x]); }}"
        )
    for name in BINARY:
        lines.append(
            f'extern "C" __global__ void k_{name}(const float *x, const float *y, float *z) '
            f"{{ z[threadIdx.x] = symc_{name}(x[threadIdx.x], y[threadIdx.x]); }}"
        )
    lines.append(
        'extern "C" __global__ void k_chain(const float *x, float *y) '
        "{ const float v = x[threadIdx.x]; y[threadIdx.x] = symc_add(symc_mul(v, v), v); }"
    )
    return "\n".join(lines) + "\n"


def check(ptx: str) -> None:
    assert len(re.findall(r"\.visible \.entry", ptx)) == len(UNARY) + len(EXACT_UNARY) + len(BINARY) + 1
    # exp negates a whole number, which no flush changes.
    assert ".ftz" not in ptx.replace("neg.ftz.f32", "")
    assert ".approx" not in ptx
    # exp's own fused multiply-adds are written as such; the compiler makes none.
    written = re.compile(r"// begin inline asm\n.*?// end inline asm", re.DOTALL)
    assert "fma.rn.f32" not in written.sub("", ptx)
    assert ".full.f32" not in ptx
    assert ptx.count("fma.rn.f64") > 100
    for instruction in ("add.rn.f32", "mul.rn.f32", "div.rn.f32", "sqrt.rn.f32", "cvt.rn.f32.f64"):
        assert instruction in ptx
    chain = ptx[ptx.index("k_chain") :]
    assert "mul.rn.f32" in chain
    assert "add.rn.f32" in chain
    assert set(SLOW_PATH) <= set(UNARY) | set(BINARY)


@pytest.mark.parametrize("flags", FLAGS)
def test_nvcc(tmp_path: Path, flags: str) -> None:
    source = tmp_path / "kernels.cu"
    source.write_text(kernels())
    done = subprocess.run(
        [require("nvcc"), "-std=c++17", *flags.split(), "-Xcompiler=-Wall,-Wextra", f"-I{INCLUDE}", "-ptx",
         str(source), "-o", str(tmp_path / "k.ptx")], capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "warning" not in done.stderr
    check((tmp_path / "k.ptx").read_text())


@pytest.mark.parametrize("flags", FLAGS)
def test_nvrtc_without_any_system_header(flags: str) -> None:
    require("cuda.bindings", module=True)
    from cuda.bindings import nvrtc

    error, program = nvrtc.nvrtcCreateProgram(kernels().encode(), b"kernels.cu", 0, [], [])
    assert error == nvrtc.nvrtcResult.NVRTC_SUCCESS
    options = [f"-I{INCLUDE}", "--std=c++17", "--gpu-architecture=compute_80", *flags.split()]
    (error,) = nvrtc.nvrtcCompileProgram(program, len(options), [option.encode() for option in options])
    _, size = nvrtc.nvrtcGetProgramLogSize(program)
    # NVRTC writes into it, and the bytes objects of one byte, as an empty log is, are shared by all of Python.
    log = b" " * (size + 2)
    nvrtc.nvrtcGetProgramLog(program, log)
    assert error == nvrtc.nvrtcResult.NVRTC_SUCCESS, log.decode()
    _, size = nvrtc.nvrtcGetPTXSize(program)
    ptx = b" " * (size + 2)
    nvrtc.nvrtcGetPTX(program, ptx)
    check(ptx[:size].decode())
