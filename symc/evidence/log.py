"""What devices say of themselves: the lines that NAME_report writes (symc.backends.log), read from logs of any kind."""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO
from zlib import crc32

from symc.backends.log import FIELDS, HEAD, MOST, MOST_INPUTS, block_of
from symc.bundle import read_manifest
from symc.bundle.files import open_plain
from symc.errors import SymcError
from symc.evidence.counts import Counts, prometheus
from symc.tables import shortened, table

# What becomes of a line; every one is counted as one of these.
READ, OTHER, DAMAGED, LONG, ELSEWHERE = "read", "other", "damaged", "long", "elsewhere"
_KINDS = {
    OTHER: "without a report",
    DAMAGED: "cut or garbled",
    LONG: "too long",
    ELSEWHERE: "of other blocks",
}
# A report has less than 600 bytes; before it there may be a time stamp.
_LONGEST = 4096
# Names and versions that are told apart; a fleet has a few, a hostile log as many as it likes.
_MOST_BLOCKS = 256
_START = HEAD.split()[0].encode() + b" "
_REPORT = re.compile(
    rb"1 ([A-Za-z][A-Za-z0-9_]{0,62}@[0-9a-f]{8}) "
    + b" ".join(rb"%b=(\d{1,10})" % field.encode() for field in FIELDS)
    + rb" inputs=(\d{1,10}(?:,\d{1,10}){0,%d}) crc=([0-9a-f]{8})\s*" % (MOST_INPUTS - 1)
)


@dataclass(frozen=True)
class DeviceLog:
    """counts: by block, NAME@ and the start of the model's hash. lines: how many there were of each kind."""

    counts: dict[str, Counts]
    lines: dict[str, int]

    def to_json(self) -> dict[str, Any]:
        """A dict of numbers and text, which json.dumps takes."""
        return {"blocks": {block: counts.to_json() for block, counts in self.counts.items()}, "lines": self.lines}

    def prometheus(self) -> str:
        """The counts in Prometheus' text format; MissingTool without prometheus_client (the extra symc[prometheus])."""
        return prometheus(self.counts, self.lines)

    def __str__(self) -> str:
        rows = [
            (block, str(c.rows), f"{c.guard_rate:.2%}", *map(str, c.reasons), shortened(_worst(c)))
            for block, c in self.counts.items()
        ]
        found = table(("block", "rows", "guarded", "outside", "not finite", "beyond", "inputs outside"), rows)
        left_out = _said(self.lines)
        return f"{found}\n\nreports read: {self.lines[READ]}" + (f"; left out: {left_out}" if left_out else "")


def read_log(log: str | Path | Sequence[str | Path], *, bundle: str | Path | None = None) -> DeviceLog:
    """Add up the reports of devices in one log or several.

    log: files of text of any kind, such as what came over a serial line; what is no report is counted and left out, and
    so is a report whose checksum is wrong. bundle: the folder of a bundle, whose reports alone are taken; inputs have
    its names then, without it their numbers. Raises SymcError for a file that cannot be read or is given twice, a
    folder that is no bundle, and where no line is a report.
    """
    paths = [Path(log)] if isinstance(log, str | Path) else [Path(path) for path in log]
    if len({os.path.realpath(path) for path in paths}) < len(paths):
        raise SymcError("a log is given twice, and would count twice", hint="Name each once.")
    only, names = (None, None) if bundle is None else _of_bundle(bundle)
    counts: dict[str, Counts] = {}
    lines = Counter({READ: 0, **dict.fromkeys(_KINDS, 0)})
    for path in paths:
        for kind, block, found in _reports(path):
            known = block in counts or len(counts) < _MOST_BLOCKS
            if kind == READ and (not known or block != (only or block)):
                kind = ELSEWHERE
            elif kind == READ and names is not None and len(found[1]) != len(names):
                kind = DAMAGED
            lines[kind] += 1
            if kind == READ:
                (rows, guarded, *reasons), inputs = found
                named = dict(zip(names or map(str, range(len(inputs))), inputs, strict=True))
                counts[block] = counts.get(block, Counts()) + Counts(rows, guarded, tuple(reasons), named)
    if not lines[READ]:
        raise SymcError(
            f"no line is a report{f' of {only}' if only else ''} ({_said(lines) or 'there are none'})",
            where=", ".join(map(str, paths)),
            hint="The device writes them with NAME_report, which --outside adds.",
        )
    return DeviceLog(dict(sorted(counts.items())), dict(lines))


_Numbers = tuple[list[int], list[int]]


def _reports(path: Path) -> Iterator[tuple[str, str, _Numbers]]:
    """(kind, block, (what FIELDS says, inputs)) for each report and each line without one."""
    try:
        with open_plain(path) as file:
            for line in _lines(file):
                if line is None:
                    yield LONG, "", ([], [])
                    continue
                _, *reports = line.split(_START)
                if not reports:
                    yield OTHER, "", ([], [])
                for report in reports:
                    yield _read(report)
    except OSError as error:
        raise SymcError(f"cannot be read ({error.strerror})", where=str(path), hint="Give files of text.") from None


def _lines(file: BinaryIO) -> Iterator[bytes | None]:
    """Each line, None for one that is too long, which is never held whole."""
    while line := file.readline(_LONGEST):
        if len(line) < _LONGEST or line.endswith(b"\n"):
            yield line
            continue
        yield None
        while (rest := file.readline(_LONGEST)) and not rest.endswith(b"\n"):
            pass


def _read(report: bytes) -> tuple[str, str, _Numbers]:
    """What stands behind the first word of a report; damaged where the checksum or the numbers cannot be right."""
    found = _REPORT.fullmatch(report)
    if found and crc32(_START + report[: found.start(8) - len(b" crc=")]) == int(found[8], 16):
        numbers = [int(found[k + 2]) for k in range(len(FIELDS))]
        inputs = [int(count) for count in found[7].split(b",")]
        rows, guarded, *reasons = numbers
        largest = max(reasons)
        if rows <= MOST and largest <= guarded <= min(rows, sum(reasons)) and max(inputs) <= reasons[0] <= sum(inputs):
            return READ, found[1].decode(), (numbers, inputs)
    return DAMAGED, "", ([], [])


def _of_bundle(bundle: str | Path) -> tuple[str, list[str]]:
    """The bundle as reports name it, and what its inputs are called there."""
    manifest = read_manifest(Path(bundle))
    names = list(manifest.program.inputs)
    if len(names) > MOST_INPUTS:
        names = [*names[: MOST_INPUTS - 1], f"{names[MOST_INPUTS - 1]} and on"]
    return block_of(manifest.name, manifest.model.sha256), names


def _said(lines: Mapping[str, int]) -> str:
    return ", ".join(f"{lines[kind]} {text}" for kind, text in _KINDS.items() if lines[kind])


def _worst(counts: Counts) -> str:
    """The inputs that were outside, most often first."""
    found = sorted(((value, name) for name, value in counts.inputs.items() if value), key=lambda pair: -pair[0])
    return ", ".join(f"{name} {value}" for value, name in found)
