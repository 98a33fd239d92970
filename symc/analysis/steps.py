"""One instruction over many boxes: the interval of its values, and where it is in danger."""

from __future__ import annotations

from functools import reduce
from operator import and_
from typing import NamedTuple

import numpy as np

from symc.analysis.enclosures import enclosure
from symc.analysis.interval import Interval, Mask
from symc.ir.program import Instruction


class Step(NamedTuple):
    """dangers: kind -> (n,) where its operands are finite and it is in danger of that kind.

    hidden: where it may be although they are not finite; None where they all are.
    """

    value: Interval
    dangers: dict[str, Mask]
    hidden: Mask | None


def step_over(step: Instruction, operands: list[Interval], within: Interval | None = None) -> Step:
    """`step`, of an operator, over its operands; `within`: what else is known to enclose its values."""
    found = enclosure(step.op, operands, len(step.args) == 2 and step.args[0] == step.args[1])
    value = found.value if within is None else meet(found.value, within)
    finite = reduce(and_, (o.finite for o in operands))
    pole, undefined = found.pole, found.undefined
    dangers = {"pole": pole & finite, "undefined": undefined & finite & ~pole}
    # Not finite for finite operands, neither a pole nor undefined: too large.
    dangers["overflow"] = finite & ~value.finite & ~pole & ~undefined
    return Step(value, dangers, None if finite.all() else (pole | undefined) & ~finite)


def meet(one: Interval, other: Interval) -> Interval:
    """What both enclose; its bounds are in the wrong order where there is nothing."""
    return Interval(np.maximum(one.low, other.low), np.minimum(one.high, other.high), one.nan & other.nan)
