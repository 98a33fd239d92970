"""CUDA device code by nvcc and by NVRTC, without a GPU."""

from __future__ import annotations

from pathlib import Path

import pytest

from symc.errors import MissingTool, SymcError
from symc.toolchain import cache, cuda
from tests.tools import require

FILES = {
    "cuda/symc/factor.h": b"#define FACTOR 3.0f\n",
    "cuda/scale.cu": (
        b'#include "symc/factor.h"\n'
        b'extern "C" __global__ void scale(const float *x, float *y) { y[0] = x[0] * FACTOR + x[1]; }\n'
    ),
}


@pytest.fixture(autouse=True)
def private_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(cache.ENVIRONMENT, str(tmp_path / "cache"))


@pytest.fixture(params=["nvcc", "nvrtc"])
def compiler(request: pytest.FixtureRequest) -> str:
    if request.param == "nvcc":
        require("nvcc")
    elif not cuda.has_nvrtc():
        pytest.skip("NVRTC's Python bindings are not installed")
    return request.param


def test_ptx_keeps_multiply_and_add_apart(compiler: str) -> None:
    ptx = cuda.device_code(FILES, "cuda/scale.cu", ["cuda"], form="ptx", compiler=compiler).decode()
    assert ".entry scale" in ptx
    assert "fma" not in ptx
    assert ".ftz" not in ptx


def test_cubin_is_an_elf_file_for_the_architecture(compiler: str) -> None:
    cubin = cuda.device_code(FILES, "cuda/scale.cu", ["cuda"], arch="sm_90", compiler=compiler)
    assert cubin.startswith(b"\x7fELF")
    assert cubin == cuda.device_code(FILES, "cuda/scale.cu", ["cuda"], arch="sm_90", compiler=compiler)
    assert cubin != cuda.device_code(FILES, "cuda/scale.cu", ["cuda"], arch="sm_80", compiler=compiler)


def test_errors_show_the_compilers_messages(compiler: str) -> None:
    files = {**FILES, "cuda/symc/factor.h": b""}
    with pytest.raises(SymcError, match=r'"FACTOR" is undefined'):
        cuda.device_code(files, "cuda/scale.cu", ["cuda"], compiler=compiler)


def test_without_any_cuda_compiler(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for variable in ("CUDACXX", "CUDA_HOME", "CUDA_PATH"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr("symc.toolchain.cuda.has_nvcc", lambda: False)
    monkeypatch.setitem(__import__("sys").modules, "cuda.bindings", None)
    with pytest.raises(MissingTool, match="nvcc and NVRTC") as caught:
        cuda.device_code(FILES, "cuda/scale.cu", ["cuda"])
    assert "symc[cuda]" in str(caught.value)
