"""Limits on what a bundle may cost on a device: read from text, and held against what was measured."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from symc.bundle import Manifest
from symc.bundle.order import CORE, LIMIT
from symc.errors import CheckFailed, MissingTool, SymcError
from symc.evidence.device import Cost, measure
from symc.toolchain.compilers import write_tree
from symc.toolchain.emulators import BOARDS, Board, missing_tools

SIZES = ("flash", "ram", "stack")
TIMES = ("instructions", "cycles")
NO_DOUBLES = "its double has 32 bits"
_UNITS = {"": 1, "b": 1, "k": 1024, "kb": 1024, "kib": 1024, "m": 1024**2, "mb": 1024**2, "mib": 1024**2}
_COUNTED = {"": 1, "k": 1000, "m": 1000**2}


def read_limits(text: str | None) -> dict[str, int]:
    """Measure -> the most it may be, of "flash=2k,stack=256,cycles=5000"; SymcError for what is no limit."""
    limits = {}
    for part in (text or "").split(","):
        match = re.fullmatch(r"\s*(\w+)\s*=\s*(\d+(?:\.\d+)?)\s*([A-Za-z]*)\s*", part)
        if not part.strip():
            continue
        units = _COUNTED if match and match[1] in TIMES else _UNITS
        if match is None or match[1] not in (*SIZES, *TIMES) or match[3].lower() not in units:
            hint = (
                "Such as flash=2k,ram=64,stack=256 (bytes, or k for 1024 of them), or instructions=5000 and "
                "cycles=5k (k for 1000), by what the core's emulator counts."
            )
            raise SymcError(f"{part.strip()!r} is no limit", where="--limit", hint=hint)
        limits[match[1]] = int(float(match[2]) * units[match[3].lower()])
    return limits


def boards_of(core: Sequence[str] | str) -> list[Board]:
    """The boards of these names; SymcError for one that is not known, MissingTool where its tools are not installed."""
    boards = [BOARDS[name] for name in ([core] if isinstance(core, str) else core)]
    for board in boards:
        if missing := missing_tools(board):
            raise MissingTool(f"{board.name} needs {' and '.join(missing)}", hint=f"apt install {board.packages}")
    return boards


def check_doubles(boards: Sequence[Board]) -> None:
    """Raise SymcError where code in double precision is to run on a board that has no doubles."""
    for board in boards:
        if not board.doubles:
            hint = "Name other cores, or build with --numbers float, fixed or fixed16."
            raise SymcError(f"{board.name} has no double precision: {NO_DOUBLES}", where="--core", hint=hint)


def check_units(limits: Mapping[str, int], boards: Sequence[Board]) -> None:
    """Raise SymcError where time is limited in what the emulator of one of the boards does not count."""
    asked = [name for name in TIMES if name in limits]
    if not asked:
        return
    for board in boards:
        if board.counts not in asked:
            counted = f"counts {board.counts} and no {asked[0]}" if board.counts else "counts no time"
            hint = f"Say {board.counts}=N for {board.name}." if board.counts else "Leave that limit out."
            raise SymcError(f"the emulator of {board.name} {counted}", where="--limit", hint=hint)
    for name in asked:
        if all(board.counts != name for board in boards):
            hint = f"Leave {name}= out, or add a core that counts them with --core."
            raise SymcError(f"no emulator of these cores counts {name}", where="--limit", hint=hint)


def excess(rows: Sequence[Cost], limits: Mapping[str, int]) -> list[str]:
    """A sentence for each limit that a core exceeds, with by how much."""
    found = []
    for row in rows:
        for name, most in limits.items():
            if name in SIZES:
                value, unit, verb = getattr(row, name), " bytes", "is"
            elif row.time is not None and row.time.unit == name:
                value, unit, verb = row.time.worst, "", "reach"
            elif row.time is None:
                found.append(f"{name} on {row.core} were not counted: {row.untimed}")
                continue
            else:
                continue
            if value > most:
                found.append(f"{name} on {row.core} {verb} {value}{unit}, {value - most} more than {most}")
    return found


@dataclass(frozen=True)
class Budget:
    """What NAME_eval may cost on each of some cores."""

    limits: Mapping[str, int]
    boards: tuple[Board, ...]

    @classmethod
    def read(cls, limit: str | None, core: Sequence[str] | str, targets: Sequence[str]) -> Budget | None:
        """From the options of a build; None where nothing is limited.

        Raises SymcError for a limit that cannot be read or held on the cores, for one without the other, and for a
        build without C; MissingTool where a core's tools are not installed.
        """
        boards, limits = boards_of(core), read_limits(limit)
        if not boards and not limits:
            return None
        if not boards:
            raise SymcError("costs are limited on no core", where="--limit", hint="Name one or more: --core cortex-m0.")
        if not limits:
            raise SymcError("a core is named without a limit", where="--core", hint="Add --limit flash=2k.")
        if "c" not in targets:
            raise SymcError("costs are measured of C", where="--limit", hint="Add --target c.")
        check_units(limits, boards)
        return cls(limits, tuple(boards))

    def check_doubles(self) -> None:
        """Raise SymcError where one of the boards has no double precision."""
        check_doubles(self.boards)

    @property
    def asked(self) -> dict[str, str]:
        """Option -> text, as the manifest keeps it: sizes in bytes."""
        limits = ",".join(f"{name}={most}" for name, most in self.limits.items())
        return {LIMIT: limits, CORE: ",".join(board.name for board in self.boards)}

    def measured(self, manifest: Manifest, files: Mapping[str, bytes]) -> tuple[tuple[Cost, ...], list[str]]:
        """What a bundle of these files costs on each core, and a sentence for each limit that it exceeds."""
        with tempfile.TemporaryDirectory(prefix="symc-") as folder:
            write_tree(Path(folder), files)
            costs = tuple(measure(board, Path(folder), manifest) for board in self.boards)
        return costs, excess(costs, self.limits)

    def kept(self, manifest: Manifest, files: Mapping[str, bytes]) -> tuple[Cost, ...]:
        """What it costs; CheckFailed where that is more than a limit."""
        costs, beyond = self.measured(manifest, files)
        if beyond:
            hint = "Take a smaller equation: --complexity, or --select fit where there is a front."
            raise CheckFailed("; ".join(beyond), where="--limit", hint=hint)
        return costs
