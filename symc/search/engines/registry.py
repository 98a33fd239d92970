"""The search engines there are. Adding one is one file beside this and one row here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from symc.errors import SymcError
from symc.registry import Registry

if TYPE_CHECKING:
    from symc.search.engines.protocol import Engine

AUTO = "auto"
# In the order of preference: "auto" takes the first that is ready.
ENGINES: Registry[type[Engine]] = Registry(
    "engine",
    [
        ("pysr", "symc.search.engines.pysr:PySR"),
        ("operon", "symc.search.engines.operon.engine:Operon"),
    ],
)


def choose(name: str) -> Engine:
    """The engine of that name; AUTO is PySR where a Julia that needs no download is found, else Operon.

    Raises SymcError listing the engines for any other name.
    """
    if name in ENGINES:
        return ENGINES[name]()
    if name != AUTO:
        raise SymcError(f"unknown engine {name!r}", hint=f"The engines are: {', '.join((AUTO, *ENGINES))}.")
    return next(engine for engine in (ENGINES[known]() for known in ENGINES) if engine.ready())
