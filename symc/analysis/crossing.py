"""Poles between two numbers: a divisor that changes its sign is zero somewhere, though at no number of the format."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from symc.analysis.guards import guards_of
from symc.analysis.interval import Mask, Real
from symc.analysis.trace import Boxes, Trace, trace
from symc.ir.evaluate import evaluate
from symc.ir.passes import drop_dead
from symc.ir.program import Program

_CUTS = 17
_ROUNDS = 48
_STEPS = frozenset({"floor", "ceil", "round", "trunc", "sign", "mod", "select", "lt", "le", "gt", "ge", "eq", "ne"})


def crossing(program: Program, position: int, sampled: Trace, points: Real) -> Real | None:
    """A point (n_in,) beside which the instruction has a pole, or None where that cannot be shown.

    `sampled` is the trace at `points`. The operand is continuous over a box between two neighbouring points and takes
    values on both sides of the pole, so that the real function between them has it (intermediate value theorem).
    """
    watched = _watched(program, position)
    if watched is None:
        return None
    operand = sampled.values[watched.operand].low
    label = watched.labels(operand)
    usable = sampled.needed[position] & sampled.values[watched.operand].finite & (label != _AT_POLE)
    for first, second in _pairs(label, usable, np.abs(operand)):
        between = _narrowed(part_of(program, watched.operand), watched, points[first], points[second])
        if between is not None and _is_continuous(program, position, watched.operand, between):
            return between.low[0]
    return None


_AT_POLE = np.iinfo(np.int64).min


@dataclass(frozen=True)
class _Watched:
    """The value whose label differs on the two sides of a pole."""

    operand: int
    op: str

    def labels(self, values: Real) -> NDArray[np.int64]:
        x = values.astype(np.float64)
        with np.errstate(all="ignore"):
            if self.op == "tan":
                label = np.floor(x / np.pi - 0.5)
            elif self.op == "gamma":
                label = np.minimum(np.floor(x), 0.0)
            else:
                label = np.where(x == 0, np.nan, np.sign(x))
        return np.where(np.isfinite(label), label, float(_AT_POLE)).astype(np.int64)


def _watched(program: Program, position: int) -> _Watched | None:
    step = program.instructions[position]
    if step.op in ("tan", "gamma"):
        return _Watched(step.args[0], step.op)
    if step.op not in ("div", "mod", "pow", "log", "log2", "log10"):
        return None
    operand = step.args[1] if step.op in ("div", "mod") else step.args[0]
    inner = program.instructions[operand]
    if inner.op == "abs" or (inner.op == "mul" and inner.args[0] == inner.args[1]):
        # |v| and v*v touch zero where v changes its sign.
        return _Watched(inner.args[0], "div")
    if step.op == "pow":
        power = program.instructions[step.args[1]]
        return _Watched(operand, "div") if power.op == "const" and power.value < 0 else None
    return _Watched(operand, "div") if step.op in ("div", "mod") else None


def _pairs(label: NDArray[np.int64], usable: Mask, size: Real) -> list[tuple[int, int]]:
    rows = np.flatnonzero(usable)
    if not len(rows):
        return []
    least, most = label[rows].min(), label[rows].max()
    if least == most:
        return []
    below, above = rows[label[rows] == least], rows[label[rows] == most]
    near = (below[np.argmin(size[below])], above[np.argmin(size[above])])
    return [(int(a), int(b)) for a, b in (near, (below[0], above[0]), (below[-1], above[-1]))]


def _narrowed(operand: Program, watched: _Watched, first: Real, second: Real) -> Boxes | None:
    """The smallest box between two points of one segment whose labels differ; `operand` computes what is watched."""
    share = np.linspace(0.0, 1.0, _CUTS)[:, None]
    for _ in range(_ROUNDS):
        line = (first * (1.0 - share) + second * share).astype(first.dtype)
        line[0], line[-1] = first, second
        label = watched.labels(evaluate(operand, line)[:, 0])
        if (label == _AT_POLE).any():
            line, label = line[label != _AT_POLE], label[label != _AT_POLE]
        change = np.flatnonzero(label[1:] != label[:-1])
        if not len(change):
            return None
        before, after = line[change[0]], line[change[0] + 1]
        if (before == first).all() and (after == second).all():
            break
        first, second = before, after
    return Boxes(np.minimum(first, second)[None], np.maximum(first, second)[None])


def _is_continuous(program: Program, position: int, operand: int, between: Boxes) -> bool:
    """Whether the operand has neither a step nor a danger in the box, and the instruction counts all over it."""
    if "select" not in program.operators:
        # Every instruction counts everywhere: what the operand does not need is not looked at.
        part = part_of(program, operand)
        return _is_smooth(trace(part, between), range(len(part.instructions)))
    found = trace(program, between)
    if not found.needed[position].all():
        return False
    for condition, positive in guards_of(program, position):
        value = found.base[condition]
        # The condition may leave out the very point at which the pole is.
        if not (value.low > 0 if positive else (value.high <= 0) & ~value.nan).all():
            return False
    return _is_smooth(found, needed_by(program, operand))


def _is_smooth(found: Trace, positions: Iterable[int]) -> bool:
    """Whether none of the instructions has a step or is in danger."""
    for index in positions:
        step, value = found.program.instructions[index], found.values[index]
        if found.threatened(index).any() or (step.op in _STEPS and not value.is_point.all()):
            return False
    return True


def part_of(program: Program, position: int) -> Program:
    """What gives the instruction's value alone, as the only output."""
    return drop_dead(Program(program.inputs, ("value",), program.instructions, (position,), program.format))


def needed_by(program: Program, position: int) -> set[int]:
    """The instruction and all that it is computed from."""
    found: set[int] = set()
    pending = [position]
    while pending:
        index = pending.pop()
        if index not in found:
            found.add(index)
            pending.extend(program.instructions[index].args)
    return found
