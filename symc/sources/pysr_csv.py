"""The rows of PySR's hall_of_fame.csv, told from its bytes and read without PySR, Julia or pandas."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from symc.errors import SymcError

HEADER = ("Complexity", "Loss", "Equation")
_OUTPUT = re.compile(r"_output(\d+)\.csv\Z")
_BACKUP = ".bak"
_AGAIN = "PySR keeps a copy beside it, with .bak at its name; there is none here."


@dataclass(frozen=True)
class Row:
    where: str
    complexity: int
    loss: float
    equation: str


@dataclass(frozen=True)
class Table:
    """The rows of one output's file: `file` was read; `note` says why, where it is not the one that was named."""

    file: Path
    content: bytes
    rows: tuple[Row, ...]
    note: str | None = None


class _CutOff(SymcError):
    """A file that ends in the middle of a row, or before the first."""


def is_hall_of_fame(path: str | Path) -> bool:
    """Whether a file starts with PySR's header, or a folder holds such files under PySR's names."""
    path = Path(path)
    if path.is_dir():
        return any(is_hall_of_fame(file) for file in _in_folder(path))
    try:
        with path.open("rb") as file:
            first = file.readline(200)
    except OSError:
        return False
    names = first.removeprefix(b"\xef\xbb\xbf").decode("ascii", "replace").strip().split(",")
    return tuple(name.strip().strip('"') for name in names) == HEADER


def read_tables(paths: Sequence[Path]) -> tuple[Table, ...]:
    """One table per output: of a hall_of_fame.csv, of the files of a multi-output run, or of a run's folder.

    A file that is missing, empty or cut off is read from PySR's backup beside it (`.bak`, which PySR writes after it),
    so that a run killed while writing is read whole; a whole file is read itself. Raises SymcError with file and line.
    """
    return tuple(map(_table, _files(list(paths))))


def _table(file: Path) -> Table:
    try:
        content = _bytes(file)
        return Table(file, content, tuple(_rows(file, content)))
    except _CutOff as error:
        backup = file.with_name(file.name + _BACKUP)
        if not backup.is_file():
            raise
        content = _bytes(backup)
        rows = tuple(_rows(backup, content))
        return Table(backup, content, rows, f"{backup.name} was read, because {file.name} {error.what}")


def _files(given: list[Path]) -> list[Path]:
    """One path per output, in the order of PySR's output numbers where the names carry them."""
    if not given:
        raise SymcError("no hall of fame is given")
    if len(given) == 1 and given[0].is_dir():
        found = _in_folder(given[0])
        if not found:
            raise SymcError(
                "the folder holds no hall_of_fame.csv", where=str(given[0]), hint="Give the folder of one PySR run."
            )
        given = found
    # A shell pattern may name a file and its backup: the same output.
    given = [p for p in given if p.suffix != _BACKUP or p.with_suffix("") not in given]
    numbers = [_OUTPUT.search(p.name.removesuffix(_BACKUP)) for p in given]
    if len(given) > 1 and all(numbers):
        numbered = sorted((int(m[1]), p) for m, p in zip(numbers, given, strict=True) if m)
        found_numbers = [n for n, _ in numbered]
        if found_numbers != list(range(1, len(numbered) + 1)):
            raise SymcError(
                f"the files are for outputs {', '.join(map(str, found_numbers))}, not for 1 to {len(numbered)}",
                where=str(numbered[0][1].parent),
                hint="Give each output's file once.",
            )
        return [p for _, p in numbered]
    return given


def _in_folder(folder: Path) -> list[Path]:
    single = [p for name in ("hall_of_fame.csv", "hall_of_fame.csv.bak") if (p := folder / name).is_file()]
    if single:
        return single[:1]
    several = [p for p in sorted(folder.glob("hall_of_fame_output*")) if _OUTPUT.search(p.name.removesuffix(_BACKUP))]
    return [p for p in several if p.suffix != _BACKUP or p.with_suffix("") not in several]


def _bytes(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except FileNotFoundError:
        raise _CutOff("there is no such file", where=str(file)) from None
    except IsADirectoryError:
        raise SymcError("is a directory", where=str(file), hint="Give one run's folder, or files.") from None
    except OSError as error:
        raise SymcError(f"cannot be read: {error.strerror}", where=str(file)) from None


def _rows(file: Path, content: bytes) -> Iterator[Row]:
    try:
        lines = content.decode("utf-8-sig").splitlines()
    except UnicodeDecodeError:
        raise SymcError("is not text", where=str(file), hint="PySR writes hall_of_fame.csv as UTF-8.") from None
    reader = csv.reader(lines, strict=True)
    empty = True
    try:
        first = ",".join(HEADER)
        if first.startswith("".join(lines)) and lines != [first]:
            raise _CutOff("is empty, or ends in its first line", where=str(file), hint=_AGAIN)
        header = tuple(cell.strip() for cell in next(reader, []))
        if header != HEADER:
            raise SymcError(
                f"does not start with {','.join(HEADER)}", where=str(file), hint="Is it a hall_of_fame.csv of PySR?"
            )
        for cells in reader:
            if cells:
                empty = False
                yield _row(f"{file}, line {reader.line_num}", cells)
    except csv.Error as error:
        raise _CutOff(f"is cut off or not CSV: {error}", where=f"{file}, line {reader.line_num}", hint=_AGAIN) from None
    if empty:
        raise _CutOff("holds no equations", where=str(file), hint=_AGAIN)


def _row(where: str, cells: list[str]) -> Row:
    if len(cells) != len(HEADER):
        raise SymcError(f"has {len(cells)} cells, needs {len(HEADER)} ({','.join(HEADER)})", where=where)
    complexity, loss, equation = cells
    try:
        row = Row(where, int(complexity), float(loss), equation)
    except ValueError:
        raise SymcError(f"complexity {complexity!r} or loss {loss!r} is not a number", where=where) from None
    if row.complexity < 1:
        raise SymcError(f"complexity is {row.complexity}, must be at least 1", where=where)
    return row
