"""What was measured beside equations that come without samples: inputs and targets from files or arrays."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from symc.capture.columnar import LEAVE_OUT, columns_of_frame, is_frame
from symc.capture.inputs import Inputs, as_inputs, of_columns, read_file
from symc.errors import SymcError

if TYPE_CHECKING:
    from symc.capture.dataset import Dataset


# The options of a source that takes what was measured.
MEASURED = frozenset({"inputs", "targets", "heldout", "seed"})


def measured_in(options: Mapping[str, Any], features: Sequence[str], outputs: Sequence[str]) -> Dataset | None:
    """What the options of a build say was measured; None where they say nothing. SymcError as `measured` raises it."""
    given = {name: options[name] for name in MEASURED & set(options)}
    if not given:
        return None
    return measured(given.pop("inputs", None), given.pop("targets", None), features, outputs, **given)


def measured(
    inputs: Any, targets: Any, features: Sequence[str], outputs: Sequence[str], heldout: float = 0.2, seed: int = 0
) -> Dataset:
    """Rows of inputs with what was measured of the outputs there, split by seed.

    inputs: a file or arrays as symc.capture.inputs reads them, or a DataFrame; columns with names are taken by the
    names of the features, others in order. targets: names of columns of the inputs ("y" or "y,z", one per output, in
    order), a file, arrays, or None for the columns called as the outputs are. Raises SymcError: no targets, a column
    that is not there or there twice, other numbers of rows, too few rows.
    """
    from symc.capture.dataset import Dataset

    if inputs is None:
        raise SymcError("rows of inputs are needed", where="--targets", hint="Give --inputs FILE.")
    x, found = rows_and_targets(read_table(inputs), targets, features, outputs)
    return Dataset.from_samples(x, found, features=features, outputs=outputs, heldout=heldout, seed=seed)


def rows_and_targets(
    data: Inputs, targets: Any, features: Sequence[str], outputs: Sequence[str], holes: bool = False
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """x (n, features) and y (n, outputs) as `measured` takes them; with `holes`, targets may be missing too."""
    x = inputs_of(data, features)
    found = _targets(data, data.table(), targets, outputs, holes)
    if len(found) != len(x):
        raise SymcError(f"{len(found)} rows of targets for {len(x)} rows of inputs", where="--targets")
    return x, found


def inputs_of(data: Inputs, features: Sequence[str]) -> NDArray[np.float32]:
    """(n, features): columns with names by these, others in order. SymcError for one that is not there once."""
    if data.columns:
        return _columns(data, data.table(), features, "the equations take")
    return data.table(len(features))


def _targets(
    data: Inputs, table: NDArray, targets: Any, outputs: Sequence[str], holes: bool
) -> NDArray[np.float32]:
    known = data.columns or ()
    if targets is None:
        if not set(outputs) <= set(known):
            raise SymcError(
                "there are inputs and no targets",
                where=data.source,
                hint="Give --targets: a column's name, or a file with one column per output.",
            )
        return _columns(data, table, outputs, "the targets are")
    if isinstance(targets, list | tuple) and targets and all(isinstance(part, str) for part in targets):
        names = [str(part) for part in targets]
    else:
        names = [part.strip() for part in targets.split(",")] if isinstance(targets, str) else []
    if names and (set(names) <= set(known) or not Path(str(targets)).exists()):
        if len(names) != len(outputs):
            raise SymcError(f"{len(names)} columns for {len(outputs)} outputs", where="--targets")
        return _columns(data, table, names, "the targets are")
    other = read_table(targets, holes)
    if other.columns and set(outputs) <= set(other.columns):
        return _columns(other, other.table(), outputs, "the outputs are")
    return other.table(len(outputs))


def _columns(data: Inputs, table: NDArray, names: Sequence[str], asked: str) -> NDArray[np.float32]:
    return columns_of(data, table, data.columns or (), names, f", and {asked} {', '.join(names)}")


def columns_of(
    data: Inputs, table: NDArray, known: Sequence[str], names: Sequence[str], why: str = ""
) -> NDArray[np.float32]:
    """(n, len(names)): columns of `table`, which are called as in `known`; SymcError for a name not there once."""
    for name in names:
        if name in data.unusable:
            raise SymcError(data.unusable[name], where=data.source, hint=LEAVE_OUT)
        if known.count(name) != 1:
            there = f"Its columns are: {', '.join(known) or 'without names'}."
            number = f"{known.count(name)} columns" if name in known else "no column"
            raise SymcError(f"has {number} called {name!r}{why}", where=data.source, hint=there)
    return np.ascontiguousarray(table[:, [known.index(name) for name in names]])


def read_table(given: Any, holes: bool = False) -> Inputs:
    """A file, arrays, or a DataFrame; SymcError for what cannot be read as numbers.

    Columns of tables by columns that are no numbers, or have missing values, are an error only where they are used.
    With `holes`, values may be missing, NaN or infinite.
    """
    if isinstance(given, str | Path):
        return read_file(given, holes)
    if isinstance(given, Inputs) or not is_frame(given):
        return as_inputs(given, holes)
    return of_columns(columns_of_frame(given, holes), "inputs")
