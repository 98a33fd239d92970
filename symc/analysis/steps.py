"""One instruction over many boxes: the interval of its values, and where it is in danger."""

from __future__ import annotations

from functools import reduce
from operator import and_
from typing import NamedTuple

import numpy as np

from symc.analysis.enclosures import enclosure
from symc.analysis.interval import Enclosure, Interval, Mask
from symc.ir.program import Instruction


class Step(NamedTuple):
    """One instruction in every box: what counts as its value, and what it was found to give for its operands.

    Where it is in danger is told when it is asked for: bounds that are narrowed ask for values alone.
    """

    value: Interval
    operands: list[Interval]
    found: Enclosure

    @property
    def finite(self) -> Mask:
        """(n,): where every operand is finite."""
        return reduce(and_, (o.finite for o in self.operands))

    @property
    def dangers(self) -> dict[str, Mask]:
        """Kind -> (n,) where its operands are finite and it is in danger of that kind."""
        finite, (value, pole, undefined) = self.finite, self.found
        # Not finite for finite operands, neither a pole nor undefined: too large.
        overflow = finite & ~value.finite & ~pole & ~undefined
        return {"pole": pole & finite, "undefined": undefined & finite & ~pole, "overflow": overflow}

    @property
    def hidden(self) -> Mask:
        """(n,): where it may be in danger although its operands are not finite."""
        return (self.found.pole | self.found.undefined) & ~self.finite


def step_over(step: Instruction, operands: list[Interval], within: Interval | None = None) -> Step:
    """`step`, of an operator, over its operands; `within`: what else is known to enclose its values."""
    found = enclosure(step.op, operands, len(step.args) == 2 and step.args[0] == step.args[1])
    if within is not None:
        found = found._replace(value=meet(found.value, within))
    return Step(found.value, operands, found)


def meet(one: Interval, other: Interval) -> Interval:
    """What both enclose; its bounds are in the wrong order where there is nothing."""
    return Interval(np.maximum(one.low, other.low), np.minimum(one.high, other.high), one.nan & other.nan)
