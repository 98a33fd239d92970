"""The words of mantissas, 32 and 16 bits: what fits, and what the functions of that width take, make and miss."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from types import MappingProxyType
from typing import Literal

# Exact comparisons and selections of two operands, which are brought to one format first.
COMPARISONS = frozenset({"lt", "le", "gt", "ge", "eq", "ne"})
TO_INTEGER = frozenset({"floor", "ceil", "round", "trunc"})
LOGARITHMS = frozenset({"log", "log2", "log10"})
_BOUNDED = ("sin", "cos", "tanh", "atan")


@dataclass(frozen=True)
class Word:
    """A signed integer of `bits` bits.

    highest, lowest: the finest and the coarsest format, as far as integers are shifted.
    taken: the formats that a function takes its operand in.
    relative, absolute: what functions are away from the real ones beside the rounding to their format: as a part of the
    value, and as such.
    given_up: bits of a product for which its result may stand in the upper half, where no shift is needed.
    """

    bits: Literal[16, 32]
    highest: int
    lowest: int
    taken: Mapping[str, tuple[int, int]]
    relative: Mapping[str, float]
    absolute: Mapping[str, float]
    given_up: int

    @property
    def largest(self) -> int:
        """The largest mantissa; the smallest is its negative."""
        return 2 ** (self.bits - 1) - 1

    @property
    def made(self) -> Mapping[str, int]:
        """The finest formats that the algorithms of functions make."""
        return dict.fromkeys((*LOGARITHMS, *_BOUNDED), self.bits - 2)

    def finest(self, size: float | Fraction) -> int:
        """The finest format that holds all values up to `size`, rounding included."""
        bound, point = Fraction(size), self.highest
        if bound:
            point = min(self.bits - 1 - floor_log2(bound), self.highest)
            while bound * Fraction(2) ** point > self.largest - 1:
                point -= 1
        return point


def floor_log2(value: Fraction) -> int:
    """The greatest k with 2^k <= value, which is above 0."""
    k = value.numerator.bit_length() - value.denominator.bit_length()
    return k if Fraction(2) ** k <= value else k - 1


def _word(
    bits: Literal[16, 32], highest: int, given_up: int, relative: dict[str, float], absolute: dict[str, float]
) -> Word:
    finest = bits - 2
    taken = {
        **dict.fromkeys(TO_INTEGER, (1 - bits, finest)),
        **dict.fromkeys(("exp", "exp2"), (2, finest)),
        **dict.fromkeys(("sin", "cos"), (0, finest)),
        "tanh": (3, finest),
        "atan": (1, finest),
    }
    return Word(
        bits,
        highest,
        lowest=1 - bits,
        taken=MappingProxyType(taken),
        relative=MappingProxyType(relative),
        absolute=MappingProxyType(absolute),
        given_up=given_up,
    )


WORDS: Mapping[int, Word] = {
    32: _word(
        32,
        48,
        2,
        dict.fromkeys(("exp", "exp2"), 2.0**-30),
        {
            **dict.fromkeys(LOGARITHMS, 2.0**-30),
            **dict.fromkeys(("sin", "cos", "atan"), 2.0**-28),
            "tanh": 2.0**-29,
        },
    ),
    16: _word(
        16,
        24,
        0,
        dict.fromkeys(("exp", "exp2"), 2.0**-15),
        {
            **dict.fromkeys(LOGARITHMS, 2.0**-16),
            **dict.fromkeys(("sin", "cos"), 2.0**-14),
            **dict.fromkeys(("tanh", "atan"), 5.0 * 2.0**-16),
        },
    ),
}
