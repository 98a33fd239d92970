"""Equations as a person writes them: what is one and no file's name, its left side, its dialect, its inputs."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from symc.capture.names import check_names, identifiers
from symc.errors import SymcError
from symc.ir.definitions import call_of
from symc.ir.ops import SPELLINGS
from symc.ir.reading import LONGEST, UNKNOWN, ParseError
from symc.ir.tokens import names
from symc.ir.wording import Wording
from symc.sources.dialects import translated
from symc.sources.srepr import is_srepr, text_of

_EXTENSION = re.compile(r"\.[A-Za-z][A-Za-z0-9]*\Z")
_FOLDER = re.compile(r"[.~]{0,2}[/\\]|[A-Za-z]:\\")
# Only / and - stand in names of files too: short names with them are inputs, as in x0/x1.
_DIVIDED = re.compile(r"-?(?:[A-Za-z]\d*|\d+\.?\d*)(?:[-/](?:[A-Za-z]\d*|\d+\.?\d*))+\Z")
_LEFT = re.compile(r"\s*([A-Za-z_][A-Za-z0-9_]*)\s*=(?!=)")
# A word with a letter that is not of ASCII.
_FOREIGN = re.compile(r"(?=\w*[^\W\d_A-Za-z])[^\W\d]\w*")
_EQUALS = re.compile(r"(?<![<>=!])=(?!=)")
# What sympy and others write for numbers; as inputs only where they are named.
_NUMBERS = frozenset({"e", "E", "I", "inf", "nan", "oo", "zoo", "NaN", "Infinity"})
_WORDS = frozenset({"pi", "True", "False"})


@dataclass(frozen=True)
class Line:
    """One equation as it was given: `text`, for errors the place where it stands, and its output's name, where that
    does not stand in the text."""

    text: str
    where: str
    output: str | None = None


@dataclass(frozen=True)
class Named:
    """One equation in our own grammar; `output` is the name on its left side, None where it has none.

    Its text begins behind `start` characters of what stands at `where`. Where it calls functions that the user defined,
    `text` is `source` with them written out.
    """

    output: str | None
    text: str
    where: str
    start: int
    source: str | None = None

    def place(self, column: int) -> str:
        """Where a column of the text (from 1) stands."""
        if self.source is not None:
            return f"{self.where}, written out, column {column}"
        return f"{self.where}, column {self.start + column}"


def is_equation(text: str) -> bool:
    """Whether a text is an equation and not the name of a file: it has operators, and is not written as a path is."""
    if os.path.lexists(text.replace("\0", " ")) or _FOLDER.match(text) or _EXTENSION.search(text.strip()):
        return False
    if "=" in text or any(sign in text for sign in "+*^()<>|&~"):
        return True
    spaced = " / " in text or " - " in text
    return spaced or _DIVIDED.match(text.strip()) is not None


class Equations(list[str]):
    """Texts that are equations whatever they look like: what `equation=` was given."""


def as_written(model: Any) -> tuple[str, ...] | None:
    """The equations in what was given in Python, as texts: strings, sympy's expressions, lists of both, or a dict by
    output; None where it is none of that. Nothing is evaluated.
    """
    if isinstance(model, Mapping):
        if not all(isinstance(name, str) for name in model):
            return None
        bodies = as_written(list(model.values())) if model else None
        return None if bodies is None else tuple(f"{name} = {body}" for name, body in zip(model, bodies, strict=True))
    if isinstance(model, Equations):
        return tuple(model)
    parts = [model] if isinstance(model, str) or _is_sympy(model) else model
    if not isinstance(parts, list | tuple) or not parts:
        return None
    if not all(_is_sympy(part) or (isinstance(part, str) and is_equation(part)) for part in parts):
        return None
    return tuple(part if isinstance(part, str) else _of_sympy(part) for part in parts)


def name_of(equations: Sequence[str]) -> str:
    """What a bundle of these is called: the name on the left of the only one, else "equations"."""
    left = _LEFT.match(equations[0])
    return left[1] if left and len(equations) == 1 else "equations"


def read_lines(lines: Sequence[Line], dialect: str | None) -> tuple[Named, ...]:
    """The equations in our own grammar. SymcError for a left side that is no name, and as `translated` raises it."""
    return tuple(_named(line, dialect) for line in lines)


def written_out(equation: Named, wording: Wording) -> Named:
    """The equation in the operator table alone. SymcError for a call that fits no definition."""
    try:
        text = wording.written_out(equation.text)
    except ParseError as error:
        raise at_its_place(error, equation) from None
    return equation if text == equation.text else replace(equation, text=text, source=equation.text)


def _named(line: Line, dialect: str | None) -> Named:
    if not is_srepr(line.text) and (word := _FOREIGN.search(line.text.partition("#")[0])) is not None:
        (name,) = identifiers([word[0]], "name")
        raise SymcError(
            f"the name {word[0]!r} has letters that code cannot have",
            where=f"{line.where}, column {word.start() + 1}",
            hint=f"Write {name}, as symc does with columns of that name.",
        )
    left = _LEFT.match(line.text) if line.output is None else None
    body = line.text[left.end() :] if left else line.text
    found = _EQUALS.search(body) if not is_srepr(body) else None
    if found:
        raise SymcError(
            f"{line.text.strip()[:60]!r} has more than a name on the left of its =",
            where=line.where,
            hint="Write what is to be computed as NAME = EXPRESSION; a comparison is ==.",
        )
    if len(body) > LONGEST and not is_srepr(body):
        raise SymcError(f"the equation has {len(body)} characters, more than {LONGEST}", where=line.where)
    start = len(line.text) - len(body.lstrip())
    body = text_of(body, line.where) if is_srepr(body) else translated(body.lstrip(), dialect, line.where, start)
    return Named(left[1] if left else line.output, body.rstrip(), line.where, start)


def outputs_of(equations: Sequence[Named]) -> tuple[str, ...]:
    """The names of the outputs: those on the left sides, y0, y1 ... by place where there is none."""
    found = tuple(e.output or f"y{k}" for k, e in enumerate(equations))
    for k, name in enumerate(found):
        if name in found[:k]:
            raise SymcError(
                f"two equations give {name!r}", where=equations[k].where, hint="Every output needs a name of its own."
            )
    return check_names(found, "output")


def features_of(equations: Sequence[Named], outputs: Sequence[str], given: Sequence[str] | None) -> tuple[str, ...]:
    """The inputs: `given`, else the names in the equations, numbers in them by value (x2 before x10).

    SymcError for a name that may be a number or a function, or that is an output as well, unless it is given.
    """
    if given is not None:
        return check_names(given, "input")
    found: set[str] = set()
    for e in equations:
        for name, column in names(e.text).items():
            where = e.place(column)
            if name in _NUMBERS or name in SPELLINGS:
                what = f"{name!r} may be an input, or " + ("a number" if name in _NUMBERS else "a function")
                hint = "Name the inputs (--features a,b,c)"
                raise SymcError(what, where=where, hint=f"{hint}, or write exp(1)." if name in "eE" else f"{hint}.")
            if name in outputs and any(name == o.output for o in equations):
                raise SymcError(
                    f"{name!r} is an output and is used as an input",
                    where=where,
                    hint=f"Write out what {name} is, or name the inputs (--features a,b,c).",
                )
            if name not in _WORDS:
                found.add(name)
    return tuple(sorted(found, key=_natural))


def at_its_place(error: ParseError, equation: Named) -> SymcError:
    """The error with the place of the equation before its column."""
    unknown = UNKNOWN.match(error.what)
    hint = error.hint
    if unknown and hint is None:
        hint = f'Define it: --define "{call_of(equation.text, unknown[1])} = ...".'
    return SymcError(error.what, where=equation.place(error.column), hint=hint)


def _natural(name: str) -> list[tuple[int, int, str, str]]:
    # Of two whole numbers the one with more digits is the larger: none is made of them, for they may have thousands.
    parts = [(part, part.lstrip("0")) for part in re.findall(r"\d+|\D+", name)]
    return [(0, len(digits), digits, part) if part[0].isdigit() else (1, 0, "", part) for part, digits in parts]


def _is_sympy(value: Any) -> bool:
    module = sys.modules.get("sympy")
    return module is not None and isinstance(value, module.Basic)


def _of_sympy(expression: Any) -> str:
    import sympy

    if isinstance(expression, sympy.Equality) and isinstance(expression.lhs, sympy.Symbol):
        return f"{expression.lhs.name} = {_of_sympy(expression.rhs)}"
    return text_of(sympy.srepr(expression), "sympy expression")
