"""Whether an equation is the law that made its samples, and how far it is from it where it is not.

SRBench calls a law recovered when sympy simplifies found - true or found / true to a constant, with the found constants
rounded. Rounding decides wrongly next to a half and where a law can be written with other constants, as (2a + 2b)^2/4
can. So here an equation is recovered when

1. up to one added or one multiplied constant it agrees with the law within a tolerance, on rows drawn from a box twice
   as wide as that of the samples, and
2. with its constants fitted to the law itself, it agrees within IDENTICAL there: nothing but digits of its constants
   was wrong. An approximation with other operators does not come that close.

sympy then confirms what it can, with the fitted constants replaced by the fractions, powers of pi and square roots that
they are; laws that only the numbers confirm are counted apart.
"""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from math import pi

import numpy as np
import sympy
from _laws import Array, Law, values
from scipy.optimize import least_squares

from symc.ir.parse import complexity, parse
from symc.ir.symbolic import symbol

TOLERANCE = 1e-4
IDENTICAL = 1e-6
ROWS = 2000
# Single rows next to a pole, where digits cancel, decide nothing.
_MOST = 0.99
_SIMPLIFY_SECONDS = 10
_LARGEST_FRACTION = 2000
_SEED = 7


@dataclass(frozen=True)
class Verdict:
    """`by` is "sympy" or "numbers" for a law that was recovered, else empty.

    `r2` and `r2_wide` are 0 for equations worse than the mean, or not finite where the law is. `deviation` is how far
    the equation is from the law in the wide box, as a share of the law's own size.
    """

    r2: float
    r2_wide: float
    nodes: int
    deviation: float
    by: str

    @property
    def recovered(self) -> bool:
        return bool(self.by)


def judge(equation: str, law: Law, noise: float) -> Verdict:
    """Compare an equation over law.inputs, found in samples with that noise, with the law.

    A thousand noisy rows tell a constant to about a thirtieth of the noise, so that more than TOLERANCE is granted
    where the noise is above 0.001.
    """
    expression = parse(equation, law.inputs)
    generator = np.random.default_rng(_SEED)
    inside, wide = law.draw(ROWS, generator), law.draw(ROWS, generator, wide=True)
    true = {"inside": law.values(inside), "wide": law.values(wide)}
    found = {"inside": values(expression, law.inputs, inside), "wide": values(expression, law.inputs, wide)}
    scale, shift, deviation = aligned(found["wide"], true["wide"])
    by = ""
    if deviation <= max(TOLERANCE, noise / 10):
        if deviation > IDENTICAL:
            expression, _ = fitted(expression, law, inside, scale * true["inside"] + shift)
        if aligned(values(expression, law.inputs, wide), true["wide"])[2] <= IDENTICAL:
            by = "sympy" if _confirmed(expression, law) else "numbers"
    return Verdict(
        r2_of(found["inside"], true["inside"]),
        r2_of(found["wide"], true["wide"]),
        complexity(parse(equation, law.inputs)),
        deviation,
        by,
    )


def r2_of(found: Array, true: Array) -> float:
    there = np.isfinite(true)
    errors = np.square(found[there] - true[there])
    return float(max(0.0, 1.0 - errors.sum() / np.square(true[there] - true[there].mean()).sum()))


def aligned(found: Array, true: Array) -> tuple[float, float, float]:
    """(scale, shift, deviation): found is about scale * true + shift, with only the one that fits better."""
    there = np.isfinite(found) & np.isfinite(true)
    if not there.any():
        return 1.0, 0.0, np.inf
    shift = float(np.median(found[there] - true[there]))
    shifted = (1.0, shift, deviation_of(found - shift, true))
    with np.errstate(all="ignore"):
        scale = float(np.median(found[there] / true[there]))
    if not np.isfinite(scale) or scale == 0.0:
        return shifted
    return min(shifted, (scale, 0.0, deviation_of(found / scale, true)), key=lambda one: one[2])


def deviation_of(found: Array, true: Array) -> float:
    there = np.isfinite(true)
    size = np.abs(true[there])
    # Not relative to the value alone, which passes through zero.
    shares = np.abs(found[there] - true[there]) / (size + np.median(size))
    return float(np.quantile(np.where(np.isfinite(shares), shares, np.inf), _MOST, method="higher"))


def fitted(expression: sympy.Expr, law: Law, x: Array, y: Array) -> tuple[sympy.Expr, float]:
    """The expression with its constants fitted to y (n,) at x (n, n_in), starting from those it has.

    Also by how much of itself the constant moved that moved most.
    """
    constants = sorted(expression.atoms(sympy.Float), key=float)
    if not constants:
        return expression, 0.0
    names = [f"constant{k}" for k in range(len(constants))]
    symbols = [symbol(name) for name in names]
    function = sympy.lambdify(
        [symbol(v) for v in law.inputs] + symbols,
        expression.xreplace(dict(zip(constants, symbols, strict=True))),
        "numpy",
    )
    size = np.abs(y) + np.median(np.abs(y))

    def residuals(guess: Array) -> Array:
        with np.errstate(all="ignore"):
            return np.nan_to_num((function(*x.T, *guess) - y) / size, nan=1e6, posinf=1e6, neginf=-1e6)

    start = np.array([float(c) for c in constants])
    best = least_squares(
        residuals, start, x_scale=np.maximum(np.abs(start), 1e-9), xtol=1e-15, ftol=1e-15, gtol=1e-15
    ).x
    moved = float(np.max(np.abs(best - start) / np.maximum(np.abs(start), 1e-300)))
    return expression.xreplace({c: sympy.Float(float(v), 17) for c, v in zip(constants, best, strict=True)}), moved


def _confirmed(expression: sympy.Expr, law: Law) -> bool:
    """Whether sympy, in the time it has, finds found / true or found - true to be a constant."""
    # What is positive in the samples is a length or a mass: sqrt(a^2 b) is a sqrt(b).
    known = {
        symbol(v): sympy.Symbol(v, positive=True) if low >= 0 else sympy.Symbol(v, real=True)
        for v, low in zip(law.inputs, law.low, strict=True)
    }
    found, true = (e.replace(lambda c: c.is_Float, _exact).xreplace(known) for e in (expression, law.expression))
    try:
        with _limit(_SIMPLIFY_SECONDS):
            return bool(sympy.simplify(found / true).is_number or sympy.simplify(found - true).is_number)
    except _OutOfTime:
        return False


def _exact(value: sympy.Float) -> sympy.Expr:
    """The simplest fraction of a power of pi, or square root of one, that a fitted constant is; else its digits."""
    number = abs(float(value))
    known: list[tuple[int, sympy.Expr]] = []
    for root in (1, 2):
        for power in range(-4, 5):
            share = number**root / pi**power
            fraction = Fraction(share).limit_denominator(_LARGEST_FRACTION)
            top, bottom = fraction.as_integer_ratio()
            if 0 < top <= _LARGEST_FRACTION and abs(top / bottom / share - 1) <= IDENTICAL:
                exact = sympy.Rational(top, bottom) * sympy.pi**power
                known.append((top + bottom + abs(power) + root, exact ** sympy.Rational(1, root)))
    if not known:
        return sympy.Rational(repr(float(value)))
    return min(known, key=lambda one: one[0])[1] * (1 if value > 0 else -1)


class _OutOfTime(BaseException):
    """No Exception, which sympy catches in places."""


@contextmanager
def _limit(seconds: float) -> Iterator[None]:
    """Raise _OutOfTime in the block when it takes longer; in a main thread only."""

    def stop(*_: object) -> None:
        raise _OutOfTime

    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
