"""Which runtime headers a program needs, and their bytes."""

from __future__ import annotations

import re
from collections.abc import Iterable

from symc import resources
from symc.errors import SymcError
from symc.ir.layered import Layered
from symc.ir.program import Program

_INCLUDE = re.compile(rb'^[ \t]*#[ \t]*include[ \t]*"(symc/[a-z0-9_/]+\.h)"', re.M)

# A function has a header, and a Numba module, of its own name, except these; every other operator is in f32.
_SHARED = {
    **dict.fromkeys(("sin", "cos", "tan"), "trig"),
    "erfc": "erf",
    **dict.fromkeys(("floor", "ceil", "trunc", "sign", "mod"), "round"),
}


def stems(program: Program) -> tuple[str, ...]:
    """The names, without folder and suffix, of the runtime's files that code of `program` uses, f32 first."""
    names = sorted({_SHARED.get(op, op) for op in program.operators})
    include = resources.runtime() / "include" / "symc"
    return ("f32", *(name for name in names if (include / f"{name}.h").is_file()))


def direct(program: Program | Layered) -> tuple[str, ...]:
    """The headers that code of `program` includes, as "symc/f32.h"."""
    if isinstance(program, Layered):
        return tuple(sorted(("symc/affine.h", *direct(program.equations))))
    return tuple(f"symc/{stem}.h" for stem in stems(program))


def closure(names: Iterable[str]) -> dict[str, bytes]:
    """Those headers and the ones they include, name -> content; SymcError when the runtime lacks one."""
    found: dict[str, bytes] = {}
    waiting = sorted(names)
    while waiting:
        name = waiting.pop()
        if name in found:
            continue
        path = resources.runtime() / "include" / name
        try:
            found[name] = path.read_bytes()
        except OSError as error:
            raise SymcError(f"cannot read the runtime header: {error.strerror}", where=str(path)) from None
        waiting += [match.decode() for match in _INCLUDE.findall(found[name])]
    return dict(sorted(found.items()))
