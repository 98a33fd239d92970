"""Names of inputs, outputs and variables: as people have them, and the identifiers that equations and code use.

The one rule of `identifiers`: a name of ASCII letters, digits and _ that does not begin with a digit stays. In any
other a Greek letter is spelled out (`alpha`, `Delta`), letters lose their marks, raised and lowered digits their place,
another letter is its code point (`u6e29`), and all else becomes `_`, one for several and none at the ends; a digit in
front gets `v`. Where that is taken, `_2`, `_3` ... is added. Keywords are names like others: the code of each target
varies them where it has local variables.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from symc.errors import SymcError

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")
_GREEK = re.compile(r"GREEK (SMALL|CAPITAL) LETTER (?:FINAL )?([A-Z]+)")
_LONGEST = 200
# C99 promises to tell 63 characters apart, and a number may be added.
_KEPT = 48


def default_names(prefix: str, count: int) -> tuple[str, ...]:
    """prefix0, prefix1, ..."""
    return tuple(f"{prefix}{k}" for k in range(count))


def check_names(names: Sequence[str], kind: str) -> tuple[str, ...]:
    """Return names as a tuple; raise SymcError unless each is an identifier and unique."""
    names = _checked(names, kind)
    for name in names:
        if not _NAME.match(name):
            raise SymcError(f"{kind} name {name!r} is not an identifier", hint="Use letters, digits and _.")
    return names


def identifiers(names: Sequence[str], kind: str) -> tuple[str, ...]:
    """An identifier for each name, all different, by the rule above.

    SymcError for a name that is no text, is empty or has more than 200 characters, and for one that occurs twice.
    """
    names = _checked(names, kind)
    taken = {name for name in names if _NAME.match(name)}
    found = []
    for name in names:
        identifier = name
        if not _NAME.match(name):
            base = _identifier(name)
            identifier = next(n for n in (base, *(f"{base}_{k}" for k in range(2, len(names) + 3))) if n not in taken)
            taken.add(identifier)
        found.append(identifier)
    return tuple(found)


def own_names(names: Sequence[str], found: Sequence[str]) -> tuple[str, ...]:
    """The names where they are not the identifiers that were found for them, else ()."""
    return () if tuple(names) == tuple(found) else tuple(names)


def _checked(names: Sequence[str], kind: str) -> tuple[str, ...]:
    if isinstance(names, str):
        raise SymcError(f"{kind} names are one text {names!r}", hint='Pass a list such as ["a", "b"].')
    names = tuple(names)
    if not names:
        raise SymcError(f"there are no {kind}s")
    for name in names:
        if not isinstance(name, str) or not name.strip():
            raise SymcError(f"{kind} name {name!r} is no name", hint="Give every column a text that is not empty.")
        if len(name) > _LONGEST:
            raise SymcError(f"{kind} name {name[:40]!r}... has {len(name)} characters, more than {_LONGEST}")
    if len(set(names)) != len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise SymcError(f"two {kind}s are called {twice!r}", hint=f"Give every {kind} its own name.")
    return names


def _identifier(name: str) -> str:
    # Compatibility forms first: a subscript is a digit there, and an accent a character of its own.
    spelled = "".join(map(_spelled, unicodedata.normalize("NFKD", name)))
    text = re.sub(r"[^A-Za-z0-9]+", "_", spelled).strip("_")[:_KEPT].rstrip("_") or "v"
    return f"v{text}" if text[0].isdigit() else text


def _spelled(character: str) -> str:
    if character.isascii():
        return character
    if unicodedata.category(character).startswith("M"):
        return ""
    greek = _GREEK.match(unicodedata.name(character, ""))
    if greek:
        return greek[2].lower() if greek[1] == "SMALL" else greek[2].capitalize()
    return f"u{ord(character):x}" if character.isalpha() else " "
