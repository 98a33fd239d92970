"""The words of our grammar, and the error that points at one."""

from __future__ import annotations

import re

from symc.errors import SymcError

_WORD = (
    r"(?:(?P<number>(?:\d+\.?\d*|\.\d+)(?:[eEf][+-]?\d+)?)|(?P<name>[A-Za-z_][A-Za-z0-9_]*)"
    r"|(?P<symbol>\*\*|<=|>=|==|!=|[-+*/^<>(),&|~]))"
)
# To search with. Blanks in front of a word would take time with their square: each of them is where one could begin.
WORD = re.compile(_WORD)
# To match at a place.
TOKEN = re.compile(r"\s*" + _WORD)
_CALLED = re.compile(r"\s*\(")


class ParseError(SymcError):
    """Text that is not an equation of ours; `column` (from 1) is where reading stopped."""

    def __init__(self, what: str, text: str, column: int, hint: str | None = None) -> None:
        start = max(0, column - 41)
        excerpt = text[start : start + 80].replace("\n", " ").replace("\t", " ")
        marked = f"{what}\n    {excerpt}\n    {' ' * (column - 1 - start)}^"
        super().__init__(marked, where=f"equation, column {column}", hint=hint)
        self.column = column
        self._arguments = (what, text, column, hint)

    def __reduce__(self) -> tuple[object, ...]:
        return ParseError, self._arguments


def names(text: str) -> dict[str, int]:
    """The names in an equation that are not called, each with the column (from 1) where it stands first."""
    return {name: start + 1 for name, start in reversed(_words(text)) if not is_called(text, start + len(name))}


def calls(text: str) -> dict[str, int]:
    """The names that are called, each with the column (from 1) where it stands first."""
    return {name: start + 1 for name, start in reversed(_words(text)) if is_called(text, start + len(name))}


def _words(text: str) -> list[tuple[str, int]]:
    return [(str(m["name"]), m.start("name")) for m in WORD.finditer(text) if m.lastgroup == "name"]


def is_called(text: str, end: int) -> bool:
    """Whether the name that ends there is called."""
    return _CALLED.match(text, end) is not None
