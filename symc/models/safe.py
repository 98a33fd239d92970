"""Files of torch.save: opened without running anything they hold, written whole or not at all."""

from __future__ import annotations

import io
import pickle
import warnings
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from typing import Any

from symc.atomic import write_atomically
from symc.errors import SymcError
from symc.models.pickles import imports_of

AGAIN = "Copy or save it again."


class HoldsObjects(SymcError):
    """The file holds Python objects beyond tensors and plain containers; `names` are what opening it would import."""

    def __init__(self, names: tuple[str, ...], where: str) -> None:
        super().__init__("holds Python objects, and reading those can run code", where=where)
        self.names = names

    def __reduce__(self) -> tuple[object, ...]:
        return HoldsObjects, (self.names, self.where)


def check_format(version: object, ours: int, where: str, again: str) -> None:
    """Raise SymcError unless a file's format is `ours`; `again` says how to make the file anew."""
    if version != ours:
        newer = isinstance(version, int) and version > ours
        raise SymcError(
            f"has format {version!r}, this version of symc reads format {ours}",
            where=where,
            hint="Install a newer symc." if newer else again,
        )


class UnknownField(SymcError):
    """A file of ours has a field that this version of symc does not know, and which may change what the rest means."""

    def __init__(self, name: str, where: str) -> None:
        what = f"holds the field {name!r}, which this version of symc does not know"
        super().__init__(what, where=where, hint="Install a newer symc.")
        self.name = name

    def __reduce__(self) -> tuple[object, ...]:
        return UnknownField, (self.name, self.where)


def check_fields(found: Iterable[str], known: Collection[str], where: str) -> None:
    """Raise UnknownField for the first of `found` that is not among those `known`."""
    for name in found:
        if name not in known:
            raise UnknownField(name, where)


def read_safely(path: Path) -> Any:
    """Tensors, text, numbers and containers of them from a file of torch.save, on the CPU.

    Raises HoldsObjects when there is more than that in it, SymcError when it is missing, truncated or corrupt.
    """
    # What is read without torch needs this file too.
    import torch

    where = str(path)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return torch.load(path, map_location="cpu", weights_only=True)
    except FileNotFoundError:
        raise SymcError("there is no such file", where=where) from None
    except IsADirectoryError:
        raise SymcError("is a directory", where=where) from None
    except pickle.UnpicklingError as error:
        names = imports_of(path)
        if names is None:
            raise corrupt(where, error) from None
        raise HoldsObjects(tuple(names), where) from None
    # A damaged file makes torch's reader fail in whatever way the damage leads to.
    except Exception as error:
        raise corrupt(where, error) from None


def write_safely(content: Mapping[str, Any], path: Path) -> None:
    """Write tensors and text so that read_safely gives them back; SymcError where the file cannot be written."""
    import torch

    buffer = io.BytesIO()
    # Into a buffer: torch writes a file's own name into its bytes.
    torch.save(dict(content), buffer)
    write_atomically(path, buffer.getvalue())


def corrupt(where: str, error: Exception) -> SymcError:
    """What to raise for a damaged file, with the reader's own reason in brief."""
    first = (str(error).strip() or repr(error)).splitlines()[0].partition(". ")[0][:160]
    return SymcError(f"is truncated or corrupt ({type(error).__name__}: {first})", where=where, hint=AGAIN)
