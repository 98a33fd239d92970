"""Code in fixed point made for a bundle: asked for, planned, measured against its text, and proved again."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from decimal import ROUND_CEILING, ROUND_FLOOR, Context, Decimal

import numpy as np
from numpy.typing import NDArray

from symc.bundle.fixed import code, describe_fixed, fixed_of, recorded_numbers
from symc.bundle.manifest import Manifest
from symc.bundle.parity import Code
from symc.bundle.records import Fixed, FixedOutput
from symc.errors import CheckFailed, SymcError
from symc.fixed.constants import Constants
from symc.fixed.plan import WHERE, Proved, plan, prove, read_numbers
from symc.fixed.program import FLOAT, FixedProgram
from symc.ir.evaluate import evaluate_real
from symc.ir.formats import FLOAT32, FLOAT64
from symc.ir.heads import Head
from symc.ir.layered import Layered
from symc.ir.program import Program
from symc.ir.reading import read
from symc.ir.reference import real_values
from symc.meaning.constants import constants_of
from symc.meaning.points import inside

_POINTS = 256


def check_numbers(numbers: str | None, targets: Sequence[str], others: Mapping[str, object]) -> str | None:
    """The option as it is recorded, None for float32; SymcError where it does not go with another.

    others: what float32 code alone has, option -> whether it was asked for.
    """
    if numbers is None or numbers in (FLOAT, FLOAT32.name):
        return None
    if numbers == FLOAT64.name:
        _refuse(others)
        return numbers
    read_numbers(numbers)
    if (wrong := [target for target in targets if target != "c"]) or not targets:
        what = f"there is no fixed-point code for {' and '.join(wrong)}"
        raise SymcError(what, where="--target", hint=f"Build {wrong[0]} into a bundle of its own, without {WHERE}.")
    _refuse(others)
    return numbers


def _refuse(others: Mapping[str, object]) -> None:
    for option, asked in others.items():
        if asked:
            raise SymcError(
                f"--{option} is of float32 code", where=WHERE, hint=f"Leave --{option} out, or use {WHERE} {FLOAT}."
            )


def planned(
    program: Program | Layered,
    texts: Sequence[str],
    domain: Sequence[tuple[float, float]] | None,
    numbers: str,
    head: Head | None,
) -> tuple[Fixed, Code]:
    """`program` in fixed point, proved in the domain and measured against its texts, and what that code gives.

    program: of the texts alone; `head` comes behind it. SymcError where it has no such form.
    """
    if isinstance(program, Layered):
        raise SymcError("a compressed block has no fixed-point form", where=WHERE, hint=f"Use {WHERE} {FLOAT}.")
    if domain is None:
        what = "formats are chosen for a domain, and there is none"
        raise SymcError(what, where=WHERE, hint="Give --domain as well.")
    whole = program if head is None else head.behind(program)
    fixed, proved = plan(whole, domain, _constants(program, texts, domain, head), read_numbers(numbers))
    return _measured(fixed, proved, texts, head, domain), code(fixed)


def check_fixed(manifest: Manifest, texts: Sequence[str], compiled: Program) -> str:
    """Prove the bounds again, with the formats as they are recorded; CheckFailed where one is not what is.

    compiled: the program of the texts alone, without the head.
    """
    recorded, fixed, domain = manifest.fixed, fixed_of(manifest), manifest.domain
    assert recorded and fixed is not None and domain is not None
    try:
        assert isinstance(manifest.program, Program)
        constants = _constants(compiled, texts, domain, manifest.head_behind).expanded(manifest.program)
        proved = prove(fixed, domain, constants.taking(fixed.numbers))
    except SymcError as error:
        raise CheckFailed(error.what, where="manifest.json") from None
    found = _measured(fixed, proved, texts, manifest.head_behind, domain)
    for now, then in zip(found.outputs, recorded.outputs, strict=True):
        if now.error > then.error * (1.0 + 1e-6) or now.measured > then.error:
            what = f"{now.output} may be {now.error:.3g} from the text, recorded is {then.error:.3g}"
            raise CheckFailed(what, where="manifest.json")
    return describe_fixed(manifest)


def _constants(
    program: Program, texts: Sequence[str], domain: Sequence[tuple[float, float]], head: Head | None
) -> Constants:
    """What is known of the constants of `program`, and of the same with `head` behind it."""
    known = Constants(constants_of(program, texts, domain))
    return known if head is None else known.behind(head, program)


def _measured(
    fixed: FixedProgram,
    proved: Proved,
    texts: Sequence[str],
    head: Head | None,
    domain: Sequence[tuple[float, float]],
) -> Fixed:
    program = fixed.program
    x = inside(domain, program.n_in, _POINTS)
    y = code(fixed)(x)
    exact = np.stack([real_values(read(text, program.inputs), program.inputs, x) for text in texts], axis=1)
    if head is not None:
        with np.errstate(all="ignore"):
            # In binary64, which is finer than any unit of 32 bits.
            behind = head.program(program.n_out)
            meant = [float(fixed.numbers.get(value, value)) for value in behind.constants]
            exact = np.asarray(evaluate_real(behind, exact, meant), np.float64)
    rows = []
    for k, name in enumerate(program.outputs):
        distance = _distance(y[:, k], exact[:, k])
        worst, error = int(distance.argmax()), float(f"{proved.errors[k] * 1.01:.2e}")
        if distance[worst] > error:
            place = dict(zip(program.inputs, x[worst].tolist(), strict=True))
            what = f"{name} at {place} is {distance[worst]:.3g} from the text, proved is {error:.3g}"
            raise CheckFailed(what, where=WHERE)
        measured = float(f"{distance[worst]:.3g}")
        # Real values are in the head's span, and the code is within its error of them.
        span = (-math.inf, math.inf) if head is None else head.span
        low, high = max(proved.low[k], span[0] - error), min(proved.high[k], span[1] + error)
        at = tuple(x[worst].tolist())
        rows.append(
            FixedOutput(
                output=name,
                low=_outward(low, -1),
                high=_outward(high, 1),
                error=error,
                measured=measured,
                at=at,
            )
        )
    return Fixed(
        formats=fixed.formats,
        spare=fixed.spare,
        bounds=fixed.bounds,
        points=len(x),
        outputs=tuple(rows),
        bits=fixed.bits,
        constants=recorded_numbers(fixed),
    )


def _outward(bound: float, way: int) -> float:
    """Six digits, at or beyond the bound: below it for -1, above for 1."""
    rounded = Decimal(bound).normalize(Context(prec=6, rounding=ROUND_FLOOR if way < 0 else ROUND_CEILING))
    return float(rounded)


def _distance(code: NDArray[np.floating], exact: NDArray[np.float64]) -> NDArray[np.float64]:
    """Where the text has no value, or none that is known, nothing is said."""
    with np.errstate(invalid="ignore"):
        return np.where(np.isfinite(exact), np.abs(code - exact), 0.0)
