"""A smooth interpolant of the samples, for what only a function tells: derivatives, and whether variables suffice."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

# Rows that an interpolant is fitted to, and rows that it is judged by.
MOST_ROWS, TEST_ROWS = 500, 250
_STEP = 1e-4
# Of the errors on unseen rows, those that count: all but the largest tenth.
_INNER = 0.9


class Smooth:
    """Radial basis functions through (x, y): r^3 and a polynomial of degree 2, or 1 where rows are few.

    Source: Fornberg and Flyer, "A Primer on Radial Basis Functions" (2015); scipy.interpolate.RBFInterpolator.
    """

    def __init__(self, x: Array, y: Array) -> None:
        """x: (n, d) without equal rows. Raises numpy.linalg.LinAlgError or ValueError where none can be fitted."""
        from scipy.interpolate import RBFInterpolator

        spread = x.std(axis=0)
        self.middle, self.scale = x.mean(axis=0), np.where(spread > 0.0, spread, 1.0)
        self.size = float(y.std()) or 1.0
        terms = (x.shape[1] + 1) * (x.shape[1] + 2) // 2
        degree = 2 if len(x) > 3 * terms else 1
        self._inner = RBFInterpolator((x - self.middle) / self.scale, y / self.size, kernel="cubic", degree=degree)

    def __call__(self, x: Array) -> Array:
        return np.asarray(self._inner((x - self.middle) / self.scale)) * self.size

    def gradient(self, x: Array) -> Array:
        """(n, d) derivatives at x (n, d), by central differences of the interpolant."""
        columns = []
        for k in range(x.shape[1]):
            step = np.zeros(x.shape[1])
            step[k] = _STEP * self.scale[k]
            columns.append((self(x + step) - self(x - step)) / (2.0 * step[k]))
        return np.stack(columns, axis=1)


def error_of(x: Array, y: Array) -> float:
    """How well x tells y: the relative error of an interpolant on unseen rows, as a trimmed root mean square.

    Relative to the root mean square of y; or that of the logarithm of |y|, where that is less. Infinite where no
    interpolant can be fitted.
    """
    return min(error_in(x, y, False), error_in(x, y, True))


def is_smoother_in_logarithms(x: Array, y: Array) -> bool:
    """Whether logarithms tell y better than the numbers do: powers are straight lines in them."""
    return bool((x > 0).all()) and error_in(x, y, True) <= error_in(x, y, False)


def error_in(x: Array, y: Array, logarithms: bool) -> float:
    """error_of in the logarithms of y, and of x where it has them, or in the numbers."""
    if logarithms and not ((y > 0).all() or (y < 0).all()):
        return np.inf
    target = np.log(np.abs(y)) if logarithms else y
    size = 1.0 if logarithms else float(np.sqrt(np.mean(y**2)))
    if x.shape[1] == 0:
        return float(target.std()) / size
    if len(x) < 60 or not ((x.std(axis=0) > 0.0).all() and np.isfinite(x).all() and np.isfinite(target).all()):
        return np.inf
    inputs = np.log(x) if logarithms and (x > 0).all() else x
    cut = min(MOST_ROWS, 2 * len(x) // 3)
    try:
        found = Smooth(inputs[:cut], target[:cut])(inputs[cut : cut + TEST_ROWS])
    except (np.linalg.LinAlgError, ValueError):
        return np.inf
    squares = np.sort((found - target[cut : cut + TEST_ROWS]) ** 2)
    # Beyond the rows that it is fitted to no interpolant is worth anything.
    return float(np.sqrt(np.mean(squares[: int(_INNER * len(squares))]))) / size
