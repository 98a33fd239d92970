"""What the emulators count, beside pieces of a length that is known."""

from __future__ import annotations

from pathlib import Path

import pytest

from symc.errors import CheckFailed, MissingTool, SymcError
from symc.toolchain.emulators import BOARDS, build, counts
from tests.tools import require, require_board

_NOPS = r"""
#include "counting.h"
int main(void)
{
    board_begin();
    board_end();
    board_begin();
    __asm__ volatile(".rept 100\n nop\n .endr");
    board_end();
    return STATUS;
}
"""
# What lies on either side of the points at which the first timer starts anew, and far beyond them.
_LENGTHS = (1, 1000, 65_500, 65_536, 70_000, 131_072, 260_000, 1_000_000, 20_000_000)


def counted(name: str, source: str, folder: Path, *flags: str) -> list[int]:
    board = require_board(name)
    if board.counts == "instructions":
        require("cc")
    (folder / "piece.c").write_text(source)
    return counts(board, build(board, [folder / "piece.c"], [], ["-O2", *flags], folder / "piece.elf"))


@pytest.mark.parametrize("name", ["cortex-m0", "cortex-m7", "rv32imac", "rv64gc", "aarch64", "atmega2560"])
def test_a_hundred_nops_are_a_hundred_more_than_nothing(name: str, tmp_path: Path) -> None:
    empty, nops = counted(name, _NOPS, tmp_path, "-DSTATUS=0")
    assert nops - empty == 100


# The second timer of the smaller one has 8 bits.
@pytest.mark.parametrize(("name", "most"), [("atmega2560", 2**26), ("atmega328p", 2**18)])
def test_cycles_are_exact_at_every_length(name: str, most: int, tmp_path: Path) -> None:
    lengths = [n for n in _LENGTHS if n < most]
    pieces = [f"board_begin(); __builtin_avr_delay_cycles({n}UL); board_end();" for n in (0, *lengths)]
    source = '#include "counting.h"\nint main(void)\n{\n' + "\n".join(pieces) + "\nreturn 0;\n}\n"
    empty, *found = counted(name, source, tmp_path)
    assert [cycles - empty for cycles in found] == lengths


@pytest.mark.parametrize(("name", "cycles"), [("atmega2560", 70_000_000), ("atmega328p", 270_000)])
def test_a_piece_too_long_for_the_timers_is_refused(name: str, cycles: int, tmp_path: Path) -> None:
    source = (
        '#include "counting.h"\n'
        f"int main(void) {{ board_begin(); __builtin_avr_delay_cycles({cycles}UL); board_end(); return 0; }}\n"
    )
    with pytest.raises(CheckFailed, match="more cycles than the timers count"):
        counted(name, source, tmp_path)


@pytest.mark.parametrize("name", ["cortex-m0", "atmega2560"])
def test_a_program_that_fails_counts_for_nothing(name: str, tmp_path: Path) -> None:
    with pytest.raises(CheckFailed, match="status 3"):
        counted(name, _NOPS, tmp_path, "-DSTATUS=3")


def test_nothing_is_counted_without_an_emulator(tmp_path: Path) -> None:
    with pytest.raises(SymcError, match="no emulator"):
        counts(BOARDS["host-gcc"], tmp_path)


def test_an_emulator_without_plugins_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    board = require_board("cortex-m0")
    (tmp_path / "piece.c").write_text(_NOPS)
    program = build(board, [tmp_path / "piece.c"], [], ["-O2", "-DSTATUS=0"], tmp_path / "piece.elf")
    emulator = tmp_path / "bin" / board.emulator[0]
    emulator.parent.mkdir()
    emulator.write_text("#!/bin/sh\necho 'qemu: -plugin: invalid option' >&2\nexit 1\n")
    emulator.chmod(0o755)
    monkeypatch.setenv("PATH", str(emulator.parent), prepend=":")
    with pytest.raises(MissingTool, match="takes no plugin that counts: qemu: -plugin: invalid option"):
        counts(board, program)
