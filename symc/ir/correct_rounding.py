"""Correctly rounded float32 functions for the oracle: float64 where that decides, 200-bit arithmetic where not."""

from __future__ import annotations

import math
from collections.abc import Callable

import mpmath
import numpy as np
import numpy.typing as npt

F32 = npt.NDArray[np.float32]

CANONICAL_NAN: np.float32 = np.uint32(0x7FC00000).view(np.float32)

# numpy's float64 functions are within 4 ulp (2**-50 relative); 2**-45 leaves a wide margin and sends about one
# argument in a million to the slow path.
_MARGIN = 2.0**-45
_PRECISION = 200
_FAST: dict[str, Callable[..., npt.NDArray[np.float64]]] = {
    "exp": np.exp,
    "log": np.log,
    "sin": np.sin,
    "cos": np.cos,
    "tan": np.tan,
    "tanh": np.tanh,
    "pow": np.power,
}


def correctly_rounded(name: str, *args: npt.ArrayLike) -> F32:
    """The float32 nearest to the real value of function `name`, ties to even; a NaN result is 0x7fc00000.

    args: float32 arrays of one shape (or broadcastable). Special values are those of C99 Annex F. The float64
    result decides wherever moving it by 2**-45 of itself does not change its float32; elsewhere (Ziv's rounding
    test: about one in a million) mpmath at 200 bits does.
    """
    operands = np.broadcast_arrays(*(np.asarray(a, dtype=np.float32) for a in args))
    with np.errstate(all="ignore"):
        value = np.atleast_1d(_FAST[name](*(a.astype(np.float64) for a in operands)))
        low = (value * (1.0 - _MARGIN)).astype(np.float32)
        high = (value * (1.0 + _MARGIN)).astype(np.float32)
        result = value.astype(np.float32)
    undecided = np.flatnonzero((low != high) & np.isfinite(value))
    if undecided.size:
        flat = [np.atleast_1d(a).ravel() for a in operands]
        for k in undecided:
            result.flat[k] = _slow(name, *(float(a[k]) for a in flat))
    result[np.isnan(result)] = CANONICAL_NAN
    return result.reshape(operands[0].shape)


def _slow(name: str, *args: float) -> float:
    with mpmath.workprec(_PRECISION):
        if name == "pow":
            return _round(_power(*args))
        return _round(getattr(mpmath, name)(mpmath.mpf(args[0])))


def _power(x: float, y: float) -> mpmath.mpf:
    """x**y for finite non-zero x; negative x only with integer y (all else never reaches the slow path)."""
    magnitude = mpmath.power(mpmath.mpf(abs(x)), mpmath.mpf(y))
    # An exact result (9**1.5) may sit on a rounding boundary: strip the error of the 200-bit evaluation, which is
    # far below any distance an inexact power is known to come to a float32 boundary.
    with mpmath.workprec(120):
        short = +magnitude
    if abs(magnitude - short) < abs(magnitude) * mpmath.mpf(2) ** (20 - _PRECISION):
        magnitude = short
    return -magnitude if x < 0 and y % 2 == 1 else magnitude


def _round(value: mpmath.mpf) -> float:
    """Round to binary32 once, ties to even, subnormals included."""
    mantissa, exponent = mpmath.mpf(value).man_exp
    if mantissa == 0:
        return 0.0
    sign = -1.0 if value < 0 else 1.0
    mantissa = abs(int(mantissa))
    top = mantissa.bit_length() + exponent - 1
    quantum = max(top, -126) - 23
    shift = exponent - quantum
    if shift >= 0:
        steps = mantissa << shift
    else:
        steps, rest = divmod(mantissa, 1 << -shift)
        half = 1 << (-shift - 1)
        steps += rest > half or (rest == half and steps & 1)
    rounded = math.ldexp(steps, quantum)
    return sign * (math.inf if rounded >= 2.0**128 else rounded)
