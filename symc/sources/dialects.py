"""Dialects: what other programs mean by the names of functions that they print."""

from __future__ import annotations

from collections.abc import Mapping

from symc.errors import SymcError
from symc.ir.ops import SPELLINGS
from symc.ir.tokens import WORD, calls, is_called

# Every function that gplearn has by default: its quotients and logarithms are protected near zero.
_GPLEARN = {
    "add": "add",
    "sub": "sub",
    "mul": "mul",
    "div": "div_protected",
    "sqrt": "sqrt_abs",
    "log": "log_protected",
    "inv": "inverse_protected",
    "neg": "neg",
    "abs": "abs",
    "max": "max",
    "min": "min",
    "sin": "sin",
    "cos": "cos",
    "tan": "tan",
    "sig": "sigmoid",
}
# A DEAP program names its own functions; these are those of its examples and of Python's module operator.
_DEAP = {**{name: name for name in SPELLINGS}, "protectedDiv": "div_nonzero", "truediv": "div"}

# Name -> what each function is called in our grammar; no others are known to it.
DIALECTS: dict[str, Mapping[str, str]] = {
    "infix": {name: name for name in SPELLINGS},
    "gplearn": _GPLEARN,
    "deap": _DEAP,
}
_PREFIX = frozenset({"add", "sub", "mul", "div", "protectedDiv"})
_AMBIGUOUS = ("div", "log", "sqrt", "inv", "protectedDiv")


def check_dialect(name: str) -> str:
    """The name; SymcError when there is no such dialect."""
    if name not in DIALECTS:
        raise SymcError(f"unknown dialect {name!r}", where="--dialect", hint=f"There are: {', '.join(DIALECTS)}.")
    return name


def translated(text: str, dialect: str | None, where: str, start: int = 0) -> str:
    """The equation with its functions called as in our grammar; it begins behind `start` characters of `where`.

    SymcError for a function that the dialect does not have, and, where no dialect is named, for text in prefix
    notation with a function that gplearn and DEAP define otherwise near zero.
    """
    called = calls(text)
    if dialect is None:
        unclear = [name for name in _AMBIGUOUS if name in called]
        if unclear and _PREFIX & set(called):
            raise SymcError(
                f"in prefix notation {unclear[0]!r} may be protected against zero or not",
                where=f"{where}, column {start + called[unclear[0]]}",
                hint="Say which: --dialect gplearn, deap (protectedDiv), or infix (the plain function).",
            )
        return text
    known = DIALECTS[check_dialect(dialect)]
    if dialect == "infix":
        return text
    for name, column in called.items():
        if name not in known:
            raise SymcError(
                f"{dialect} has no function {name!r} that symc knows",
                where=f"{where}, column {start + column}",
                hint=f"Its functions are: {', '.join(sorted(known))}."[:400],
            )
    parts, last = [], 0
    for word in WORD.finditer(text):
        if word.lastgroup == "name" and is_called(text, word.end("name")):
            parts += [text[last : word.start("name")], known[str(word["name"])]]
            last = word.end("name")
    return "".join([*parts, text[last:]])
