"""Files of equations: text with one equation a line, and JSON."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from symc.errors import SymcError
from symc.sources.equation_text import Line
from symc.sources.pysr_csv import is_hall_of_fame

_LARGEST = 4_000_000
_FORMAT = 'It is {"equations": ["y = ...", ...] or {"y": "..."}, "features": [...], "domain": {"x": [lo, hi]}}.'
_SIGNS = "=+*/^("
_OTHER_TEXTS = (b"\xff\xfe", b"\xfe\xff")


class _Json(msgspec.Struct, forbid_unknown_fields=True):
    equations: list[str] | dict[str, str]
    features: list[str] | None = None
    domain: dict[str, tuple[float, float]] | None = None


@dataclass(frozen=True)
class Document:
    """What a file of equations says; inputs and domain only where it says them."""

    lines: tuple[Line, ...]
    features: tuple[str, ...] | None = None
    domain: dict[str, tuple[float, float]] | None = None


def is_equation_file(path: Path) -> bool:
    """Whether a file is called .json, or .txt with an equation in its first line that is no comment."""
    if path.suffix.lower() not in (".txt", ".json") or not path.is_file() or is_hall_of_fame(path):
        return False
    with path.open("rb") as file:
        head = file.read(4096)
    if path.suffix.lower() == ".json":
        return bool(head)
    if head.startswith(_OTHER_TEXTS):
        return True
    first = next((line for line in map(_bare, head.decode("utf-8-sig", "replace").splitlines()) if line), "")
    return any(sign in first for sign in _SIGNS)


def read_document(path: Path) -> tuple[Document, bytes]:
    """What a file of equations says, and its bytes.

    SymcError, with the line or the place in the JSON: too large, not UTF-8, no equations, JSON of another form.
    """
    where = str(path)
    try:
        if path.stat().st_size > _LARGEST:
            raise SymcError(f"has more than {_LARGEST} bytes, too many for equations", where=where)
        content = path.read_bytes()
        text = content.decode("utf-8-sig")
    except OSError as error:
        raise SymcError(f"cannot be read: {error.strerror}", where=where) from None
    except UnicodeDecodeError:
        raise SymcError("is not text in UTF-8", where=where, hint="Save it as UTF-8.") from None
    if "\0" in text:
        raise SymcError("holds NUL bytes, so it is no text", where=where)
    document = _json(text, where) if path.suffix.lower() == ".json" else _lines(text, where)
    if not document.lines:
        raise SymcError("holds no equations", where=where)
    return document, content


def _lines(text: str, where: str) -> Document:
    numbered = enumerate(map(_bare, text.splitlines()), start=1)
    return Document(tuple(Line(line, f"{where}, line {number}") for number, line in numbered if line))


def _bare(line: str) -> str:
    return line.partition("#")[0].rstrip()


def _json(text: str, where: str) -> Document:
    try:
        data: Any = msgspec.json.decode(text, type=_Json)
    except (msgspec.MsgspecError, RecursionError) as error:
        raise SymcError(f"is not JSON of equations ({error})", where=where, hint=_FORMAT) from None
    listed = data.equations
    if isinstance(listed, dict):
        lines = tuple(Line(text, f"{where}, equations[{name!r}]", name) for name, text in listed.items())
    else:
        lines = tuple(Line(text, f"{where}, equations[{k}]") for k, text in enumerate(listed))
    return Document(lines, None if data.features is None else tuple(data.features), data.domain)
