"""The files of a PySR run: which are read, told from their bytes and read without PySR, Julia or pandas."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from symc.errors import SymcError
from symc.sources.pysr_rows import BadRow, CutOff, Row, is_header, read_rows

_OUTPUT = re.compile(r"_output(\d+)\.csv\Z")
_BACKUP = ".bak"
_AGAIN = "PySR keeps a copy beside it, with .bak at its name; there is none here."
_LONGEST_HEADER = 1000
_LARGEST = 4_000_000
_WIDE_MARKS = (b"\xff\xfe", b"\xfe\xff")


@dataclass(frozen=True)
class Table:
    """The rows of one output's file, and those that are none.

    `file` was read; `note` says why, where it is not the one that was named.
    """

    file: Path
    content: bytes
    rows: tuple[Row, ...]
    bad: tuple[BadRow, ...]
    note: str | None = None


def is_hall_of_fame(path: str | Path) -> bool:
    """Whether a file starts with a header of PySR's, or a folder holds such files under PySR's names."""
    path = Path(path)
    if path.is_dir():
        return any(is_hall_of_fame(file) for file in _in_folder(path))
    try:
        with path.open("rb") as file:
            first = file.read(_LONGEST_HEADER)
    except OSError:
        return False
    encoding = "utf-16" if first.startswith(_WIDE_MARKS) else "utf-8-sig"
    return is_header(re.split(r"[\r\n]", first.decode(encoding, "replace"))[0])


def read_tables(paths: Sequence[Path]) -> tuple[Table, ...]:
    """One table per output: of a hall_of_fame.csv, of the files of a multi-output run, or of a run's folder.

    A file that is missing, empty or cut off is read from PySR's backup beside it (`.bak`, which PySR writes after it),
    so that a run killed while writing is read whole; a whole file is read itself. Raises SymcError with file and line.
    """
    return tuple(map(_table, _files(list(paths))))


def _table(file: Path) -> Table:
    try:
        content = _bytes(file)
        return Table(file, content, *read_rows(_text(file, content), str(file)))
    except CutOff as error:
        backup = file.with_name(file.name + _BACKUP)
        if not backup.is_file():
            raise CutOff(error.what, where=error.where, hint=_AGAIN) from None
        content = _bytes(backup)
        note = f"{backup.name} was read, because {file.name} {error.what}"
        return Table(backup, content, *read_rows(_text(backup, content), str(backup)), note)


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
        if file.stat().st_size > _LARGEST:
            raise SymcError(f"has more than {_LARGEST} bytes, too many for equations", where=str(file))
        return file.read_bytes()
    except FileNotFoundError:
        raise CutOff("there is no such file", where=str(file)) from None
    except IsADirectoryError:
        raise SymcError("is a directory", where=str(file), hint="Give one run's folder, or files.") from None
    except OSError as error:
        raise SymcError(f"cannot be read: {error.strerror}", where=str(file)) from None


def _text(file: Path, content: bytes) -> str:
    if content.startswith(_WIDE_MARKS):
        raise SymcError("is UTF-16 text, and PySR writes UTF-8", where=str(file), hint="Save it as UTF-8.")
    if b"\0" in content:
        # What a crash of the machine leaves; the backup may be whole.
        raise CutOff("is not text: it holds NUL bytes", where=str(file))
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise SymcError("is not text", where=str(file), hint="PySR writes hall_of_fame.csv as UTF-8.") from None
