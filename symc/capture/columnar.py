"""Tables by columns: DataFrames of pandas and polars, and files of Parquet, Feather and Arrow."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from symc.errors import MissingTool, SymcError

_PARQUET, _ARROW = b"PAR1", (b"ARROW1", b"FEA1")
STARTS = (_PARQUET, *_ARROW)
ENCRYPTED = b"PARE"
LEAVE_OUT = "Leave it out, by naming the columns to use, or make numbers of it before."


class Columns(NamedTuple):
    """The columns of numbers as (n, len(names)) float64, and why each other column is none, by its name."""

    names: tuple[str, ...]
    table: NDArray[np.float64]
    unusable: dict[str, str]


def read_columns(path: Path, head: bytes, holes: bool = False) -> Columns:
    """From a file that begins with `head`, by pyarrow or polars, whichever is installed.

    With `holes`, columns may have missing values, which are NaN.
    MissingTool where neither is; SymcError for a file that is truncated, corrupt or encrypted. Runs nothing in it.
    """
    where = str(path)
    if head.startswith(ENCRYPTED):
        raise SymcError("is an encrypted Parquet file", where=where, hint="Write it again without encryption.")
    read = _reader(head.startswith(_PARQUET))
    if read is None:
        what = "pyarrow is not installed, which reads Parquet and Arrow files"
        raise MissingTool(what, where=where, hint="pip install 'symc[parquet]'.")
    try:
        columns = list(read(path))
    # Arrow's and polars' errors have no class in common, and a damaged file leads to many.
    except Exception as error:
        first = (str(error).strip() or repr(error)).splitlines()[0][:160]
        raise SymcError(f"is truncated or corrupt ({type(error).__name__}: {first})", where=where) from None
    return _columns(columns, holes)


def is_frame(value: Any) -> bool:
    """Whether that is a DataFrame of pandas or polars, or what is used like one."""
    return hasattr(value, "columns") and hasattr(value, "shape") and len(value.shape) == 2


def columns_of_frame(frame: Any, holes: bool = False) -> Columns:
    """The columns of a DataFrame; with `holes`, they may have missing values, which are NaN."""
    return _columns(list(_of_frame(frame)), holes)


def _reader(parquet: bool) -> Callable[[Path], Iterable[tuple[str, str, Any]]] | None:
    try:
        import pyarrow  # noqa: F401
    except ImportError:
        try:
            import polars
        except ImportError:
            return None
        return lambda path: _of_frame(polars.read_parquet(path) if parquet else polars.read_ipc(path))
    return _read_parquet if parquet else _read_feather


def _read_parquet(path: Path) -> Iterable[tuple[str, str, Any]]:
    from pyarrow.parquet import ParquetFile

    # A file alone: read_table would make columns of the names of its folders.
    with ParquetFile(path) as file:
        return _of_arrow(file.read())


def _read_feather(path: Path) -> Iterable[tuple[str, str, Any]]:
    from pyarrow.feather import read_table

    return _of_arrow(read_table(path, memory_map=False))


def _of_arrow(table: Any) -> list[tuple[str, str, Any]]:
    """(name, type, values) of each column; values None where they are no numbers."""
    from pyarrow import types

    found = []
    for name, column in zip(table.column_names, table.columns, strict=True):
        kind = column.type
        if types.is_decimal(kind) or types.is_boolean(kind):
            column = column.cast("float64" if types.is_decimal(kind) else "int8")
        numbers = any(test(column.type) for test in (types.is_integer, types.is_floating))
        values = column.to_numpy() if numbers else None
        if values is not None and column.null_count:
            values = np.where(column.is_null().to_numpy(), np.nan, values.astype(np.float64))
        found.append((name, "categorical" if types.is_dictionary(kind) else str(kind), values))
    return found


def _of_frame(frame: Any) -> list[tuple[str, str, Any]]:
    found: list[tuple[str, str, Any]] = []
    for k, name in enumerate(frame.columns):
        column = frame.iloc[:, k] if hasattr(frame, "iloc") else frame[:, k]
        kind = str(column.dtype)
        if kind.lower().startswith(("category", "categorical", "enum")):
            found.append((str(name), "categorical", None))
            continue
        # Missing values of nullable columns are None or NA in an array of objects.
        missing = column.isna() if hasattr(column, "isna") else column.is_null()
        values = np.asarray(column)
        if values.dtype.kind == "O" and np.any(missing):
            values = np.array([np.nan if lost else v for v, lost in zip(values, missing, strict=True)])
        found.append((str(name), kind, values if values.dtype.kind in "fiub" else None))
    return found


def _columns(found: list[tuple[str, str, Any]], holes: bool) -> Columns:
    usable: list[tuple[str, NDArray[np.float64]]] = []
    unusable: dict[str, str] = {}
    for name, kind, values in found:
        if values is None:
            is_what = kind if kind == "categorical" else f"of type {kind}"
            unusable[name] = f"the column {name!r} is {is_what}, not numbers"
            continue
        numbers = values.astype(np.float64)
        lost = np.flatnonzero(~np.isfinite(numbers))
        if len(lost) and not holes:
            what = f"{len(lost)} of {len(numbers)} values missing or not finite, the first in row {lost[0]}"
            unusable[name] = f"the column {name!r} has {what}"
        else:
            usable.append((name, numbers))
    rows = max((len(numbers) for _, numbers in usable), default=0)
    table = np.column_stack([numbers for _, numbers in usable]) if usable else np.empty((rows, 0))
    return Columns(tuple(name for name, _ in usable), table, unusable)
