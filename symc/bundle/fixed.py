"""Code in fixed point: asked for, planned, measured against its text, recorded, proved again and told."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from decimal import ROUND_CEILING, ROUND_FLOOR, Context, Decimal

import numpy as np
from numpy.typing import NDArray

from symc.analysis.roundoff import Source
from symc.backends.unit import FixedOutput as Shown
from symc.backends.unit import FixedUnit
from symc.bundle.manifest import Manifest
from symc.bundle.parity import Code
from symc.bundle.records import Fixed, FixedOutput
from symc.errors import CheckFailed, SymcError
from symc.fixed.evaluate import evaluate, quantized, real
from symc.fixed.expand import exact_constants, expanded
from symc.fixed.plan import FIXED, FLOAT, Proved, plan, prove, read_numbers
from symc.fixed.program import HIGHEST, LARGEST, LOWEST, FixedProgram
from symc.ir.layered import Layered
from symc.ir.program import Program
from symc.ir.reading import read
from symc.ir.reference import real_values
from symc.meaning.points import inside

# The build option, as the manifest records it.
NUMBERS = "numbers"
_WHERE = f"--{NUMBERS}"
_POINTS, _BITS = 256, 31
_MOST_SHOWN = 3


def check_numbers(numbers: str | None, targets: Sequence[str], others: Mapping[str, object]) -> str | None:
    """The option as it is recorded, None for float32; SymcError where it does not go with another.

    others: what float32 code alone has, option -> whether it was asked for.
    """
    if numbers is None or numbers == FLOAT:
        return None
    read_numbers(numbers)
    if (wrong := [target for target in targets if target != "c"]) or not targets:
        what = f"there is no fixed-point code for {' and '.join(wrong)}"
        raise SymcError(what, where="--target", hint=f"Build {wrong[0]} into a bundle of its own, without {_WHERE}.")
    for option, asked in others.items():
        if asked:
            raise SymcError(
                f"--{option} is of float32 code", where=_WHERE, hint=f"Leave --{option} out, or use {_WHERE} {FLOAT}."
            )
    return numbers


def planned(
    program: Program | Layered,
    texts: Sequence[str],
    domain: Sequence[tuple[float, float]] | None,
    source: Source | None,
    numbers: str,
    head: bool,
) -> tuple[Fixed, Code]:
    """`program` in fixed point, proved in the domain and measured against its texts, and what that code gives.

    SymcError where it has no such form.
    """
    if isinstance(program, Layered) or head:
        what = "a compressed block" if isinstance(program, Layered) else "a head such as softmax"
        raise SymcError(f"{what} has no fixed-point form", where=_WHERE, hint=f"Use {_WHERE} {FLOAT}.")
    if domain is None:
        what = "formats are chosen for a domain, and there is none"
        raise SymcError(what, where=_WHERE, hint="Give --domain as well.")
    fixed, proved = plan(program, domain, _exact(source), read_numbers(numbers))
    return _measured(fixed, proved, texts, domain), _code(fixed)


def check_fixed(manifest: Manifest, texts: Sequence[str], source: Source | None) -> str:
    """Prove the bounds again, with the formats as they are recorded; CheckFailed where one is not what is."""
    recorded, fixed, domain = manifest.fixed, fixed_of(manifest), manifest.domain
    assert recorded and fixed is not None and domain is not None
    try:
        assert isinstance(manifest.program, Program)
        proved = prove(fixed, domain, exact_constants(manifest.program, _exact(source)))
    except SymcError as error:
        raise CheckFailed(error.what, where="manifest.json") from None
    found = _measured(fixed, proved, texts, domain)
    for now, then in zip(found.outputs, recorded.outputs, strict=True):
        if now.error > then.error * (1.0 + 1e-6) or now.measured > then.error:
            what = f"{now.output} may be {now.error:.3g} from the text, recorded is {then.error:.3g}"
            raise CheckFailed(what, where="manifest.json")
    return describe_fixed(manifest)


def fixed_of(manifest: Manifest) -> FixedProgram | None:
    """The recorded program in fixed point; None for float32. CheckFailed where the record is not whole."""
    recorded, program = manifest.fixed, manifest.program
    if not recorded:
        return None
    if isinstance(program, Layered):
        raise CheckFailed("a compressed block has no fixed-point form", where="manifest.json")
    wide = expanded(program)
    sizes = (*map(len, (recorded.formats, recorded.spare, recorded.bounds, recorded.outputs)),)
    if sizes != (len(wide.instructions), len(wide.instructions), wide.n_in, wide.n_out):
        raise CheckFailed("the record of the fixed-point formats is not whole", where="manifest.json")
    within = all(LOWEST <= point <= HIGHEST for point in recorded.formats)
    within &= all(0 <= spare <= _BITS for spare in recorded.spare)
    within &= all(-LARGEST <= low <= high <= LARGEST for low, high in recorded.bounds)
    if not within:
        raise CheckFailed("the record of the fixed-point formats has impossible numbers", where="manifest.json")
    return FixedProgram(wide, recorded.formats, recorded.spare, recorded.bounds)


def fixed_unit(manifest: Manifest) -> FixedUnit | None:
    """What the sources are made from; None for float32."""
    program, recorded = fixed_of(manifest), manifest.fixed
    if program is None or not recorded:
        return None
    outputs = tuple(Shown(o.low, o.high, o.error, o.measured) for o in recorded.outputs)
    return FixedUnit(manifest.options.get(NUMBERS, FIXED), program, outputs, recorded.points)


def code_of(manifest: Manifest) -> Code | None:
    """What the bundle's code gives for inputs (n, n_in), as numbers; None where it is in float32."""
    fixed = fixed_of(manifest)
    return None if fixed is None else _code(fixed)


def _code(fixed: FixedProgram) -> Code:
    """Inputs (n, n_in), rounded to their formats -> (n, n_out) the numbers that the results stand for."""
    return lambda x: real(fixed, evaluate(fixed, quantized(fixed, x)))


def describe_fixed(manifest: Manifest) -> str:
    """Formats and distances in one line."""
    recorded, fixed = manifest.fixed, fixed_of(manifest)
    assert recorded and fixed is not None
    shown = [
        f"{o.output} within {o.error:.2e} of the text (measured {o.measured:.1e}), unit 2^{-point}"
        for o, point in list(zip(recorded.outputs, fixed.outputs, strict=True))[:_MOST_SHOWN]
    ]
    left = len(recorded.outputs) - _MOST_SHOWN
    more = f", and {left} more" if left > 0 else ""
    return f"every value is proved to fit into 32 bits: {', '.join(shown)}{more}"


def _exact(source: Source | None) -> Collection[float]:
    return () if source is None else source.exact


def _measured(
    fixed: FixedProgram, proved: Proved, texts: Sequence[str], domain: Sequence[tuple[float, float]]
) -> Fixed:
    program = fixed.program
    x = inside(domain, program.n_in, _POINTS)
    y = _code(fixed)(x)
    rows = []
    for k, name in enumerate(program.outputs):
        exact = real_values(read(texts[k], program.inputs), program.inputs, x)
        distance = _distance(y[:, k], exact)
        worst, error = int(distance.argmax()), float(f"{proved.errors[k] * 1.01:.2e}")
        if distance[worst] > error:
            place = dict(zip(program.inputs, x[worst].tolist(), strict=True))
            what = f"{name} at {place} is {distance[worst]:.3g} from the text, proved is {error:.3g}"
            raise CheckFailed(what, where=_WHERE)
        measured = float(f"{distance[worst]:.3g}")
        at = tuple(x[worst].tolist())
        rows.append(
            FixedOutput(
                output=name,
                low=_outward(proved.low[k], -1),
                high=_outward(proved.high[k], 1),
                error=error,
                measured=measured,
                at=at,
            )
        )
    return Fixed(
        formats=fixed.formats, spare=fixed.spare, bounds=fixed.bounds, points=len(x), outputs=tuple(rows)
    )


def _outward(bound: float, way: int) -> float:
    """Six digits, at or beyond the bound: below it for -1, above for 1."""
    rounded = Decimal(bound).normalize(Context(prec=6, rounding=ROUND_FLOOR if way < 0 else ROUND_CEILING))
    return float(rounded)


def _distance(code: NDArray[np.floating], exact: NDArray[np.float64]) -> NDArray[np.float64]:
    """Where the text has no value, or none that is known, nothing is said."""
    with np.errstate(invalid="ignore"):
        return np.where(np.isfinite(exact), np.abs(code - exact), 0.0)
