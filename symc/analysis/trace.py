"""A Program over many boxes at once: the interval of every instruction, and where each is in danger."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from symc.analysis.branches import Branches, branches
from symc.analysis.enclosures import taken
from symc.analysis.interval import Interval, Mask, Real
from symc.analysis.steps import Step, step_over
from symc.ir.program import Program


@dataclass(frozen=True, eq=False)
class Boxes:
    """low, high: (n, n_in), each box holding every number of their dtype between its bounds."""

    low: Real
    high: Real

    def __len__(self) -> int:
        return len(self.low)

    def __getitem__(self, rows: NDArray[np.generic] | slice) -> Boxes:
        return Boxes(self.low[rows], self.high[rows])

    @classmethod
    def of(cls, points: Real) -> Boxes:
        """One box a row, which holds that row alone."""
        return cls(points, points)

    @property
    def middle(self) -> Real:
        """A point of each box."""
        # Halves first: the sum of two doubles may overflow.
        middle = self.low.astype(np.float64) / 2.0 + self.high.astype(np.float64) / 2.0
        return np.clip(middle.astype(self.low.dtype), self.low, self.high)

    @property
    def half_widths(self) -> NDArray[np.float64]:
        """(n, n_in): half of how far the bounds of each input are apart; the whole may overflow."""
        return self.high.astype(np.float64) / 2.0 - self.low.astype(np.float64) / 2.0

    @property
    def is_point(self) -> Mask:
        return (self.low == self.high).all(axis=1)

    def split(self, column: NDArray[np.intp]) -> Boxes:
        """Each box as two, cut across its input `column`; between them they hold the same numbers."""
        rows = np.arange(len(self))
        cut = self.middle[rows, column]
        # Neighbours have their middle on one of them.
        cut = np.where(cut >= self.high[rows, column], self.low[rows, column], cut)
        below, above = self.high.copy(), self.low.copy()
        below[rows, column], above[rows, column] = cut, np.nextafter(cut, cut.dtype.type(np.inf))
        return Boxes(np.concatenate([self.low, above]), np.concatenate([below, self.high]))

    def join(self, other: Boxes) -> Boxes:
        return Boxes(np.concatenate([self.low, other.low]), np.concatenate([self.high, other.high]))


@dataclass(frozen=True, eq=False)
class Trace:
    """What every instruction of a program may give in every one of the boxes, wherever a result hangs on it.

    `base`: what it may give anywhere, taken or not. `branches`: what is known where it matters, if that is more.
    `steps`: of each instruction that has operands, how its value was found.
    """

    program: Program
    boxes: Boxes
    base: list[Interval]
    branches: Branches | None
    steps: list[Step | None]

    @property
    def values(self) -> list[Interval]:
        return self.base if self.branches is None else self.branches.values

    @cached_property
    def needed(self) -> Mask:
        """(instructions, n): whether a result may hang on the instruction."""
        return _needed(self.program, self.values, len(self.boxes), self.branches)

    @cached_property
    def dangers(self) -> dict[int, dict[str, Mask]]:
        """Of the instructions that may be in danger anywhere, position -> {kind: (n,) where}.

        A danger counts where the operands are finite, so that what follows from another danger is not counted again.
        """
        found: dict[int, dict[str, Mask]] = {}
        for position, step in enumerate(self.steps):
            masks = {} if step is None else step.dangers
            if any(mask.any() for mask in masks.values()):
                found[position] = {kind: mask & self.needed[position] for kind, mask in masks.items()}
        return found

    @cached_property
    def doubtful(self) -> Mask:
        """(n,): where an instruction that matters may be in danger although its operands are not finite."""
        doubtful = np.zeros(len(self.boxes), np.bool_)
        for position, step in enumerate(self.steps):
            if step is not None:
                doubtful |= step.hidden & self.needed[position]
        return doubtful

    @cached_property
    def results_finite(self) -> Mask:
        """(n,): whether every result is proved to be finite."""
        return np.logical_and.reduce([self.values[r].finite for r in self.program.results])

    def threatened(self, position: int) -> Mask:
        """(n,): whether the instruction may be in danger of any kind."""
        masks = self.dangers.get(position)
        if masks is None:
            return np.zeros(self.needed.shape[1], np.bool_)
        return np.logical_or.reduce(list(masks.values()))

    @cached_property
    def absorbed(self) -> Mask:
        """(n,): whether nothing but overflows can happen, and every result is finite all the same."""
        worse = self.doubtful.copy()
        for masks in self.dangers.values():
            worse |= masks["pole"] | masks["undefined"]
        return self.results_finite & ~worse


def trace(program: Program, boxes: Boxes) -> Trace:
    """Run `program` over the boxes; one that holds a single point gives the oracle's values there."""
    n = len(boxes)
    base: list[Interval] = []
    steps: list[Step | None] = []
    certain = np.zeros(n, np.bool_)
    with np.errstate(all="ignore"):
        for step in program.instructions:
            found: Step | None = None
            if step.op == "input":
                base.append(Interval(boxes.low[:, step.index], boxes.high[:, step.index], certain))
            elif step.op == "const":
                constant = np.full(n, step.value, program.format.dtype)
                base.append(Interval(constant, constant, certain))
            else:
                found = step_over(step, [base[a] for a in step.args])
                base.append(found.value)
            steps.append(found)
        # At a point every condition is decided already.
        inside = None if boxes.is_point.all() else branches(program, base)
    steps = steps if inside is None else [inside.steps.get(p, step) for p, step in enumerate(steps)]
    return Trace(program, boxes, base, inside, steps)


def _needed(program: Program, values: list[Interval], n: int, inside: Branches | None) -> Mask:
    """What is not taken by a selection does not matter: users guard poles that way."""
    needed = np.zeros((len(values), n), np.bool_)
    needed[list(program.results)] = True
    for position in range(len(values) - 1, -1, -1):
        step = program.instructions[position]
        if inside is not None:
            needed[position] &= ~inside.nowhere(position)
        if step.op == "select":
            condition, first, second = step.args
            may_first, may_second = taken(values[condition])
            needed[condition] |= needed[position]
            needed[first] |= needed[position] & may_first
            needed[second] |= needed[position] & may_second
        else:
            for argument in step.args:
                needed[argument] |= needed[position]
    return needed
