"""What a bundle records of code in fixed point: its program, what the sources are made from, what is told of it."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING

from symc.backends.unit import FixedOutput as Shown
from symc.backends.unit import FixedUnit
from symc.bundle.manifest import Manifest
from symc.bundle.numbers import NUMBERS
from symc.bundle.parity import Code
from symc.errors import CheckFailed
from symc.ir.decimals import decimal_of
from symc.ir.layered import Layered

if TYPE_CHECKING:
    from symc.fixed.program import FixedProgram

_MOST_SHOWN = 3
# A number is half a unit in the last place from its float32 at the most, of a normal one.
_FAR = Fraction(1, 2**23)


def fixed_of(manifest: Manifest) -> FixedProgram | None:
    """The recorded program in fixed point; None for float32. CheckFailed where the record is not whole."""
    recorded, program = manifest.fixed, manifest.program
    if not recorded:
        return None
    if isinstance(program, Layered):
        raise CheckFailed("a compressed block has no fixed-point form", where="manifest.json")
    # Most bundles have none, and every manifest is asked.
    from symc.fixed.expand import expanded
    from symc.fixed.program import FixedProgram
    from symc.fixed.word import WORDS

    numbers = _numbers(recorded.constants)
    wide = expanded(program, numbers)
    sizes = (*map(len, (recorded.formats, recorded.spare, recorded.bounds, recorded.outputs)),)
    if sizes != (len(wide.instructions), len(wide.instructions), wide.n_in, wide.n_out):
        raise CheckFailed("the record of the fixed-point formats is not whole", where="manifest.json")
    word = WORDS.get(recorded.bits)
    within = word is not None
    if word is not None:
        within &= all(word.lowest <= point <= word.highest for point in recorded.formats)
        within &= all(0 <= spare < word.bits for spare in recorded.spare)
        within &= all(-word.largest <= low <= high <= word.largest for low, high in recorded.bounds)
    within &= all(abs(number - Fraction(value)) <= _FAR * abs(Fraction(value)) for value, number in numbers.items())
    if not within:
        raise CheckFailed("the record of the fixed-point formats has impossible numbers", where="manifest.json")
    return FixedProgram(wide, recorded.formats, recorded.spare, recorded.bounds, recorded.bits, numbers)


def _numbers(recorded: Mapping[str, str]) -> dict[float, Fraction]:
    try:
        return {float.fromhex(value): Fraction(Decimal(number)) for value, number in recorded.items()}
    except (ValueError, ArithmeticError):
        raise CheckFailed("the record of the constants is no list of numbers", where="manifest.json") from None


def recorded_numbers(fixed: FixedProgram) -> dict[str, str]:
    """The numbers that a program takes for its constants, as they are recorded."""
    return {value.hex(): str(decimal_of(number)) for value, number in sorted(fixed.numbers.items())}


def fixed_unit(manifest: Manifest) -> FixedUnit | None:
    """What the sources are made from; None for float32."""
    program, recorded = fixed_of(manifest), manifest.fixed
    if program is None or not recorded:
        return None
    from symc.fixed.program import FIXED

    outputs = tuple(Shown(o.low, o.high, o.error, o.measured) for o in recorded.outputs)
    return FixedUnit(manifest.options.get(NUMBERS, FIXED), program, outputs, recorded.points)


def code_of(manifest: Manifest) -> Code | None:
    """What the bundle's code gives for inputs (n, n_in), as numbers; None where it is in float32."""
    fixed = fixed_of(manifest)
    return None if fixed is None else code(fixed)


def code(fixed: FixedProgram) -> Code:
    """Inputs (n, n_in), rounded to their formats -> (n, n_out) the numbers that the results stand for."""
    from symc.fixed.evaluate import evaluate, quantized, real

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
    return f"every value is proved to fit into {fixed.bits} bits: {', '.join(shown)}{more}"
