"""What reviewers' tools say of a bundle's C, as each core's compiler sees it: clang-tidy, cppcheck, strict warnings."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterable
from functools import cache
from pathlib import Path

import pytest

from tests.targets.building import STRICT, every_kind_of_source, run
from tests.targets.test_misra import RECORD
from tests.tools import require, require_board

CONFIG = Path(__file__).with_name("clang_tidy.yaml")
# The macros of a core are those of clang's target. It has no C library there: clang's own headers are enough.
TARGETS = {
    "cortex-m0": ("--target=thumbv6m-none-eabi", "-mcpu=cortex-m0"),
    "cortex-m4f": ("--target=thumbv7em-none-eabihf", "-mcpu=cortex-m4", "-mfpu=fpv4-sp-d16"),
    "cortex-m7": ("--target=thumbv7em-none-eabihf", "-mcpu=cortex-m7", "-mfpu=fpv5-d16"),
    "rv32imac": ("--target=riscv32", "-march=rv32imac"),
    "rv64gc": ("--target=riscv64", "-march=rv64gc", "-mabi=lp64d"),
    "atmega2560": ("--target=avr", "-mmcu=atmega2560"),
    "x86-64": ("--target=x86_64-linux-gnu",),
}
CORES = ("cortex-m0", "cortex-m4f", "cortex-m7", "rv32imac", "rv64gc", "atmega2560")
Found = set[tuple[str, str]]


def first_quick(cores: Iterable[str]) -> list[object]:
    """The first in every run of the tests, the others in the long one."""
    return [pytest.param(core, marks=[pytest.mark.long] if k else []) for k, core in enumerate(cores)]


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    return every_kind_of_source(tmp_path_factory.mktemp("analysers"))


def recorded() -> Found:
    """(check, generated or runtime) of the page's rows."""
    rows = re.findall(r"^\| `([a-z-]+)` \| ([a-z, ]+) \| \S.*\|$", RECORD.read_text(), re.MULTILINE)
    return {(check, place.strip()) for check, places in rows for place in places.split(",")}


@cache
def tidy(folder: Path, core: str) -> Found:
    """What clang-tidy says of every source and of the headers that it includes."""
    files = sorted(path.relative_to(folder) for path in (folder / "src").glob("*.c"))
    flags = ["-std=c99", "-ffreestanding", "-ffp-contract=off", *TARGETS[core], "-Iinclude", "-Isrc"]
    command = [require("clang-tidy"), "--quiet", f"--config-file={CONFIG}", *map(str, files), "--", *flags]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert "error:" not in done.stdout + done.stderr, done.stdout + done.stderr
    pairs = re.findall(r"^(\S+?):\d+:\d+: warning: .*\[([a-z-]+)[\],]", done.stdout, re.MULTILINE)
    return {(check, "runtime" if "src/symc/" in path else "generated") for path, check in pairs}


@pytest.mark.parametrize("core", first_quick(TARGETS))
def test_clang_tidy_finds_nothing_that_is_not_recorded(folders: dict[str, Path], core: str) -> None:
    found = set().union(*(tidy(folder, core) for folder in folders.values()))
    assert ("readability-non-const-parameter", "runtime") in found or core in ("cortex-m7", "rv64gc", "x86-64")
    assert found <= recorded(), sorted(found - recorded())


def test_nothing_is_recorded_that_clang_tidy_does_not_find(folders: dict[str, Path]) -> None:
    version = subprocess.run([require("clang-tidy"), "--version"], capture_output=True, text=True, check=True).stdout
    (number,) = re.findall(r"LLVM version (\d+)", version)
    if f"clang-tidy {number}" not in RECORD.read_text():
        pytest.skip(f"the record is of another version than {number}")
    found = set().union(*(tidy(folder, "cortex-m0") for folder in folders.values()))
    found |= tidy(folders["every"], "atmega2560") | tidy(folders["few"], "atmega2560")
    assert recorded() <= found, sorted(recorded() - found)


def test_clang_tidy_sees_a_fault(folders: dict[str, Path], tmp_path: Path) -> None:
    """The same call on a source with a fault: the checks run, on the file and on its header."""
    (tmp_path / "src" / "symc").mkdir(parents=True)
    (tmp_path / "src" / "symc" / "bad.h").write_text("static long twice(int a, int b)\n{\n    return a * b;\n}\n")
    body = "{\n    if (a)\n        return 1;\n    return twice(a, a);\n}\n"
    (tmp_path / "src" / "bad.c").write_text(f'#include "symc/bad.h"\nlong f(int a);\nlong f(int a)\n{body}')
    found = tidy(tmp_path, "rv64gc")
    assert ("readability-braces-around-statements", "generated") in found
    assert ("bugprone-implicit-widening-of-multiplication-result", "runtime") in found


@pytest.mark.parametrize("core", first_quick(CORES))
def test_cppcheck_finds_nothing_with_the_macros_of_a_core(folders: dict[str, Path], core: str, tmp_path: Path) -> None:
    board = require_board(core)
    macros = tmp_path / "macros.h"
    select = [flag for flag in board.flags if flag.startswith("-m")]
    macros.write_text(run([board.compiler, *select, "-dM", "-E", "-xc", "/dev/null"]).stdout)
    base = [require("cppcheck"), "--std=c99", "--enable=warning,style,performance,portability", "-q"]
    # The core's own configuration alone: a macro that is asked for is either among these or not defined.
    options = ["--max-configs=1", "--suppress=toomanyconfigs", f"--include={macros}", "-Iinclude", "-Isrc"]
    for folder in folders.values():
        files = sorted(str(path.relative_to(folder)) for path in (folder / "src").glob("*.c"))
        done = subprocess.run([*base, *options, *files], cwd=folder, capture_output=True, text=True, check=False)
        assert done.returncode == 0 and not done.stderr, done.stdout + done.stderr


@pytest.mark.parametrize("core", first_quick(CORES))
def test_each_core_s_compiler_warns_of_nothing(folders: dict[str, Path], core: str, tmp_path: Path) -> None:
    """Equality of floats, and macros that are not defined, beside the usual ones."""
    board = require_board(core)
    for name, folder in folders.items():
        for source in sorted((folder / "src").glob("*.c")):
            includes = [f"-I{folder}/include", f"-I{folder}/src"]
            if core == "atmega2560":
                includes.append(f"-D{name.upper()}_SELFTEST_SINGLE")
            command = [board.compiler, *board.flags, "-std=c99", "-Os", *STRICT, *includes]
            run([*command, "-c", source, "-o", tmp_path / "object.o"])
