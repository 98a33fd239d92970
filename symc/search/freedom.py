"""What the constants of a fit may do while the others make up for it, from the Jacobian of the fit."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

# A constant is redundant when the others do as well all but one part in this (of its squared effect) of what it does.
_REDUNDANT = 1e8


@dataclass(frozen=True)
class Freedom:
    """From (J'J/n)^-1 of a fit's Jacobian J (n, p).

    `room[k]` is how far constant k can move per unit of loss, `follow[j, k]` how far constant j then goes for each
    unit that k goes, and `redundant[k]` whether the others make up for all that k does. `idle` says whether some
    constant moves nothing, or its derivative has no value.
    """

    room: list[float]
    follow: Array
    redundant: list[bool]
    idle: bool

    def covariance(self, loss: float, rows: int) -> Array | None:
        """(p, p) of the fitted constants, at a mean squared error over so many rows; None where some tell nothing."""
        if self.idle or any(self.redundant):
            return None
        return np.asarray(self.follow * np.array(self.room) * (loss / (rows - len(self.room))))


def freedom_of(slopes: Array) -> Freedom:
    """The freedom of the constants of a fit with the Jacobian `slopes` (n, p)."""
    scale = np.sqrt(np.mean(slopes**2, axis=0))
    moves = np.isfinite(scale) & (scale > 0.0)
    scale = np.where(moves, scale, 1.0)
    unit = np.where(moves, slopes / scale, 0.0)
    # einsum keeps numpy's own order of summation; a threaded matrix product would not.
    normal = np.einsum("ni,nj->ij", unit, unit) / len(unit) + 1e-12 * np.eye(slopes.shape[1])
    inverse = np.linalg.pinv(normal, hermitian=True)
    diagonal = np.diag(inverse)
    # A constant that moves nothing may be infinitely free.
    with np.errstate(all="ignore"):
        room = diagonal / scale**2
        follow = inverse / diagonal * scale / scale[:, None]
    return Freedom(room.tolist(), follow, (diagonal > _REDUNDANT).tolist(), not moves.all())
