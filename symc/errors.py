"""Errors that a person can act on: what was wrong, where, and what to do."""

from __future__ import annotations


class SymcError(Exception):
    """Bad usage or bad input (exit code 2); the base of every error symc raises on purpose.

    Parameters
    ----------
    what: one sentence that says what was wrong.
    where: the file, layer, column or option it concerns, when there is one.
    hint: what to do about it.
    """

    exit_code = 2

    def __init__(self, what: str, *, where: str | None = None, hint: str | None = None) -> None:
        super().__init__(what)
        self.what = what
        self.where = where
        self.hint = hint

    def __reduce__(self) -> tuple[object, ...]:
        return _rebuild, (type(self), self.what, self.where, self.hint)

    def __str__(self) -> str:
        text = f"{self.where}: {self.what}" if self.where else self.what
        if not self.hint:
            return text
        # A marked excerpt or a compiler's messages keep their lines; a sentence gets its full stop.
        separator = "\n" if "\n" in self.what else " " if text[-1] in ".!?" else ". "
        return f"{text}{separator}{self.hint}"


class CheckFailed(SymcError):
    """A check ran and did not hold: parity, bit-exactness, self-test or a file's hash (exit code 1)."""

    exit_code = 1


class MissingTool(SymcError):
    """A compiler, Julia or an optional package is not installed (exit code 3)."""

    exit_code = 3


def _rebuild(kind: type[SymcError], what: str, where: str | None, hint: str | None) -> SymcError:
    return kind(what, where=where, hint=hint)
