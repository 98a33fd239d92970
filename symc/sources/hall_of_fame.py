"""PySR's hall_of_fame.csv, read without PySR, Julia or pandas; equations go through our own parser only."""

from __future__ import annotations

import csv
import hashlib
import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from symc.capture.dataset import check_names, default_names
from symc.errors import SymcError
from symc.search.front import Front, Member

if TYPE_CHECKING:
    import sympy


HEADER = ("Complexity", "Loss", "Equation")
_OUTPUT = re.compile(r"_output(\d+)\.csv\Z")
_INDEXED = re.compile(r"x(0|[1-9]\d*)\Z")
# Not a function's name, and not the exponent letter of a number.
_IDENTIFIER = re.compile(r"(?<![A-Za-z0-9_.])[A-Za-z_][A-Za-z0-9_]*(?![A-Za-z0-9_]|\s*\()")
_IN_ORDER = "Name the run's inputs in order: --features a,b,c."
_BACKUP = ".bak"


@dataclass(frozen=True)
class HallOfFame:
    """The fronts in one or several files of a PySR run, complexities and losses as PySR wrote them.

    `files` are those that were read; `sha256` is over their contents in output order.
    """

    fronts: tuple[Front, ...]
    features: tuple[str, ...]
    files: tuple[Path, ...]
    sha256: str

    def __str__(self) -> str:
        return "\n\n".join([f"inputs {', '.join(self.features)}", *map(str, self.fronts)])


@dataclass(frozen=True)
class _Row:
    where: str
    complexity: int
    loss: float
    equation: str


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


def read_hall_of_fame(paths: str | Path | Sequence[str | Path], features: Sequence[str] | None = None) -> HallOfFame:
    """Read a hall_of_fame.csv, the files of a multi-output run (`hall_of_fame_output1.csv` ...), or a run's folder.

    Where PySR's backup (`.bak`, written after the file itself) is beside a file and not older, it is read instead, so
    that a run killed while writing is read whole. The inputs are `features`, or else x0..xK up to the highest
    index that occurs in any of the files; given names stand for x0, x1, ... in order where the run was made without
    names. A row whose operators are not in the operator table, or whose loss is not
    finite, is dropped with its reason; anything that is not an equation raises SymcError with file, line and column.
    """
    given = [Path(paths)] if isinstance(paths, str | Path) else [Path(p) for p in paths]
    files = [_freshest(file) for file in _files(given)]
    contents = [_bytes(file) for file in files]
    tables = [list(_rows(file, content)) for file, content in zip(files, contents, strict=True)]
    if features is None:
        inputs = _features(tables)
    else:
        inputs = check_names(features, "input")
        tables = [[_renamed(row, inputs) for row in table] for table in tables]
    names = default_names("y", len(files))
    fronts = tuple(_front(name, rows, inputs) for name, rows in zip(names, tables, strict=True))
    digest = hashlib.sha256(b"".join(hashlib.sha256(content).digest() for content in contents)).hexdigest()
    return HallOfFame(fronts, inputs, tuple(files), digest)


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


def _freshest(file: Path) -> Path:
    backup = file.with_name(file.name + _BACKUP)
    try:
        if backup.stat().st_mtime_ns >= file.stat().st_mtime_ns:
            return backup
    except OSError:
        return file if file.exists() or not backup.exists() else backup
    return file


def _bytes(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except FileNotFoundError:
        raise SymcError("there is no such file", where=str(file)) from None
    except IsADirectoryError:
        raise SymcError("is a directory", where=str(file), hint="Give one run's folder, or files.") from None
    except OSError as error:
        raise SymcError(f"cannot be read: {error.strerror}", where=str(file)) from None


def _rows(file: Path, content: bytes) -> Iterator[_Row]:
    try:
        lines = content.decode("utf-8-sig").splitlines()
    except UnicodeDecodeError:
        raise SymcError("is not text", where=str(file), hint="PySR writes hall_of_fame.csv as UTF-8.") from None
    reader = csv.reader(lines, strict=True)
    empty = True
    try:
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
        raise SymcError(
            f"is cut off or not CSV: {error}",
            where=f"{file}, line {reader.line_num}",
            hint=f"PySR keeps a copy beside it: {file.name.removesuffix(_BACKUP)}{_BACKUP}.",
        ) from None
    if empty:
        raise SymcError("holds no equations", where=str(file))


def _row(where: str, cells: list[str]) -> _Row:
    if len(cells) != len(HEADER):
        raise SymcError(f"has {len(cells)} cells, needs {len(HEADER)} ({','.join(HEADER)})", where=where)
    complexity, loss, equation = cells
    try:
        row = _Row(where, int(complexity), float(loss), equation)
    except ValueError:
        raise SymcError(f"complexity {complexity!r} or loss {loss!r} is not a number", where=where) from None
    if row.complexity < 1:
        raise SymcError(f"complexity is {row.complexity}, must be at least 1", where=where)
    return row


def _features(tables: list[list[_Row]]) -> tuple[str, ...]:
    """x0..xK up to the highest index that occurs; SymcError when an equation uses names of another kind."""
    highest = 0
    for row in (row for table in tables for row in table):
        for name in _names(row.equation):
            index = _INDEXED.match(name)
            if index:
                highest = max(highest, int(index[1]))
            elif name != "pi":
                # What is no equation at all must not be taken for an input of that name.
                _member(row, tuple(_names(row.equation)))
                raise SymcError(
                    f"the equation uses the input {name!r}, and no names of inputs are given",
                    where=row.where,
                    hint=_IN_ORDER,
                )
    if highest > 9999:
        raise SymcError(f"the equations use x{highest}: more than 10000 inputs", where=tables[0][0].where)
    return default_names("x", highest + 1)


def _renamed(row: _Row, features: tuple[str, ...]) -> _Row:
    """The row over `features`, where it was written over PySR's own x0, x1, ...; SymcError when they are too few."""

    def name(match: re.Match[str]) -> str:
        index = _INDEXED.match(match[0])
        if index is None or match[0] in features:
            return match[0]
        if int(index[1]) >= len(features):
            raise SymcError(
                f"the equation uses {match[0]}, but {len(features)} names are given", where=row.where, hint=_IN_ORDER
            )
        return features[int(index[1])]

    return replace(row, equation=_IDENTIFIER.sub(name, row.equation))


def _names(equation: str) -> list[str]:
    """The identifiers that are not called."""
    return _IDENTIFIER.findall(equation)


def _front(name: str, rows: list[_Row], features: tuple[str, ...]) -> Front:
    members: dict[int, Member] = {}
    dropped = []
    for row in sorted(rows, key=lambda r: (r.complexity, r.loss)):
        reason = "its loss is not finite" if not math.isfinite(row.loss) or row.loss < 0 else None
        if reason is None:
            member = _member(row, features)
            if isinstance(member, Member):
                members.setdefault(row.complexity, member)
                continue
            reason = member
        dropped.append((row.equation, reason))
    if not members:
        raise SymcError(
            f"none of the {len(rows)} equations can be used",
            where=rows[0].where,
            hint=f"The first, {dropped[0][0]}: {dropped[0][1]}.",
        )
    return Front(name, tuple(members.values()), tuple(dropped))


def _folded(expression: sympy.Expr) -> sympy.Expr:
    """Multiplied out where that is simpler: 2.5*(cos(x0) - 0.2) + 0.1 has one constant to fold."""
    import sympy

    from symc.ir.parse import complexity

    other = sympy.expand_mul(expression)
    return other if complexity(other) < complexity(expression) else expression


def _member(row: _Row, features: tuple[str, ...]) -> Member | str:
    """The row as a member, or the reason why it cannot be one."""
    from symc.ir.lower import lower
    from symc.ir.parse import ParseError, format_expression, parse

    try:
        expression = _folded(parse(row.equation, features))
        cost = lower([expression], features, ["y"]).cost
        return Member(format_expression(expression), row.complexity, row.loss, None, cost)
    except ParseError as error:
        first = error.what.partition("\n")[0]
        if first.startswith("unknown operator"):
            return first
        raise SymcError(error.what, where=f"{row.where}, column {error.column}", hint=error.hint) from None
    except SymcError as error:
        return error.what
