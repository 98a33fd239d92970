"""What a block returns in a record: a namedtuple, a dataclass, or transformers' ModelOutput, which is one."""

from __future__ import annotations

import dataclasses
from collections import namedtuple
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple


class Record(NamedTuple):
    """A record taken apart: its class, and those of its fields that are not None."""

    kind: type
    fields: dict[str, Any]


def record_of(value: Any) -> Record | None:
    """The record that `value` is; None for anything else."""
    if isinstance(value, Record):
        return value
    names = _names(type(value))
    if names is None:
        return None
    return Record(type(value), {name: found for name in names if (found := getattr(value, name)) is not None})


def make_record(kind: type | None, fields: Mapping[str, Any]) -> Any:
    """A record of that class, None in the fields that are not given; without a class a namedtuple of these fields.

    A file cannot say the class without naming code to run, so what comes from one has none.
    """
    if kind is None:
        return namedtuple("Fields", list(fields))(**fields)  # type: ignore[misc]
    return kind(**{name: fields.get(name) for name in _names(kind) or ()})


def column_names(keys: Sequence[str], widths: Sequence[int]) -> list[str]:
    """A name for every column of the fields: the field's own where it has one column, else numbered from 0."""
    return [
        name if width <= 1 else f"{name}_{k}"
        for name, width in zip(keys, widths, strict=True)
        for k in range(width or 1)
    ]


def _names(kind: type) -> tuple[str, ...] | None:
    """What a record of that class is made of by name; None for a class that is none."""
    if issubclass(kind, tuple):
        names = getattr(kind, "_fields", None)
        return names if isinstance(names, tuple) else None
    return tuple(f.name for f in dataclasses.fields(kind) if f.init) if dataclasses.is_dataclass(kind) else None
