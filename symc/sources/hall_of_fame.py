"""PySR's halls of fame as fronts; equations go through our own parser only."""

from __future__ import annotations

import hashlib
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from symc.capture.dataset import check_names, default_names
from symc.errors import SymcError
from symc.ir.reading import ParseError
from symc.search.front import Front, Member
from symc.sources.pysr_csv import Row, read_tables
from symc.sources.texts import member_of

_INDEXED = re.compile(r"x(0|[1-9]\d*)\Z")
# Not a function's name, and not the exponent letter of a number.
_IDENTIFIER = re.compile(r"(?<![A-Za-z0-9_.])[A-Za-z_][A-Za-z0-9_]*(?![A-Za-z0-9_]|\s*\()")
_IN_ORDER = "Name the run's inputs in order: --features a,b,c."


@dataclass(frozen=True)
class HallOfFame:
    """The fronts in one or several files of a PySR run, complexities and losses as PySR wrote them.

    `files` are those that were read, `notes` say why where they are not those that were named; `sha256` is over the
    contents in output order.
    """

    fronts: tuple[Front, ...]
    features: tuple[str, ...]
    files: tuple[Path, ...]
    sha256: str
    notes: tuple[str, ...] = ()

    def __str__(self) -> str:
        return "\n\n".join([*self.notes, f"inputs {', '.join(self.features)}", *map(str, self.fronts)])


def read_hall_of_fame(paths: str | Path | Sequence[str | Path], features: Sequence[str] | None = None) -> HallOfFame:
    """Read a hall_of_fame.csv, the files of a multi-output run (`hall_of_fame_output1.csv` ...), or a run's folder.

    See read_tables for which files are read. The inputs are `features`, or else x0..xK up to the highest index that
    occurs in any of the files; given names stand for x0, x1, ... in order where the run was made without names. A row
    whose operators are not in the operator table, or whose loss is not finite, is dropped with its reason; anything
    that is not an equation raises SymcError with file, line and column.
    """
    given = [Path(paths)] if isinstance(paths, str | Path) else [Path(p) for p in paths]
    found = read_tables(given)
    tables = [table.rows for table in found]
    if features is None:
        inputs = _features(tables)
    else:
        inputs = check_names(features, "input")
        tables = [tuple(_renamed(row, inputs) for row in table) for table in tables]
    names = default_names("y", len(found))
    fronts = tuple(_front(name, rows, inputs) for name, rows in zip(names, tables, strict=True))
    digest = hashlib.sha256(b"".join(hashlib.sha256(table.content).digest() for table in found)).hexdigest()
    notes = tuple(table.note for table in found if table.note is not None)
    return HallOfFame(fronts, inputs, tuple(table.file for table in found), digest, notes)


def _features(tables: Sequence[Sequence[Row]]) -> tuple[str, ...]:
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


def _renamed(row: Row, features: tuple[str, ...]) -> Row:
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


def _front(name: str, rows: Sequence[Row], features: tuple[str, ...]) -> Front:
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


def _member(row: Row, features: tuple[str, ...]) -> Member | str:
    """The row as a member, or the reason why it cannot be one."""
    try:
        return member_of(row.equation, features, row.complexity, row.loss)
    except ParseError as error:
        first = error.what.partition("\n")[0]
        if first.startswith("unknown operator"):
            return first
        raise SymcError(error.what, where=f"{row.where}, column {error.column}", hint=error.hint) from None
