"""The checks of `symc verify`, in order: nothing of a bundle is compiled or run before its files are known good."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from symc.analysis.accuracy import Improved
from symc.analysis.roundoff import Source
from symc.arithmetic import usual
from symc.backends.guard import rests_on_tests
from symc.backends.layers import core
from symc.bundle import MANIFEST_NAME, Manifest, read_manifest
from symc.bundle.accuracy import ACCURATE, describe_accuracy, measure_accuracy, rewritten
from symc.bundle.constants import check_shortened
from symc.bundle.demands import REQUIRE, Demands, Meant, prove, read_demands
from symc.bundle.doubles import in_doubles
from symc.bundle.files import check_plain, refuse_package
from symc.bundle.fixing import check_fixed
from symc.bundle.manifest import SIGNATURE_NAME, THIS_TOOL
from symc.bundle.meaning import describe_meaning, measure_meaning
from symc.bundle.numbers import is_double
from symc.bundle.parity import PARITY_FILE, Recording
from symc.bundle.ranges import ALLOW_POLES, as_written_in, describe_ranges, measure_ranges
from symc.bundle.references import references
from symc.bundle.signature import check_signature
from symc.bundle.units import describe_units, measure_units
from symc.errors import CheckFailed, SymcError
from symc.ir.layered import Layered
from symc.ir.program import Program
from symc.meaning.compile import program_of
from symc.meaning.units import Units
from symc.verify.inputs import test_inputs
from symc.verify.parity import check_parity
from symc.verify.subject import Subject
from symc.verify.targets import checks_of

# The program of the equations alone, compiled again, and how it was rewritten.
Compiled = Callable[[], tuple[Program, Improved | None]]


@dataclass(frozen=True)
class Check:
    """One check: `detail` is a figure when it held, and names what is wrong and where when it did not."""

    name: str
    ok: bool
    detail: str


@dataclass(frozen=True)
class Report:
    """Outcome of every check that ran; a check that fails may leave later ones out."""

    bundle: Path
    manifest: Manifest | None
    checks: tuple[Check, ...]

    @property
    def ok(self) -> bool:
        return all(c.ok for c in self.checks)

    def raise_if_failed(self) -> None:
        """Raise CheckFailed that names the first check that did not hold."""
        for check in self.checks:
            if not check.ok:
                raise CheckFailed(f"{check.name}: {check.detail}", where=str(self.bundle))

    def __str__(self) -> str:
        width = max(len(c.name) for c in self.checks)
        lines = [f"{'ok  ' if c.ok else 'FAIL'}  {c.name:<{width}}  {c.detail}" for c in self.checks]
        return "\n".join(lines)


@usual
def verify(bundle: str | Path, *, rows: int = 20000, allowed_signers: str | Path | None = None) -> Report:
    """Run every check on the bundle in folder `bundle`.

    `rows` is the number of test inputs per target, special values and recorded inputs included. With `allowed_signers`,
    a file of those (ssh-keygen(1)), the bundle must be signed by one of them. A check that does
    not hold is a failed row of the report, not an exception. Raises SymcError when the folder is not a bundle, and
    MissingTool when a compiler that the check needs is not installed.
    """
    folder = Path(bundle)
    refuse_package(folder)
    checks: list[Check] = []
    manifest: Manifest | None = None
    name = "manifest"
    try:
        manifest = read_manifest(folder)
        checks.append(Check(name, True, f"schema {manifest.schema}, sealed"))
        for name, run in _steps(folder, manifest, rows, allowed_signers):
            checks.append(Check(name, True, run()))
    except CheckFailed as error:
        checks.append(Check(name, False, _one_line(error)))
    return Report(folder, manifest, tuple(checks))


def _steps(
    folder: Path, manifest: Manifest, rows: int, allowed_signers: str | Path | None
) -> Iterator[tuple[str, Callable[[], str]]]:
    if allowed_signers is not None:
        yield "signer", lambda: str(check_signature(folder, allowed_signers))
    elif (folder / SIGNATURE_NAME).exists():
        yield "signature", lambda: str(check_signature(folder))
    # Several checks need it, and sympy takes seconds over a long equation.
    compiled = cache(lambda: _compiled(manifest))
    yield "files", lambda: _files(folder, manifest)
    yield "equations", lambda: _equations(manifest, compiled)
    if not isinstance(manifest.program, Layered):
        yield "meaning", lambda: _meaning(folder, manifest, compiled)
    if manifest.domain is not None:
        yield "ranges", lambda: _ranges(manifest, compiled)
    if manifest.shortened:
        yield "constants", lambda: check_shortened(manifest, repeat=manifest.tool == THIS_TOOL)
    if ACCURATE in manifest.options:
        yield "accuracy", lambda: _accuracy(manifest, compiled)
    if manifest.fixed:
        yield "fixed point", lambda: check_fixed(manifest, _texts(manifest), compiled()[0])
    demands, _ = read_demands(manifest.options.get(REQUIRE, "").split())
    if demands:
        yield "demands", lambda: f"proved: {', '.join(_demands(manifest, demands))}"
    if manifest.units:
        yield "units", lambda: _units(manifest)
    yield "sources", lambda: _sources(folder, manifest)
    if manifest.samples is not None:
        yield "parity", lambda: check_parity(folder, manifest)
    subject = Subject(folder, manifest, test_inputs(folder, manifest, rows))
    for target in manifest.targets:
        for label, run in checks_of(target, subject).items():
            yield f"{target}: {label}", run


def _files(folder: Path, manifest: Manifest) -> str:
    check_plain(folder)
    total = 0
    for name, digest in manifest.files.items():
        path = folder / name
        try:
            content = path.read_bytes()
        except OSError as error:
            what = "is missing" if isinstance(error, FileNotFoundError) else f"cannot be read ({error.strerror})"
            raise CheckFailed(what, where=name) from None
        if hashlib.sha256(content).hexdigest() != digest:
            raise CheckFailed("was changed after the build (its sha256 differs)", where=name)
        total += len(content)
    present = {p.relative_to(folder).as_posix() for p in folder.rglob("*") if not p.is_dir()}
    foreign = sorted(present - set(manifest.files) - {MANIFEST_NAME, SIGNATURE_NAME})
    beside = f"; not part of the bundle: {', '.join(foreign[:3])}{' ...' * (len(foreign) > 3)}" if foreign else ""
    return f"{len(manifest.files)} files, {total / 1024:.0f} KiB, every sha256 as recorded{beside}"


def _equations(manifest: Manifest, compiled_again: Compiled) -> str:
    program, head = core(manifest.program), manifest.head_behind
    compiled, _ = compiled_again()
    if (compiled if head is None else head.behind(compiled)) != program:
        raise CheckFailed("the program is not what the equations compile to", where=MANIFEST_NAME)
    behind = "" if head is None else f" with {head} behind them"
    return (
        f"{len(manifest.equations)} compile{behind} to the recorded program ({len(program.instructions)} instructions)"
    )


def _compiled(manifest: Manifest) -> tuple[Program, Improved | None]:
    """The program of the equations alone, compiled again, and how it was rewritten."""
    program = core(manifest.program)
    # The equations between matrices have no domain of their own.
    domain = None if isinstance(manifest.program, Layered) else manifest.domain
    if is_double(manifest.options):
        try:
            again, _ = in_doubles(program, manifest.equations, manifest.options)
        except SymcError as error:
            raise CheckFailed(f"the equations do not compile: {_one_line(error)}", where=MANIFEST_NAME) from None
        return again, None
    try:
        compiled = program_of([e.text for e in manifest.equations], program.inputs, program.outputs, domain)
        better = rewritten(compiled, manifest.equations, domain) if ACCURATE in manifest.options else None
    except SymcError as error:
        raise CheckFailed(f"the equations do not compile: {_one_line(error)}", where=MANIFEST_NAME) from None
    return (compiled if better is None else better.program), better


def _accuracy(manifest: Manifest, compiled_again: Compiled) -> str:
    """Proved again, as the ranges are."""
    _, better = compiled_again()
    found = measure_accuracy(better)
    if manifest.tool == THIS_TOOL and found != manifest.accuracy:
        raise CheckFailed("the gain in accuracy is not what the manifest records", where=MANIFEST_NAME)
    return describe_accuracy(found)


def _meaning(folder: Path, manifest: Manifest, compiled_again: Compiled) -> str:
    recording = None
    if manifest.samples is not None:
        recording = Recording.from_bytes((folder / PARITY_FILE).read_bytes(), manifest.program)
    head = manifest.head_behind
    compiled, better = compiled_again()
    program = manifest.program if head is None else compiled
    found = measure_meaning(
        program, manifest.equations, manifest.domain, recording, manifest.options, rewritten=better is not None
    )
    return describe_meaning(found) + ("" if head is None else f", before {head}")


def _ranges(manifest: Manifest, compiled_again: Compiled) -> str:
    """Proved again: what another version proved may be narrower or wider, but never unsafe."""
    source = _source(manifest, compiled_again)
    found = measure_ranges(manifest.program, manifest.domain, ALLOW_POLES in manifest.options, source)
    assert found is not None
    if manifest.tool == THIS_TOOL and found != manifest.ranges:
        raise CheckFailed("the ranges are not those that the manifest records", where=MANIFEST_NAME)
    return describe_ranges(found, rests_on_tests(manifest.program))


def _texts(manifest: Manifest) -> list[str]:
    return references(manifest.equations, manifest.options, core(manifest.program).inputs)


def _source(manifest: Manifest, compiled_again: Compiled) -> Source | None:
    """What is known of the program's constants, or what it was rewritten from."""
    if isinstance(manifest.program, Layered):
        return None
    compiled, better = compiled_again()
    source = as_written_in(_texts(manifest), compiled) if better is None else better.source
    return source if source is None or manifest.head_behind is None else source.behind(manifest.head_behind)


def _demands(manifest: Manifest, demands: Demands) -> tuple[str, ...]:
    meant = Meant.of(_texts(manifest), manifest.head_behind, manifest.ranges or None)
    return prove(manifest.program, demands, manifest.domain, meant)


def _units(manifest: Manifest) -> str:
    """Checked again; equations that are inconsistent were built with a warning and are no failure here."""
    recorded = manifest.units
    assert recorded
    try:
        given = Units(recorded.inputs, recorded.outputs)
        found = measure_units(given, manifest.program, manifest.equations, manifest.options)
    except SymcError as error:
        raise CheckFailed(_one_line(error), where=MANIFEST_NAME) from None
    if manifest.tool == THIS_TOOL and found != recorded:
        raise CheckFailed("the verdicts on the units are not those that the manifest records", where=MANIFEST_NAME)
    return describe_units(found)


def _sources(folder: Path, manifest: Manifest) -> str:
    """Every generated file is what this symc generates from the program: a wrong constant cannot hide."""
    from symc.backends import sources
    from symc.backends.render import from_texts
    from symc.bundle.unit import unit_of

    if manifest.tool != THIS_TOOL:
        return f"not compared: built by {manifest.tool}, this is {THIS_TOOL}"
    with from_texts():
        generated = sources(unit_of(manifest), manifest.targets)
    for name, content in generated.items():
        if (folder / name).read_bytes() != content:
            raise CheckFailed("is not what the recorded program generates", where=name)
    return f"{len(generated)} files are what the program generates"


def _one_line(error: SymcError) -> str:
    return f"{error.where}: {error.what}" if error.where else error.what
