"""Tables of numbers as text: CSV with commas, semicolons or tabs, and columns between spaces."""

from __future__ import annotations

import csv
import math
from array import array
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from symc.errors import SymcError
from symc.tables import shortened


def read_text_table(path: Path, holes: bool, kinds: str) -> tuple[tuple[str, ...] | None, NDArray[np.float64]]:
    """The names in the head line, None where there is none, and (rows, columns) of a text of numbers.

    Cells stand between commas, semicolons, tabs or spaces; lines that begin with # are passed over. With `holes`, cells
    may be empty, which are NaN, or not finite. Raises SymcError that names line and column, and ends in `kinds` where
    the file is no such text.
    """
    where = str(path)
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError:
        text = "\0"
    if "\0" in text:
        raise SymcError("is neither a table of numbers nor .npy, .npz or .pt", where=where, hint=kinds)
    first = next((line for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")), "")
    delimiter = next((mark for mark in (",", ";", "\t") if mark in first), None)
    columns: tuple[str, ...] | None = None
    values, width = array("d"), 0
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        if delimiter is None:
            cells = line.split()
        else:
            cells = [cell.strip() for cell in _cells(line, delimiter, f"{where}, line {number}")]
        if columns is None and not values and any(_number(cell) is None for cell in cells):
            columns = tuple(cells)
            continue
        width = width or len(columns or cells)
        values.extend(_row(cells, width, f"{where}, line {number}", holes))
    if not values:
        found = "" if columns is None else f", only text ({', '.join(columns)[:60]})"
        raise SymcError(f"holds no numbers{found}", where=where, hint=kinds)
    return columns, np.array(values, dtype=np.float64).reshape(-1, width)


def _cells(line: str, delimiter: str, where: str) -> list[str]:
    try:
        return next(csv.reader([line], delimiter=delimiter))
    except csv.Error as error:
        raise SymcError(f"is no row of a table ({error})", where=where) from None


def _row(cells: list[str], width: int, where: str, holes: bool) -> list[float]:
    if len(cells) != width:
        raise SymcError(f"has {count(len(cells), 'value')}, the lines before have {width}", where=where)
    values = []
    for index, cell in enumerate(cells, start=1):
        value = math.nan if holes and not cell else _number(cell)
        if value is None:
            what = f"{shortened(cell, 60)!r} in column {index} is not a number" if cell else f"column {index} is empty"
            raise SymcError(what, where=where)
        if not (holes or math.isfinite(value)):
            what = f"{shortened(cell, 60)} in column {index} is not finite"
            raise SymcError(what, where=where, hint="Remove such rows.")
        values.append(value)
    return values


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def count(number: int, noun: str) -> str:
    """'1 row', '2 rows'."""
    return f"{number} {noun}" + "s" * (number != 1)
