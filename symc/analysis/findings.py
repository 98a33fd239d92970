"""What an analysis says: the range of each output, and each place that was not proved to be safe."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

_SHOWN = 6
_HAPPENS = {"pole": "has a pole", "undefined": "has no value", "overflow": "overflows"}
_MAY_HAPPEN = {"pole": "may have a pole", "undefined": "may have no value", "overflow": "may overflow"}


@dataclass(frozen=True)
class Finding:
    """A place of the program that was not proved to be safe.

    site: the expression. kind: "pole", "undefined" (no real value) or "overflow". verdict: "unsafe", at the point
    `place` (input -> value) of the box, or right beside it where `beside`; "undecided" in the `share` of the box that
    is left (0 where that is not known), the smallest part of which is `part`, input -> (low, high); "absorbed":
    overflows, but every result is finite and as in float64. outputs: those that hang on it.
    """

    site: str
    kind: str
    verdict: str
    outputs: tuple[str, ...]
    place: dict[str, float] = field(default_factory=dict)
    beside: bool = False
    share: float = 0.0
    part: dict[str, tuple[float, float]] = field(default_factory=dict)

    @property
    def is_unsafe(self) -> bool:
        return self.verdict == "unsafe"

    def __str__(self) -> str:
        """One sentence."""
        shown = self.outputs if len(self.outputs) <= _SHOWN else (*self.outputs[:_SHOWN], "...")
        place = f"{', '.join(shown)}: {self.site}"
        if self.is_unsafe:
            near = "beside" if self.beside else "at"
            points = {name: _number(value) for name, value in self.place.items()}
            return f"{place} {_HAPPENS[self.kind]} {near} {_listed(points)}"
        if self.verdict == "absorbed":
            return f"{place} overflows, and the result is right all the same"
        bounds = {name: f"{_number(low)}..{_number(high)}" for name, (low, high) in self.part.items()}
        where = [f"in {100 * self.share:.3g} % of the domain"] if self.share else []
        where += [f"as in {_listed(bounds)}"] if bounds else []
        return f"{place} {_MAY_HAPPEN[self.kind]}" + (f" {', '.join(where)}" if where else "")


@dataclass(frozen=True)
class Ranges:
    """The proved range (low, high) of each output over the box, infinite where it was not proved finite, and findings.

    errors: a bound of |code - real value of the equation's text| over the box, per output; infinite where not known.
    `sites` instructions could be in danger somewhere; all but those of the findings were proved not to be.
    """

    outputs: dict[str, tuple[float, float]]
    errors: dict[str, float]
    findings: tuple[Finding, ...]
    sites: int

    @property
    def unsafe(self) -> tuple[Finding, ...]:
        return tuple(f for f in self.findings if f.is_unsafe)

    @property
    def undecided(self) -> tuple[Finding, ...]:
        return tuple(f for f in self.findings if f.verdict == "undecided")


def _number(value: float) -> str:
    """The shortest decimal that gives the number back: the float32 where it is one, else the double."""
    with np.errstate(over="ignore"):
        single = np.float32(value)
    return str(single) if float(single) == value else repr(value)


def _listed(place: dict[str, str]) -> str:
    shown = [f"{name} = {text}" for name, text in list(place.items())[:_SHOWN]]
    return ", ".join(shown) + (", ..." if len(place) > _SHOWN else "")
