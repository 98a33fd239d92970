"""The self-test of bundles in double precision on the boards: the checksums are the oracle's."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import pytest

from symc.building import Bundle
from symc.toolchain.emulators import build, execute
from tests.tools import DISTINCT, require_board

MAIN = """
#include "board.h"
#include "law.h"

int main(void)
{
    const int32_t result = law_selftest();
    board_put(result == 0 ? "passed" : "FAILED");
    return result == 0 ? 0 : 1;
}
"""
# Doubles in software, in hardware with fused multiply-add, and on x86 of 32 bits; the others, and
# the smaller code, in make test-long.
OFTEN = ("cortex-m0", "aarch64", "i386", "host-clang")
WITHOUT = ("atmega2560",)


def _marked(name: str, flags: str) -> Any:
    return pytest.param(name, flags, marks=() if name in OFTEN and flags == "-O2" else pytest.mark.long)


CASES = [_marked(name, flags) for name in DISTINCT if name not in WITHOUT for flags in ("-Os", "-O2", "-O3")]


@pytest.mark.parametrize(("name", "flags"), CASES)
def test_passes(name: str, flags: str, coverage: Bundle, tmp_path: Path) -> None:
    assert outcome(name, coverage.path, flags, tmp_path) == ("passed", 0)


def test_a_wrong_bit_is_found(coverage: Bundle, tmp_path: Path) -> None:
    copy = tmp_path / "law"
    for path in coverage.path.rglob("*.[ch]"):
        target = copy / path.relative_to(coverage.path)
        target.parent.mkdir(parents=True, exist_ok=True)
        # A table entry of 2^(j/32), in its last place.
        target.write_text(path.read_text().replace("0x1.0b5586cf9890fp+0", "0x1.0b5586cf98910p+0"))
    assert outcome("host-gcc", copy, "-O2", tmp_path) == ("FAILED", 1)


def test_avr_is_refused_with_the_reason(coverage: Bundle, tmp_path: Path) -> None:
    board = require_board("atmega2560")
    include = [f"-I{coverage.path}/include", f"-I{coverage.path}/src"]
    command = [board.compiler, *board.flags, "-std=c99", *include, "-c", coverage.path / "src/law.c", "-o", "law.o"]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path)
    assert done.returncode != 0
    assert "double is not IEEE-754 binary64 on this target (on AVR it has 32 bits)" in done.stderr


def outcome(name: str, bundle: Path, flags: str, folder: Path) -> tuple[str, int]:
    main = folder / "main.c"
    main.write_text(MAIN)
    sources = [main, *sorted((bundle / "src").glob("*.c"))]
    board = require_board(name)
    done = execute(board, build(board, sources, [bundle / "include", bundle / "src"], [flags], folder / "program.elf"))
    return done.output.strip(), done.status
