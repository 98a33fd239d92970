"""The rows of one table of PySR's equations, under every header that PySR and pandas have written."""

from __future__ import annotations

import csv
import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from symc.errors import SymcError

HEADER = ("Complexity", "Loss", "Equation")
# Column -> the names it has had, in lower case; others are passed over: pandas' index, score, sympy_format ...
_COLUMNS = {"complexity": {"complexity"}, "loss": {"loss", "mse"}, "equation": {"equation"}}
# A cell of pandas may hold lines (torch_format does).
_MOST_LINES = 400
_SHOWN = 200
# PySR's equations have some hundred nodes at most; to arrange one takes time with the square of its terms.
_LONGEST = 10_000
# One row a complexity: PySR's runs have some dozens, and each costs some milliseconds to read.
_MOST_ROWS = 2000


class CutOff(SymcError):
    """A table that ends in the middle of a row, or before the first."""


@dataclass(frozen=True)
class Row:
    """`complexity` and `loss` as PySR wrote them, the loss finite; `where` is "line 3"."""

    where: str
    complexity: int
    loss: float
    equation: str


@dataclass(frozen=True)
class BadRow:
    """A row that is none: its equation, or what stands in its place, and why it is left out."""

    where: str
    complexity: int | None
    text: str
    reason: str


@dataclass(frozen=True)
class _Layout:
    separator: str
    width: int
    complexity: int
    loss: int
    equation: int


def is_header(line: str) -> bool:
    """Whether a line names the columns of a table of equations."""
    return _layout(line) is not None


def read_rows(text: str, where: str) -> tuple[tuple[Row, ...], tuple[BadRow, ...]]:
    """The rows of a table, and those that are none with the reasons; `where` is the file, for errors.

    Raises CutOff for a table that ends too early, SymcError for one with another header.
    """
    lines = re.split(r"\r\n|\n|\r", text)
    first, last = lines[0].strip(), len(lines) - (lines[-1] == "")
    layout = _layout(first)
    if layout is None:
        if last < 2 and ",".join(HEADER).startswith(first):
            raise CutOff("is empty, or ends in its first line", where=where)
        hint = "Is it a hall_of_fame.csv of PySR, or its equations_ written by pandas?"
        raise SymcError(f"does not start with {','.join(HEADER)}", where=where, hint=hint)
    rows: list[Row] = []
    bad: list[BadRow] = []
    for number, cells in _records(lines[:last], layout):
        if len(rows) + len(bad) == _MOST_ROWS:
            raise SymcError(f"holds more than {_MOST_ROWS} equations", where=f"{where}, line {number}")
        if cells is None and number == last and lines[number - 1].count('"') % 2:
            raise CutOff("is cut off: its last row ends inside quotes", where=f"{where}, line {number}")
        shown = lines[number - 1][:_SHOWN]
        found = _row(f"line {number}", cells, layout, shown)
        if isinstance(found, Row):
            rows.append(found)
        else:
            bad.append(found)
    if not rows and not bad:
        raise CutOff("holds no equations", where=where)
    return tuple(rows), tuple(bad)


def _layout(line: str) -> _Layout | None:
    line = line.strip()
    separator = "|" if "|" in line and "," not in line else ","
    names = [name.strip().strip('"').lower() for name in line.split(separator)]
    places = [[k for k, name in enumerate(names) if name in known] for known in _COLUMNS.values()]
    if any(len(found) != 1 for found in places):
        return None
    return _Layout(separator, len(names), *(found[0] for found in places))


def _records(lines: Sequence[str], layout: _Layout) -> Iterator[tuple[int, list[str] | None]]:
    """(number of its first line, cells) of each row but the header; None for a row whose quotes never fit.

    A row is as many lines as its quotes ask for, where these make a whole row, else one line: a quote too many costs
    its own row alone.
    """
    start = 1
    while start < len(lines):
        if not lines[start].strip():
            start += 1
            continue
        end, quotes = start, 0
        while end < min(len(lines), start + _MOST_LINES):
            quotes += lines[end].count('"')
            end += 1
            if quotes % 2 == 0:
                break
        cells = _cells(lines[start:end], layout) if quotes % 2 == 0 else None
        if end > start + 1 and (cells is None or len(cells) != layout.width):
            cells, end = None, start + 1
        yield start + 1, cells
        start = end


def _cells(lines: Sequence[str], layout: _Layout) -> list[str] | None:
    try:
        return next(csv.reader([line + "\n" for line in lines], delimiter=layout.separator, strict=True))
    except csv.Error:
        return None


def _row(where: str, cells: list[str] | None, layout: _Layout, shown: str) -> Row | BadRow:
    if cells is None:
        return BadRow(where, None, shown, f"{where}: is longer than a row can be, or its quotes do not fit")
    if len(cells) != layout.width:
        return BadRow(where, None, shown, f"{where}: has {len(cells)} cells, needs {layout.width}")
    complexity, loss, equation = (cells[k].strip() for k in (layout.complexity, layout.loss, layout.equation))
    try:
        size, error = float(complexity), float(loss or "nan")
    except ValueError:
        reason = f"{where}: complexity {complexity[:40]!r} or loss {loss[:40]!r} is not a number"
        return BadRow(where, None, equation[:_SHOWN] or shown, reason)
    if not (size >= 0 and size.is_integer()):
        return BadRow(where, None, equation[:_SHOWN], f"{where}: complexity {complexity[:40]} is not a whole number")
    if not math.isfinite(error):
        return BadRow(where, int(size), equation[:_SHOWN], "its loss is not finite")
    if len(equation) > _LONGEST:
        reason = f"{where}: its equation has {len(equation)} characters, more than {_LONGEST}"
        return BadRow(where, int(size), equation[:_SHOWN], reason)
    return Row(where, int(size), error, equation)
