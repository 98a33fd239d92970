"""Minimax polynomials by Remez exchange, their coefficients rounded one after another to what the runtime holds."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import mpmath as mp

Real = Callable[[mp.mpf], mp.mpf]


@dataclass(frozen=True)
class Polynomial:
    """One fit. `first` is the power of the first coefficient's name; `fixed` holds the lowest coefficients, exact.

    `header` is the file under include/symc/ that holds its block. Coefficients are doubles; where `points` is given,
    coefficient k is an integer, the value times 2^points[k], for a header of profile INT; with `bits`, only so many
    leading bits of each are kept.
    """

    name: str
    header: str
    about: str
    g: Real
    weight: Real
    low: float
    high: float
    terms: int
    first: int
    fixed: tuple[float, ...] = ()
    points: tuple[int, ...] = ()
    bits: int = 0


def series(value: Real, taylor: Real, near: float = 1e-9) -> Real:
    """`value` away from 0, where it cancels or divides by zero, and a few Taylor terms close to it."""
    return lambda t: taylor(t) if abs(t) < near else value(t)


def sqrt_of(f: Real) -> Real:
    return lambda z: f(mp.sqrt(z))


def _exchange(t: list[mp.mpf], g: list[mp.mpf], w: list[mp.mpf], powers: range) -> tuple[list[mp.mpf], mp.mpf]:
    """Remez exchange on the grid t: coefficients of t**powers that minimise max w |g - p|, and that maximum."""
    n = len(powers)
    size = len(t)
    index = [round((size - 1) * (1 - math.cos(math.pi * i / n)) / 2) for i in range(n + 1)]
    best: tuple[list[mp.mpf], mp.mpf] | None = None
    for _ in range(30):
        system = mp.matrix(n + 1, n + 1)
        right = mp.matrix(n + 1, 1)
        for row, i in enumerate(index):
            for column, power in enumerate(powers):
                system[row, column] = w[i] * t[i] ** power
            system[row, n] = (-1) ** row
            right[row] = w[i] * g[i]
        solution = mp.lu_solve(system, right)
        coefficients = [solution[k] for k in range(n)]
        error = [w[i] * (g[i] - mp.polyval(coefficients[::-1], t[i]) * t[i] ** powers[0]) for i in range(size)]
        worst = max(abs(e) for e in error)
        if best is None or worst < best[1]:
            best = coefficients, worst
        if worst <= abs(solution[n]) * (1 + mp.mpf(10) ** -4):
            break
        index = _alternation(error, n + 1)
    assert best is not None
    return best


def _alternation(error: list[mp.mpf], count: int) -> list[int]:
    """Positions of `count` alternating extrema of the error, the largest ones."""
    extrema: list[int] = []
    for i, e in enumerate(error):
        if extrema and (error[extrema[-1]] > 0) == (e > 0):
            if abs(e) > abs(error[extrema[-1]]):
                extrema[-1] = i
        else:
            extrema.append(i)
    while len(extrema) > count:
        if len(extrema) == count + 1:
            extrema.pop(0 if abs(error[extrema[0]]) < abs(error[extrema[-1]]) else -1)
        else:
            k = min(range(len(extrema) - 1), key=lambda j: max(abs(error[extrema[j]]), abs(error[extrema[j + 1]])))
            del extrema[k : k + 2]
    if len(extrema) < count:  # the grid's rounding noise: fall back to equally spaced points
        return [round((len(error) - 1) * i / (count - 1)) for i in range(count)]
    return extrema


def fit(p: Polynomial, samples: int = 400) -> tuple[list[mp.mpf], float]:
    """Rounded coefficients of p, lowest power first, and log2 of their largest weighted error."""
    with mp.workdps(60):
        mid, half = (mp.mpf(p.low) + p.high) / 2, (mp.mpf(p.high) - p.low) / 2
        t = [mid - half * mp.cos(mp.pi * i / (samples - 1)) for i in range(samples)]
        g = [p.g(v) for v in t]
        w = [p.weight(v) for v in t]
        done = [mp.mpf(c) for c in p.fixed]
        while len(done) < p.terms:
            rest = [gi - (mp.polyval(done[::-1], ti) if done else 0) for gi, ti in zip(g, t, strict=True)]
            coefficients, _ = _exchange(t, rest, w, range(len(done), p.terms))
            done.append(_rounded(coefficients[0], p.points[len(done)] if p.points else None))
        if p.bits:
            with mp.workprec(p.bits):
                done = [+c for c in done]
        error = max(wi * abs(gi - mp.polyval(done[::-1], ti)) for wi, gi, ti in zip(w, g, t, strict=True))
        return done, float(mp.log(error, 2))


def _rounded(value: mp.mpf, point: int | None) -> mp.mpf:
    """The nearest double, or the nearest multiple of 2^-point."""
    return mp.mpf(float(value)) if point is None else mp.nint(value * mp.mpf(2) ** point) / mp.mpf(2) ** point
