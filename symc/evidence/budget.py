"""Limits on what a bundle may cost on a device: read from text, and held against what was measured."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from symc.errors import MissingTool, SymcError
from symc.evidence.device import Cost
from symc.toolchain.emulators import BOARDS, Board, missing_tools

SIZES = ("flash", "ram", "stack")
TIMES = ("instructions", "cycles")
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
