"""The backends. Adding one is one file beside this, one row here, and one folder of templates."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from symc.backends.unit import Unit
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
