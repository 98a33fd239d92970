"""assemble: what was chosen of a model becomes the manifest and files of a bundle, measured and proved on the way."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from symc.backends import sources
from symc.backends.derived import check_derivatives
from symc.backends.guard import check_policy
from symc.bundle import Manifest, doubles
from symc.bundle import manifest as record
from symc.bundle.accuracy import ACCURATE, measure_accuracy, rewritten
from symc.bundle.constants import SHORTEN, shorten
from symc.bundle.demands import Meant, prove
from symc.bundle.doubles import in_doubles
from symc.bundle.folder import sha256
from symc.bundle.meaning import measure_meaning
from symc.bundle.numbers import NUMBERS, is_double
from symc.bundle.order import Order
from symc.bundle.parity import PARITY_FILE, measure, measure_agreement
from symc.bundle.ranges import ALLOW_POLES, as_written_in, measure_ranges
from symc.bundle.records import Shortened
from symc.bundle.references import references
from symc.bundle.unit import OUTSIDE, unit_of
from symc.bundle.units import measure_units
from symc.insight.limits import check_parity
from symc.ir.program import Program
from symc.sources.protocol import Origin


def assemble(
    origin: Origin, rule: str | None, complexity: int | Sequence[int] | None, order: Order
) -> tuple[Manifest, dict[str, bytes]]:
    """The manifest and the files of the bundle, of what is chosen; CheckFailed where a check does not hold."""
    targets, asked, selftest = order.targets, order.asked, order.selftest
    program, equations, passed_over, fronts = origin.choose(rule, complexity)
    shortened: tuple[Shortened, ...] = ()
    if SHORTEN in asked:
        program, equations, shortened = shorten(program, equations, origin.domain, origin.notes, asked[SHORTEN])
    recording = origin.recording
    check_derivatives(order.derivatives, program)
    accurate, allow_poles = ACCURATE in asked, ALLOW_POLES in asked
    check_policy(asked.get(OUTSIDE), program, origin.domain, targets)
    of_columns = None if order.units is None else measure_units(order.units, program, equations, origin.notes)
    better = rewritten(program, equations, origin.domain) if accurate else None
    texts = references(equations, origin.notes, program.inputs) if isinstance(program, Program) else []
    source = None
    if is_double(asked):
        program, equations = in_doubles(program, equations, origin.notes)
        doubles.check_derivatives(order.derivatives, program)
    elif better is None:
        source = as_written_in(texts, program)
    else:
        program, source = better.program, better.source
    meaning = measure_meaning(
        program, equations, origin.domain, recording, origin.notes, rewritten=better is not None
    )
    of_texts = program
    if origin.head is not None:
        # What the equations mean was measured before it: the head is the same for all, and tested by itself.
        assert isinstance(program, Program)
        program = origin.head.behind(program)
        source = None if source is None else source.behind(origin.head)
    ranges = measure_ranges(program, origin.domain, allow_poles, source)
    if order.demands:
        prove(program, order.demands, origin.domain, Meant.of(texts, origin.head, ranges))
    in_fixed, run = None, None
    if NUMBERS in asked and not is_double(asked):
        from symc.bundle.fixing import planned

        in_fixed, run = planned(of_texts, texts, origin.domain, asked[NUMBERS], origin.head)
    parity = measure(program, recording, run) if recording is not None else ()
    check_parity(parity, order.limits)
    head = "" if origin.head is None else origin.head.name
    agreement = origin.agreement or (() if recording is None else measure_agreement(program, recording, head))

    manifest = Manifest(
        schema=record.SCHEMA_VERSION,
        tool=record.THIS_TOOL,
        name=order.name,
        model=record.Model(kind=origin.kind, sha256=origin.sha256),
        targets=targets,
        options={**origin.notes, **asked},
        equations=equations,
        program_json=program.to_json(),
        domain=origin.domain,
        samples=origin.samples,
        search=origin.search,
        parity=parity,
        dropped=(*origin.dropped, *passed_over),
        controls=origin.controls,
        meaning=meaning or msgspec.UNSET,
        ranges=ranges or msgspec.UNSET,
        selftest=selftest if "c" in targets else msgspec.UNSET,
        fronts=fronts or msgspec.UNSET,
        accuracy=measure_accuracy(better) if accurate else msgspec.UNSET,
        shortened=shortened or msgspec.UNSET,
        units=of_columns or msgspec.UNSET,
        fixed=in_fixed or msgspec.UNSET,
        names=origin.names,
        agreement=agreement or msgspec.UNSET,
        head=msgspec.UNSET if origin.head is None else str(origin.head),
        reproduce=order.command(origin.arguments),
        files={},
    )
    files = sources(unit_of(manifest), targets)
    if recording is not None:
        files[PARITY_FILE] = recording.to_bytes()
    hashes = {path: sha256(content) for path, content in sorted(files.items())}
    return msgspec.structs.replace(manifest, files=hashes).sealed(), files
