"""Looking for the inputs of a domain at which a program takes longest."""

from __future__ import annotations

import random
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from symc.ir.formats import FLOAT32, Format
from symc.meaning.points import Box, Real, inside

Counts = NDArray[np.int64]

_ROUNDS = 4
_PARENTS = 8
_CHILDREN = 32
# Subnormal results and arguments take ways of their own; no sample of a box meets them.
_TINY = (1e-20, 1e-38, 1e-44)


def first_rows(box: Box, n_in: int, count: int, format: Format = FLOAT32) -> Real:
    """About `count` rows (m, n_in): corners, the middle, zeros, tiny values, and points that fill the box."""
    rows = [inside(box, n_in, count, format)]
    low, high = np.array(box, dtype=format.dtype).T
    for tiny in _TINY:
        row = np.where((low <= 0.0) & (high >= 0.0), np.where(high > 0.0, tiny, -tiny), low / 2 + high / 2)
        rows.append(np.clip(row.astype(format.dtype), low, high)[None])
    return np.concatenate(rows)


def hardest(count: Callable[[Real], Counts], box: Box, rows: Real, costs: Counts) -> tuple[Real, int, int]:
    """The row that costs most, its cost, and how many rows were counted beside those given, (m, n_in) with their costs.

    From the dearest rows on: inputs are moved, drawn anew and exchanged with those of other rows, in smaller steps from
    round to round. It is a search and no bound. It repeats: the generator's sequence is that of a fixed seed.
    """
    generator = random.Random(1)
    low, high = np.array(box, dtype=np.float64).T
    counted = 0
    for round_ in range(_ROUNDS):
        best, step = _dearest(rows, costs), 4.0**-round_
        children = np.array([_child(generator, r, best, low, high, step) for r in np.tile(best, (_CHILDREN, 1))])
        children = np.clip(children.astype(rows.dtype), low.astype(rows.dtype), high.astype(rows.dtype))
        rows, costs = np.concatenate([rows, children]), np.concatenate([costs, count(children)])
        counted += len(children)
    k = int(costs.argmax())
    return rows[k], int(costs[k]), counted


def _dearest(rows: Real, costs: Counts) -> Real:
    distinct = np.unique(rows, axis=0, return_index=True)[1]
    order = sorted(distinct.tolist(), key=lambda k: (-int(costs[k]), k))
    return rows[order[:_PARENTS]]


def _child(
    generator: random.Random,
    row: Real,
    others: Real,
    low: NDArray[np.float64],
    high: NDArray[np.float64],
    step: float,
) -> NDArray[np.float64]:
    child = row.astype(np.float64)
    k = int(generator.random() * len(child))
    way = generator.random()
    if way < 0.25:
        child[k] = low[k] + generator.random() * (high[k] - low[k])
    elif way < 0.5 and len(child) > 1:
        other = others[int(generator.random() * len(others))]
        child[k] = other[k]
    elif way < 0.75:
        child[k] += step * (generator.random() - 0.5) * (high[k] - low[k])
    else:
        moves = np.array([generator.random() for _ in child]) - 0.5
        child += step * moves * (high - low)
    return child
