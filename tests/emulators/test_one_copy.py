"""On cores whose products have 32 bits a function is in flash once, however often a program calls it."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from symc.toolchain.emulators import build
from tests.runtime.helpers import INCLUDE, UNARY
from tests.tools import require_board

HEADERS = {"sin": "trig", "cos": "trig", "tan": "trig", "erfc": "erf"}
# What a call takes: its operand and its result are volatile.
BYTES_A_CALL = {"atmega2560": 60, "cortex-m0": 24}


def text_of(board_name: str, functions: tuple[str, ...], calls: int, folder: Path) -> int:
    """Bytes of code and tables of a program that calls each function `calls` times."""
    board = require_board(board_name)
    source = folder / f"calls{calls}.c"
    body = "".join(f"    v = symc_{name}({'v, v' if name == 'pow' else 'v'});\n" * calls for name in functions)
    headers = sorted({HEADERS.get(name, name) for name in functions})
    includes = "".join(f'#include "symc/{header}.h"\n' for header in headers)
    source.write_text(f"{includes}static volatile float v;\nint main(void)\n{{\n{body}    return 0;\n}}\n")
    program = build(board, [source], [INCLUDE], ["-std=c99", "-Os"], folder / f"calls{calls}.elf")
    size = [board.compiler.removesuffix("gcc") + "size", program]
    return int(subprocess.run(size, capture_output=True, text=True, check=True).stdout.split()[6])


@pytest.mark.parametrize("board", BYTES_A_CALL)
def test_further_calls_take_no_further_copies(board: str, tmp_path: Path) -> None:
    functions = (*UNARY, "pow")
    once, thrice = (text_of(board, functions, calls, tmp_path) for calls in (1, 3))
    assert thrice - once < 2 * len(functions) * BYTES_A_CALL[board]
