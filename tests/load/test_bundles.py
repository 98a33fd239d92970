"""Which code of a bundle runs, and what happens to a damaged bundle or on a machine without a compiler."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

from symc.errors import CheckFailed, SymcError
from symc.ir.evaluate import evaluate
from symc.load.host import CFunction, NumbaFunction
from symc.load.module import load
from symc.load.package import read_package
from tests.load.bundles import make_bundle
from tests.load.conftest import EQUATIONS, N_IN
from tests.load.test_module import bits, special_rows
from tests.tools import require


@pytest.fixture
def damaged(bundle: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(bundle, tmp_path / bundle.name))


@pytest.mark.parametrize("name", ["src/pair.c", "include/pair.h", "src/symc/f32.h", "numba/pair.py", "cuda/pair.cu"])
def test_a_changed_file_is_named_and_never_used(damaged: Path, name: str) -> None:
    path = damaged / name
    path.write_bytes(path.read_bytes() + b"\n")
    with pytest.raises(CheckFailed, match=r"not the one that the manifest records") as caught:
        load(damaged)
    assert caught.value.where == str(path)
    assert caught.value.exit_code == 1


def test_a_missing_file_is_named(damaged: Path) -> None:
    (damaged / "src" / "pair.c").unlink()
    with pytest.raises(CheckFailed, match=r"src/pair\.c: .*cannot be read"):
        load(damaged)


def test_files_beside_the_code_do_not_matter(damaged: Path) -> None:
    (damaged / "README.md").unlink()
    (damaged / "src" / "extra.c").write_text("#error not in the manifest\n")
    require("cc")
    load(damaged)


@pytest.mark.skipif(sys.platform != "linux", reason="file names of any bytes")
def test_a_cache_whose_path_is_no_text(bundle: Path, tmp_path: Path) -> None:
    require("cc")
    environment = {**os.environb, b"SYMC_CACHE_DIR": os.fsencode(tmp_path) + b"/\xff"}
    code = "import sys, symc; symc.load(sys.argv[1], torch=False)"
    done = subprocess.run([sys.executable, "-c", code, bundle], env=environment, capture_output=True, text=True)
    assert "SymcError: the compiled library cannot be opened: this locale cannot write its path" in done.stderr


def test_not_a_bundle(tmp_path: Path) -> None:
    with pytest.raises(SymcError, match="not a bundle"):
        load(tmp_path)
    with pytest.raises(SymcError, match="no such folder"):
        load(tmp_path / "nowhere")


def test_numba_gives_the_same_bits(bundle: Path) -> None:
    package = read_package(bundle)
    x = special_rows()
    function = NumbaFunction(package)
    function.selftest()
    assert np.array_equal(bits(function.eval_batch(x)), bits(evaluate(package.program, x)))
    require("cc")
    assert np.array_equal(bits(function.jacobian_batch(x)), bits(CFunction(package).jacobian_batch(x)))


def test_a_bundle_for_numba_alone(tmp_path: Path) -> None:
    module = load(make_bundle(tmp_path, "jitted", EQUATIONS, N_IN, ("numba",)))
    assert "jitted: 3 -> 2, numba" in str(module)
    x = torch.randn(4, 3, requires_grad=True)
    y = module(x)
    y.sum().backward()
    assert np.array_equal(bits(y), bits(evaluate(module.package.program, x.detach().numpy())))
    assert x.grad.shape == x.shape


def test_a_bundle_for_cuda_alone(tmp_path: Path) -> None:
    module = load(make_bundle(tmp_path, "device", EQUATIONS, N_IN, ("cuda",)))
    with pytest.raises(SymcError, match=r"has no code for the CPU.*--target c"):
        module(torch.zeros(1, 3))
    with pytest.raises(SymcError, match="has no code for the CPU"):
        module(np.zeros((1, 3), np.float32))


@pytest.mark.parametrize("width", [2, 4])
def test_compiled_code_never_sees_rows_of_another_width(bundle: Path, width: int) -> None:
    require("cc")
    with pytest.raises(SymcError, match="takes rows of 3 values"):
        CFunction(read_package(bundle)).eval_batch(np.zeros((2, width), np.float32))


def _without_compiler(code: str, *arguments: str, cache: Path, path: Path) -> subprocess.CompletedProcess[str]:
    environment = {k: v for k, v in os.environ.items() if k != "CC"} | {"PATH": str(path), "SYMC_CACHE_DIR": str(cache)}
    return subprocess.run(
        [sys.executable, "-c", code, *arguments], env=environment, capture_output=True, text=True, check=False
    )


def test_no_compiler_and_only_c(tmp_path: Path) -> None:
    bundle = make_bundle(tmp_path / "out", "only_c", EQUATIONS, N_IN)
    code = (
        "import sys, symc\n"
        "try:\n    symc.load(sys.argv[1])\n"
        "except symc.MissingTool as error:\n    print(error)\n    sys.exit(error.exit_code)\n"
    )
    done = _without_compiler(code, str(bundle), cache=tmp_path / "cache", path=tmp_path / "empty")
    assert done.returncode == 3, done.stderr
    assert "no C compiler was found (tried cc, gcc, clang)" in done.stdout
    assert "Install" in done.stdout


def test_no_compiler_but_numba(tmp_path: Path) -> None:
    bundle = make_bundle(tmp_path / "out", "either", ["x0*x1 + x2"], N_IN, ("c", "numba"))
    code = (
        "import sys, torch, symc\n"
        "module = symc.load(sys.argv[1])\n"
        "x = torch.randn(2, 3, requires_grad=True)\n"
        "module(x).sum().backward()\n"
        "print(module)\n"
    )
    done = _without_compiler(code, str(bundle), cache=tmp_path / "cache", path=tmp_path / "empty")
    assert done.returncode == 0, done.stderr
    assert "either: 3 -> 1, numba" in done.stdout


def test_a_cache_that_cannot_be_written(bundle: Path, tmp_path: Path) -> None:
    require("cc")
    (tmp_path / "file").write_text("")
    code = "import sys, torch, symc\nprint(symc.load(sys.argv[1])(torch.zeros(1, 3)).shape)\n"
    environment = {**os.environ, "SYMC_CACHE_DIR": str(tmp_path / "file" / "cache")}
    done = subprocess.run(
        [sys.executable, "-c", code, str(bundle)], env=environment, capture_output=True, text=True, check=True
    )
    assert "torch.Size([1, 2])" in done.stdout
    assert "temporary directory for this process only" in done.stderr


def test_a_compiler_that_fuses_is_caught(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    gcc = require("gcc")
    target = subprocess.run(
        [gcc, "-march=native", "-dM", "-E", "-"], input="", capture_output=True, text=True, check=True
    )
    if "__FMA__" not in target.stdout and "__ARM_FEATURE_FMA" not in target.stdout:
        pytest.skip("this CPU has no fused multiply-add")
    fusing = tmp_path / "fusing-cc"
    fusing.write_text(
        "#!/bin/sh\n"
        f'case "$1" in --version) exec {gcc} --version ;; esac\n'
        "sed -i '/pragma .*contract/d' src/symc/*.h\n"
        f'exec {gcc} "$@" -ffp-contract=fast\n'
    )
    fusing.chmod(0o755)
    monkeypatch.setenv("CC", str(fusing))
    with pytest.raises(CheckFailed, match="multiply and add are fused"):
        load(make_bundle(tmp_path / "out", "fused", ["x0*x1 + x2"], N_IN))
