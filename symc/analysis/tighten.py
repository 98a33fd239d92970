"""The range of each output, as narrow as a budget allows: the boxes that set its bounds are halved first."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from symc.analysis.crossing import needed_by
from symc.analysis.trace import Boxes, trace
from symc.ir.program import Program
from symc.meaning.compile import alone

_AT_ONCE = 32
# Where proved and reached bounds differ by less than this share of the reached range, no box is halved any more.
_ENOUGH = 0.01
_MOST_BOXES = 20_000


def output_ranges(program: Program, root: Boxes, work: int, proved: Sequence[bool]) -> dict[str, tuple[float, float]]:
    """Output -> (low, high), which encloses what the code gives anywhere in the box; infinite where not `proved`."""
    each = work // max(program.n_out, 1)
    found = {}
    for k, name in enumerate(program.outputs):
        found[name] = _range(alone(program, k), root, each) if proved[k] else (-np.inf, np.inf)
    return found


def _range(program: Program, root: Boxes, work: int) -> tuple[float, float]:
    result = program.results[0]
    width = np.where(root.high > root.low, root.high.astype(np.float64) - root.low.astype(np.float64), 1.0)
    used = np.zeros(program.n_in, np.bool_)
    used[
        [program.instructions[p].index for p in needed_by(program, result) if program.instructions[p].op == "input"]
    ] = 1
    boxes = root
    value = trace(program, boxes).values[result]
    low, high = value.low, value.high
    reached = trace(program, Boxes.of(np.concatenate([root.low, root.high, root.middle]))).values[result]
    least, most = float(reached.low.min()), float(reached.high.max())
    for _ in range(max(work // (4 * _AT_ONCE * max(len(program.instructions), 1)), 1)):
        gap = max(float(high.max()) - most, least - float(low.min()))
        if not gap > _ENOUGH * (most - least) or len(boxes) > _MOST_BOXES:
            break
        setting = np.unique(np.concatenate([np.argsort(-high)[:_AT_ONCE], np.argsort(low)[:_AT_ONCE]]))
        sizes = (boxes.high[setting].astype(np.float64) - boxes.low[setting].astype(np.float64)) / width
        sizes[:, ~used] = 0.0
        setting = setting[sizes.max(axis=1, initial=0.0) > 0.0]
        sizes = sizes[sizes.max(axis=1, initial=0.0) > 0.0]
        if not len(setting):
            break
        split = boxes[setting].split(sizes.argmax(axis=1))
        new = trace(program, split).values[result]
        inner = trace(program, Boxes.of(split.middle)).values[result].low
        least, most = min(least, float(inner.min())), max(most, float(inner.max()))
        keep = np.ones(len(boxes), np.bool_)
        keep[setting] = False
        boxes = boxes[keep].join(split)
        low, high = np.concatenate([low[keep], new.low]), np.concatenate([high[keep], new.high])
    return float(low.min()), float(high.max())
