"""Bounds over a box, as narrow as a budget allows: the boxes that set a bound are halved first."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

import numpy as np
from numpy.typing import NDArray

from symc.analysis.crossing import needed_by
from symc.analysis.interval import Real
from symc.analysis.roundoff import Source, drift, roundoff
from symc.analysis.trace import Boxes, Trace, trace
from symc.ir.evaluate import evaluate
from symc.ir.passes import alone
from symc.ir.program import Program

F64 = NDArray[np.float64]

_AT_ONCE = 32
# Where proved and reached bounds differ by less than this share of the reached range, no box is halved any more.
_ENOUGH = 0.01
# Of a bound that nothing is known to reach: it must fall by this share in that many rounds.
_GAIN, _PATIENCE = 0.02, 12
_MOST_BOXES = 20_000


def output_ranges(program: Program, root: Boxes, work: int, proved: Sequence[bool]) -> dict[str, tuple[float, float]]:
    """Output -> (low, high), which encloses what the code gives anywhere in the box; infinite where not `proved`."""
    found = {}
    for k, name in enumerate(program.outputs):
        found[name] = (-np.inf, np.inf)
        if proved[k]:
            one, each = alone(program, k), work // (2 * program.n_out)
            high = greatest(one, root, each, _high, partial(_values, one))
            low = -greatest(one, root, each, _negative_low, partial(_negatives, one))
            found[name] = (low, high)
    return found


def output_errors(
    program: Program,
    root: Boxes,
    work: int,
    proved: Sequence[bool],
    source: Source | None = None,
    inputs: F64 | None = None,
) -> dict[str, float]:
    """Output -> a bound of |code - text| anywhere in the box; infinite where not `proved` or none can be told.

    source: what the program was made from; by default the program itself computes what the text says, with constants
    that may be rounded. inputs: (n_in,), how far each input is from its real value at most; by default it has none.
    """
    each = work // max(program.n_out, 1)
    found = {}
    for k, name in enumerate(program.outputs):
        bound = partial(error_bound, source=None if source is None else source.only(k), inputs=inputs)
        found[name] = greatest(alone(program, k), root, each, bound) if proved[k] else np.inf
    return found


def error_bound(found: Trace, source: Source | None = None, inputs: F64 | None = None) -> F64:
    """(n,): a bound of |code - text| of the first output in every box; see output_errors."""
    result = found.program.results[0]
    if source is None:
        return roundoff(found, inputs=inputs)[result]
    # An identity holds for the constants as they are in float32; what rounding them changed is the same in both forms.
    constants = drift(trace(source.program, found.boxes), source.exact)[source.program.results[0]]
    return roundoff(found, source.constants)[result] + constants


def _high(found: Trace) -> F64:
    return found.values[found.program.results[0]].high.astype(np.float64)


def _negative_low(found: Trace) -> F64:
    return -found.values[found.program.results[0]].low.astype(np.float64)


def _values(program: Program, rows: Real) -> F64:
    return evaluate(program, rows)[:, 0].astype(np.float64)


def _negatives(program: Program, rows: Real) -> F64:
    return -_values(program, rows)


def greatest(
    program: Program,
    root: Boxes,
    work: int,
    bound: Callable[[Trace], F64],
    at: Callable[[Real], F64] | None = None,
) -> float:
    """The greatest `bound` over all boxes, while halving those where it is greatest lowers it.

    at: rows of inputs -> (n,), values that are attained there, which no bound can fall below.
    """
    reached, scale = -np.inf, np.inf
    if at is not None:
        seen = at(np.concatenate([root.low, root.high, root.middle]))
        reached, scale = float(seen.max()), float(seen.max() - seen.min())
    width = np.where(root.high > root.low, root.half_widths, 1.0)
    used = np.zeros(program.n_in, np.bool_)
    steps = [program.instructions[p] for p in needed_by(program, program.results[0])]
    used[[step.index for step in steps if step.op == "input"]] = True
    boxes, bounds = root, bound(trace(program, root))
    before = [float(bounds.max())]
    for _ in range(max(work // (3 * _AT_ONCE * max(len(program.instructions), 1)), 1)):
        greatest = float(bounds.max())
        if len(boxes) > _MOST_BOXES:
            break
        if at is not None and not greatest - reached > _ENOUGH * scale:
            break
        before.append(greatest)
        if at is None and len(before) > _PATIENCE and greatest > (1.0 - _GAIN) * before[-_PATIENCE]:
            break
        # In single precision: numpy's functions differ in their last bits between processors, and bounds that are equal
        # must keep their order, for verify proves the same bound again elsewhere.
        with np.errstate(over="ignore"):
            setting = np.argsort(-bounds.astype(np.float32), kind="stable")[:_AT_ONCE]
        sizes = boxes[setting].half_widths / width * used
        divisible = sizes.max(axis=1, initial=0.0) > 0.0
        setting, sizes = setting[divisible], sizes[divisible]
        if not len(setting):
            break
        split = boxes[setting].split(sizes.argmax(axis=1))
        if at is not None:
            reached = max(reached, float(at(split.middle).max()))
        keep = np.ones(len(boxes), np.bool_)
        keep[setting] = False
        boxes, bounds = boxes[keep].join(split), np.concatenate([bounds[keep], bound(trace(program, split))])
    return float(bounds.max())
