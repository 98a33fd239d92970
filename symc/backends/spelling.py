"""How code spells the numbers of each format: C's types, the runtime's names, literals."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from symc.backends.names import decimal
from symc.ir.formats import FLOAT32, FLOAT64, Format
from symc.ir.layered import Layered
from symc.ir.program import Program


@dataclass(frozen=True)
class Spelling:
    """real: C's type; suffix: behind its literals; own: what the runtime's names begin with; decimal: of a number.

    size: bytes of a number; nan: the pattern of the one NaN, for people.
    """

    real: str
    suffix: str
    own: str
    size: int
    nan: str
    decimal: Callable[[float], str]

    @property
    def context(self) -> dict[str, Any]:
        """What templates call these."""
        return {
            "real": self.real,
            "real_size": self.size,
            "suffix": self.suffix,
            "to_canonical": f"{self.own}canonical",
            "to_columns": f"{self.own}columns",
            "is_nan": f"{self.own}is_nan",
            "nan_bits": self.nan,
        }

    def literal(self, value: float) -> str:
        """A constant in C, such as 3.14F."""
        return f"{self.decimal(value)}{self.suffix}"


SPELLINGS: dict[str, Spelling] = {
    FLOAT32.name: Spelling("float", "F", "symc_", 4, "0x7fc00000", decimal),
    # The shortest decimal that reads back as the same double.
    FLOAT64.name: Spelling("double", "", "symc_double_", 8, "0x7ff8000000000000", lambda value: repr(float(value))),
}


def format_of(program: Program | Layered) -> Format:
    """The format that code of a program computes in."""
    return FLOAT32 if isinstance(program, Layered) else program.format


def spelling_of(program: Program | Layered) -> Spelling:
    """How code of a program spells its numbers."""
    return SPELLINGS[format_of(program).name]
