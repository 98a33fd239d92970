"""C sources and the headers they include as one text that needs no other file."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from symc.errors import SymcError

_DIRECTIVE = re.compile(r"[ \t]*#[ \t]*(if|ifdef|ifndef|elif|else|endif|include)\b[ \t]*(.*)")
_QUOTED = re.compile(r'"([^"]+)"')
_GUARD = re.compile(r"^#ifndef (SYMC_\w+_H)\n#define \1$", re.M)
_HEX_FLOAT = re.compile(r"\b0[xX]([0-9a-fA-F]*\.?[0-9a-fA-F]*[pP][+-]?\d+)([fF]?)\b")


def amalgamate(sources: Iterable[str], headers: Mapping[str, str], left_out: str) -> str:
    """The sources one after the other, every include of one of `headers` replaced by its text, that of `left_out` by
    nothing. Other includes stay.

    A header is repeated only where the compiler may not have seen it: where the conditions around its first place do
    not hold. Hexadecimal floats become decimal ones of the same value: C++ has the others since 2017 only.
    Raises SymcError for conditions that do not match.
    """
    text = _Amalgamation(headers, left_out).expanded(sources)
    return _HEX_FLOAT.sub(_decimal, re.sub(r"\n{3,}", "\n\n", text))


class _Amalgamation:
    def __init__(self, headers: Mapping[str, str], left_out: str) -> None:
        self._headers = headers
        self._left_out = left_out
        self._seen: dict[str, list[tuple[str, ...]]] = {}
        # The conditions that hold at this line, outermost first; "" for an include guard, which hides no first text.
        self._conditions: list[str] = []

    def expanded(self, sources: Iterable[str]) -> str:
        return "\n".join("".join(self._lines(text)) for text in sources)

    def _lines(self, text: str) -> Iterable[str]:
        guard = _GUARD.search(text)
        for line in text.splitlines(keepends=True):
            directive = _DIRECTIVE.match(line)
            included = _QUOTED.match(directive[2]) if directive and directive[1] == "include" else None
            if included and included[1] == self._left_out:
                continue
            if included and included[1] in self._headers:
                yield from self._header(included[1])
                continue
            if directive:
                self._follow(directive[1], directive[2], guard[1] if guard else "")
            yield line

    def _header(self, name: str) -> Iterable[str]:
        here = tuple(condition for condition in self._conditions if condition)
        places = self._seen.setdefault(name, [])
        if any(here[: len(place)] == place for place in places):
            return
        places.append(here)
        yield from self._lines(self._headers[name])

    def _follow(self, directive: str, condition: str, guard: str) -> None:
        if not directive.startswith("if") and not self._conditions:
            raise SymcError(f"a source has an #{directive} without an #if", hint="Build the bundle again.")
        if directive.startswith("if"):
            self._conditions.append("" if condition == guard else f"{directive} {condition}")
        elif directive in ("elif", "else"):
            self._conditions[-1] = f"not {self._conditions[-1]}, {condition}"
        elif directive == "endif":
            self._conditions.pop()


def _decimal(match: re.Match[str]) -> str:
    """The shortest decimal that reads back as this value: of a float32 too, which is a double as well."""
    return repr(float.fromhex(f"0x{match[1]}")) + match[2]
