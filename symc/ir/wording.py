"""What the texts of a table are written in beside the operator table, and how they read without it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from symc.ir.definitions import Definitions

DEFINE = "define"
NONE = Definitions()
# No text of the grammar holds it.
_BETWEEN = "; "


@dataclass(frozen=True)
class Wording:
    """`definitions` are the user's own functions."""

    definitions: Definitions = NONE

    @classmethod
    def of(cls, define: str | Sequence[str] | Mapping[str, str] = ()) -> Wording:
        """From what a user gives; SymcError where that cannot be read."""
        return cls(Definitions.of(define))

    @classmethod
    def recorded(cls, options: Mapping[str, str]) -> Wording:
        """The inverse of `options`."""
        return cls.of(options[DEFINE].split(_BETWEEN) if DEFINE in options else ())

    @property
    def options(self) -> dict[str, str]:
        """As a manifest's options hold it."""
        return {DEFINE: _BETWEEN.join(self.definitions.texts)} if self.definitions.texts else {}

    def written_out(self, text: str) -> str:
        """The text in the operator table alone; ParseError for one that cannot be read."""
        return self.definitions.written_out(text)
