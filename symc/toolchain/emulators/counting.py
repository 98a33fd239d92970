"""What pieces of a program cost on a board: instructions, by a plugin of QEMU, or cycles, by an AVR's timers."""

from __future__ import annotations

import re
import subprocess
import tempfile
from pathlib import Path

from symc.errors import CheckFailed, MissingTool, SymcError
from symc.toolchain.compilers import find_c
from symc.toolchain.emulators.boards import SUPPORT, Board
from symc.toolchain.emulators.running import execute

_PLUGIN = "count_plugin.c"
_OVERFLOWN = 0xFFFFFFFF
_TIMEOUT_S = 600


def counts(board: Board, program: Path, timeout_s: float = _TIMEOUT_S) -> list[int]:
    """What lay between each board_begin and board_end (support/counting.h) of a built program, in `board.counts`.

    Raises SymcError for a board on which nothing is counted; MissingTool without a C compiler of this machine for the
    plugin, or where the emulator takes no plugins; CheckFailed when the program fails or a piece is too long.
    """
    if not board.counts:
        raise SymcError("nothing is counted there: no emulator runs it", where=board.name)
    if board.counts == "cycles":
        done = execute(board, program, timeout_s=timeout_s)
        found = [int(line, 16) for line in done.output.split()] if done.status == 0 else []
        if _OVERFLOWN in found:
            what = "a call takes more cycles than the timers count: 2^26 on an ATmega2560, 2^18 on an ATmega328P"
            raise CheckFailed(what, where=board.name)
    else:
        # Its path may hold commas, which part the plugin's arguments; a temporary folder's does not.
        with tempfile.TemporaryDirectory(prefix="symc-") as folder:
            out = Path(folder, "counts")
            plugin = Path(folder, "count.so")
            plugin.symlink_to(_plugin())
            arguments = f"{plugin},mark=0x{_address(board, program, 'board_mark'):x},out={out}"
            done = execute(board, program, ["-plugin", arguments], timeout_s)
            if not out.is_file():
                what = f"{board.emulator[0]} takes no plugin that counts: {done.output.strip()[-200:]}"
                raise MissingTool(what, where=board.name, hint=f"Install one that does: {board.packages}.")
            # Every second number is what lies between two pieces.
            found = [int(line) for line in out.read_text().split()][1::2]
    if done.status != 0:
        raise CheckFailed(f"the program ended with status {done.status}: {done.output[-500:]}", where=board.name)
    return found


def _plugin() -> Path:
    """The plugin as a shared library, from the cache."""
    files = {_PLUGIN: (SUPPORT / _PLUGIN).read_bytes()}
    return find_c().shared_library(files, [_PLUGIN], flags=("-O2", "-shared", "-fPIC"), name="count")


def _address(board: Board, program: Path, name: str) -> int:
    nm = re.sub(r"g?cc$|clang$", "nm", board.compiler)
    listing = subprocess.run([nm, str(program)], capture_output=True, text=True, check=True).stdout
    return next(int(line.split()[0], 16) for line in listing.splitlines() if line.split()[-1] == name)
