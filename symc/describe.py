"""What people read: short tables with units."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from msgspec import UnsetType

from symc.backends.guard import rests_on_tests
from symc.bundle import Manifest
from symc.bundle.accuracy import describe_accuracy
from symc.bundle.constants import describe_shortened
from symc.bundle.fixed import describe_fixed
from symc.bundle.manifest import Control, Parity
from symc.bundle.parity import MANY_OUTPUTS, beaten_by, summary
from symc.bundle.ranges import describe_ranges, sentence
from symc.bundle.records import Finding
from symc.bundle.unit import DERIVATIVES, agreement_lines, caution_of, kinds_of
from symc.bundle.units import complaint, describe_units
from symc.ir.layered import Layered
from symc.ir.reading import read
from symc.meaning.dimensions import INCONSISTENT
from symc.tables import labels, shortened, table

# An equation that does not take a tenth off the error of a trivial predictor, unless both are close to the network.
_HARDLY_BETTER = 0.9
_GOOD = 0.99
_MOST_EQUATIONS = 24
# Characters of an equation, which a terminal shows on a few lines.
_LONGEST = 600


def describe(manifest: Manifest, place: str) -> str:
    """The bundle as a reader wants it: equations, parity with the network, where it lies."""
    called = dict(zip(manifest.program.outputs, labels(manifest.program.outputs, manifest.own_names[1]), strict=True))
    parts = [f"{manifest.name}: {', '.join(manifest.targets)} in {place}"]
    if isinstance(manifest.program, Layered):
        parts.append(str(manifest.program).splitlines()[0])
    if manifest.model.kind == "equations" or (manifest.samples is None and manifest.domain):
        # Nobody but the text has said what they are, and in which order.
        parts.append(f"Inputs, in order: {_inputs(manifest)}")
    parts.append(
        table(
            ("output", "nodes", "cost", "equation"),
            [
                (called.get(e.output, e.output), str(e.complexity), str(e.cost), shortened(text, _LONGEST))
                for e, text in list(zip(manifest.equations, manifest.texts, strict=True))[:_MOST_EQUATIONS]
            ],
        )
    )
    left = len(manifest.equations) - _MOST_EQUATIONS
    if left > 0:
        parts.append(f"and {left} more (manifest.json lists them)")
    if cut := [e.output for e, text in zip(manifest.equations, manifest.texts, strict=True) if len(text) > _LONGEST]:
        parts.append(f"Cut off at {_LONGEST} characters: {', '.join(cut[:_MOST_EQUATIONS])} (manifest.json has all)")
    if manifest.dropped:
        first = manifest.dropped[0]
        several = "s were" if len(manifest.dropped) > 1 else " was"
        parts.append(
            f"{len(manifest.dropped)} more equation{several} proposed and left out (manifest.json has all), such as\n"
            f"  {first.output} = {shortened(first.text)}\n  because: {first.reason}"
        )
    if named := named_columns(manifest):
        parts.append(f"Columns: {named}")
    if manifest.units:
        parts.append(f"Units: {describe_units(manifest.units)}")
    if manifest.fixed:
        parts.append(f"Fixed point: {describe_fixed(manifest)}")
    elif manifest.ranges:
        parts.append(f"Ranges: {describe_ranges(manifest.ranges, rests_on_tests(manifest.program))}")
    if manifest.shortened:
        parts.append(f"Constants: {describe_shortened(manifest)}")
    if not isinstance(manifest.accuracy, UnsetType):
        parts.append(f"Accuracy: {describe_accuracy(manifest.accuracy)}")
    if DERIVATIVES in manifest.options:
        parts.append(f"Derivatives: {', '.join(kinds_of(manifest))}")
    parts.append(_parity([p for p in manifest.parity if p.split == "held-out"], called))
    parts += [f"Decides for {line}." for line in agreement_lines(manifest)]
    if manifest.controls:
        parts.append(control_table(manifest.controls))
    return "\n\n".join(parts)


def _inputs(manifest: Manifest) -> str:
    """Their names, each with its range of the domain as --domain takes it."""
    names = manifest.program.inputs
    if manifest.domain is None:
        return ", ".join(names)
    return ", ".join(f"{name}={low:g}:{high:g}" for name, (low, high) in zip(names, manifest.domain, strict=True))


def named_columns(manifest: Manifest) -> str:
    """The columns that have another name of their own, in one line; "" for none."""
    sides = zip((manifest.program.inputs, manifest.program.outputs), manifest.own_names, strict=True)
    pairs = [pair for names, own in sides for pair in zip(names, labels(names, own), strict=True)]
    return ", ".join(label for name, label in pairs if label != name)


def control_table(controls: Sequence[Control]) -> str:
    """What the whole network's metric is with each form in the block's place."""
    counted = ("same class, %",) if any(c.classes for c in controls) else ()
    return table(
        ("in the block's place", "multiply-adds", "metric", "damage", *counted),
        [(c.form, str(c.multiply_adds), _figure(c.metric, 6), _figure(c.damage, 3), *_same(c)) for c in controls],
    )


def _same(control: Control) -> tuple[str, ...]:
    found = control.classes
    return (f"{100.0 * found.agreeing / max(found.rows, 1):.4g}",) if found else ()


def _figure(value: float | None, digits: int) -> str:
    return "not finite" if value is None else f"{value:.{digits}g}"


def _parity(heldout: Sequence[Parity], called: Mapping[str, str]) -> str:
    if not heldout:
        return "No parity: the model came without recorded samples."
    if len(heldout) > MANY_OUTPUTS:
        return summary(heldout)
    return table(
        ("held-out", "RMSE", "% of range", "largest", "R2", "mean RMSE", "zero RMSE", "affine RMSE"),
        [
            (
                called[p.output],
                f"{p.rmse:.3g}",
                f"{100 * p.relative_rmse:.2g}",
                f"{p.max_error:.3g}",
                f"{p.r2:.6f}",
                f"{p.mean:.3g}",
                f"{p.zero:.3g}",
                f"{p.affine:.3g}",
            )
            for p in heldout
        ],
    )


def warnings(manifest: Manifest) -> list[str]:
    """What a user must not overlook: equations hardly better than none, not proved safe, or wrong in their units."""
    if isinstance(manifest.program, Layered):
        # The whole network's metric judged it, beside trivial forms: the control table says how well.
        return []
    found = [caution] if (caution := caution_of(manifest)) else []
    found += [f"not proved: {sentence(f)}." for f in _open(manifest) if f.verdict == "undecided"]
    found += [f"allowed: {sentence(f)}." for f in _open(manifest) if f.verdict == "unsafe"]
    if manifest.units:
        checked = manifest.units.equations
        found += [f"units{' inconsistent' * (c.verdict == INCONSISTENT)}: {complaint(c)}." for c in checked if c.why]
    names = manifest.program.inputs
    constants = {e.output for e in manifest.equations if all(step.op != "name" for step in read(e.text, names))}
    if (head := manifest.head_behind) is not None and head.kind.joint and len(constants) < len(manifest.equations):
        # Its output changes with the other logits.
        constants = set()
    for output in sorted(constants):
        left_out = sum(d.output == output for d in manifest.dropped)
        why = f"; {left_out} equations were left out, see manifest.json" if left_out else ""
        found.append(f"{output} is a constant: nothing in it depends on the inputs{why}.")
    for p in manifest.parity:
        if p.split == "held-out" and (better := beaten_by(p)) is not None:
            figures = f"RMSE {p.rmse:.3g} against {better[1]:.3g}"
            found.append(
                f"{p.output} is worse than the {better[0]} on held-out rows ({figures}), so symc verify fails: choose "
                f"another equation, search longer, or check the inputs."
            )
            continue
        name, best = min((("mean", p.mean), ("zero", p.zero), ("affine map", p.affine)), key=lambda pair: pair[1])
        if p.split == "held-out" and p.output not in constants and p.rmse > _HARDLY_BETTER * best and p.r2 < _GOOD:
            found.append(
                f"{p.output} is hardly better than the {name} on held-out rows (RMSE {p.rmse:.3g} against {best:.3g}): "
                f"search longer, or allow more operators."
            )
    return found


def _open(manifest: Manifest) -> Sequence[Finding]:
    return manifest.ranges.findings if manifest.ranges else ()
