"""Constants written shorter: asked for, proved to change no output by more than a limit, recorded and told."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import msgspec
import numpy as np

from symc.analysis.constants import Sensitivity, constants_of, exchange
from symc.analysis.findings import Ranges
from symc.analysis.ranges import analyse
from symc.bundle.accuracy import ACCURATE
from symc.bundle.manifest import Equation, Manifest
from symc.bundle.numbers import is_double
from symc.bundle.ranges import as_written_in
from symc.bundle.records import Shortened
from symc.bundle.references import references
from symc.errors import CheckFailed, SymcError
from symc.ir.layered import Layered
from symc.ir.passes import alone
from symc.ir.program import Program

# The build option, as the manifest records it, and what stands for the limit by default.
SHORTEN = "shorten-constants"
ROUNDING = "rounding"
_MOST_SHOWN = 3
_UP = 1.0 + 1e-9
Domain = Sequence[tuple[float, float]]


def read_tolerance(given: bool | float | str) -> str:
    """How the option is recorded: "rounding", or a share of the output as text; SymcError for anything else."""
    if given is True or given == ROUNDING:
        return ROUNDING
    try:
        share = float(given)
    except ValueError:
        share = math.nan
    if isinstance(given, bool) or not 0.0 < share < 1.0:
        hint = f'Give a share of the output between 0 and 1, as --{SHORTEN}=1e-4, or "{ROUNDING}"; put MODEL before it.'
        raise SymcError(f"{given!r} is no tolerance", where=f"--{SHORTEN}", hint=hint)
    return repr(share)


def shorten(
    program: Program | Layered,
    equations: Sequence[Equation],
    domain: Domain | None,
    options: Mapping[str, str],
    tolerance: str,
) -> tuple[Program, tuple[Equation, ...], tuple[Shortened, ...]]:
    """The program and the equations with shorter constants, and one row per output.

    options: what the equations' texts are written in. tolerance: see read_tolerance. SymcError where there is no
    domain, or no equation of its own.
    """
    if isinstance(program, Layered):
        raise SymcError("constants between matrices are not shortened", hint=f"Leave --{SHORTEN} out.")
    if domain is None:
        what = "constants are shortened for a domain, and there is none"
        raise SymcError(what, hint=f"Give --domain, or leave --{SHORTEN} out.")
    given = references(equations, options, program.inputs)
    limits = _limits(_analysed(given, program, domain), tolerance)
    sensitivity = Sensitivity(given, program.inputs, program.outputs, domain)
    new, bounds = sensitivity.shortened(limits)
    texts = sensitivity.rewritten(new)
    rows = []
    for k, (equation, text) in enumerate(zip(equations, texts, strict=True)):
        limit = limits[k] if math.isfinite(limits[k]) else None
        bound = 0.0 if text == given[k] else _rounded_up(float(bounds[k]))
        rows.append(Shortened(output=equation.output, given=given[k], bound=bound, limit=limit))
    if texts != given:
        kept = [e if t == g else _changed(e, t) for e, t, g in zip(equations, texts, given, strict=True)]
        program = _compiled([e.text for e in kept], program, domain)
        costs = [alone(program, k).cost for k in range(program.n_out)]
        equations = [msgspec.structs.replace(e, cost=c) for e, c in zip(kept, costs, strict=True)]
    return program, tuple(equations), tuple(rows)


def check_shortened(manifest: Manifest, repeat: bool) -> str:
    """Prove the bounds again, and the limits where `repeat`; CheckFailed where one does not hold."""
    program, domain, rows = manifest.program, manifest.domain, manifest.shortened
    if isinstance(program, Layered) or domain is None or not rows or len(rows) != len(manifest.equations):
        raise CheckFailed("the record of the shortened constants is not whole", where="manifest.json")
    given, texts = [r.given for r in rows], references(manifest.equations, manifest.options, program.inputs)
    try:
        sensitivity = Sensitivity(given, program.inputs, program.outputs, domain)
        new = [number for old, text in zip(given, texts, strict=True) for number in exchange(old, text)]
        bounds = sensitivity.bounds(new)
        original = _compiled(given, program, domain) if repeat else None
    except SymcError as error:
        raise CheckFailed(error.what, where="manifest.json") from None
    if original is not None:
        limits = _limits(_analysed(given, original, domain), manifest.options.get(SHORTEN, ROUNDING))
        if [r.limit for r in rows] != [v if math.isfinite(v) else None for v in limits]:
            raise CheckFailed("the limits of the shortened constants are not those recorded", where="manifest.json")
    for row, bound in zip(rows, bounds.tolist(), strict=True):
        if not bound <= row.bound or row.bound > (row.limit or 0.0) * _UP:
            what = f"{row.output} may change by {bound:.3g} through its constants, recorded is {row.bound:.3g}"
            raise CheckFailed(what, where="manifest.json")
    return describe_shortened(manifest)


def describe_shortened(manifest: Manifest) -> str:
    """What was saved and what it costs, in one line."""
    rows = manifest.shortened or ()
    texts = references(manifest.equations, manifest.options, manifest.program.inputs)
    old = [constant.text for constant in constants_of([r.given for r in rows])]
    new = [number for r, text in zip(rows, texts, strict=True) for number in exchange(r.given, text)]
    shorter = [(before, now) for before, now in zip(old, new, strict=True) if before != now]
    if not shorter:
        return "none could be shorter"
    before, after = (sum(len(pair[side]) for pair in shorter) for side in (0, 1))
    changed = [r for r in rows if r.bound]
    shown = [f"{r.output} by {r.bound:.1e} at most (limit {r.limit:.1e})" for r in changed[:_MOST_SHOWN]]
    more = f", and {len(changed) - _MOST_SHOWN} more" if len(changed) > _MOST_SHOWN else ""
    behind = f", before {manifest.head}" if isinstance(manifest.head, str) else ""
    count = f"{len(shorter)} of {len(old)} shortened, {before} characters to {after}"
    return f"{count}; changes {', '.join(shown)}{more}{behind}"


def digits_that_matter(manifest: Manifest) -> list[dict[str, str | int | float]]:
    """Per constant: its output, its text, its digits, how many of them matter, and how sensitive the output is to it.

    A digit matters where leaving it out may change an output by more than the proved bound of its rounding errors, at
    some input of the domain. The sensitivity is the change of the output, as a share of its largest value, over that of
    the constant, as a share of the constant; of small changes and at most, infinite where it is not known. Nothing
    without a domain, for a compressed block, and where the rounding errors are not known.
    """
    program, domain = manifest.program, manifest.domain
    if isinstance(program, Layered) or domain is None or not manifest.ranges:
        return []
    texts = references(manifest.equations, manifest.options, program.inputs)
    before_head = program
    if manifest.head_behind is not None or ACCURATE in manifest.options or is_double(manifest.options):
        before_head = _compiled(texts, program, domain)
    found = _analysed(texts, before_head, domain)
    limits, scale = _limits(found, ROUNDING), _limits(found, repr(1.0))
    sensitivity = Sensitivity(texts, program.inputs, program.outputs, domain)
    rows: list[dict[str, str | int | float]] = []
    for k, (constant, needed) in enumerate(
        zip(sensitivity.constants, sensitivity.needed(np.array(limits)), strict=True)
    ):
        name, size = program.outputs[constant.output], scale[constant.output]
        if not math.isfinite(limits[constant.output]):
            continue
        slope = float(sensitivity.slopes[k, constant.output])
        share = float(f"{slope * float(constant.value) / size:.3g}") if 0.0 < size < math.inf else math.inf
        digits = {"digits": constant.digits, "matter": needed}
        rows.append({"output": name, "constant": constant.text, **digits, "sensitivity": share})
    return rows


def describe_digits(rows: Sequence[Mapping[str, str | int | float]]) -> str:
    """One line a constant."""
    lines = [
        f"  {r['output']}: {r['constant']}, {r['matter']} of {r['digits']} digits matter, "
        f"sensitivity {r['sensitivity']}"
        for r in rows
    ]
    return "\n".join(["Constants:", *lines])


def _compiled(texts: Sequence[str], program: Program, domain: Domain) -> Program:
    """Texts over the inputs and outputs of `program`."""
    # It brings sympy, which takes longer to import than a bundle to be described.
    from symc.meaning.compile import program_of

    return program_of(texts, program.inputs, program.outputs, domain)


def _analysed(texts: Sequence[str], program: Program, domain: Domain) -> Ranges:
    return analyse(program, domain, source=as_written_in(texts, program))


def _limits(ranges: Ranges, tolerance: str) -> list[float]:
    """Per output, how much it may change; infinite where that is not known."""
    if tolerance == ROUNDING:
        return list(ranges.errors.values())
    return [float(tolerance) * max(abs(low), abs(high)) for low, high in ranges.outputs.values()]


def _changed(equation: Equation, text: str) -> Equation:
    """Errors against the network were those of the longer constants."""
    unset = msgspec.UNSET
    return msgspec.structs.replace(equation, text=text, loss=None, heldout=None, written=unset, source=unset)


def _rounded_up(bound: float) -> float:
    return float(f"{bound * 1.01:.2e}")
