"""Units of inputs and outputs, and whether the equations can be right in them, as the manifest records it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from symc.bundle.manifest import Equation
from symc.bundle.records import Consistency, Units
from symc.bundle.references import references
from symc.errors import SymcError
from symc.ir.layered import Layered
from symc.ir.program import Program
from symc.ir.reading import read
from symc.meaning import units as written
from symc.meaning.dimensions import CONSISTENT, INCONSISTENT, UNDECIDED, Verdict, check_dimensions
from symc.tables import shortened

_MOST_SHOWN = 6


def measure_units(
    units: written.Units, program: Program | Layered, equations: Sequence[Equation], options: Mapping[str, str]
) -> Units:
    """The units with a verdict on each output's equation, as the user wrote it.

    Raises SymcError for a unit that there is not, and where their number is not that of the program's inputs and
    outputs.
    """
    units.check()
    for side, given, names in (("input", units.inputs, program.inputs), ("output", units.outputs, program.outputs)):
        if len(given) != len(names):
            raise SymcError(
                f"the model has {len(names)} {side}{'s' * (len(names) != 1)} ({_short(names)}), "
                f"but {len(given)} unit{'s' * (len(given) != 1)} of {side}s {'are' if len(given) != 1 else 'is'} given",
                where="--units",
                hint=f"Give one for each, in this order; {written.UNKNOWN} where you do not know it.",
            )
    by_input = dict(zip(program.inputs, units.inputs, strict=True))
    if isinstance(program, Layered):
        # Each weight of the matrices can have the unit that makes its term fit.
        outcome = UNDECIDED if written.UNKNOWN in units.inputs else CONSISTENT
        verdicts = [Verdict(outcome)] * len(units.outputs)
    else:
        verdicts = [
            check_dimensions(read(text, program.inputs), by_input, unit)
            for text, unit in zip(references(equations, options, program.inputs), units.outputs, strict=True)
        ]
    found = tuple(
        Consistency(output=name, verdict=v.outcome, part=v.part, why=v.why)
        for name, v in zip(program.outputs, verdicts, strict=True)
    )
    return Units(inputs=units.inputs, outputs=units.outputs, equations=found)


def describe_units(units: Units) -> str:
    """The units and the verdicts in one line."""
    outcomes = [c.verdict for c in units.equations]
    parts = [f"{outcomes.count(v)} {v}" for v in (CONSISTENT, INCONSISTENT, UNDECIDED) if v in outcomes]
    verdict = outcomes[0] if len(set(outcomes)) == 1 else ", ".join(parts)
    # What is inconsistent before what is only told beside it.
    complaints = sorted((c for c in units.equations if c.why), key=lambda c: c.verdict != INCONSISTENT)
    first = [f"{':' if c.verdict == INCONSISTENT else ';'} {complaint(c)}" for c in complaints[:1]]
    return f"{_short(units.inputs)} {written.ARROW} {_short(units.outputs)}; {verdict}{''.join(first)}"


def complaint(found: Consistency) -> str:
    """What is wrong, in one sentence without a full stop."""
    return f"{found.output}: in {shortened(found.part)}, {found.why}"


def _short(names: Sequence[str]) -> str:
    return ", ".join(names) if len(names) <= _MOST_SHOWN else f"{', '.join(names[:_MOST_SHOWN])}, ..."
