"""An equation as steps in the order in which it is written, and what folds them into a value."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

T = TypeVar("T")


@dataclass(frozen=True)
class Step:
    """One step of an equation as it is written: a number, a name, or an operator of the table applied to earlier steps.

    `op` is "number" (`text` are its digits, or "pi"), "name" (`text` is the input's), or the operator's name.
    """

    op: str
    args: tuple[int, ...] = ()
    text: str = ""


_CHAINS = {"add": "sum", "sub": "sum", "mul": "product", "div": "product"}

# In the order of evaluation; the last is the equation's value.
Steps = tuple[Step, ...]


class Algebra(Protocol[T]):
    """What an equation can be read as: sympy's expressions, real numbers, instructions ..."""

    def number(self, text: str) -> T: ...

    def name(self, text: str) -> T: ...

    def apply(self, operator: str, args: Sequence[T]) -> T: ...


def fold(steps: Steps, algebra: Algebra[T]) -> T:
    """The equation's value in `algebra`, step by step in the order in which it is written."""
    values: list[T] = []
    for step in steps:
        if step.op == "number":
            values.append(algebra.number(step.text))
        elif step.op == "name":
            values.append(algebra.name(step.text))
        else:
            values.append(algebra.apply(step.op, [values[a] for a in step.args]))
    return values[-1]


def nesting(steps: Steps) -> int:
    """How deep operators stand inside operators; a chain of terms or of factors is one level, however long."""
    levels: list[int] = []
    for step in steps:
        chain = _CHAINS.get(step.op)
        inner = [levels[a] + 1 for a in step.args]
        # Only to the left: a - (b - c) is no chain.
        if chain is not None and _CHAINS.get(steps[step.args[0]].op) == chain:
            inner[0] -= 1
        levels.append(max(inner, default=0))
    return levels[-1]
