"""Code that is rewritten to lose less in rounding: asked for, recorded and told."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from symc.bundle.manifest import Equation
from symc.bundle.records import Accuracy
from symc.errors import SymcError
from symc.ir.layered import Layered
from symc.ir.program import Program

if TYPE_CHECKING:
    from symc.analysis.accuracy import Improved

# The build option, as the manifest records it.
ACCURATE = "accurate"


def rewritten(
    program: Program | Layered, equations: Sequence[Equation], domain: Sequence[tuple[float, float]] | None
) -> Improved | None:
    """A program of the same real values that loses less; None where none is found. SymcError where none can be."""
    if isinstance(program, Layered):
        raise SymcError("a compressed block cannot be rewritten", hint=f"Leave --{ACCURATE} out.")
    if domain is None:
        raise SymcError(
            "code is rewritten for its domain, and there is none", hint=f"Give --domain, or leave --{ACCURATE} out."
        )
    from symc.analysis.accuracy import improve

    return improve(program, [e.text for e in equations], domain)


def measure_accuracy(found: Improved | None) -> tuple[Accuracy, ...]:
    """One row per output that gained; none where nothing was rewritten."""
    pairs = {} if found is None else found.worst
    return tuple(
        Accuracy(output=name, before=_rounded(before), after=_rounded(after))
        for name, (before, after) in pairs.items()
        if before != after
    )


def describe_accuracy(accuracy: Sequence[Accuracy]) -> str:
    """What was gained in one line."""
    if not accuracy:
        return "no arrangement of the code loses less than the one it has"
    shown = [f"{a.output} from {_shown(a.before)} to {_shown(a.after)} ulp at most" for a in accuracy[:3]]
    more = f", and {len(accuracy) - 3} more" if len(accuracy) > 3 else ""
    return f"rewritten, rounding error of {', '.join(shown)}{more}"


def _rounded(ulp: float) -> float | None:
    return float(f"{ulp:.3g}") if math.isfinite(ulp) else None


def _shown(ulp: float | None) -> str:
    return "unknown" if ulp is None else f"{ulp:.3g}"
