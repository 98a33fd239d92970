"""What a bundle costs on microcontrollers, measured before anything is flashed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from symc.arithmetic import usual
from symc.bundle.files import refuse_package
from symc.bundle.numbers import is_double
from symc.bundle.opened import read_manifest
from symc.errors import CheckFailed, SymcError
from symc.evidence.budget import NO_DOUBLES, boards_of, check_doubles, check_units, excess, read_limits
from symc.evidence.device import Cost, measure
from symc.tables import table
from symc.toolchain.emulators import BOARDS, Board, DoesNotFit, missing_tools


@dataclass(frozen=True)
class Costs:
    """A row for each core, and the cores that were left out with the reason; prints as a table."""

    rows: tuple[Cost, ...]
    left_out: Mapping[str, str]

    def to_json(self) -> dict[str, Any]:
        return {"cores": [asdict(row) for row in self.rows], "left_out": dict(self.left_out)}

    def __str__(self) -> str:
        columns = ("core", "flash, bytes", "RAM", "stack", "typical", "worst", "time in", "compiler, -Os")
        lines = [table(columns, [_cells(row) for row in self.rows])] if self.rows else []
        times = [row.time for row in self.rows if row.time is not None]
        if times:
            t = times[0]
            lines.append(
                f"typical: the median of {t.typical_rows} {t.typical_of}; worst: the most that a search over the "
                f"domain found; {t.how}"
            )
        lines += [f"{row.core}: time not counted: {row.untimed}" for row in self.rows if row.untimed]
        return "\n".join([*lines, *(f"{core}: {why}" for core, why in self.left_out.items())])


@usual
def cost(bundle: str | Path, *, core: Sequence[str] | str = (), limit: str | None = None) -> Costs:
    """Compile and run the bundle's C for each core, in its emulator, and say what it takes there.

    core: names of cores (symc doctor lists them); by default all whose compiler and emulator are installed. limit: what
    none of them may exceed: "flash=2k,ram=64,stack=256" in bytes, "instructions=5000" or "cycles=5000" of the slowest
    call found, by what the emulator counts. Stack and time are those of calls at corners, zeros, tiny and inner points
    of the domain, and of what a search went on to from the slowest of them; without a domain it is [-10, 10].
    Raises SymcError for a folder that is no bundle or has no C, an unknown core, one without doubles for a bundle in
    double precision, or a limit that cannot be read or is in what a core does not count; MissingTool where a core is
    named whose tools are not installed; CheckFailed where a limit is exceeded, or the memory of a named core.
    """
    folder = Path(bundle)
    refuse_package(folder)
    manifest = read_manifest(folder)
    if "c" not in manifest.targets:
        raise SymcError("the bundle holds no C", where=str(folder), hint="Build it with --target c.")
    limits = read_limits(limit)
    boards, left_out = boards_of(core), {}
    are_named = bool(boards)
    double = is_double(manifest.options)
    if double:
        check_doubles(boards)
    if not boards:
        for board in (board for _, board in BOARDS.items() if _is_core(board)):
            if missing := missing_tools(board):
                left_out[board.name] = f"needs {' and '.join(missing)} (apt install {board.packages})"
            elif double and not board.doubles:
                left_out[board.name] = NO_DOUBLES
            else:
                boards.append(board)
    check_units(limits, boards)
    rows = []
    for board in boards:
        try:
            rows.append(measure(board, folder, manifest))
        except DoesNotFit as error:
            if are_named:
                raise
            left_out[board.name] = error.what
    if beyond := excess(rows, limits):
        hint = "Choose a smaller equation (--complexity, --select cheapest:TOL or fit)."
        raise CheckFailed("; ".join(beyond), hint=hint)
    return Costs(tuple(rows), left_out)


def _is_core(board: Board) -> bool:
    """Whether it runs without an operating system."""
    return "hosted.c" not in board.support and "i386_linux.c" not in board.support


def _cells(row: Cost) -> tuple[str, ...]:
    sizes = (row.core, str(row.flash), str(row.ram), str(row.stack))
    time = ("-", "-", "-") if row.time is None else (f"{row.time.typical:.0f}", str(row.time.worst), row.time.unit)
    return (*sizes, *time, row.compiler)
