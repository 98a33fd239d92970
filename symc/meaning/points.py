"""Where text and Program are compared: the same points for the same box on every machine."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice, product

import numpy as np
from numpy.typing import NDArray

from symc.ir.formats import FLOAT32, FLOAT64, Format

F32 = NDArray[np.float32]
Real = NDArray[np.floating]
Box = Sequence[tuple[float, float]]

_MOST_CORNERS = 256
_LARGEST = FLOAT32.largest
# Numbers whose squares overflow or vanish are among them.
_ODD = {
    FLOAT32.name: (0.0, -0.0, 1.0, -1.0, 1e-45, -1e-45, 1e-20, 1e20, -1e20, _LARGEST, -_LARGEST),
    FLOAT64.name: (0.0, -0.0, 1.0, -1.0, 5e-324, -5e-324, 1e-160, 1e160, -1e160, FLOAT64.largest, -FLOAT64.largest),
}
_NEITHER = (np.inf, -np.inf, np.nan)
# Without a box: ten to the power of these, of either sign.
_POWERS = (-6.0, 6.0)


def inside(box: Box | None, n_in: int, count: int, format: Format = FLOAT32) -> Real:
    """About `count` rows (m, n_in) in the box: its corners (of many, some), its middle, zeros, and points that fill it.

    Without a box: points that fill [-10, 10], and points of every size from 1e-6 to 1e6.
    """
    spread = filling(n_in, count)
    if box is None:
        size = 10.0 ** (_POWERS[0] + (_POWERS[1] - _POWERS[0]) * np.abs(2.0 * filling(n_in, count, 1) - 1.0))
        sized = np.where(filling(n_in, count, 2) < 0.5, -size, size)
        return np.concatenate([20.0 * spread - 10.0, sized]).astype(format.dtype)
    low, high = np.array(box, dtype=np.float64).T
    # Doubles may be farther apart than the largest one.
    scale = 2.0 if np.max(high / 2.0 - low / 2.0, initial=0.0) > FLOAT64.largest / 2.0 else 1.0
    low, high = low / scale, high / scale
    # A thousand inputs have more corners than could be counted.
    corners = np.array(list(islice(product((0.0, 1.0), repeat=min(n_in, 8)), _MOST_CORNERS)))
    corners = np.tile(corners, (1, -(-n_in // corners.shape[1])))[:, :n_in]
    parts = [low + corners * (high - low), (low / 2.0 + high / 2.0)[None], low + spread * (high - low)]
    zeros = low + spread[: max(count // 8, 4)] * (high - low)
    for k in range(n_in):
        if low[k] <= 0.0 <= high[k]:
            zeros[k % len(zeros) :: max(n_in, 2), k] = 0.0
    rows, low, high = (scale * np.concatenate([*parts, zeros])).astype(format.dtype), scale * low, scale * high
    return np.clip(rows, low.astype(format.dtype), high.astype(format.dtype))


def odd(n_in: int, count: int, format: Format = FLOAT32) -> Real:
    """(m, n_in): zeros of both signs, subnormal, huge, infinite and NaN inputs, alone and together."""
    values = np.array([*_ODD[format.name], *_NEITHER], format.dtype)
    alone = np.tile(format.dtype(0.75), (n_in * len(values), n_in))
    for k in range(n_in):
        alone[k * len(values) : (k + 1) * len(values), k] = values
    together = values[(filling(n_in, count, 3) * len(values)).astype(np.intp)]
    return np.concatenate([alone[: max(count, len(values))], together])


def filling(n_in: int, count: int, start: int = 0) -> NDArray[np.float64]:
    """(count, n_in) in [0, 1): Roberts' sequence, the multiples of powers of the root of g^(n+1) = g + 1, modulo 1.

    Source: M. Roberts, "The unreasonable effectiveness of quasirandom sequences" (2018); no generator's version and no
    library's takes part, so that a build repeats. `start` sets sequences apart.
    """
    root = 2.0
    for _ in range(64):
        root = (1.0 + root) ** (1.0 / (n_in + 1))
    steps = root ** -np.arange(1.0, n_in + 1)
    return np.modf((np.arange(count)[:, None] + 1 + start * count) * steps + 0.5)[0]
