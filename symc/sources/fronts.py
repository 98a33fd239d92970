"""Pareto fronts on their way into a bundle: one equation of each is chosen and all are lowered to one program."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from msgspec import UNSET, UnsetType

from symc.bundle import manifest as record
from symc.bundle.parity import Recording
from symc.ir.formats import FLOAT32, Format
from symc.ir.heads import Head
from symc.ir.layered import Layered
from symc.search.front import Front, select
from symc.search.member import Member
from symc.sources.protocol import Choice
from symc.sources.samples import domain_of, names_of, recording_of, samples_of

if TYPE_CHECKING:
    from symc.module.saved import Distilled


@dataclass(frozen=True)
class FrontsOrigin:
    """The Origin of equations that stand on fronts; `chosen` holds the complexities that the model itself names.

    format: that in which the fronts' constants and the domain are as they were written.
    """

    kind: str
    sha256: str
    features: tuple[str, ...]
    fronts: tuple[Front, ...]
    domain: tuple[tuple[float, float], ...] | None
    recording: Recording | None
    samples: record.Samples | None
    search: record.Search | None
    chosen: tuple[int, ...] | None
    arguments: tuple[str, ...]
    notes: Mapping[str, str] = field(default_factory=dict)
    head: Head | None = None
    names: record.Names | UnsetType = UNSET
    format: Format = FLOAT32

    @classmethod
    def of(cls, distilled: Distilled, kind: str, arguments: Sequence[str], sha256: str | None = None) -> FrontsOrigin:
        """From what was distilled; `sha256` is that of the model's file where the model is not `distilled` itself."""
        from symc.module.saved import SAMPLES

        data, history = distilled.dataset, distilled.provenance
        return cls(
            # A regressor's file is one of a distilled module.
            kind="regressor" if history.source == SAMPLES else kind,
            sha256=sha256 or distilled.sha256,
            features=data.features,
            fronts=tuple(front.over_inputs(data.variables) for front in distilled.fronts),
            domain=domain_of(data),
            recording=recording_of(data),
            samples=samples_of(data),
            search=record.Search(
                engine=history.engine,
                engine_version=history.engine_version,
                evaluations=history.evaluations,
                seed=history.seed,
                stopped_by=history.stopped_by,
            ),
            chosen=distilled.chosen,
            arguments=tuple(arguments),
            notes={} if distilled.head is None else {"head": str(distilled.head)},
            head=distilled.head,
            names=names_of(data),
        )

    @property
    def controls(self) -> UnsetType:
        return UNSET

    @property
    def agreement(self) -> tuple[record.Agreement, ...]:
        # Counted on the recording, with the head behind what is chosen.
        return ()

    @property
    def dropped(self) -> tuple[record.Dropped, ...]:
        return tuple(
            record.Dropped(output=front.output, text=text, reason=reason)
            for front in self.fronts
            for text, reason in front.dropped
        )

    def choose(self, rule: str | None, complexity: int | Sequence[int] | None) -> Choice:
        """One equation per output, chosen jointly; without a rule or a complexity `chosen`, else PySR's "best".

        A rule passes over what is unsafe in the domain; what is named stays, for the build to refuse.
        """
        if rule is None and complexity is None:
            complexity = self.chosen
        outputs = [front.output for front in self.fronts]
        # Compiling brings sympy; that a front is looked at does not.
        if complexity is None:
            from symc.sources.safely import choose_safely

            members, program, passed = choose_safely(
                self.fronts, rule or "best", self.features, self.domain, self.format
            )
        else:
            from symc.meaning.compile import program_of

            members, passed = select(self.fronts, complexity=complexity, features=self.features), ()
            program = program_of([m.equation for m in members], self.features, outputs, self.domain, self.format)
        equations = tuple(_equation(name, m) for name, m in zip(outputs, members, strict=True))
        return Choice(program, equations, passed, tuple(_members(self.fronts)))


def fronts_in(manifest: record.Manifest) -> tuple[Front, ...]:
    """What a bundle's equations were chosen from, one front per output; the equations alone where that was nothing."""
    program = manifest.program
    names = program.equations.inputs if isinstance(program, Layered) else program.inputs
    members = list(manifest.fronts or ()) or [
        record.Member(output=e.output, complexity=e.complexity, loss=e.loss, heldout=e.heldout, text=e.text)
        for e in manifest.equations
    ]
    return tuple(
        Front(e.output, tuple(_recorded(m, names) for m in members if m.output == e.output)) for e in manifest.equations
    )


def _recorded(member: record.Member, names: Sequence[str]) -> Member:
    from symc.meaning.compile import program_of

    cost = program_of([member.text], names, [member.output]).cost
    loss = math.nan if member.loss is None else member.loss
    return Member(member.text, member.complexity, loss, member.heldout, cost)


def _equation(output: str, member: Member) -> record.Equation:
    return record.Equation(
        output=output,
        text=member.equation,
        complexity=member.complexity,
        cost=member.cost,
        loss=_known(member.loss),
        heldout=_known(member.heldout),
        written=UNSET if member.source else member.written or UNSET,
        source=member.source or UNSET,
    )


def _members(fronts: Sequence[Front]) -> Iterator[record.Member]:
    """What there was to choose from; nothing where no front has a second member."""
    if all(len(front.members) == 1 for front in fronts):
        return
    for front in fronts:
        for m in front.members:
            loss, heldout = _known(m.loss), _known(m.heldout)
            yield record.Member(
                output=front.output, complexity=m.complexity, loss=loss, heldout=heldout, text=m.equation
            )


def _known(value: float | None) -> float | None:
    return None if value is None or not math.isfinite(value) else float(f"{value:.6g}")
