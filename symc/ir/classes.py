"""Outputs read as classes: which class a row means, and on how many rows two answers mean the same."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

# Behind these heads outputs are probabilities: of classes that exclude one another, or of each by itself.
ONE_OF, EACH = "softmax", "sigmoid"
_HALF = 0.5


def are_classes(head: str) -> bool:
    """Whether a block that ends in this head, by its name, is a classifier."""
    return head in (ONE_OF, EACH)


def decisions(y: NDArray[np.floating], head: str = ONE_OF) -> NDArray[np.intp]:
    """What each row of outputs (n, n_out) decides, (n, 1) or (n, n_out).

    The first of the largest outputs, or behind a sigmoid, and of a single output, whether it is above a half.
    """
    if head == EACH or y.shape[1] == 1:
        return (y > _HALF).astype(np.intp)
    return np.argmax(y, axis=1)[:, None]


def agreeing(first: NDArray[np.floating], second: NDArray[np.floating], head: str = ONE_OF) -> NDArray[np.bool_]:
    """(n,): whether two answers (n, n_out) decide the same, in every output; False where one is not finite."""
    same = (decisions(first, head) == decisions(second, head)).all(axis=1)
    return np.asarray(same & np.isfinite(first).all(axis=1) & np.isfinite(second).all(axis=1))
