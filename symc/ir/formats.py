"""The number formats that a Program may compute in: IEEE-754 binary32 and binary64."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from symc.errors import SymcError


@dataclass(frozen=True)
class Format:
    """One format: its name as the option and the manifest have it, and its binary digits.

    dtype: numpy's type of its numbers; word: the unsigned integer of the same size. nan: the pattern of the one NaN
    that leaves a program.
    """

    name: str
    digits: int
    # What follows from the name.
    dtype: Any = field(repr=False, compare=False)
    word: Any = field(repr=False, compare=False)
    nan: int = field(repr=False, compare=False)

    @property
    def largest(self) -> float:
        """The largest finite number."""
        return float(np.finfo(self.dtype).max)

    @property
    def smallest(self) -> float:
        """The smallest normal number above 0."""
        return float(np.finfo(self.dtype).smallest_normal)

    @property
    def least(self) -> float:
        """The smallest number above 0."""
        return float(np.finfo(self.dtype).smallest_subnormal)

    @property
    def half_unit(self) -> float:
        """What rounding changes at most, of a result in the normal range, relative to it."""
        return 2.0**-self.digits

    @property
    def canonical_nan(self) -> np.floating:
        """The one NaN that leaves a program."""
        return np.asarray(self.nan, self.word).view(self.dtype)[()]

    def rounded(self, value: float) -> float:
        """The nearest number; infinite where `value` is too large."""
        with np.errstate(over="ignore", under="ignore"):
            return float(self.dtype(value))


FLOAT32 = Format("float32", 24, np.float32, np.uint32, 0x7FC00000)
FLOAT64 = Format("float64", 53, np.float64, np.uint64, 0x7FF8000000000000)
FORMATS = {of.name: of for of in (FLOAT32, FLOAT64)}


def format_of(name: str) -> Format:
    """The format of that name; SymcError where there is none."""
    if name not in FORMATS:
        raise SymcError(f"there is no number format {name!r}", hint=f"The formats are: {', '.join(FORMATS)}.")
    return FORMATS[name]
