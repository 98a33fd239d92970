"""Functions that a user defines in text, such as "bump(x) = exp(-x^2)", written out where equations call them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from symc.errors import SymcError
from symc.ir.reading import ParseError, read

_PIECE = re.compile(r"(?P<number>(?:\d+\.?\d*|\.\d+)(?:[eEf][+-]?\d+)?)|(?P<name>[^\W\d]\w*)|\s+|.", re.S)
_SIGNATURE = re.compile(r"\s*([A-Za-z_][A-Za-z0-9_]*)\s*\(([^()]*)\)\s*")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")
_LONGEST = 200_000
_DEEPEST = 100
_FORM = 'Write it as "bump(x) = exp(-x^2)": of its own arguments, numbers, pi and earlier definitions.'


@dataclass(frozen=True)
class Function:
    """`body` is text of the operator table over `arguments`: what it calls is written out in it.

    `of` says of a derivative which function it is of, and by which argument, from 1.
    """

    name: str
    arguments: tuple[str, ...]
    body: str
    of: tuple[str, int] | None = None


@dataclass(frozen=True)
class Definitions:
    """Functions by name, as `texts` define them; a later one may call earlier ones, none itself.

    A name may be that of an operator of the table, such as inv: the text of a run means what that run computed, and
    there the user's own function was called. Earlier definitions still mean the operator.
    """

    texts: tuple[str, ...] = ()

    @classmethod
    def of(cls, given: str | Sequence[str] | Mapping[str, str]) -> Definitions:
        """From one text, several, or {"bump(x)": "exp(-x^2)"}; SymcError for one that defines no function."""
        if isinstance(given, Mapping):
            given = [f"{head} = {body}" for head, body in given.items()]
        texts = (given,) if isinstance(given, str) else tuple(given) if isinstance(given, Sequence) else (given,)
        if not all(isinstance(text, str) for text in texts):
            raise SymcError(f"the definitions are {given!r}, need texts", hint=_FORM)
        found = cls(tuple(" ".join(text.split()) for text in texts))
        found.functions  # noqa: B018
        return found

    @cached_property
    def functions(self) -> dict[str, Function]:
        """The functions by name; SymcError for a text that defines none."""
        found: dict[str, Function] = {}
        for text in self.texts:
            try:
                function = _function(text, found)
            except SymcError as error:
                raise SymcError(error.what, where=f"definition {text[:80]!r}", hint=error.hint or _FORM) from None
            if function.name in found:
                what = f"the function {function.name!r} is defined twice"
                raise SymcError(what, where=f"definition {text[:80]!r}", hint="Give each its own name.")
            found[function.name] = function
        return found

    def written_out(self, equation: str) -> str:
        """The equation with the body of each function in place of its calls; ParseError for a call that fits none."""
        return written_out(equation, self.functions)


def written_out(equation: str, functions: Mapping[str, Function]) -> str:
    """The equation with the body of each function in place of its calls; ParseError for a call that fits none.

    SymcError where that is longer than an equation may be.
    """
    if len(equation) > _LONGEST or not any(name in equation for name in functions):
        return equation
    pieces = _pieces(equation)
    return _Writer(equation, pieces, functions).text(0, len(pieces))


def arities(equation: str) -> dict[str, int]:
    """How many arguments the first call of each name in an equation has."""
    pieces = _pieces(equation)
    calls = _Calls(pieces).arguments
    found: dict[str, int] = {}
    for at, piece in enumerate(pieces):
        opening = _opening(pieces, at) if piece.kind == "name" else None
        if opening in calls:
            found.setdefault(piece.text, len(calls[opening]))
    return found


def call_of(equation: str, name: str) -> str:
    """How an equation calls a function, with letters for its arguments: "bump(x, y)"."""
    count = arities(equation).get(name, 1)
    letters = list("xyzuvw") if count <= 6 else [f"x{k}" for k in range(count)]
    return f"{name}({', '.join(letters[:count])})"


def named(equation: str, values: Mapping[str, str]) -> str:
    """The equation with a text in place of each name that is not called."""
    return "".join(_put(_pieces(equation), values))


@dataclass(frozen=True)
class _Piece:
    kind: str
    text: str
    start: int


def _pieces(text: str) -> list[_Piece]:
    return [_Piece(m.lastgroup or "", m[0], m.start()) for m in _PIECE.finditer(text)]


def _opening(pieces: Sequence[_Piece], at: int) -> int | None:
    """Where the parenthesis behind the name at `at` stands; None for a name that is not called."""
    at += 1
    while at < len(pieces) and pieces[at].text.isspace():
        at += 1
    return at if at < len(pieces) and pieces[at].text == "(" else None


class _Calls:
    """The arguments between each pair of parentheses: place of the opening one -> (start, end) of each argument."""

    def __init__(self, pieces: Sequence[_Piece]) -> None:
        self.arguments: dict[int, tuple[tuple[int, int], ...]] = {}
        self.end: dict[int, int] = {}
        open_now: list[tuple[int, list[int]]] = []
        for at, piece in enumerate(pieces):
            if piece.text == "(":
                open_now.append((at, []))
            elif piece.text == "," and open_now:
                open_now[-1][1].append(at)
            elif piece.text == ")" and open_now:
                opening, commas = open_now.pop()
                starts = (opening, *commas)
                self.arguments[opening] = tuple(zip((s + 1 for s in starts), (*commas, at), strict=True))
                self.end[opening] = at


class _Writer:
    def __init__(self, equation: str, pieces: Sequence[_Piece], functions: Mapping[str, Function]) -> None:
        self.equation = equation
        self.pieces = pieces
        self.functions = functions
        self.calls = _Calls(pieces)
        self.depth = 0

    def text(self, start: int, end: int) -> str:
        """What stands between two pieces, written out."""
        self.depth += 1
        if self.depth > _DEEPEST:
            raise ParseError(f"calls are nested deeper than {_DEEPEST}", self.equation, self.pieces[start].start + 1)
        parts, at, size = [], start, 0
        while at < end:
            piece = self.pieces[at]
            opening = _opening(self.pieces, at) if piece.kind == "name" and piece.text in self.functions else None
            if opening is None:
                parts.append(piece.text)
                at += 1
            else:
                parts.append(self._call(self.functions[piece.text], piece, opening))
                at = self.calls.end[opening] + 1
            size += len(parts[-1])
            if size > _LONGEST:
                raise SymcError(f"written out, the equation has more than {_LONGEST} characters", where="equation")
        self.depth -= 1
        return "".join(parts)

    def _call(self, function: Function, piece: _Piece, opening: int) -> str:
        places = self.calls.arguments.get(opening)
        if places is None:
            raise ParseError("expected ')'", self.equation, len(self.equation) + 1)
        arguments = [self.text(start, end).strip() for start, end in places]
        wanted = len(function.arguments)
        given = 0 if arguments == [""] else len(arguments)
        if given != wanted or "" in arguments:
            what = f"{function.name!r} takes {wanted} argument{'s' * (wanted != 1)}, not {given}"
            raise ParseError(what, self.equation, piece.start + 1)
        by_name = dict(zip(function.arguments, arguments, strict=True))
        return f"({''.join(_put(_pieces(function.body), by_name))})"


def _put(pieces: Sequence[_Piece], values: Mapping[str, str]) -> Iterator[str]:
    """The text of `pieces` with a value in place of each name; in parentheses, unless it is one number or name."""
    for at, piece in enumerate(pieces):
        value = values.get(piece.text) if piece.kind == "name" and _opening(pieces, at) is None else None
        if value is None:
            yield piece.text
        else:
            whole = _PIECE.fullmatch(value)
            yield value if whole and whole.lastgroup else f"({value})"


def _function(text: str, earlier: Mapping[str, Function]) -> Function:
    match = _SIGNATURE.match(text)
    rest = text[match.end() :] if match else ""
    if match is None or not rest.startswith("=") or rest.startswith("=="):
        raise SymcError("defines no function")
    name, arguments = match[1], tuple(part.strip() for part in match[2].split(","))
    for argument in arguments:
        if not _NAME.match(argument) or argument == "pi":
            raise SymcError(f"its argument {argument!r} is no name")
    if len(set(arguments)) != len(arguments):
        raise SymcError("two of its arguments have one name")
    body = rest[1:].strip()
    pieces = _pieces(body)
    if any(piece.text == name and _opening(pieces, at) is not None for at, piece in enumerate(pieces)):
        raise SymcError(f"it calls itself: {name!r} is known only behind its definition")
    body = written_out(body, earlier)
    read(body, arguments)
    return Function(name, arguments, body)
