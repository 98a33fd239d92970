"""build: from a model to a verified bundle on disk, in one function that reads from top to bottom."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from symc import __version__
from symc.backends import BACKENDS, Unit, check_name, self_test_vectors, sources
from symc.backends.layers import span
from symc.bundle import Manifest, write_bundle
from symc.bundle import manifest as record
from symc.bundle.write import check_replaceable, sha256
from symc.errors import SymcError
from symc.evaluation.limits import PARITY_MEASURES, Limits, check_parity, read_limits, write_limits
from symc.ir.derive import jacobian
from symc.ir.layered import Layered
from symc.ir.program import Program
from symc.verify.parity import MANY_OUTPUTS, PARITY_FILE, measure, summary

if TYPE_CHECKING:
    from symc.block import Block
    from symc.origin import Origin

TOOL = f"symc {__version__}"


@dataclass(frozen=True)
class Bundle:
    """A bundle on disk: its folder and its manifest; prints as a short table."""

    path: Path
    manifest: Manifest

    def __str__(self) -> str:
        from symc.report import describe

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
    model: a distilled SymbolicModule, or the path (or paths) of a file that symc.origin.resolve recognises: a
        module or a compressed block saved by symc, a network, a PySR hall of fame.
    out: folder for the bundle's folder; created when it does not exist.
    target: "c", "cuda", "numba", or several of them.
    name: prefix of every C symbol, and the folder's name; by default the model's file name.
    select: how to choose from each Pareto front: "best", "accuracy" or "score" as PySR defines them, or
        "cheapest:TOL", the cheapest within TOL of the best held-out error. `complexity` chooses directly. With
        neither: what the module was switched to, else "best".
    require: limits on the errors against the network, as texts ("rmse<=0.01", "y0.largest<=0.1", "r2>=0.99") or as a
        dict; see symc.evaluation.limits.check_parity. CheckFailed, and no bundle, where the equations do not keep them.
    distillation: what a network needs to be distilled first (`inputs` or `domain`, `layer`, `engine`,
        `evaluations`, `time_budget`, `seed`, `features`, `trust`, `module` ...): see symc.origin.resolve.

    Raises SymcError for bad input, and leaves an earlier bundle as it was whenever it raises.
    """
    from symc.origin import default_name, resolve

    targets = check_targets(target)
    if name is None:
        name = default_name(model)
        try:
            check_name(name)
        except SymcError as error:
            raise SymcError(f"the model's file name gives no name: {error.what}", hint="Pass --name ID.") from None
    check_name(name)
    check_replaceable(Path(out) / name)
    limits = read_limits(require, PARITY_MEASURES)
    origin = resolve(model, **distillation)
    options = {} if select is None else {"select": select}
    if complexity is not None:
        options["complexity"] = _listed(complexity)
    if limits:
        options["require"] = " ".join(write_limits(limits))
    return _write(origin, Path(out), name, targets, options, select, complexity, limits)


def check_targets(target: str | Sequence[str]) -> tuple[str, ...]:
    """The targets in table order, each once; raises SymcError for an unknown one or for none."""
    asked = [target] if isinstance(target, str) else list(target)
    names = {part.strip() for text in asked for part in str(text).split(",") if part.strip()}
    unknown = sorted(names - set(BACKENDS))
    if unknown or not names:
        what = f"unknown target {unknown[0]!r}" if unknown else "no target given"
        raise SymcError(what, hint=f"The targets are: {', '.join(BACKENDS)}.")
    return tuple(t for t in BACKENDS if t in names)


def _write(
    origin: Origin | Block,
    out: Path,
    name: str,
    targets: tuple[str, ...],
    options: dict[str, str],
    select: str | None,
    complexity: int | Sequence[int] | None,
    limits: Limits,
) -> Bundle:
    program, equations = origin.choose(select, complexity)
    options = {**origin.notes, **options}
    recording = origin.recording
    parity = measure(program, recording) if recording is not None else ()
    check_parity(parity, limits)
    unit = make_unit(name, program, equations, origin.domain, parity, origin.sha256, tuple(options.items()))
    files = sources(unit, targets)
    if recording is not None:
        files[PARITY_FILE] = recording.to_bytes()
    manifest = Manifest(
        schema=record.SCHEMA_VERSION,
        tool=record.Tool(name="symc", version=__version__),
        name=name,
        model=record.Model(kind=origin.kind, sha256=origin.sha256),
        targets=targets,
        options=options,
        equations=equations,
        program_json=program.to_json(),
        domain=origin.domain,
        samples=origin.samples,
        search=origin.search,
        parity=parity,
        dropped=origin.dropped,
        controls=origin.controls,
        reproduce=_command(origin, name, targets, select, complexity, limits),
        files={path: sha256(content) for path, content in sorted(files.items())},
    ).sealed()
    return Bundle(write_bundle(out, manifest, files), manifest)


def make_unit(
    name: str,
    program: Program | Layered,
    equations: Sequence[record.Equation],
    domain: tuple[tuple[float, float], ...] | None,
    parity: Sequence[record.Parity],
    model_sha256: str,
    options: tuple[tuple[str, str], ...],
    tool: str = TOOL,
) -> Unit:
    """What the templates need; the same arguments give the same sources, so that verify can write them again."""
    return Unit(
        name=name,
        program=program,
        jacobian=None if isinstance(program, Layered) else jacobian(program),
        equations=tuple(e.text for e in equations),
        domain=domain,
        errors=_error_lines([p for p in parity if p.split == "held-out"]),
        model_sha256=model_sha256,
        tool=tool,
        options=options,
        vectors=self_test_vectors(program, domain),
    )


def _error_lines(heldout: Sequence[record.Parity]) -> tuple[str, ...]:
    if len(heldout) > MANY_OUTPUTS:
        return (f"{span([p.output for p in heldout])}: {summary(heldout)}",)
    return tuple(_error_line(p) for p in heldout)


def _error_line(p: record.Parity) -> str:
    return (
        f"{p.output}: held-out RMSE {p.rmse:.3g} ({100 * p.relative_rmse:.2g} % of the network's range), "
        f"largest error {p.max_error:.3g}, R2 {p.r2:.6g}"
    )


def _listed(complexity: int | Sequence[int]) -> str:
    return str(complexity) if isinstance(complexity, int) else ",".join(map(str, complexity))


def _command(
    origin: Origin | Block,
    name: str,
    targets: tuple[str, ...],
    select: str | None,
    complexity: int | Sequence[int] | None,
    limits: Limits,
) -> str:
    words = ["symc build", *origin.arguments, *(f"--target {t}" for t in targets), f"--name {name}"]
    if complexity is not None:
        words.append(f"--complexity {_listed(complexity)}")
    elif select is not None:
        words.append(f"--select {select}")
    words += [f'--require "{text}"' for text in write_limits(limits)]
    return " ".join([*words, "-o OUT"])
