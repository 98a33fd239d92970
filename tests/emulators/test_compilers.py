"""Compilers and targets that nothing here can run: the same sources compile without a warning, as C and as C++."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.targets import building
from tests.targets.building import STRICT
from tests.targets.programs import coverage_program, unit_of
from tests.tools import require

# zig cc is one clang with the headers of every platform. The last one is big-endian.
TARGETS = ("x86_64-windows-gnu", "aarch64-macos", "wasm32-freestanding", "wasm32-wasi", "s390x-linux-musl")
CASES = [(target, "-x c -std=c99") for target in TARGETS] + [(target, "-x c++ -std=c++17") for target in TARGETS[:2]]


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    # Every operator, so every header of the runtime.
    unit = unit_of(coverage_program(), name="every", derivatives=False)
    return building.write(tmp_path_factory.mktemp("bundle"), unit, ["c"])


@pytest.mark.parametrize(("target", "language"), CASES)
def test_other_platforms_compile(target: str, language: str, bundle: Path, tmp_path: Path):
    require("ziglang", module=True)
    for source in sorted((bundle / "src").glob("*.c")):
        # clang's warnings are the same at every level.
        flags = [*language.split(), "-O0", *STRICT, f"-I{bundle}/include", f"-I{bundle}/src"]
        zig = [sys.executable, "-m", "ziglang", "cc", "-target", target]
        building.run([*zig, *flags, "-c", source, "-o", tmp_path / "object.o"])
