"""Building C programs for a board and running them in its emulator."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from symc.errors import CheckFailed, MissingTool, SymcError
from symc.toolchain.emulators.boards import SUPPORT, Board

_BUILD_TIMEOUT_S = 300
_SHOWN_CHARACTERS = 4000
_SERIAL = re.compile(r"\x1b\[32m(.*)\n")
_OVERFLOWED = re.compile(r"region [`'][\w.]+' overflowed by (\d+) bytes")


class DoesNotFit(CheckFailed):
    """A program that is larger than the board's memory."""


@dataclass(frozen=True)
class Outcome:
    """What a program printed, and its exit status."""

    output: str
    status: int


def missing_tools(board: Board) -> list[str]:
    """The board's programs that are not on the path."""
    return [tool for tool in board.tools if shutil.which(tool) is None]


def run(
    board: Board,
    sources: Sequence[Path],
    include_dirs: Sequence[Path] = (),
    flags: Sequence[str] = ("-O2",),
    timeout_s: float = 120,
) -> str:
    """Compile a program with the board's support files, run it, and return what it printed.

    Raises MissingTool; SymcError with the compiler's messages; DoesNotFit for a program larger than the board's memory;
    CheckFailed when the program does not end within `timeout_s` or its exit status is not 0.
    """
    with tempfile.TemporaryDirectory(prefix="symc-") as folder:
        program = build(board, sources, include_dirs, flags, Path(folder, "program.elf"))
        done = execute(board, program, timeout_s=timeout_s)
    if done.status != 0:
        raise CheckFailed(f"the program ended with status {done.status}: {_tail(done.output)}", where=board.name)
    return done.output


def build(
    board: Board, sources: Sequence[Path], include_dirs: Sequence[Path], flags: Sequence[str], output: Path
) -> Path:
    """Compile and link `sources` (C, C++ or object files) with the board's support files; returns `output`."""
    _require(board)
    support = output.with_suffix(".support")
    support.mkdir(parents=True, exist_ok=True)
    objects = []
    for name in board.support:
        # Compiled apart, so that the caller's flags do not reach them.
        objects.append(support / f"{name}.o")
        _compile(board, [*board.flags, "-O2", "-c", SUPPORT / name, "-o", objects[-1]])
    includes = [f"-I{folder}" for folder in (*include_dirs, SUPPORT)]
    _compile(board, [*board.flags, *flags, *includes, *sources, "-x", "none", *objects, *board.link, "-o", output])
    return output


def execute(board: Board, program: Path, extra: Sequence[str] = (), timeout_s: float = 120) -> Outcome:
    """Run a built program; `extra` arguments go to the emulator (a plugin, a trace).

    Raises CheckFailed when it does not end within `timeout_s`.
    """
    _require(board)
    if board.emulator:
        first, *rest = (str(program) if argument == "{program}" else argument for argument in board.emulator)
        command = [first, *extra, *rest]
    else:
        command = [str(program)]
    try:
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=timeout_s,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        printed = error.stdout.decode(errors="replace") if isinstance(error.stdout, bytes) else error.stdout or ""
        raise CheckFailed(
            f"{shlex.join(command)} did not end within {timeout_s:g} s; so far: {_tail(printed)}", where=board.name
        ) from None
    if board.console == "simavr":
        return _from_simavr(done.stdout + done.stderr)
    return Outcome(done.stdout, done.returncode) if done.stdout else Outcome(done.stderr, done.returncode)


def _from_simavr(text: str) -> Outcome:
    """simavr prints the serial port in green pieces: a line with a dot for its end, or what filled its buffer.

    The last line is the status, put there by support/avr.c.
    """
    pieces = [f"{piece[:-1]}\n" if piece.endswith(".") else piece for piece in _SERIAL.findall(text)]
    output, found, status = "".join(pieces).rstrip("\n").rpartition("\nexit ")
    return Outcome(output, int(status, 16)) if found else Outcome(text, -1)


def _compile(board: Board, arguments: Sequence[object]) -> None:
    command = [board.compiler, *(str(argument) for argument in arguments)]
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, errors="replace", timeout=_BUILD_TIMEOUT_S, check=False
        )
    except subprocess.TimeoutExpired:
        raise SymcError(f"{board.compiler} did not finish within {_BUILD_TIMEOUT_S} s", where=board.name) from None
    if over := _OVERFLOWED.findall(done.stderr) if done.returncode != 0 else []:
        most = max(map(int, over))
        raise DoesNotFit(f"the program is {most} bytes too large for the memory", where=board.name)
    if done.returncode != 0:
        raise SymcError(f"{shlex.join(command)} failed:\n{_tail(done.stderr or done.stdout)}", where=board.name)


def _require(board: Board) -> None:
    missing = missing_tools(board)
    if missing:
        raise MissingTool(
            f"{board.cpu} needs {' and '.join(missing)}", where=board.name, hint=f"apt install {board.packages}"
        )


def _tail(text: str) -> str:
    return text if len(text) <= _SHOWN_CHARACTERS else f"...{text[-_SHOWN_CHARACTERS:]}"
