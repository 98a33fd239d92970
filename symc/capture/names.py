"""Names of inputs, outputs and variables."""

from __future__ import annotations

import re
from collections.abc import Sequence

from symc.errors import SymcError

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")


def default_names(prefix: str, count: int) -> tuple[str, ...]:
    """prefix0, prefix1, ..."""
    return tuple(f"{prefix}{k}" for k in range(count))


def check_names(names: Sequence[str], kind: str) -> tuple[str, ...]:
    """Return names as a tuple; raise SymcError unless each is an identifier and unique."""
    if isinstance(names, str):
        raise SymcError(f"{kind} names are one text {names!r}", hint='Pass a list such as ["a", "b"].')
    names = tuple(names)
    if not names:
        raise SymcError(f"there are no {kind}s")
    for name in names:
        if not isinstance(name, str) or not _NAME.match(name):
            raise SymcError(f"{kind} name {name!r} is not an identifier", hint="Use letters, digits and _.")
    if len(set(names)) != len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise SymcError(f"two {kind}s are called {twice!r}", hint=f"Give every {kind} its own name.")
    return names
