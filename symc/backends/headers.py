"""Which runtime headers a program needs, and their bytes."""

from __future__ import annotations

import re
from collections.abc import Iterable

from symc import resources
from symc.errors import SymcError
from symc.ir.program import Program

_INCLUDE = re.compile(rb'^[ \t]*#[ \t]*include[ \t]*"(symc/[a-z0-9_]+\.h)"', re.M)

# Everything that is not listed is in f32.h.
_OPERATOR_HEADER = {
    "sqrt": "symc/sqrt.h",
    "exp": "symc/exp.h",
    "log": "symc/log.h",
    "sin": "symc/trig.h",
    "cos": "symc/trig.h",
    "tan": "symc/trig.h",
    "tanh": "symc/tanh.h",
    "pow": "symc/pow.h",
}


def direct(program: Program) -> tuple[str, ...]:
    """The headers that code of `program` includes, as "symc/f32.h"."""
    return ("symc/f32.h", *sorted({_OPERATOR_HEADER[op] for op in program.operators if op in _OPERATOR_HEADER}))


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
