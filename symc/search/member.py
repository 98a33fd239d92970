"""One equation of a Pareto front, and which of many equations make one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from symc.errors import SymcError
from symc.tables import shortened

_MOST = 1 << 53


@dataclass(frozen=True)
class Member:
    """One equation of a front.

    `equation` is text in our grammar, `complexity` counts nodes as PySR does, `loss` is the mean squared error
    (weighted, where rows are) on the training rows, `heldout` the same on the held-out rows (None where there are none,
    as in a file of PySR's), and `cost` is that of the compiled equation alone, in float32 additions. `written` is the
    text that the user gave, over the same inputs, where `equation` is ours for it, and `source` that text before what
    it defines was written out, where it defines something (symc.ir.wording).
    """

    equation: str
    complexity: int
    loss: float
    heldout: float | None
    cost: int
    written: str | None = None
    source: str | None = None
    law: str = ""
    agreement: float | None = None

    def to_json(self) -> dict[str, Any]:
        """A dict of numbers and text."""
        data = {
            "equation": self.equation,
            "complexity": self.complexity,
            "loss": self.loss,
            "heldout": self.heldout,
            "cost": self.cost,
        }
        texts = {"written": self.written, "source": self.source}
        added = {key: text for key, text in texts.items() if text is not None}
        added |= {"law": self.law} if self.law else {}
        return {**data, **added, **({} if self.agreement is None else {"agreement": self.agreement})}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Member:
        """The inverse of to_json; SymcError when `data` is not a member."""
        try:
            heldout = None if data["heldout"] is None else _error(data, "heldout")
            agreement = None if data.get("agreement") is None else float(data["agreement"])
            size, loss, cost = _count(data, "complexity"), _error(data, "loss"), _count(data, "cost")
            equation = str(data["equation"])
        except (KeyError, TypeError, ValueError, OverflowError) as error:
            raise SymcError(f"not a member of a front: {error}", where="front") from None
        texts = (data.get("written"), data.get("source"), str(data.get("law", "")))
        return cls(equation, size, loss, heldout, cost, *texts, agreement)


def _count(data: dict[str, Any], name: str) -> int:
    value = int(data[name])
    if not 0 <= value < _MOST:
        raise ValueError(f"{name} is {shortened(str(value), 30)}")
    return value


def _error(data: dict[str, Any], name: str) -> float:
    """A mean squared error; one that overflowed is infinite."""
    value = float(data[name])
    if not value >= 0.0:
        raise ValueError(f"{name} is {value}")
    return value


def pareto(members: Iterable[Member], enough: float = 0.0, gain: float = 0.0) -> tuple[Member, ...]:
    """The members that no simpler one matches, by rising complexity.

    A more complex member must lower the loss by the relative `gain` at least; once a loss is at most `enough`,
    nothing more complex is kept. Of equal complexities the smaller loss stays, then the lower cost, then the text.
    """
    kept: list[Member] = []
    for member in sorted(members, key=lambda m: (m.complexity, m.loss, m.cost, m.equation)):
        if kept and (kept[-1].loss <= enough or not member.loss < kept[-1].loss * (1.0 - gain)):
            continue
        kept.append(member)
    return tuple(kept)
