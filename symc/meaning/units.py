"""Units as people write them, "bar, K -> kg/m3", and the dimension and the scale of each by pint's own definitions.

Both serve to check equations. Nothing is ever converted.
"""

from __future__ import annotations

import difflib
import math
import re
from collections.abc import Mapping
from fractions import Fraction
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple, NoReturn

from symc.errors import SymcError

if TYPE_CHECKING:
    import pint

# Base dimension, such as "[mass]", -> exponent; those that are 0 are left out.
Dimension = Mapping[str, Fraction]

DIMENSIONLESS = ("1", "-")
UNKNOWN = "?"
ARROW = "->"

_WHERE = "--units"
_FORM = 'Units of the inputs in order, an arrow, units of the outputs in order: "bar, K -> kg/m3".'
_HINT = "Units are pint's, such as bar, kg/m^3 or degC; 1 or - for none, ? for one that is not known."
_LONGEST = 100
# pint would also take sums, numbers and powers of powers, which are no units, and could take for ever to compute.
_NAME = r"(?:[^\W\d]\w*|%|°\w*)"
_POWER = r"(?:\s*(?:\^|\*\*)\s*(?:[-+]?\d{1,2}(?:\.\d{1,4})?|\(\s*[-+]?\d{1,2}\s*/\s*\d{1,2}\s*\)))"
_FACTOR = rf"(?:\(\s*)*(?:1|{_NAME}{_POWER}?)(?:\s*\){_POWER}?)*"
_SHAPE = re.compile(rf"{_FACTOR}(?:(?:\s*[*/]\s*|\s+){_FACTOR})*")
# kg/m3, W m-2: a name with its power behind it. A 0 is no power but part of a name, as in pint's a0 and mu0.
_RAISED = re.compile(r"(?<![\w^*.])([^\W\d_]+)([-+]?[1-9]\d?)(?![\w.])")
# Divided by kg, and K a factor? Or divided by both?
_AMBIGUOUS = re.compile(r"/[^()*/]*\w\s+[^\W\d]")


class Units(NamedTuple):
    """The units of a model's inputs and outputs in order, as they were written."""

    inputs: tuple[str, ...]
    outputs: tuple[str, ...]

    def check(self) -> None:
        """Raise SymcError naming the first unit that pint does not know."""
        for unit in (*self.inputs, *self.outputs):
            dimension(unit)

    def __str__(self) -> str:
        return f"{', '.join(self.inputs)} {ARROW} {', '.join(self.outputs)}"


def read_units(text: str) -> Units:
    """From "bar, K -> kg/m3". Raises SymcError without the arrow, and for a unit that there is not."""
    sides = text.split(ARROW)
    if len(sides) != 2:
        what = f"there is no arrow in {text!r}" if len(sides) == 1 else f"there are {len(sides) - 1} arrows in {text!r}"
        raise SymcError(what, where=_WHERE, hint=_FORM)
    units = Units(*(tuple(unit.strip() for unit in side.split(",")) for side in sides))
    units.check()
    return units


@lru_cache(maxsize=256)
def dimension(unit: str) -> Dimension | None:
    """Of one unit; None for "?". Raises SymcError naming the unit where pint does not know it."""
    if unit == UNKNOWN:
        return None
    if unit in DIMENSIONLESS:
        return {}
    found: Mapping[str, Any] = _parsed(unit).dimensionality
    exponents = {str(base): Fraction(float(exponent)).limit_denominator(10_000) for base, exponent in found.items()}
    return {base: exponent for base, exponent in exponents.items() if exponent}


@lru_cache(maxsize=256)
def scale(unit: str) -> float:
    """How many of pint's base units one of a known unit is.

    NaN where there is no such number: degC has a zero of its own, dBm is a logarithm.
    """
    if unit in DIMENSIONLESS:
        return 1.0
    try:
        none, one = (float(_registry().Quantity(n, _parsed(unit)).to_base_units().magnitude) for n in (0.0, 1.0))
    except ArithmeticError:
        return math.nan
    return one if none == 0.0 and 0.0 < one < math.inf else math.nan


def shown(unit: str) -> str:
    """The unit in a table for people."""
    return "dimensionless" if unit in DIMENSIONLESS else "unit unknown" if unit == UNKNOWN else unit


def _close(name: str) -> str | None:
    """A unit whose name is nearly the same, most of all one that differs in case."""
    names = list(_registry())
    same = [known for known in names if known.lower() == name.lower()]
    return next(iter(same or difflib.get_close_matches(name, names, n=1)), None)


def _parsed(unit: str) -> pint.Unit:
    if not unit:
        raise SymcError("a unit is missing", where=_WHERE, hint=f"{_FORM} {_HINT}")
    text = _RAISED.sub(r"\1^\2", unit)
    if len(unit) > _LONGEST or not _SHAPE.fullmatch(text):
        _refuse(unit, "is not a product of units and their powers", _HINT)
    if _AMBIGUOUS.search(text):
        _refuse(unit, "can be read in two ways", "Write J/(kg K), or J/kg*K where K multiplies.")
    try:
        return _registry().parse_units(text)
    except _undefined() as error:
        names = [error.unit_names] if isinstance(error.unit_names, str) else list(error.unit_names)
        other = f": there is no {names[0]}" if names[0] != unit else ""
        close = _close(names[0])
        _refuse(unit, f"is not a unit that pint knows{other}", f"Did you mean {close!r}?" if close else _HINT)
    except Exception:
        # pint lets through whatever its tokenizer and its arithmetic raise.
        _refuse(unit, "is not a unit that pint can read", _HINT)


def _refuse(unit: str, what: str, hint: str) -> NoReturn:
    raise SymcError(f"{unit!r} {what}", where=_WHERE, hint=hint) from None


@lru_cache(maxsize=1)
def _registry() -> pint.UnitRegistry:
    """pint's default definitions, in a registry of our own: an application may have changed its own."""
    import pint

    return pint.UnitRegistry()


def _undefined() -> type[pint.UndefinedUnitError]:
    import pint

    return pint.UndefinedUnitError
