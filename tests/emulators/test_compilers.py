"""Compilers and targets that nothing here can run: the same sources compile without a warning, as C and as C++."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.targets import building
from tests.targets.building import STRICT
from tests.targets.programs import coverage_program, unit_of
from tests.tools import require

# zig cc is one clang with the headers of every target.
TARGETS = (
    *("x86_64-windows-gnu", "x86_64-windows-msvc", "aarch64-macos", "x86_64-macos", "wasm32-freestanding"),
    *("wasm32-wasi", "arm-linux-gnueabihf", "thumb-freestanding-eabi", "powerpc64-linux-musl", "s390x-linux-musl"),
)


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    # Every operator, so every header of the runtime.
    return building.write(tmp_path_factory.mktemp("bundle"), unit_of(coverage_program(), name="every"), ["c"])


@pytest.mark.parametrize("language", ["-x c -std=c99", "-x c++ -std=c++17"])
@pytest.mark.parametrize("target", TARGETS)
def test_other_platforms_compile(target: str, language: str, bundle: Path, tmp_path: Path):
    require("ziglang", module=True)
    for source in sorted((bundle / "src").glob("*.c")):
        flags = [*language.split(), "-O2", *STRICT, f"-I{bundle}/include", f"-I{bundle}/src"]
        zig = [sys.executable, "-m", "ziglang", "cc", "-target", target]
        building.run([*zig, *flags, "-c", source, "-o", tmp_path / "object.o"])
