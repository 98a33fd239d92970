"""What the sources of a bundle are generated from: the same manifest gives the same bytes, in build and in verify."""

from __future__ import annotations

from collections.abc import Sequence

from symc.backends import Unit
from symc.backends.derived import JACOBIAN, read_derivatives
from symc.backends.layers import span
from symc.backends.origins import ORIGINS, OTHER
from symc.backends.spelling import format_of
from symc.bundle.fixed import fixed_unit
from symc.bundle.manifest import Manifest, Parity
from symc.bundle.numbers import lacks_derivatives
from symc.bundle.parity import MANY_OUTPUTS, summary, told
from symc.ir.derive import jacobian
from symc.ir.layered import Layered
from symc.ir.program import Program
from symc.meaning.units import Units

# The build options, as the manifest records them.
OUTSIDE = "outside"
DERIVATIVES = "derivatives"
_INTERRUPTED = "The search for these equations was interrupted before its end: a longer one may find better ones."


def kinds_of(manifest: Manifest) -> tuple[str, ...]:
    """The derivatives that the bundle has as functions; () in fixed point, and where those that nobody asked for are
    not there: of a compressed block, and of gamma in double precision. SymcError for one there is not."""
    if manifest.fixed:
        return ()
    without = isinstance(manifest.program, Layered) or lacks_derivatives(manifest.program)
    default = () if without else JACOBIAN
    return read_derivatives(manifest.options.get(DERIVATIVES, default))


def unit_of(manifest: Manifest) -> Unit:
    """The Unit of a bundle; of `files`, `digest` and the search nothing but an interrupt has a part in it."""
    program, head, kinds = manifest.program, manifest.head_behind, kinds_of(manifest)
    return Unit(
        name=manifest.name,
        program=program,
        jacobian=jacobian(program) if isinstance(program, Program) and JACOBIAN in kinds else None,
        fixed=fixed_unit(manifest),
        further=tuple(kind for kind in kinds if kind != JACOBIAN),
        equations=manifest.texts,
        domain=manifest.domain,
        errors=(*_error_lines([p for p in manifest.parity if p.split == "held-out"]), *agreement_lines(manifest)),
        model_sha256=manifest.model.sha256,
        origin=ORIGINS.get(manifest.model.kind, OTHER),
        tool=str(manifest.tool),
        options=tuple(manifest.options.items()),
        bounds=_bounds(manifest),
        outside=manifest.options.get(OUTSIDE),
        selftest=manifest.selftest if isinstance(manifest.selftest, str) else "short",
        units=Units(manifest.units.inputs, manifest.units.outputs) if manifest.units else None,
        own_names=manifest.own_names,
        caution=caution_of(manifest),
        # It is of rounded results.
        promise="" if head is None or manifest.fixed else head.promise(program.n_out, format_of(program)),
    )


def agreement_lines(manifest: Manifest) -> tuple[str, ...]:
    """How often a classifier's equations decide as the network does, on the rows held out."""
    return tuple(told(a) for a in manifest.agreement or () if a.split == "held-out")


def caution_of(manifest: Manifest) -> str:
    """What a user must know of how the equations were found: one sentence, or ""."""
    return _INTERRUPTED if manifest.search and manifest.search.stopped_by == "interrupted" else ""


def _bounds(manifest: Manifest) -> tuple[tuple[float, float] | None, ...]:
    if not manifest.ranges:
        return ()
    pairs = [(r.low, r.high) for r in manifest.ranges.outputs]
    return tuple(None if low is None or high is None else (low, high) for low, high in pairs)


def _error_lines(heldout: Sequence[Parity]) -> tuple[str, ...]:
    if len(heldout) > MANY_OUTPUTS:
        return (f"{span([p.output for p in heldout])}: {summary(heldout)}",)
    return tuple(_error_line(p) for p in heldout)


def _error_line(p: Parity) -> str:
    return (
        f"{p.output}: held-out RMSE {p.rmse:.3g} ({100 * p.relative_rmse:.2g} % of the recorded range), "
        f"largest error {p.max_error:.3g}, R2 {p.r2:.6g}"
    )
