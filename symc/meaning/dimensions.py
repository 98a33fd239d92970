"""Whether an equation can be right in the units of its inputs and its output, whatever units its constants have.

A fitted constant carries the units that make its term fit: 0.3*x1 can be a pressure whatever x1 is. So every part
without an input has an unknown unit of its own, and an equation is refuted only where no units of its constants make it
consistent: sin(p) and p + T are, sin(0.1*p) and p + 0.3*T are not. Units form a vector space (products add, powers
multiply), each step of the equation is a linear equation in it, and the unknowns are eliminated one by one.

Only dimensions can refute. That p in bar and q in Pa are added without a factor is told beside the verdict.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from flint import arb

from symc.ir.reading import Steps, fold
from symc.ir.reference import Balls, Undecided
from symc.ir.spelling import Spelled, Spelling
from symc.meaning.units import DIMENSIONLESS, UNKNOWN, dimension, scale
from symc.tables import shortened

# A unit as it was written, or the number of an unknown one, -> its power.
Power = Mapping[str | int, Fraction]

CONSISTENT, INCONSISTENT, UNDECIDED = "consistent", "inconsistent", "unknown"

_NONE: Power = {}
_ALIKE = frozenset({"add", "sub", "min", "max", "mod", "clamp"})
_COMPARISONS = frozenset({"lt", "le", "gt", "ge", "eq", "ne"})
_UNCHANGED = frozenset({"neg", "abs", "relu"})
# Only the signs of the operands count, which have no unit.
_OF_SIGNS = frozenset({"sign", "logical_or", "logical_and"})
_POWERS = {
    "square": Fraction(2),
    "cube": Fraction(3),
    "inverse": Fraction(-1),
    "sqrt": Fraction(1, 2),
    "sqrt_abs": Fraction(1, 2),
    "cbrt": Fraction(1, 3),
}
# Constants are float32 in the code: an exponent that close to a simple fraction is that fraction.
_FLOAT32 = 2.0**-23
_SIMPLE = 1000
# Fractions that people read as such; others are shown as decimals.
_READABLE = 9
_LONGEST = 300
# Relative; pint computes in float64, and no two units of a kind are as close as that.
_SAME_SCALE = 1e-9


@dataclass(frozen=True)
class Verdict:
    """`outcome` is CONSISTENT, INCONSISTENT, or UNDECIDED: nothing is wrong, but the unit of an input is not known.

    Where it is inconsistent `part` is the first part of the equation that is, and `why` says what is wrong there. Else
    they are empty, or the first part in which units of one dimension meet whose scales differ.
    """

    outcome: str
    part: str = ""
    why: str = ""


def check_dimensions(steps: Steps, units: Mapping[str, str], output: str) -> Verdict:
    """Check one equation. units: by input, as they were written; output: the unit that the equation shall give."""
    algebra = _Dimensions(units)
    try:
        algebra.gives(fold(steps, algebra), output)
    except _Inconsistent as found:
        return Verdict(INCONSISTENT, found.part, found.why)
    open_inputs = any(step.op == "name" and units[step.text] == UNKNOWN for step in steps)
    return Verdict(UNDECIDED if open_inputs else CONSISTENT, *algebra.scales_differ)


class _Inconsistent(Exception):
    def __init__(self, part: Spelled, why: str) -> None:
        self.part, self.why = part.text, why


@dataclass(frozen=True)
class _Quantity:
    """A part of an equation: its unit, and its value where no input is in it."""

    unit: Power
    spelled: Spelled
    constant: arb | None = None


class _Dimensions:
    """Units as an algebra to read an equation in."""

    def __init__(self, units: Mapping[str, str]) -> None:
        self.spelling, self.exact = Spelling(), Balls({})
        self.solved: dict[int, Power] = {}
        self.unknowns = 0
        # The first part and why, once there is one.
        self.scales_differ: tuple[str, ...] = ()
        self.names = {name: self._given(unit) for name, unit in units.items()}

    def number(self, text: str) -> _Quantity:
        return self._constant(self.spelling.number(text), self.exact.number(text))

    def name(self, text: str) -> _Quantity:
        return _Quantity(self.names[text], self.spelling.name(text))

    def apply(self, operator: str, args: Sequence[_Quantity]) -> _Quantity:
        text, strength = self.spelling.apply(operator, [a.spelled for a in args])
        # Every step keeps its text: whole, they would grow with the square of a long sum.
        spelled = Spelled(shortened(text, _LONGEST), strength)
        values = [a.constant for a in args if a.constant is not None]
        if len(values) == len(args):
            try:
                return self._constant(spelled, self.exact.apply(operator, values))
            except Undecided:
                return self._constant(spelled, arb.nan())
        return _Quantity(self._unit(operator, args, spelled), spelled)

    def gives(self, result: _Quantity, output: str) -> None:
        """Raise _Inconsistent unless the equation's result can have the unit `output`."""
        asked = self._given(output)
        why = f"the equation is {self._told(result)}, its output {_shown(asked)}"
        self._unify(result.unit, asked, result.spelled, why)

    def _unit(self, operator: str, args: Sequence[_Quantity], whole: Spelled) -> Power:
        first = args[0].unit
        if operator in _ALIKE:
            self._alike(args, whole)
            return first
        if operator in _COMPARISONS or operator == "div_nonzero":
            # A quotient that is 1 elsewhere is a pure number.
            self._alike(args, whole)
            return _NONE
        if operator in _UNCHANGED:
            return first
        if operator in _OF_SIGNS:
            return _NONE
        if operator in ("select", "cond"):
            self._alike(args[1:], whole)
            return args[1].unit
        if operator in _POWERS:
            return _sum(first, _POWERS[operator] - 1, first)
        if operator in ("mul", "div"):
            return _sum(first, Fraction(1 if operator == "mul" else -1), args[1].unit)
        if operator == "fma":
            factors, term = args[:2], args[2]
            product = self.apply("mul", factors)
            self._alike((product, term), whole)
            return product.unit
        if operator == "aq":
            # x over sqrt(y^2 + 1), and that 1 is no constant of the fit.
            self._pure(args[1:], whole)
            return first
        if operator in ("pow", "pow_abs") and (exponent := _rational(args[1].constant)) is not None:
            return _sum(first, exponent - 1, first)
        # Powers with an input in the exponent, exp, sin, log ..., and floor, whose result hangs on the unit.
        self._pure(args, whole)
        return _NONE

    def _alike(self, args: Sequence[_Quantity], whole: Spelled) -> None:
        for other in args[1:]:
            left, right = (f"{a.spelled.text} is {self._told(a)}" for a in (args[0], other))
            self._unify(args[0].unit, other.unit, whole, f"{left}, {right}")

    def _pure(self, args: Sequence[_Quantity], whole: Spelled) -> None:
        for a in args:
            self._unify(a.unit, _NONE, whole, f"{a.spelled.text} is {self._told(a)}, not a pure number")

    def _unify(self, left: Power, right: Power, whole: Spelled, why: str) -> None:
        """Make the two alike by giving an unknown unit its value; raise _Inconsistent where that cannot be."""
        apart = self._known(_sum(left, Fraction(-1), right))
        open_ones = [atom for atom in apart if isinstance(atom, int)]
        if not open_ones:
            if not _is_pure(apart):
                raise _Inconsistent(whole, why)
            if not self.scales_differ and not _is_one(apart):
                self.scales_differ = (whole.text, f"{why} (the dimensions agree, the scales do not)")
            return
        # The newest: those of constants before those of inputs, which stand in several places.
        chosen = max(open_ones)
        rest = {atom: power for atom, power in apart.items() if atom != chosen}
        self.solved[chosen] = _sum(_NONE, -1 / apart[chosen], rest)

    def _known(self, unit: Power) -> Power:
        """The unit with every unknown that was found replaced."""
        while found := [atom for atom in unit if isinstance(atom, int) and atom in self.solved]:
            power = unit[found[0]]
            rest = {atom: p for atom, p in unit.items() if atom != found[0]}
            unit = _sum(rest, power, self.solved[found[0]])
        return unit

    def _told(self, quantity: _Quantity) -> str:
        return _shown(self._known(quantity.unit))

    def _given(self, unit: str) -> Power:
        return self._unknown() if unit == UNKNOWN else _NONE if unit in DIMENSIONLESS else {unit: Fraction(1)}

    def _unknown(self) -> Power:
        self.unknowns += 1
        return {self.unknowns: Fraction(1)}

    def _constant(self, spelled: Spelled, value: arb) -> _Quantity:
        return _Quantity(self._unknown(), spelled, value)


def _sum(unit: Power, times: Fraction, other: Power) -> Power:
    """unit * other^times."""
    total = dict(unit)
    for atom, power in other.items():
        total[atom] = total.get(atom, Fraction(0)) + times * power
    return {atom: power for atom, power in total.items() if power}


def _is_pure(unit: Power) -> bool:
    """Whether the dimensions of the units cancel, as in bar Pa^-1."""
    total: dict[str, Fraction] = {}
    for atom, power in unit.items():
        for base, exponent in (dimension(str(atom)) or {}).items():
            total[base] = total.get(base, Fraction(0)) + power * exponent
    return not any(total.values())


def _is_one(unit: Power) -> bool:
    """Whether a pure unit is the number 1, as Pa m^2 N^-1 is and bar Pa^-1 is not."""
    sizes = {atom: math.log(scale(str(atom))) for atom in unit}
    if any(map(math.isnan, sizes.values())):
        return False
    # Exact, since a power of a power may be beyond float64.
    total = sum((power * Fraction(sizes[atom]) for atom, power in unit.items()), Fraction(0))
    return abs(total) < Fraction(_SAME_SCALE)


def _rational(value: arb | None) -> Fraction | None:
    """A constant exponent as a number; None where it is none that can be computed."""
    if value is None or not value.is_finite():
        return None
    number = float(value.mid())
    simple = Fraction(number).limit_denominator(_SIMPLE)
    return simple if abs(float(simple) - number) <= _FLOAT32 * abs(number) else Fraction(number)


def _shown(unit: Power) -> str:
    """The unit for people: "in bar K^-1"."""
    if not unit:
        return "dimensionless"
    return shortened(f"in {' '.join(_factor(atom, power) for atom, power in unit.items())}")


def _factor(atom: str | int, power: Fraction) -> str:
    name = UNKNOWN if isinstance(atom, int) else atom
    if power == 1:
        return name
    base = name if name.isalpha() or name == UNKNOWN else f"({name})"
    exact = power.denominator <= _READABLE
    exponent = str(power) if power.denominator == 1 else f"({power})" if exact else f"{float(power):.6g}"
    return f"{base}^{exponent}"
