"""Whether an output is nowhere negative (or nowhere zero either) in a box: proved, refuted at a point, or open."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from symc.analysis.guards import visits
from symc.analysis.trace import Boxes, trace
from symc.ir.passes import alone
from symc.ir.program import Program
from symc.meaning.points import Box, inside

WORK = 4_000_000
_BATCH = 256
_POINTS = 1024


@dataclass(frozen=True)
class Sign:
    """`proved` for every float32 input of the box, or refuted at `place` (input -> value) by `value`, or neither."""

    proved: bool
    place: dict[str, float] | None = None
    value: float | None = None


def nowhere_negative(program: Program, column: int, domain: Box, strict: bool, work: int = WORK) -> Sign:
    """Whether output `column` is at least 0, above 0 when `strict`, at every float32 input of the box; NaN is not."""
    one = alone(program, column)
    result = one.results[0]
    low, high = np.array(domain, dtype=np.float32).reshape(-1, 2).T
    boxes = Boxes(low[None], high[None])
    width = np.where(high > low, high.astype(np.float64) - low.astype(np.float64), 1.0)
    points = inside(domain, one.n_in, _POINTS)
    for _ in range(max(work // (_BATCH * visits(one)), 1)):
        at_points = trace(one, Boxes.of(points)).values[result]
        wrong = np.flatnonzero(at_points.nan | ((at_points.low <= 0) if strict else (at_points.low < 0)))
        if len(wrong):
            worst = wrong[np.argmin(at_points.low[wrong])]
            place = dict(zip(one.inputs, points[worst].tolist(), strict=True))
            return Sign(False, place, np.nan if at_points.nan[worst] else float(at_points.low[worst]))
        batch, rest = boxes[:_BATCH], boxes[_BATCH:]
        value = trace(one, batch).values[result]
        batch = batch[value.nan | ((value.low <= 0) if strict else (value.low < 0))]
        sizes = (batch.high.astype(np.float64) - batch.low.astype(np.float64)) / width
        boxes = rest.join(batch.split(sizes.argmax(axis=1)))
        if not len(boxes):
            return Sign(True)
        points = boxes[-2 * _BATCH :].middle
    return Sign(False)
