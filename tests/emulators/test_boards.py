"""The boards themselves: text and exit status come back, faults and endless loops end, absent tools are named."""

from __future__ import annotations

from pathlib import Path

import pytest

from symc.errors import CheckFailed, MissingTool, SymcError
from symc.toolchain.emulators import BOARDS, run
from tests.tools import require_board

PROGRAM = """
#include "board.h"

static volatile float number = 1.5f;
static uint32_t zero[100];
static const char *volatile text = "initialised data";

int main(void)
{
    uint32_t sum = 0;
    uint8_t i;
    for (i = 0; i < 100; ++i) {
        sum += zero[i];
    }
    board_put(text);
    board_put("\\n\\n");
    for (i = 0; i < 40; ++i) {
        board_put_hex((uint32_t)(number * number * 4.0f) + sum + i);
    }
    board_put("\\n");
    return STATUS;
}
"""
LINES = ["initialised data", "", "".join(f"{9 + k:08x}" for k in range(40))]


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "program.c"
    path.write_text(PROGRAM)
    return path


@pytest.mark.parametrize("name", BOARDS)
def test_text_and_status_come_back(name: str, source: Path):
    board = require_board(name)
    assert run(board, [source], flags=["-O2", "-DSTATUS=0"]).splitlines() == LINES
    with pytest.raises(CheckFailed, match="ended with status 42"):
        run(board, [source], flags=["-Os", "-DSTATUS=42"])


@pytest.mark.parametrize("name", BOARDS)
def test_a_program_that_hangs_or_faults_is_a_failed_check(name: str, tmp_path: Path):
    board = require_board(name)
    hangs = tmp_path / "hangs.c"
    hangs.write_text("int main(void)\n{\n    volatile int i = 1;\n    while (i) {\n    }\n    return 0;\n}\n")
    with pytest.raises(CheckFailed, match=r"did not end within 0\.5 s"):
        run(board, [hangs], timeout_s=0.5)
    faults = tmp_path / "faults.c"
    faults.write_text("int main(void)\n{\n    __builtin_trap();\n}\n")
    with pytest.raises(CheckFailed):
        run(board, [faults], timeout_s=1)


def test_continuous_integration_installs_what_the_boards_need():
    script = (Path(__file__).parents[2] / ".ci" / "run").read_text()
    assert {package for _, board in BOARDS.items() for package in board.packages.split()} - set(script.split()) == set()


def test_messages_of_the_compiler_are_shown(tmp_path: Path):
    board = require_board("host-gcc")
    wrong = tmp_path / "wrong.c"
    wrong.write_text("int main(void)\n{\n    return unheard_of;\n}\n")
    with pytest.raises(SymcError, match="unheard_of"):
        run(board, [wrong])


def test_absent_tools_are_named(source: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(MissingTool, match="arm-none-eabi-gcc and qemu-system-arm"):
        run(BOARDS["cortex-m3"], [source])
