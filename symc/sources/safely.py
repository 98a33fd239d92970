"""A rule's choice from fronts, without the equations that have a pole, no value, or overflow inside the domain."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from symc.analysis.ranges import unsafe_in
from symc.bundle import manifest as record
from symc.ir.formats import FLOAT32, Format
from symc.ir.program import Program
from symc.meaning.compile import program_of
from symc.search.front import Front, select
from symc.search.member import Member

# Less than the build's own analysis, which follows: here only witnesses count, and they are found early.
_WORK = 400_000


def choose_safely(
    fronts: Sequence[Front],
    rule: str,
    features: Sequence[str],
    domain: Sequence[tuple[float, float]] | None,
    format: Format = FLOAT32,
) -> tuple[tuple[Member, ...], Program, tuple[record.Dropped, ...]]:
    """One member of each front by `rule`, the program of them all, and the members that were passed over.

    A member that is proved to be unsafe somewhere in the domain is passed over while its front has others; where it has
    none, the rule's own choice stays, for the build to refuse. Without a domain nothing is passed over.
    """
    outputs = [front.output for front in fronts]
    left = list(fronts)
    passed: list[record.Dropped] = []
    kept: set[str] = set()
    while True:
        members = select(left, rule=rule, features=features)
        program = program_of([m.equation for m in members], features, outputs, domain, format)
        if domain is None:
            return members, program, ()
        unsafe = {name: finding for finding in unsafe_in(program, domain, _WORK) for name in finding.outputs}
        blamed = [k for k, name in enumerate(outputs) if name in unsafe and name not in kept]
        if not blamed:
            return members, program, tuple(p for p in passed if p.output not in kept)
        for k in blamed:
            name, member = outputs[k], members[k]
            others = tuple(m for m in left[k].members if m is not member)
            if others:
                passed.append(record.Dropped(output=name, text=member.equation, reason=str(unsafe[name])))
                left[k] = replace(left[k], members=others)
            else:
                left[k] = fronts[k]
                kept.add(name)
