"""A table of equations that PySR wrote: hall_of_fame.csv, one file for each output, or the folder of a run."""

from __future__ import annotations

from typing import Any, ClassVar

from symc.sources.fronts import FrontsOrigin
from symc.sources.given import Given
from symc.sources.hall_of_fame import HallOfFame, read_hall_of_fame
from symc.sources.measured import MEASURED, measured_in
from symc.sources.options import on_the_command_line
from symc.sources.protocol import Options, Source
from symc.sources.pysr_csv import is_hall_of_fame
from symc.sources.samples import domain_of, recording_of, samples_of


class TableSource(Source[HallOfFame]):
    accepts: ClassVar[str] = "PySR's hall_of_fame.csv or its folder (several files for several outputs)"
    holds: ClassVar[str] = "PySR's equations"
    uses: ClassVar[frozenset[str]] = frozenset({"domain", "features", *MEASURED})

    def recognises(self, given: Given) -> bool:
        # PySR writes its backup last: a run that was killed may leave the file itself empty.
        return bool(given.paths) and all(
            is_hall_of_fame(path) or is_hall_of_fame(path.with_name(path.name + ".bak")) for path in given.paths
        )

    def open(self, given: Given, options: Options) -> HallOfFame:
        return read_hall_of_fame(given.paths, options.get("features"))

    def origin(self, held: HallOfFame, given: Given, options: Options) -> FrontsOrigin:
        from symc.capture.sampling import parse_domain

        data = measured_in(options, held.features, [front.output for front in held.fronts])
        domain = None if data is None else domain_of(data)
        if "domain" in options:
            box = parse_domain(options["domain"], len(held.features))
            domain = tuple((float(low), float(high)) for low, high in box)
        named = {
            name: options[name]
            for name in sorted(self.uses & set(options))
            if name != "domain" or isinstance(options[name], str)
        }
        return FrontsOrigin(
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
            notes={"source": "; ".join(held.notes)} if held.notes else {},
        )

    def describe(self, held: HallOfFame) -> tuple[str, dict[str, Any]]:
        fronts = [front.to_json() for front in held.fronts]
        return str(held), {"kind": "hall_of_fame", "features": list(held.features), "fronts": fronts}
