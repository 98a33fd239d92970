"""Sample inputs as a person gives them: a file, read without running anything it holds, or arrays and tensors."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from symc.capture.columnar import ENCRYPTED, LEAVE_OUT, STARTS, Columns, read_columns
from symc.capture.text_tables import count, read_text_table
from symc.errors import SymcError
from symc.pipes import refuse_pipe

_KINDS = "Sample inputs are .npy, .npz, .csv, .pt (tensors only), .parquet or .feather."
# Archives that unpack to more than so many bytes, and so many times their own size, are made to fill memory.
_UNPACKED, _TIMES = 256 << 20, 100


@dataclass(frozen=True)
class Inputs:
    """Arguments for one call of a network: numpy arrays, positional and by name.

    `columns` are the names in the head line of a CSV file, or of a table by columns; `source` is what errors name.
    `unusable` says of columns that are left out why, by their names: SymcError where they are taken in order.
    """

    args: tuple[NDArray, ...]
    kwargs: Mapping[str, NDArray] = field(default_factory=dict)
    columns: tuple[str, ...] | None = None
    source: str = "inputs"
    unusable: Mapping[str, str] = field(default_factory=dict)

    def check_whole(self) -> Inputs:
        """These inputs; SymcError where a column was left out."""
        for reason in self.unusable.values():
            raise SymcError(reason, where=self.source, hint=LEAVE_OUT)
        return self

    def table(self, width: int | None = None) -> NDArray[np.float32]:
        """The single array as (n, width) float32, leading dimensions flattened; SymcError when it is not that."""
        if len(self.args) != 1 or self.kwargs:
            raise SymcError(f"holds {len(self.args) + len(self.kwargs)} arrays, need one table", where=self.source)
        array = self.args[0]
        if array.ndim == 0:
            raise SymcError("holds one number, need a table of samples", where=self.source)
        if array.dtype.kind not in "fiub":
            raise SymcError(f"holds values of type {array.dtype}, need real numbers", where=self.source)
        if width is not None:
            self.check_whole()
        columns = array.shape[-1] if array.ndim > 1 or width != 1 else 1
        rows = array.reshape(-1, columns)
        if width is not None and rows.shape[1] != width:
            raise SymcError(
                f"has {count(rows.shape[1], 'column')}, but the model takes {count(width, 'input')}",
                where=self.source,
                hint="Give one column per input, in the model's order.",
            )
        return rows.astype(np.float32)


def read_inputs(path: str | Path) -> Inputs:
    """Read sample inputs: .npy, .npz (several arrays: arr_0, arr_1 are positional, others by name), .csv, .pt, .parquet
    or .feather (Arrow).

    The file is recognised by its content. Nothing in it is executed: object arrays and pickled objects are refused.
    Raises SymcError when the file is missing, a directory, empty, unreadable (a CSV error names the line), or when a
    value is NaN or infinite, or a column is text or categorical.
    """
    return read_file(path).check_whole()


def read_file(path: str | Path, holes: bool = False) -> Inputs:
    """As read_inputs, but columns of a Parquet or Feather file that are no numbers are left out, and told of.

    With `holes`, values may be NaN or infinite, and empty cells of a table are NaN.
    """
    path = Path(path)
    where = str(path)
    head = _head(path)
    if head.startswith(b"\x93NUMPY"):
        inputs = Inputs((_numpy_array(path.read_bytes(), where),), source=where)
    elif head.startswith(b"PK"):
        inputs = _read_zip(path)
    elif head.startswith(b"\x80"):
        inputs = _read_tensors(path)
    elif head.startswith((*STARTS, ENCRYPTED)):
        return of_columns(read_columns(path, head, holes), where)
    else:
        columns, rows = read_text_table(path, holes, _KINDS)
        inputs = Inputs((rows,), columns=columns, source=where)
    if not inputs.args and not inputs.kwargs:
        raise SymcError("holds no arrays", where=where, hint=_KINDS)
    for name, array in [*((f"{k}", a) for k, a in enumerate(inputs.args)), *inputs.kwargs.items()]:
        several = len(inputs.args) + len(inputs.kwargs) > 1
        _check_values(array, where, f"array {name}, " if several else "", holes)
    return inputs


def of_columns(found: Columns, where: str) -> Inputs:
    """A table by columns; SymcError where it has no numbers at all."""
    if not found.table.size:
        reasons = "; ".join(found.unusable.values())
        raise SymcError(f"holds no numbers{f': {reasons}' if reasons else ''}", where=where, hint=_KINDS)
    return Inputs((found.table,), columns=found.names, source=where, unusable=found.unusable)


def as_inputs(x: Any, holes: bool = False) -> Inputs:
    """What a person passes in Python as sample inputs: an array, a tensor, a tuple or a dict of them, or Inputs.

    With `holes`, values of arrays may be NaN or infinite.
    """
    if isinstance(x, Inputs):
        return x
    if isinstance(x, Mapping):
        return Inputs((), {str(name): _as_array(value, holes) for name, value in x.items()})
    if isinstance(x, (tuple, list)) and x and all(hasattr(value, "__array__") and np.ndim(value) > 0 for value in x):
        return Inputs(tuple(_as_array(value, holes) for value in x))
    return Inputs((_as_array(x, holes),))


def _as_array(value: ArrayLike, holes: bool) -> NDArray:
    if hasattr(value, "detach"):
        return _tensor_array(value)
    array = np.asarray(value)
    if isinstance(value, np.ma.MaskedArray) and np.ma.is_masked(value):
        # What is masked has no value, whatever lies under the mask.
        array = np.where(np.ma.getmaskarray(value), np.nan, array)
    if array.dtype.kind not in "fiub":
        raise SymcError(f"sample inputs are of type {array.dtype}, need real numbers")
    _check_values(array, "inputs", "", holes)
    return array


def _tensor_array(tensor: Any) -> NDArray:
    tensor = tensor.detach().cpu()
    if tensor.layout is not _torch().strided:
        tensor = tensor.to_dense()
    # numpy has no bfloat16; float32 holds every half-precision value.
    if tensor.is_floating_point() and tensor.dtype not in (_torch().float32, _torch().float64):
        tensor = tensor.float()
    return tensor.numpy().copy()


def _torch() -> Any:
    import torch

    return torch


def _head(path: Path) -> bytes:
    refuse_pipe(path)
    try:
        with path.open("rb") as file:
            head = file.read(64)
    except FileNotFoundError:
        raise SymcError("there is no such file", where=str(path)) from None
    except IsADirectoryError:
        raise SymcError("is a directory", where=str(path), hint=_KINDS) from None
    except OSError as error:
        raise SymcError(f"cannot be read: {error.strerror}", where=str(path)) from None
    if not head:
        raise SymcError("is empty", where=str(path), hint=_KINDS)
    return head


def _numpy_array(data: bytes, where: str) -> NDArray:
    try:
        return np.lib.format.read_array(io.BytesIO(data), allow_pickle=False)
    except ValueError as error:
        if "allow_pickle" in str(error):
            raise SymcError(
                "holds Python objects, and reading those can run code",
                where=where,
                hint="Save plain numbers: np.save(path, x.astype(np.float32)).",
            ) from None
        raise SymcError(f"is truncated or corrupt ({error})", where=where) from None
    # A damaged header fails in whatever way the damage leads to.
    except Exception as error:
        raise SymcError(f"is truncated or corrupt ({error})", where=where) from None


def _read_zip(path: Path) -> Inputs:
    where = str(path)
    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
            if any(name.endswith("data.pkl") for name in names):
                return _read_tensors(path)
            unpacked = sum(member.file_size for member in archive.infolist())
            if unpacked > max(_UNPACKED, _TIMES * path.stat().st_size):
                raise SymcError(f"unpacks to {unpacked} bytes, {_TIMES} times its size", where=where, hint=_KINDS)
            arrays = {
                name.removesuffix(".npy"): _numpy_array(archive.read(name), f"{where}, {name}")
                for name in names
                if name.endswith(".npy")
            }
    except SymcError:
        raise
    except Exception as error:
        raise SymcError(f"is truncated or corrupt ({error})", where=where) from None
    if len(arrays) == 1:
        return Inputs(tuple(arrays.values()), source=where)
    numbered = [f"arr_{k}" for k in range(len(arrays)) if f"arr_{k}" in arrays]
    named = {name: array for name, array in arrays.items() if name not in numbered}
    return Inputs(tuple(arrays[name] for name in numbered), named, source=where)


def _read_tensors(path: Path) -> Inputs:
    # torch takes a second to import, and only tensors need it.
    from symc.models.safe import HoldsObjects, read_safely

    torch = _torch()
    where = str(path)
    try:
        content = read_safely(path)
    except HoldsObjects as error:
        raise SymcError(error.what, where=where, hint="Save a tensor: torch.save(x, path).") from None
    if isinstance(content, torch.Tensor):
        return Inputs((_tensor_array(content),), source=where)
    if isinstance(content, (tuple, list)) and content and all(isinstance(t, torch.Tensor) for t in content):
        return Inputs(tuple(map(_tensor_array, content)), source=where)
    if isinstance(content, dict) and content and all(isinstance(t, torch.Tensor) for t in content.values()):
        return Inputs((), {str(name): _tensor_array(t) for name, t in content.items()}, source=where)
    raise SymcError(f"holds {type(content).__name__}, need a tensor, or a tuple or dict of tensors", where=where)


def _check_values(array: NDArray, where: str, prefix: str, holes: bool) -> None:
    if array.size == 0:
        raise SymcError(f"{prefix}holds no samples (shape {array.shape})", where=where)
    if array.dtype.kind not in "fiub":
        raise SymcError(f"{prefix}holds values of type {array.dtype}, need real numbers", where=where)
    if array.dtype.kind != "f" or holes:
        return
    bad = np.argwhere(~np.isfinite(array))
    if len(bad):
        *row, column = bad[0].tolist() or [0]
        place = f"row {', '.join(map(str, row))}, column {column}" if row else f"position {column}"
        raise SymcError(
            f"{prefix}{place} is {array[tuple(bad[0])]}; {count(len(bad), 'value')} of {array.size} not finite",
            where=where,
            hint="Remove such rows.",
        )
