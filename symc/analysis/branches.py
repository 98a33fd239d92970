"""The values of a program inside the branches of its selections, where their conditions hold."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from symc.analysis.enclosures import taken
from symc.analysis.guards import ALWAYS, Guarded, Guards, branch, guarded
from symc.analysis.interval import Interval, Mask, grid
from symc.analysis.narrow import Known, known
from symc.analysis.steps import Step, meet, step_over
from symc.ir.program import Instruction, Program


def branches(
    program: Program, base: Sequence[Interval], errors: Sequence[NDArray[np.float64]] | None = None
) -> Branches | None:
    """What is known more than `base`, the values without conditions; None where there is no selection.

    errors: where given, of the values of the code where a branch matters to the code or to the real values, which are
    at most that far apart.
    """
    guards = guarded(program)
    return None if guards is None else Branches(program, base, guards, errors)


class Branches:
    """`values`: per instruction, wherever a result hangs on it. `steps`: of the instructions that gained by it."""

    def __init__(
        self,
        program: Program,
        base: Sequence[Interval],
        guards: Guarded,
        errors: Sequence[NDArray[np.float64]] | None,
    ) -> None:
        self.program, self._base, self._guards = program, base, guards
        n = len(base[0].low)
        self._known = {ALWAYS: Known(np.zeros(n, np.bool_))}
        for asked in sorted(guards.sets, key=len):
            fewer = max((g for g in self._known if g < asked), key=len)
            self._known[asked] = known(program, base, asked - fewer, self._known[fewer], errors)
        self._found: dict[tuple[Guards, int], Interval] = {}
        self.steps: dict[int, Step] = {}
        with np.errstate(all="ignore"):
            for position in range(len(base)):
                for asked in guards.at[position]:
                    self._visit(position, asked)
        self.values = [
            base[p] if own is None else self._found.get((own, p), base[p]) for p, own in enumerate(guards.own)
        ]

    def nowhere(self, position: int) -> Mask:
        """(n,): where nothing hangs on the instruction, since its guards cannot hold."""
        own = self._guards.own[position]
        return self._known[ALWAYS if own is None else own].empty

    def operands(self, position: int) -> list[Interval]:
        """The values that the instruction is given, wherever a result hangs on it."""
        own = self._guards.own[position]
        args = self.program.instructions[position].args
        return [self._base[a] for a in args] if own is None else self._operands(position, own)

    def closed(self, position: int) -> tuple[Mask, Mask]:
        """Of a selection: where its first value cannot be taken, and where its second cannot."""
        own = self._guards.own[position]
        args = self.program.instructions[position].args
        first, second = (self._known.get(branch("select", args, k, own or ALWAYS)) for k in (1, 2))
        nothing = self._known[ALWAYS].empty
        return (nothing if first is None else first.empty), (nothing if second is None else second.empty)

    def _value(self, position: int, guards: Guards) -> Interval:
        return self._found.get((guards, position), self._base[position])

    def _operands(self, position: int, asked: Guards) -> list[Interval]:
        step, own = self.program.instructions[position], self._guards.own[position]
        if step.op != "select":
            return [self._value(a, asked) for a in step.args]
        assert own is not None
        operands = [self._value(step.args[0], asked)]
        for slot in (1, 2):
            argument, inner = step.args[slot], branch(step.op, step.args, slot, own)
            value = self._value(argument, inner)
            if asked != own:
                value = _or_else(meet(self._value(argument, asked), value), value)
            operands.append(value)
        return [self._condition(position, operands[0], asked), *operands[1:]]

    def _condition(self, position: int, condition: Interval, asked: Guards) -> Interval:
        """The condition without the values that would take a branch which is known to be closed."""
        first, second = self.closed(position)
        may_first, may_second = taken(condition)
        # Where neither is open nothing hangs on the selection.
        to_second, to_first = first & may_second, second & may_first & ~first
        if not (to_first.any() or to_second.any()):
            return condition
        least = condition.low.dtype.type(self.program.format.least)
        low = np.where(to_first, np.maximum(condition.low, least), condition.low)
        high = np.where(to_second, np.minimum(condition.high, np.float32(0)), condition.high)
        return _or_else(Interval(low, high, condition.nan & ~to_first), condition)

    def _visit(self, position: int, asked: Guards) -> None:
        step, base, inside = self.program.instructions[position], self._base[position], self._known[asked]
        narrower = inside.values.get(position)
        if not step.args:
            if narrower is not None:
                self._found[asked, position] = narrower
            return
        operands = self._operands(position, asked)
        within = _ordered(step, inside, operands, base)
        if narrower is not None:
            within = narrower if within is None else _or_else(meet(within, narrower), narrower)
        if within is None and all(o is self._base[a] for o, a in zip(operands, step.args, strict=True)):
            return
        found = step_over(step, operands, within)
        impossible = found.value.low > found.value.high
        inside.empty |= impossible
        value = _or_else(found.value, base)
        self._found[asked, position] = value
        if asked == self._guards.own[position]:
            self.steps[position] = found._replace(value=value)


def _ordered(step: Instruction, inside: Known, operands: list[Interval], base: Interval) -> Interval | None:
    """What the order of its operands says of a difference or a quotient."""
    if step.op not in ("sub", "div"):
        return None
    a, b = step.args
    above, below = inside.greater.get((a, b)), inside.greater.get((b, a))
    if above is None and below is None:
        return None
    low, high = base.low, base.high
    if step.op == "sub":
        # Two numbers that differ differ by the spacing of the smaller one at least.
        least = grid(*operands)
        if above is not None:
            low = np.where(above[1], np.maximum(low, least), np.where(above[0], np.maximum(low, 0), low))
        if below is not None:
            high = np.where(below[1], np.minimum(high, -least), np.where(below[0], np.minimum(high, 0), high))
    else:
        positive, one = operands[1].low > 0, np.float32(1)
        if above is not None:
            low = np.where(above[0] & positive, np.maximum(low, one), low)
        if below is not None:
            high = np.where(below[0] & positive, np.minimum(high, one), high)
    return _or_else(Interval(low, high, base.nan), base)


def _or_else(one: Interval, other: Interval) -> Interval:
    """`one`, but where it holds nothing `other`."""
    nothing = one.low > one.high
    if not nothing.any():
        return one
    return Interval(*(np.where(nothing, b, a) for a, b in zip(one, other, strict=True)))
