"""The backends. Adding one is one file beside this, one row here, and one folder of templates."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from symc.backends.unit import Unit
from symc.errors import SymcError
from symc.registry import Registry


@dataclass(frozen=True)
class Backend:
    """A target of the compiler.

    files: the target's part of a bundle: path inside it -> content.
    checks: "package.module:function" that gives what symc.verify runs on that part (see symc.verify.targets).
    """

    files: Callable[[Unit], dict[str, bytes]]
    checks: str


BACKENDS: Registry[Backend] = Registry(
    "target",
    [
        ("c", "symc.backends.c:BACKEND"),
        ("cuda", "symc.backends.cuda:BACKEND"),
        ("numba", "symc.backends.numba:BACKEND"),
    ],
)


def check_targets(target: str | Sequence[str]) -> tuple[str, ...]:
    """The targets in table order, each once; raises SymcError for an unknown one or for none."""
    asked = [target] if isinstance(target, str) else list(target)
    names = {part.strip() for text in asked for part in str(text).split(",") if part.strip()}
    unknown = sorted(names - set(BACKENDS))
    if unknown or not names:
        what = f"unknown target {unknown[0]!r}" if unknown else "no target given"
        raise SymcError(what, hint=f"The targets are: {', '.join(BACKENDS)}.")
    return tuple(t for t in BACKENDS if t in names)
