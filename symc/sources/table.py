"""A table of equations that PySR wrote: hall_of_fame.csv, one file for each output, or the folder of a run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from msgspec import UNSET, UnsetType

from symc.bundle import manifest as record
from symc.errors import SymcError
from symc.ir.reading import read
from symc.ir.wording import Wording
from symc.sources.fronts import FrontsOrigin
from symc.sources.given import Given
from symc.sources.hall_of_fame import HallOfFame, Left, read_hall_of_fame
from symc.sources.measured import MEASURED, measured_in
from symc.sources.options import on_the_command_line
from symc.sources.protocol import Choice, Options, Source
from symc.sources.pysr_csv import is_hall_of_fame
from symc.sources.samples import domain_of, recording_of, samples_of


@dataclass(frozen=True)
class TableOrigin(FrontsOrigin):
    """The Origin of a table; `left` is what its rows hold beside each front's members."""

    left: tuple[Left, ...] = ()

    def choose(self, rule: str | None, complexity: int | Sequence[int] | None) -> Choice:
        """As FrontsOrigin; a row that is named is looked up before the others are judged.

        SymcError with the reason for a row that was dropped. CheckFailed where a rule would pick from what is left
        beside operators that are not known: where more rows use them than can be used and are no constants, or where
        the pick would be a constant.
        """
        if complexity is not None:
            wanted = [complexity] * len(self.fronts) if isinstance(complexity, int) else list(complexity)
            for front, left, size in zip(self.fronts, self.left, wanted, strict=False):
                if size in left.reasons:
                    what = f"the equation of complexity {size} of output {front.output!r} cannot be used"
                    raise SymcError(what, hint=f"{left.reasons[size]}.")
            return super().choose(rule, complexity)
        for front, left in zip(self.fronts, self.left, strict=True):
            varying = sum(self._varies(m.equation) for m in front.members)
            if sum(left.unknown.values()) > varying:
                raise left.refusal(front.output, f"only {varying} of the others are more than constants")
        choice = super().choose(rule, complexity)
        for equation, left in zip(choice.equations, self.left, strict=True):
            if left.unknown and not self._varies(equation.text):
                raise left.refusal(equation.output, f"what is left of them is the constant {equation.text}")
        return choice

    def _varies(self, equation: str) -> bool:
        return any(step.op == "name" for step in read(equation, self.features))


class TableSource(Source[HallOfFame]):
    accepts: ClassVar[str] = "PySR's hall_of_fame.csv or its folder (several files for several outputs)"
    holds: ClassVar[str] = "PySR's equations"
    uses: ClassVar[frozenset[str]] = frozenset({"domain", "features", "define", "combine", *MEASURED})

    def recognises(self, given: Given) -> bool:
        # PySR writes its backup last: a run that was killed may leave the file itself empty.
        return bool(given.paths) and all(
            is_hall_of_fame(path) or is_hall_of_fame(path.with_name(path.name + ".bak")) for path in given.paths
        )

    def open(self, given: Given, options: Options) -> HallOfFame:
        return read_hall_of_fame(given.paths, options.get("features"), _wording(options), given.format)

    def origin(self, held: HallOfFame, given: Given, options: Options) -> FrontsOrigin:
        from symc.capture.sampling import box_of

        data = measured_in(options, held.own_names or held.features, [front.output for front in held.fronts])
        domain = None if data is None else domain_of(data)
        if "domain" in options:
            box = box_of(options["domain"], held.features, given.format)
            domain = tuple((float(low), float(high)) for low, high in box)
        named = {
            name: options[name]
            for name in sorted(self.uses & set(options))
            if name in ("features", "combine", *MEASURED) or (name == "domain" and isinstance(options[name], str))
        }
        if held.wording.definitions.texts:
            named["define"] = held.wording.definitions.texts
        return TableOrigin(
            kind="hall_of_fame",
            sha256=held.sha256,
            features=held.features,
            fronts=held.fronts,
            domain=domain,
            recording=None if data is None else recording_of(data),
            samples=None if data is None else samples_of(data),
            search=None,
            chosen=None,
            arguments=(given.label, *on_the_command_line(named)),
            notes=({"source": "; ".join(held.notes)} if held.notes else {}) | held.wording.options,
            names=_names(held),
            left=held.left,
            format=given.format,
        )

    def describe(self, held: HallOfFame) -> tuple[str, dict[str, Any]]:
        fronts = [front.to_json() for front in held.fronts]
        data = {"kind": "hall_of_fame", "features": list(held.features), "fronts": fronts}
        return str(held), data | ({"names": list(held.own_names)} if held.own_names else {})


def _wording(options: Options) -> Wording:
    return Wording.of(options.get("define", ()), options.get("combine"))


def _names(held: HallOfFame) -> record.Names | UnsetType:
    outputs = tuple(front.output for front in held.fronts)
    return record.Names(inputs=held.own_names, outputs=outputs) if held.own_names else UNSET
