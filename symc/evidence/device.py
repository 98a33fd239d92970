"""What a bundle's NAME_eval costs on one core: its C compiled for it, and run in its emulator."""

from __future__ import annotations

import re
import subprocess
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from symc.backends.spelling import format_of
from symc.bundle import Manifest
from symc.bundle.parity import PARITY_FILE, Recording
from symc.errors import CheckFailed, MissingTool
from symc.evidence.hardest import Counts, first_rows, hardest
from symc.evidence.probes import most_rows, sized, stacked, timed
from symc.meaning.points import F32, Box, filling
from symc.toolchain.emulators import Board, build, counts, run

EMULATED = "measured in the emulator"
FLAGS = ("-std=c99", "-Os", "-ffp-contract=off")
_TYPICAL = 128
# The stack is painted for each row, which takes an ATmega's emulator longer than a call.
_STACKED, _TIMED = 64, 1024
# Of one program in its emulator: a minute alone at the most, but other work may have the machine.
_TIMEOUT_S = 600.0


@dataclass(frozen=True)
class Time:
    """Of one call, in instructions or cycles, without the call itself.

    typical: the median over `typical_rows` rows, which are those recorded of the network or points that fill the
    domain. worst: the most that a search over the domain found, at the inputs `worst_at`; `rows` were counted in all.
    how: how these figures were established.
    """

    unit: str
    typical: float
    typical_of: str
    typical_rows: int
    worst: int
    worst_at: dict[str, float]
    rows: int
    how: str = EMULATED


@dataclass(frozen=True)
class Cost:
    """On one core: what a program grows by when it calls NAME_eval, in bytes, and what calls of it take.

    flash: code, constants and initial values, the compiler's own helpers included. ram: static variables. stack: the
    deepest that `rows` calls reached, 32 where it was no more. time: None where it was not counted, `untimed` says why.
    """

    core: str
    compiler: str
    flash: int
    ram: int
    stack: int
    rows: int
    time: Time | None
    untimed: str = ""

    def __str__(self) -> str:
        sizes = f"{self.flash} bytes of flash, {self.ram} of RAM, {self.stack} of stack"
        if self.time is None:
            return f"{sizes}; time not counted: {self.untimed}"
        t = self.time
        return (
            f"{sizes}; {t.typical:.0f} {t.unit} in the median of {t.typical_rows} {t.typical_of}, "
            f"{t.worst} at the worst found of {t.rows} ({t.how})"
        )


def measure(board: Board, bundle: Path, manifest: Manifest, timeout_s: float = _TIMEOUT_S) -> Cost:
    """The cost on a board whose tools are installed. `bundle` is a folder that holds the bundle's files.

    Without a C compiler of this machine, or with an emulator that takes no plugins, time is not counted. Raises
    CheckFailed where a program fails, or takes longer than `timeout_s` in the emulator.
    """
    includes = [bundle / "include", bundle / "src"]
    source = bundle / "src" / f"{manifest.name}.c"
    box = manifest.domain or ((-10.0, 10.0),) * manifest.program.n_in
    with tempfile.TemporaryDirectory(prefix="symc-") as temporary:
        folder = Path(temporary)

        def built(name: str, text: str) -> Path:
            main = folder / f"{name}.c"
            main.write_text(text)
            return build(board, [main, source], includes, FLAGS, folder / f"{name}.elf")

        (flash, ram), (flash_with, ram_with) = (
            sizes(board, built(f"size{calls:d}", sized(manifest, calls))) for calls in (False, True)
        )
        rows = first_rows(box, manifest.program.n_in, _STACKED, format_of(manifest.program))
        time, untimed = None, "" if board.counts else "no emulator runs it"
        if board.counts:
            try:
                time, slowest = _time(board, bundle, manifest, box, built, timeout_s)
                rows = np.concatenate([slowest[None], rows])
            except MissingTool as error:
                untimed = str(error)
        rows = rows[:: -(-len(rows) // most_rows(manifest, board))]
        probe = folder / "probe.c"
        probe.write_text(stacked(manifest, rows, board))
        stack = int(run(board, [probe, source], includes, FLAGS, timeout_s).split()[-1])
    # Alignment of what stands beside it may take a few bytes back.
    ram = max(ram_with - ram, 0)
    return Cost(board.name, _version(board), flash_with - flash, ram, stack, len(rows), time, untimed)


def _time(
    board: Board,
    bundle: Path,
    manifest: Manifest,
    box: Box,
    built: Callable[[str, str], Path],
    timeout_s: float,
) -> tuple[Time, F32]:
    """What calls take, and the row of the slowest."""

    def count(rows: F32) -> Counts:
        found: list[int] = []
        size = most_rows(manifest, board)
        for start in range(0, len(rows), size):
            part = rows[start : start + size]
            empty, *calls = counts(board, built("time", timed(manifest, part)), timeout_s)
            if len(calls) != len(part):
                raise CheckFailed(f"{len(calls)} calls of {len(part)} were counted", where=board.name)
            found += [call - empty for call in calls]
        return np.array(found, dtype=np.int64)

    usual, what = usual_rows(bundle, manifest, box)
    known = np.concatenate([usual, first_rows(box, manifest.program.n_in, _TIMED, format_of(manifest.program))])
    costs = count(known)
    row, worst, more = hardest(count, box, known, costs)
    at = dict(zip(manifest.program.inputs, map(float, row), strict=True))
    typical = float(np.median(costs[: len(usual)]))
    return Time(board.counts, typical, what, len(usual), worst, at, len(known) + more), row


def usual_rows(bundle: Path, manifest: Manifest, box: Box) -> tuple[F32, str]:
    """Rows (m, n_in) as they are met in use, and what they are."""
    program = manifest.program
    if manifest.samples is not None:
        recorded = Recording.from_bytes((bundle / PARITY_FILE).read_bytes(), program).x
        return recorded[:: max(-(-len(recorded) // _TYPICAL), 1)], "recorded rows"
    low, high = np.array(box, dtype=np.float64).T
    dtype = format_of(program).dtype
    rows = (low + filling(program.n_in, _TYPICAL) * (high - low)).astype(dtype)
    return np.clip(rows, low.astype(dtype), high.astype(dtype)), "points that fill the domain"


def sizes(board: Board, program: Path) -> tuple[int, int]:
    """Bytes of flash and of RAM: text and data, data and bss."""
    command = [re.sub(r"g?cc$|clang$", "size", board.compiler), str(program)]
    printed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    text, data, bss = map(int, printed.splitlines()[1].split()[:3])
    return text + data, data + bss


def _version(board: Board) -> str:
    done = subprocess.run([board.compiler, "--version"], capture_output=True, text=True, check=True)
    return done.stdout.splitlines()[0]
