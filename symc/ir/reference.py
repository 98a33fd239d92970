"""What an equation means: its real value, with a proven error, by ball arithmetic on the text as it is written.

Nothing of the compiler takes part: no sympy, no Program, no float32. FLINT's Arb (Johansson, "Arb: efficient
arbitrary-precision midpoint-radius interval arithmetic", IEEE Trans. Computers 66, 2017) encloses every step.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from flint import arb, ctx
from numpy.typing import NDArray

from symc.ir.ops import OPERATORS
from symc.ir.reading import Steps, fold

PRECISION = 200
# Where a value nearly cancels or sits at a step.
_MORE_PRECISION = 1200
# A value is known when its ball is this much smaller than itself.
_BITS = 60


class Undecided(ArithmeticError):
    """A comparison or a step (floor, sign) that hangs on more digits than were computed."""


def real_value(steps: Steps, names: Sequence[str], row: Sequence[float]) -> arb | None:
    """The equation's real value at a row of finite inputs, called by `names`: a ball with a relative error below 2^-60.

    A ball that is not finite where the equation has no real value there (a pole, the logarithm of -1); None where the
    precision does not decide.
    """
    for precision in (PRECISION, _MORE_PRECISION):
        with ctx.workprec(precision):
            try:
                value = fold(steps, Balls(dict(zip(names, map(arb, row), strict=True))))
            except Undecided:
                continue
        if not value.is_finite() or value.is_zero() or value.rel_accuracy_bits() >= _BITS:
            return value
    return None


def real_values(steps: Steps, names: Sequence[str], x: NDArray[np.floating]) -> NDArray[np.float64]:
    """(n,): real_value at each row of x (n, n_in), rounded to float64.

    NaN where the equation has no real value, +inf where the precision does not decide; values beyond float64's range
    are its largest or smallest ones, so that both marks stay what they say.
    """
    return real_values_and_rest(steps, names, x)[0]


def real_values_and_rest(
    steps: Steps, names: Sequence[str], x: NDArray[np.floating]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """real_values, and what rounding to float64 leaves of each, (n,) too: by which an error is told."""
    largest = float(np.finfo(np.float64).max)
    found, rest = np.empty(len(x)), np.zeros(len(x))
    for k, row in enumerate(x.astype(np.float64).tolist()):
        value = real_value(steps, names, row)
        if value is None:
            found[k] = np.inf
        else:
            found[k] = np.clip(float(value.mid()), -largest, largest) if value.is_finite() else np.nan
            if abs(found[k]) < largest:
                rest[k] = float(value.mid() - arb(found[k]))
    return found, rest


class Balls:
    """Balls as an algebra to read an equation in; `values` are those of its names."""

    def __init__(self, values: dict[str, arb]) -> None:
        self.values = values

    def number(self, text: str) -> arb:
        return arb.pi() if text == "pi" else arb(text)

    def name(self, text: str) -> arb:
        return self.values[text]

    def apply(self, operator: str, args: Sequence[arb]) -> arb:
        expansion = OPERATORS[operator].expansion
        return self.op(operator, *args) if expansion is None else expansion(self, tuple(args))

    def op(self, name: str, *args: arb) -> arb:
        """A primitive; with const, what notation is expanded with."""
        return REAL[name](*args)

    def const(self, value: float) -> arb:
        return arb(value)


def _truth(holds: Callable[[arb, arb], bool], fails: Callable[[arb, arb], bool], of_nan: int) -> Callable[..., arb]:
    def compare(x: arb, y: arb) -> arb:
        if not (x.is_finite() and y.is_finite()):
            return arb(of_nan)
        if holds(x, y):
            return arb(1)
        if fails(x, y):
            return arb(0)
        raise Undecided

    return compare


def _positive(x: arb) -> bool:
    """Whether x > 0; no for what has no value, as the operator table says."""
    if x > 0:
        return True
    if x <= 0 or not x.is_finite():
        return False
    raise Undecided


def _to_integer(rounding: Callable[[arb], arb]) -> Callable[[arb], arb]:
    def convert(x: arb) -> arb:
        whole = rounding(x)
        if whole.is_finite() and not whole.is_exact():
            raise Undecided
        return whole

    return convert


def _nearest(x: arb) -> arb:
    below = (x - 0.5).ceil()
    above = (x + 0.5).floor()
    if below.is_exact() and above.is_exact():
        # Two whole numbers are equally near only to a tie: the even one.
        return below if below == above or (below / 2).is_integer() else above
    raise Undecided


def _sign(x: arb) -> arb:
    if not x.is_finite() or x.is_zero():
        return x
    return arb(1) if _positive(x) else arb(-1)


def _mod(x: arb, y: arb) -> arb:
    return x - y * REAL["floor"](x / y)


def _cbrt(x: arb) -> arb:
    if not x.is_finite() or x.is_zero():
        return x
    return x.root(3) if _positive(x) else -((-x).root(3))


def _power(x: arb, y: arb) -> arb:
    if y.is_zero() or x == 1:
        return arb(1)
    if not (x.is_finite() and y.is_finite()):
        return arb.nan()
    if x.is_zero():
        return arb(0) if _positive(y) else arb.nan()
    if _positive(x):
        return x**y
    if not y.is_exact():
        raise Undecided
    if not y.is_integer():
        return arb.nan()
    size = (-x) ** y
    return size if (y / 2).is_integer() else -size


def _select(x: arb, y: arb, z: arb) -> arb:
    return y if _positive(x) else z


def _relu(x: arb) -> arb:
    return x.max(arb(0)) if x.is_finite() else x


# Every primitive of the operator table as the real function it is.
REAL: dict[str, Callable[..., arb]] = {
    "add": lambda x, y: x + y,
    "sub": lambda x, y: x - y,
    "mul": lambda x, y: x * y,
    "div": lambda x, y: x / y,
    "neg": lambda x: -x,
    "abs": abs,
    "min": lambda x, y: x.min(y),
    "max": lambda x, y: x.max(y),
    "relu": _relu,
    "select": _select,
    "lt": _truth(lambda x, y: x < y, lambda x, y: x >= y, 0),
    "le": _truth(lambda x, y: x <= y, lambda x, y: x > y, 0),
    "gt": _truth(lambda x, y: x > y, lambda x, y: x <= y, 0),
    "ge": _truth(lambda x, y: x >= y, lambda x, y: x < y, 0),
    "eq": _truth(lambda x, y: x == y, lambda x, y: x != y, 0),
    "ne": _truth(lambda x, y: x != y, lambda x, y: x == y, 1),
    "floor": _to_integer(lambda x: x.floor()),
    "ceil": _to_integer(lambda x: x.ceil()),
    "round": _nearest,
    "trunc": lambda x: REAL["floor"](x) if _positive(x) else REAL["ceil"](x),
    "sign": _sign,
    "mod": _mod,
    "sqrt": lambda x: x.sqrt(),
    "cbrt": _cbrt,
    "exp": lambda x: x.exp(),
    "exp2": lambda x: arb(2) ** x,
    "expm1": lambda x: x.expm1(),
    "log": lambda x: x.log(),
    "log2": lambda x: x.log() / arb.const_log2(),
    "log10": lambda x: x.log() / arb.const_log10(),
    "log1p": lambda x: x.log1p(),
    "pow": _power,
    "sin": lambda x: x.sin(),
    "cos": lambda x: x.cos(),
    "tan": lambda x: x.tan(),
    "asin": lambda x: x.asin(),
    "acos": lambda x: x.acos(),
    "atan": lambda x: x.atan(),
    "sinh": lambda x: x.sinh(),
    "cosh": lambda x: x.cosh(),
    "tanh": lambda x: x.tanh(),
    "asinh": lambda x: x.asinh(),
    "acosh": lambda x: x.acosh(),
    "atanh": lambda x: x.atanh(),
    "erf": lambda x: x.erf(),
    "erfc": lambda x: x.erfc(),
    "gamma": lambda x: x.gamma(),
}
