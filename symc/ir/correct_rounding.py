"""Correctly rounded float32 functions for the oracle: float64 where that decides, 200-bit arithmetic where not."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    import mpmath

F32 = npt.NDArray[np.float32]

CANONICAL_NAN: np.float32 = np.uint32(0x7FC00000).view(np.float32)

_PRECISION = 200


def _special(name: str) -> Callable[..., npt.NDArray[np.floating]]:
    """A function of scipy.special, imported when first used: it takes as long as all the rest of symc."""

    def call(x: npt.ArrayLike) -> npt.NDArray[np.floating]:
        import scipy.special

        return getattr(scipy.special, name)(x)

    return call


def _gamma(x: npt.ArrayLike) -> npt.NDArray[np.floating]:
    """The gamma function with the special values of C99 Annex F at its poles."""
    x = np.asarray(x)
    pole = (x <= 0) & (x == np.floor(x))
    return np.where(pole, np.where(x == 0, 1 / x, np.nan), _special("gamma")(x))


# In the floating dtype of their operands, the special values those of C99 Annex F.
FUNCTIONS: dict[str, Callable[..., npt.NDArray[np.floating]]] = {
    "cbrt": np.cbrt,
    "exp": np.exp,
    "exp2": np.exp2,
    "expm1": np.expm1,
    "log": np.log,
    "log2": np.log2,
    "log10": np.log10,
    "log1p": np.log1p,
    "pow": np.power,
    "sin": np.sin,
    "cos": np.cos,
    "tan": np.tan,
    "asin": np.arcsin,
    "acos": np.arccos,
    "atan": np.arctan,
    "sinh": np.sinh,
    "cosh": np.cosh,
    "tanh": np.tanh,
    "asinh": np.arcsinh,
    "acosh": np.arccosh,
    "atanh": np.arctanh,
    "erf": _special("erf"),
    "erfc": _special("erfc"),
    "gamma": _gamma,
}

# What a float64 result may be wrong by, relative to itself. numpy's functions are within 4 ulp (2**-50): 2**-45 leaves
# a wide margin and sends about one argument in a million to the slow path. scipy's erfc loses digits in e**(-x**2),
# up to 6e-14 (2**-44) where it is tiny (Cephes' own figure); its erf and gamma are within 4e-15.
MARGIN = {name: 2.0**-45 for name in FUNCTIONS} | {"erf": 2.0**-42, "erfc": 2.0**-40, "gamma": 2.0**-42}


def correctly_rounded(name: str, *args: npt.ArrayLike) -> F32:
    """The float32 nearest to the real value of function `name`, ties to even; a NaN result is 0x7fc00000.

    args: float32 arrays of one shape (or broadcastable). Special values are those of C99 Annex F. The float64
    result decides wherever moving it by more than its error does not change its float32; elsewhere (Ziv's rounding
    test: about one argument in a million, of erfc one in 30000) mpmath at 200 bits does.
    """
    operands = np.broadcast_arrays(*(np.asarray(a, dtype=np.float32) for a in args))
    with np.errstate(all="ignore"):
        value = np.atleast_1d(FUNCTIONS[name](*(a.astype(np.float64) for a in operands)))
        low = (value * (1.0 - MARGIN[name])).astype(np.float32)
        high = (value * (1.0 + MARGIN[name])).astype(np.float32)
        result = value.astype(np.float32)
    undecided = np.flatnonzero((low != high) & np.isfinite(value))
    if undecided.size:
        flat = [np.atleast_1d(a).ravel() for a in operands]
        for k in undecided:
            result.flat[k] = _slow(name, *(float(a[k]) for a in flat))
    result[np.isnan(result)] = CANONICAL_NAN
    return result.reshape(operands[0].shape)


def _slow(name: str, *args: float) -> float:
    # One argument in a million needs it.
    import mpmath

    with mpmath.workprec(_PRECISION):
        if name == "pow":
            return _round(_power(*args))
        if name == "exp2":
            return _round(mpmath.power(2, mpmath.mpf(args[0])))
        if name == "log2":
            return _round(mpmath.log(mpmath.mpf(args[0]), 2))
        if name == "cbrt":
            return math.copysign(_round(mpmath.cbrt(mpmath.mpf(abs(args[0])))), args[0])
        return _round(getattr(mpmath, name)(mpmath.mpf(args[0])))


def _power(x: float, y: float) -> mpmath.mpf:
    """x**y for finite non-zero x; negative x only with integer y (all else never reaches the slow path)."""
    import mpmath

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
    mantissa, exponent = value.man_exp
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
