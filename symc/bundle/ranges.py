"""Ranges: what a program gives everywhere in its domain, as the manifest records it and people read it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict

from symc.analysis.findings import Finding as Found
from symc.analysis.ranges import analyse
from symc.analysis.roundoff import Source
from symc.bundle.records import Finding, Range, Ranges
from symc.errors import CheckFailed
from symc.ir.formats import FLOAT32
from symc.ir.layered import Layered
from symc.ir.program import Builder, Program
from symc.ir.reading import read
from symc.ir.written import written

_MOST_SHOWN = 3
# The build option, as the manifest records it.
ALLOW_POLES = "allow-poles"


def measure_ranges(
    program: Program | Layered,
    domain: Sequence[tuple[float, float]] | None,
    allow_poles: bool,
    source: Source | None = None,
) -> Ranges | None:
    """What `program` is proved to give in its domain; None without a domain.

    source: what it was rewritten from, if it was, or what is known of its constants.

    Raises CheckFailed where the code has a pole, no value, or overflows in the domain, unless `allow_poles`.
    """
    if domain is None:
        return None
    if isinstance(program, Layered):
        from symc.analysis.matrices import analyse_layered

        found = analyse_layered(program, domain)
    else:
        found = analyse(program, domain, source=source)
    if found.unsafe and not allow_poles:
        sentences = [str(f) for f in found.unsafe]
        more = f" (and {len(sentences) - _MOST_SHOWN} more)" if len(sentences) > _MOST_SHOWN else ""
        raise CheckFailed(
            f"inside the domain {'; '.join(sentences[:_MOST_SHOWN])}{more}",
            hint="Narrow the domain, choose another equation with --complexity, or pass --allow-poles.",
        )
    return Ranges(
        outputs=tuple(
            Range(output=name, low=_known(low), high=_known(high), error=_rounded_up(found.errors[name]))
            for name, (low, high) in found.outputs.items()
        ),
        sites=found.sites,
        findings=tuple(Finding(**{**asdict(f), "share": float(f"{f.share:.3g}")}) for f in found.findings),
    )


def as_written_in(texts: Sequence[str], program: Program | Layered) -> Source | None:
    """What is known of a program's constants where it computes what `texts` say, in any order; else None.

    None of one in float64, too, of which no rounding errors are told.
    """
    if isinstance(program, Layered) or program.format != FLOAT32:
        return None
    text = written([read(t, program.inputs) for t in texts], program.inputs, program.outputs)
    both = Builder(program.inputs)
    # A Builder gives equal values one place.
    places = [[place[r] for r in one.results] for one in (text.program, program) for place in (both.include(one),)]
    return Source(program, text.exact, frozenset(program.constants)) if places[0] == places[1] else None


def describe_ranges(ranges: Ranges, as_tested: bool = False) -> str:
    """Proved and open in one line; `as_tested` where that takes for granted what is only tested of functions."""
    proved, known = [r for r in ranges.outputs if r.low is not None], "by analysis" if as_tested else "proved"
    parts = [f"{len(proved)} of {len(ranges.outputs)} outputs {known} finite in the domain"]
    if 0 < len(proved) <= _MOST_SHOWN:
        bounds = ", ".join(f"{r.output} in [{r.low:.6g}, {r.high:.6g}]{_within(r)}" for r in proved)
        parts = [f"{known} in the domain: {bounds}"]
    by_verdict = {v: [f for f in ranges.findings if f.verdict == v] for v in ("unsafe", "undecided", "absorbed")}
    if by_verdict["unsafe"]:
        parts.append(f"{len(by_verdict['unsafe'])} unsafe (allowed): {sentence(by_verdict['unsafe'][0])}")
    if by_verdict["undecided"]:
        parts.append(f"{len(by_verdict['undecided'])} undecided: {sentence(by_verdict['undecided'][0])}")
    if by_verdict["absorbed"]:
        parts.append(f"{len(by_verdict['absorbed'])} overflows that change nothing")
    if as_tested:
        parts.append("functions taken to be within one unit in the last place, as tested")
    return "; ".join(parts)


def sentence(finding: Finding) -> str:
    """The finding as people read it."""
    return str(Found(**{name: getattr(finding, name) for name in finding.__struct_fields__}))


def _within(r: Range) -> str:
    return "" if r.error is None else f" within {r.error:.1e} of the text"


def _rounded_up(bound: float) -> float | None:
    """To three digits, which the manifest shows, and never below the bound."""
    return float(f"{bound * 1.01:.2e}") if math.isfinite(bound) else None


def _known(bound: float) -> float | None:
    return bound if math.isfinite(bound) else None
