"""Files of torch.save that hold arrays, text and numbers alone, read without torch, whose import takes seconds.

A pickle is a program. This reader knows the few instructions that put such values into a dict, and leaves a file with
any other to torch's own reader, which says what is wrong with it.
"""

from __future__ import annotations

import io
import math
import pickle
import pickletools
import zipfile
from collections import OrderedDict
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

_INSTRUCTIONS = frozenset(
    {
        *("PROTO", "STOP", "GLOBAL", "REDUCE", "BINPERSID"),
        *("MARK", "EMPTY_DICT", "EMPTY_LIST", "EMPTY_TUPLE", "SETITEM", "SETITEMS", "APPEND", "APPENDS"),
        *("TUPLE", "TUPLE1", "TUPLE2", "TUPLE3", "BINPUT", "LONG_BINPUT", "BINGET", "LONG_BINGET"),
        *("BINUNICODE", "BININT", "BININT1", "BININT2", "LONG1", "BINFLOAT", "NONE", "NEWTRUE", "NEWFALSE"),
    }
)
_STORAGES = {
    "FloatStorage": "<f4",
    "DoubleStorage": "<f8",
    "BoolStorage": "?",
    "LongStorage": "<i8",
    "IntStorage": "<i4",
}
# Beside values, a pickle keeps them by number: room for as many would be made for a larger one.
_MOST_KEPT = 100_000


def read_plain(path: Path) -> dict[str, Any] | None:
    """The dict in a file of torch.save, with a numpy array for each tensor; None for what is not so simple."""
    try:
        with zipfile.ZipFile(path) as archive:
            return _read(archive)
    # Whatever the damage leads to: torch's reader finds it again and tells.
    except Exception:
        return None


def _read(archive: zipfile.ZipFile) -> dict[str, Any] | None:
    # What is not packed is no larger than the file.
    if any(member.compress_type != zipfile.ZIP_STORED for member in archive.infolist()):
        return None
    root = archive.namelist()[0].partition("/")[0]
    data = archive.read(f"{root}/data.pkl")
    if archive.read(f"{root}/byteorder") != b"little" or not all(map(_is_plain, pickletools.genops(data))):
        return None
    content = _Reader(data, lambda key: archive.read(f"{root}/data/{key}")).load()
    return content if isinstance(content, dict) else None


def _is_plain(step: tuple[pickletools.OpcodeInfo, Any, int | None]) -> bool:
    opcode, argument, _ = step
    return opcode.name in _INSTRUCTIONS and (opcode.name != "LONG_BINPUT" or argument < _MOST_KEPT)


class _Reader(pickle.Unpickler):
    """Knows three names: an array, a storage's kind, and the empty mapping that torch writes beside an array."""

    def __init__(self, data: bytes, storage: Callable[[int], bytes]) -> None:
        super().__init__(io.BytesIO(data))
        self._storage = storage

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) == ("torch._utils", "_rebuild_tensor_v2"):
            return _array
        if (module, name) == ("collections", "OrderedDict"):
            return OrderedDict
        if module == "torch":
            return _STORAGES[name]
        raise pickle.UnpicklingError(f"{module}.{name} is not known here")

    def persistent_load(self, pid: Any) -> np.ndarray:
        _, kind, key, _, length = pid
        if kind not in _STORAGES.values():
            raise pickle.UnpicklingError(f"{kind!r} is no kind of numbers")
        return np.frombuffer(self._storage(int(key)), kind, length)


def _array(
    storage: np.ndarray, offset: int, shape: Sequence[int], strides: Sequence[int], gradient: bool, hooks: object
) -> np.ndarray:
    """What torch._utils._rebuild_tensor_v2 makes, of values that lie one after the other."""
    count = math.prod(shape)
    held = np.asarray(storage)[offset : offset + count]
    rows = [math.prod(shape[k + 1 :]) for k in range(len(shape))]
    if offset < 0 or gradient or count != len(held) or list(strides) != [max(row, 1) for row in rows]:
        raise pickle.UnpicklingError("not an array in one piece")
    return held.reshape(shape).copy()
