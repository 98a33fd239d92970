"""What the texts of a table are written in beside the operator table, and how they read without it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from symc.errors import SymcError
from symc.ir.definitions import Definitions
from symc.ir.templates import combined, is_template, read_parts

DEFINE, COMBINE = "define", "combine"
NONE = Definitions()
# No text of the grammar holds it.
_BETWEEN = "; "


@dataclass(frozen=True)
class Wording:
    """`definitions` are the user's own functions; `combine` says how the parts of a template make an equation."""

    definitions: Definitions = NONE
    combine: str | None = None

    @classmethod
    def of(cls, define: str | Sequence[str] | Mapping[str, str] = (), combine: str | None = None) -> Wording:
        """From what a user gives; SymcError where that cannot be read."""
        if not isinstance(combine, str | None):
            raise SymcError(f"combine is {combine!r}, need a text", hint='Such as "f(x0, x1) + g(x2)".')
        if combine is not None and "->" in combine:
            raise SymcError("the combine is a function of Julia's", hint="Give what stands behind -> alone.")
        return cls(Definitions.of(define), combine)

    @classmethod
    def recorded(cls, options: Mapping[str, str]) -> Wording:
        """The inverse of `options`."""
        return cls.of(options[DEFINE].split(_BETWEEN) if DEFINE in options else (), options.get(COMBINE))

    @property
    def options(self) -> dict[str, str]:
        """As a manifest's options hold it."""
        define = {DEFINE: _BETWEEN.join(self.definitions.texts)} if self.definitions.texts else {}
        return define if self.combine is None else {**define, COMBINE: self.combine}

    def renamed(self, rename: Callable[[str], str]) -> Wording:
        """The same over other names of the inputs."""
        return self if self.combine is None else replace(self, combine=rename(self.combine))

    def written_out(self, text: str) -> str:
        """The text in the operator table alone; SymcError for one that cannot be, ParseError where it has a column."""
        if self.combine is not None:
            return combined(text, self.combine, self.definitions.functions)
        if is_template(text):
            hint = f'Give it as the run had it, such as --combine "{read_parts(text).sketch}".'
            raise SymcError("holds parts of a template, and what combines them is not given", hint=hint)
        return self.definitions.written_out(text)
