"""build: from a model to a verified bundle on disk, in one function that reads from top to bottom."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from symc.backends import check_name, sources
from symc.backends.registry import BACKENDS
from symc.bundle import Manifest, write_bundle
from symc.bundle import manifest as record
from symc.bundle.meaning import measure_meaning
from symc.bundle.parity import PARITY_FILE, measure
from symc.bundle.unit import unit_of
from symc.bundle.write import check_replaceable, sha256
from symc.errors import SymcError
from symc.insight.limits import PARITY_MEASURES, check_parity, read_limits, write_limits
from symc.ir.program import Program
from symc.report import describe
from symc.sources.given import Given
from symc.sources.registry import resolve


@dataclass(frozen=True)
class Bundle:
    """A bundle on disk: its folder and its manifest; prints as a short table."""

    path: Path
    manifest: Manifest

    def __str__(self) -> str:
        return describe(self.manifest, str(self.path))


def build(
    model: Any,
    *,
    out: str | Path,
    target: str | Sequence[str] = "c",
    name: str | None = None,
    select: str | None = None,
    complexity: int | Sequence[int] | None = None,
    require: Mapping[str, float] | Sequence[str] | str = (),
    **distillation: Any,
) -> Bundle:
    """Compile the equations of `model` and write the bundle OUT/NAME.

    Parameters
    ----------
    model: a distilled SymbolicModule, a fitted SymbolicRegressor, or the path (or paths) of a file that
        symc.sources.registry.resolve recognises: a module or a compressed block saved by symc, a network, a PySR hall
        of fame.
    out: folder for the bundle's folder; created when it does not exist.
    target: "c", "cuda", "numba", or several of them.
    name: prefix of every C symbol, and the folder's name; by default the model's file name.
    select: how to choose from each Pareto front: "best", "accuracy" or "score" as PySR defines them, or
        "cheapest:TOL", the cheapest within TOL of the best held-out error. `complexity` chooses directly. With
        neither: what the module was switched to, else "best".
    require: limits on the errors against the network, as texts ("rmse<=0.01", "y0.largest<=0.1", "r2>=0.99") or as a
        dict; see symc.insight.limits.check_parity. CheckFailed, and no bundle, where the equations do not keep them.
    distillation: what a network needs to be distilled first (`inputs` or `domain`, `layer`, `engine`,
        `evaluations`, `time_budget`, `seed`, `features`, `trust`, `module` ...), and `scale`, a file of scalers around
        any model: see symc.sources.registry.resolve.

    Raises SymcError for bad input, and leaves an earlier bundle as it was whenever it raises.
    """
    targets = check_targets(target)
    name = _checked_name(name, model)
    check_replaceable(Path(out) / name)
    limits = read_limits(require, PARITY_MEASURES)
    chosen = _choice(select, complexity)
    asked = {**chosen, "require": " ".join(write_limits(limits))} if limits else chosen

    origin = resolve(model, **distillation)
    program, equations = origin.choose(select, complexity)
    recording = origin.recording
    meaning = measure_meaning(program, equations, origin.domain, recording)
    if origin.head is not None:
        # What the equations mean was measured before it: the head is the same for all, and tested by itself.
        assert isinstance(program, Program)
        program = origin.head.behind(program)
    parity = measure(program, recording) if recording is not None else ()
    check_parity(parity, limits)

    manifest = Manifest(
        schema=record.SCHEMA_VERSION,
        tool=record.THIS_TOOL,
        name=name,
        model=record.Model(kind=origin.kind, sha256=origin.sha256),
        targets=targets,
        options={**origin.notes, **asked},
        equations=equations,
        program_json=program.to_json(),
        domain=origin.domain,
        samples=origin.samples,
        search=origin.search,
        parity=parity,
        dropped=origin.dropped,
        controls=origin.controls,
        meaning=meaning or msgspec.UNSET,
        head=msgspec.UNSET if origin.head is None else str(origin.head),
        reproduce=_command(origin.arguments, targets, name, chosen, write_limits(limits)),
        files={},
    )
    files = sources(unit_of(manifest), targets)
    if recording is not None:
        files[PARITY_FILE] = recording.to_bytes()
    hashes = {path: sha256(content) for path, content in sorted(files.items())}
    manifest = msgspec.structs.replace(manifest, files=hashes).sealed()
    return Bundle(write_bundle(Path(out), manifest, files), manifest)


def check_targets(target: str | Sequence[str]) -> tuple[str, ...]:
    """The targets in table order, each once; raises SymcError for an unknown one or for none."""
    asked = [target] if isinstance(target, str) else list(target)
    names = {part.strip() for text in asked for part in str(text).split(",") if part.strip()}
    unknown = sorted(names - set(BACKENDS))
    if unknown or not names:
        what = f"unknown target {unknown[0]!r}" if unknown else "no target given"
        raise SymcError(what, hint=f"The targets are: {', '.join(BACKENDS)}.")
    return tuple(t for t in BACKENDS if t in names)


def _checked_name(name: str | None, model: Any) -> str:
    if name is not None:
        return check_name(name)
    try:
        return check_name(Given(model).name)
    except SymcError as error:
        raise SymcError(f"the model's file name gives no name: {error.what}", hint="Pass --name ID.") from None


def _choice(select: str | None, complexity: int | Sequence[int] | None) -> dict[str, str]:
    """What chooses from the fronts, option -> text."""
    chosen = {} if select is None else {"select": select}
    if complexity is not None:
        chosen["complexity"] = str(complexity) if isinstance(complexity, int) else ",".join(map(str, complexity))
    return chosen


def _command(
    arguments: Sequence[str], targets: Sequence[str], name: str, chosen: Mapping[str, str], limits: Sequence[str]
) -> str:
    """The command that builds the same bundle again."""
    words = ["symc build", *arguments, *(f"--target {t}" for t in targets), f"--name {name}"]
    # Complexity overrules a rule.
    words += [f"--{option} {chosen[option]}" for option in ("complexity", "select") if option in chosen][:1]
    words += [f'--require "{text}"' for text in limits]
    return " ".join([*words, "-o OUT"])
