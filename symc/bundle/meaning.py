"""Meaning: how far the code is from what its equations say, as the manifest records it and people read it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from symc.bundle.manifest import Equation
from symc.bundle.parity import Recording
from symc.bundle.records import Meaning
from symc.bundle.references import references
from symc.ir.layered import Layered
from symc.ir.program import Program
from symc.meaning.check import check_meaning


def measure_meaning(
    program: Program | Layered,
    equations: Sequence[Equation],
    domain: Sequence[tuple[float, float]] | None,
    recording: Recording | None,
    options: Mapping[str, str],
    rewritten: bool = False,
) -> tuple[Meaning, ...]:
    """One row per output; none for a layered program, whose equations stand between matrices.

    The reference is each equation as the user wrote it, with what `options` define in it written out; code that was
    rewritten is compared with it in the domain alone. Raises CheckFailed where the code means something else.
    """
    if isinstance(program, Layered):
        return ()
    texts = references(equations, options, program.inputs)
    found = check_meaning(program, texts, domain, None if recording is None else recording.x, beyond=not rewritten)
    return tuple(
        Meaning(
            output=d.output,
            points=d.points,
            ulp=float(f"{d.ulp:.4g}"),
            at=tuple(d.place.values()),
            share=float(f"{d.share:.4g}"),
            undecided=d.undecided,
            overflows=d.overflows,
        )
        for d in found
    )


def describe_meaning(meaning: Sequence[Meaning]) -> str:
    """The worst of all outputs in one line."""
    worst = max(meaning, key=lambda m: m.ulp)
    parts = [f"at most {worst.ulp:.2g} ulp from the text ({worst.output}, {worst.points} points)"]
    parts.append(f"{max(m.share for m in meaning):.1g} of the output's size")
    undecided, overflows = (sum(getattr(m, name) for m in meaning) for name in ("undecided", "overflows"))
    if undecided:
        parts.append(f"undecided at {undecided}")
    if overflows:
        parts.append(f"overflows at {overflows}")
    return ", ".join(parts)
