"""How a function of one row sees to it that every NaN it returns is the canonical one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from symc.backends.functions import FUNCTIONS
from symc.ir.program import Program

HEADER = "symc/nan.h"
# Their NaN is canonical, or they have none.
_CANONICAL = frozenset((*FUNCTIONS, "const", "sqrt", "min", "max", "lt", "le", "gt", "ge", "eq", "ne"))
# Theirs is the machine's, which some machines make canonical.
_ARITHMETIC = frozenset(("add", "sub", "mul", "div"))
# More results than this would have to be kept in registers until the test.
_FEW = 4


@dataclass(frozen=True)
class NanTest:
    """`test`: the runtime's function that tells whether one of two floats may be another NaN.

    pairs: the names of such results two by two, the last one perhaps twice; none where they are many, and all results
    of a row are looked through. only: the number of the output that is the only one, None where there are several.
    """

    test: str
    pairs: tuple[tuple[str, str], ...]
    only: int | None


def nan_test(program: Program, names: Mapping[int, str]) -> NanTest | None:
    """The test behind a row's results, named by position; None where none can be another NaN than the canonical one."""
    found = [o for o, r in enumerate(program.results) if program.instructions[r].op not in _CANONICAL]
    suspects = sorted({program.results[o] for o in found})
    if not suspects:
        return None
    arithmetic = all(program.instructions[r].op in _ARITHMETIC for r in suspects)
    named = [names[r] for r in suspects] if len(suspects) <= _FEW else []
    if len(named) % 2:
        named.append(named[-1])
    pairs = tuple(zip(named[::2], named[1::2], strict=True))
    return NanTest("symc_odd_nan" if arithmetic else "symc_any_nan", pairs, found[0] if len(found) == 1 else None)
