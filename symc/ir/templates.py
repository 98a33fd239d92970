"""PySR's template expressions: the parts that a table holds, put together as the run's `combine` says.

A cell holds functions and parameters, `f = #1 * #2; g = sin(#1); p = [0.1, 2.0]`. `combine` is text such as
`p[1]*f(x0, x1) + D(g, 1)(x2)`: parameters count from 1, D(g, 1) is the derivative of g by its first argument, and lines
before the last give names to values, `u = f(x0, x1)`, or to derivatives, `dg = D(g, 1)`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

from symc.errors import SymcError
from symc.ir.definitions import Function, arities, named, written_out
from symc.ir.slopes import slope

_PART = re.compile(r"\s*([^\W\d]\w*)\s*=(?!=)")
_PLACE = re.compile(r"#\s*([1-9]\d{0,2})(?!\d)")
_NUMBER = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eEf][+-]?\d+)?")
_INDEXED = r"(?<![\w.]){}\s*\[\s*(\d{{1,6}})\s*\]"
_SLOPE = re.compile(r"(?<![\w.])D\s*\(\s*([^\W\d]\w*)\s*,\s*(\d{1,3})\s*\)")
_SEPARATOR = re.compile(r"[\n;]")
_COMMENT = re.compile(r"#.*")
_LONGEST = 200_000


@dataclass(frozen=True)
class Parts:
    """What one row of a table holds: functions of #1, #2 ... by name, and the texts of parameters by name."""

    functions: dict[str, str]
    parameters: dict[str, tuple[str, ...]]

    @property
    def sketch(self) -> str:
        """What a `combine` of these parts may look like: "f(x0, x1) + p[1]*g(x0)"."""
        calls = [
            f"{name}({', '.join(f'x{k}' for k in range(max(_places(body), default=1)))})"
            for name, body in self.functions.items()
        ]
        return " + ".join([*calls, *(f"{name}[1]" for name in self.parameters)])


def is_template(text: str) -> bool:
    """Whether text is parts of a template, not an equation."""
    return _PART.match(text) is not None


def read_parts(text: str) -> Parts:
    """The parts in a cell; SymcError for text that holds none."""
    functions: dict[str, str] = {}
    parameters: dict[str, tuple[str, ...]] = {}
    for part in text.split(";"):
        if not part.strip():
            continue
        match = _PART.match(part)
        if match is None:
            raise SymcError(f"{part.strip()[:60]!r} is no part of a template, such as f = #1 * #2")
        name, body = match[1], part[match.end() :].strip()
        if name in functions or name in parameters:
            raise SymcError(f"the template has two parts {name!r}")
        if body.startswith("["):
            numbers = [number.strip() for number in body.removesuffix("]")[1:].split(",")]
            if not body.endswith("]") or not all(map(_NUMBER.fullmatch, numbers)):
                raise SymcError(f"the parameters {name!r} are not all numbers")
            parameters[name] = tuple(numbers)
        else:
            functions[name] = body
    return Parts(functions, parameters)


def combined(text: str, combine: str, definitions: Mapping[str, Function]) -> str:
    """The parts in `text` put together: an equation over the names in `combine`.

    Raises SymcError where the two do not fit, ParseError with the column for what cannot be read.
    """
    parts = read_parts(text)
    statements = [s for line in combine.splitlines() for s in _SEPARATOR.split(_COMMENT.sub("", line)) if s.strip()]
    if not statements:
        raise SymcError("the template's combine is empty")
    functions = _functions(parts, combine, definitions)
    values: dict[str, str] = {}
    for statement in statements[:-1]:
        _assign(statement, parts, functions, values)
    return _value(statements[-1], parts, functions, values)


def _functions(parts: Parts, combine: str, definitions: Mapping[str, Function]) -> dict[str, Function]:
    functions = dict(definitions)
    asked = arities(combine)
    for name, body in parts.functions.items():
        count = max([asked.get(name, 1), *_places(body)])
        arguments = tuple(f"argument{k}" for k in range(1, count + 1))
        plain = written_out(_PLACE.sub(lambda match: f" argument{match[1]} ", body), definitions)
        functions[name] = Function(name, arguments, plain)
    return functions


def _assign(statement: str, parts: Parts, functions: dict[str, Function], values: dict[str, str]) -> None:
    """Take up a line `name = value` or `a, b = p[1], p[2]`."""
    left, equals, right = statement.partition("=")
    names = [name.strip() for name in left.split(",")]
    if not equals or not all(name.isidentifier() and name != "pi" for name in names):
        raise SymcError(f"{statement.strip()[:60]!r} is no line of a combine", hint="Such as u = f(x0, x1).")
    given = [right] if len(names) == 1 else _split(right)
    if len(given) != len(names):
        raise SymcError(f"{statement.strip()[:60]!r} gives {len(names)} names to {len(given)} values")
    found = {}
    for name, text in zip(names, given, strict=True):
        plain = _with_slopes(text, functions).strip()
        if plain in functions:
            functions[name] = functions[plain]
        else:
            found[name] = _value(text, parts, functions, values)
    values.update(found)


def _value(text: str, parts: Parts, functions: dict[str, Function], values: Mapping[str, str]) -> str:
    for name, numbers in parts.parameters.items():
        text = re.sub(_INDEXED.format(re.escape(name)), partial(_number, name, numbers), text)
    # Values last: what they hold is written out, and a name in it may be defined to be something else.
    found = named(written_out(_with_slopes(text, functions), functions), values)
    if len(found) > _LONGEST:
        raise SymcError(f"written out, the equation has more than {_LONGEST} characters")
    return found


def _number(name: str, values: tuple[str, ...], match: re.Match[str]) -> str:
    index = int(match[1])
    if not 1 <= index <= len(values):
        raise SymcError(f"{name}[{index}] is not there: {name} has {len(values)} values, from {name}[1] on")
    value = values[index - 1]
    return f"({value})" if value[0] in "+-" else value


def _with_slopes(text: str, functions: dict[str, Function]) -> str:
    """The text with the name of a function in place of each D(f, 1), from the inside out; `functions` takes them up."""
    # A function of the user's own of that name is just that.
    while "D" not in functions and (match := _SLOPE.search(text)):
        name, index = match[1], int(match[2])
        function = functions.get(name)
        if function is None:
            raise SymcError(f"D({name}, {index}) is the derivative of {name!r}, which is no part of the template")
        if not 1 <= index <= len(function.arguments):
            raise SymcError(f"D({name}, {index}) is not there: {name!r} takes {len(function.arguments)} arguments")
        derived = f"{name}_D{index}"
        while derived in functions and functions[derived].of != (name, index):
            derived += "_"
        if derived not in functions:
            body = slope(function.body, function.arguments, function.arguments[index - 1])
            functions[derived] = Function(derived, function.arguments, body, (name, index))
        text = text[: match.start()] + derived + text[match.end() :]
    return text


def _split(text: str) -> list[str]:
    """Text at the commas outside all parentheses."""
    found, depth = [""], 0
    for character in text:
        depth += (character in "([") - (character in ")]")
        if character == "," and depth == 0:
            found.append("")
        else:
            found[-1] += character
    return found


def _places(body: str) -> list[int]:
    return [int(place) for place in _PLACE.findall(body)]
