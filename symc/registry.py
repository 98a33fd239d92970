"""Registries: everything of which symc has several kinds, one row each, loaded on first use."""

from __future__ import annotations

import difflib
import importlib
from collections.abc import Iterable, Iterator
from typing import Generic, TypeVar, cast

from symc.errors import SymcError

T = TypeVar("T")


class Registry(Generic[T]):
    """Named entries of one `kind` ("engine", "target"), in the order of their rows.

    A row is the entry itself or the place where it stands, "package.module:attribute", which is imported when the entry
    is first asked for: a table of all entries costs no import, and no entry is imported by what lists it.
    """

    def __init__(self, kind: str, rows: Iterable[tuple[str, T | str]]) -> None:
        self.kind = kind
        self._rows: dict[str, T | str] = {}
        for name, row in rows:
            self.register(name, row)

    def register(self, name: str, row: T | str) -> None:
        """Add an entry at the end; SymcError when there is one of that name."""
        if name in self._rows:
            raise SymcError(f"the {self.kind} {name!r} is registered twice: {self._rows[name]!r} and {row!r}")
        self._rows[name] = row

    def remove(self, name: str) -> None:
        """Take an entry out again; KeyError when there is none."""
        del self._rows[name]

    def __getitem__(self, name: str) -> T:
        """The entry of that name; SymcError with the nearest name and all of them when there is none."""
        if name not in self._rows:
            nearest = difflib.get_close_matches(name, self._rows, n=1)
            meant = f"Did you mean {nearest[0]}? " if nearest else ""
            hint = f"{meant}The {self.kind}s are: {', '.join(self._rows)}."
            raise SymcError(f"unknown {self.kind} {name!r}", hint=hint)
        row = self._rows[name]
        if isinstance(row, str):
            module, _, attribute = row.partition(":")
            row = cast(T, getattr(importlib.import_module(module), attribute))
            self._rows[name] = row
        return row

    def get(self, name: str) -> T | None:
        """The entry of that name, or None."""
        return self[name] if name in self._rows else None

    def __contains__(self, name: object) -> bool:
        return name in self._rows

    def __iter__(self) -> Iterator[str]:
        return iter(self._rows)

    def __len__(self) -> int:
        return len(self._rows)

    def items(self) -> Iterator[tuple[str, T]]:
        """(name, entry) of each, every one loaded."""
        return ((name, self[name]) for name in self._rows)
