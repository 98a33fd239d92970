"""Optional tools: absent means skipped with the reason, unless SYMC_REQUIRE demands the tool; then it is a failure."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
from functools import cache
from pathlib import Path
from typing import NoReturn

import pytest

from symc.toolchain.emulators import BOARDS, Board, missing_tools


def require(tool: str, *, module: bool = False) -> str:
    """Return the path of an executable (or the name of an importable module); skip or fail the test when absent."""
    found = _importable(tool) if module else shutil.which(tool)
    if not found:
        _absent(f"{tool} is not installed", {tool})
    return found


def require_nvidia(tool: str) -> str:
    """Return the path of an executable of NVIDIA's, on PATH or in its wheel; skip or fail the test when absent."""
    found = shutil.which(tool)
    if not found and _importable("cuda.pathfinder"):
        from cuda.pathfinder import find_nvidia_binary_utility

        found = find_nvidia_binary_utility(tool)
    if not found:
        _absent(f"{tool} is not installed: pip install nvidia-cuda-{tool}", {tool})
    return found


def require_file(path: Path, package: str) -> Path:
    """Return a file of a Debian package; skip or fail the test when absent. SYMC_REQUIRE demands it by the package."""
    if not path.is_file():
        _absent(f"{path} is missing: apt install {package}", {package})
    return path


def require_source(program: str, file: str) -> Path:
    """Return the source tree of a program, which has `file`; skip or fail the test when absent.

    SYMC_NAME of the environment names it, SYMC_REQUIRE demands it by "name-source".
    """
    variable = f"SYMC_{program.upper()}"
    place = Path(os.environ.get(variable, ""))
    if not os.environ.get(variable) or not (place / file).is_file():
        _absent(f"{variable} does not name the source of {program}", {f"{program}-source"})
    return place.resolve()


# All boards but those that run another's instructions with less memory, or under another name of the compiler's.
DISTINCT = tuple(name for name in BOARDS if name not in ("cortex-m0plus", "atmega328p"))


def require_board(name: str) -> Board:
    """Return a board; skip or fail the test when one of its tools is absent.

    SYMC_REQUIRE demands it by "emulators" (all boards), by the board's name or by the tool's.
    """
    board = BOARDS[name]
    missing = missing_tools(board)
    if missing:
        _absent(f"{name} needs {' and '.join(missing)}: apt install {board.packages}", {"emulators", name, *missing})
    if "-m32" in board.flags:
        require_m32(board.compiler)
    return board


def require_m32(compiler: str = "gcc") -> None:
    """Skip or fail the test when a compiler has no headers for -m32; SYMC_REQUIRE demands them by "m32"."""
    if not _compiles_for_32_bits(require(compiler)):
        _absent(f"{compiler} -m32 finds no headers: apt install libc6-dev-i386", {"m32"})


@cache
def _compiles_for_32_bits(compiler: str) -> bool:
    command = [compiler, "-m32", "-x", "c", "-c", "-", "-o", os.devnull]
    return subprocess.run(command, input=b"#include <stdint.h>\n", capture_output=True, check=False).returncode == 0


def _absent(reason: str, names: set[str]) -> NoReturn:
    demanded = {name.strip() for name in os.environ.get("SYMC_REQUIRE", "").split(",")}
    if demanded & names:
        pytest.fail(f"demanded by SYMC_REQUIRE: {reason}")
    pytest.skip(reason)


def _importable(module: str) -> str | None:
    try:
        return module if importlib.util.find_spec(module) else None
    except ModuleNotFoundError:
        # The package that the module would be in is not there.
        return None
