"""The arithmetic that a bundle's code computes in, as its manifest records it."""

from __future__ import annotations

from collections.abc import Mapping

from symc.ir.formats import FLOAT64
from symc.ir.program import Program

# The build option, as the manifest records it.
NUMBERS = "numbers"


def is_double(options: Mapping[str, str]) -> bool:
    """Whether a bundle with these build options is in double precision."""
    return options.get(NUMBERS) == FLOAT64.name


def lacks_derivatives(program: Program) -> bool:
    """Whether it is in double precision and has gamma, whose derivative is known to float32's digits alone."""
    return program.format == FLOAT64 and "gamma" in program.operators
