"""Which runtime headers a program needs, their bytes, and the number that tells this runtime from any other."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path

from symc import resources
from symc.errors import SymcError
from symc.ir.formats import FLOAT64
from symc.ir.layered import Layered
from symc.ir.program import Program

_INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*"(symc/[a-z0-9_/]+\.h)"', re.M)

_CONFIG = "symc/config.h"
_CONFIG_GUARD = "#define SYMC_CONFIG_H\n"

# A function has a header, and a Numba module, of its own name, except these; every other operator is in f32.
_SHARED = {
    **dict.fromkeys(("sin", "cos", "tan"), "trig"),
    "erfc": "erf",
    **dict.fromkeys(("floor", "ceil", "trunc", "sign", "mod"), "round"),
}


# Of doubles: the header that an operator is in; every other one is in core.
_DOUBLE = {
    **dict.fromkeys(("floor", "ceil", "round", "trunc", "sign", "mod"), "round"),
    "sqrt": "sqrt",
    **dict.fromkeys(("exp", "exp2", "expm1", "sinh", "cosh", "tanh"), "exponential"),
    **dict.fromkeys(("log", "log2", "log10", "log1p", "asinh", "acosh", "atanh"), "logarithm"),
    **dict.fromkeys(("sin", "cos", "tan"), "circular"),
    **dict.fromkeys(("asin", "acos", "atan"), "arcs"),
    **dict.fromkeys(("pow", "cbrt"), "powers"),
    "gamma": "gammas",
    **dict.fromkeys(("erf", "erfc"), "errors"),
}


def double_stems(program: Program) -> tuple[str, ...]:
    """The names of the headers symc/double that code of `program` uses, core first."""
    found = {_DOUBLE[op] for op in program.operators if op in _DOUBLE}
    return ("core", *sorted(found))


def stems(program: Program) -> tuple[str, ...]:
    """The names, without folder and suffix, of the runtime's files that code of `program` uses, f32 first."""
    names = sorted({_SHARED.get(op, op) for op in program.operators})
    include = resources.runtime() / "include" / "symc"
    return ("f32", *(name for name in names if (include / f"{name}.h").is_file()))


def direct(program: Program | Layered) -> tuple[str, ...]:
    """The headers that code of `program` includes, as "symc/f32.h"."""
    if isinstance(program, Layered):
        return tuple(sorted(("symc/affine.h", *direct(program.equations))))
    if program.format == FLOAT64:
        return tuple(f"symc/double/{stem}.h" for stem in double_stems(program))
    return tuple(f"symc/{stem}.h" for stem in stems(program))


def identity() -> str:
    """Which runtime this is, as a C literal: the start of a sha256 of all headers.

    A hash, because a runtime that is worked on keeps its version; of all headers, because each bundle brings others.
    """
    return _identity(resources.runtime() / "include")


@lru_cache(maxsize=1)
def _identity(include: Path) -> str:
    digest = hashlib.sha256()
    for name in sorted(path.relative_to(include).as_posix() for path in include.rglob("*.h")):
        digest.update((name + (include / name).read_text(encoding="utf-8")).encode())
    return f"0x{digest.hexdigest()[:8]}u"


def check(file: str) -> str:
    """Lines by which `file` of a bundle refuses the runtime of another symc, after it has included symc/config.h.

    The first folder on the include path serves the bundles behind it too, and the first header with a guard keeps out
    the others of its name: both silently.
    """
    return (
        f"#if SYMC_RUNTIME != {identity()}\n"
        f'#error "{file} is mixed with the runtime of another symc: '
        'build all bundles with one symc, or keep their symc/ folders apart"\n'
        "#endif"
    )


def closure(names: Iterable[str]) -> dict[str, bytes]:
    """Those headers and the ones they include, name -> content, each with what `check` says of the runtime it is of.

    Raises SymcError when the runtime lacks one.
    """
    found: dict[str, bytes] = {}
    waiting = sorted(names)
    while waiting:
        name = waiting.pop()
        if name in found:
            continue
        path = resources.runtime() / "include" / name
        try:
            text = path.read_text(encoding="utf-8")
        except OSError as error:
            raise SymcError(f"cannot read the runtime header: {error.strerror}", where=str(path)) from None
        waiting += _INCLUDE.findall(text)
        found[name] = _identified(name, text).encode()
    return dict(sorted(found.items()))


def _identified(name: str, text: str) -> str:
    """The header `name` with its identity: config.h tells it, every other one compares its own."""
    if name == _CONFIG:
        comment = "/* Which runtime this is; files of another refuse it. */"
        return text.replace(_CONFIG_GUARD, f"{_CONFIG_GUARD}\n{comment}\n#define SYMC_RUNTIME {identity()}\n", 1)
    # What a header includes first is config.h, or has it included.
    return _INCLUDE.sub(lambda include: f"{include[0]}\n{check(name)}", text, count=1)
