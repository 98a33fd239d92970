"""Minimax polynomials of the runtime: fit with this file's own Remez exchange, round to double, write into the sources.

    python runtime/poly/fit.py            write the coefficient blocks of the C headers and of the Numba module
    python runtime/poly/fit.py --check    exit 1 unless the blocks there are the ones this script computes

Every polynomial approximates g(t) with the weighted error w(t) |g(t) - p(t)| minimised, w chosen so that this is the
relative error of the function it serves. Coefficients are rounded one after another, lowest power first, and those
left are refitted each time, so that rounding costs almost nothing.
"""

from __future__ import annotations

import argparse
import math
import re
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import mpmath as mp

RUNTIME = Path(__file__).resolve().parent.parent
LN2 = math.log(2.0)
Real = Callable[[mp.mpf], mp.mpf]


@dataclass(frozen=True)
class Polynomial:
    """One fit. `first` is the power of the first coefficient's name; `fixed` holds the lowest coefficients, exact."""

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


def _series(value: Real, taylor: Real, near: float = 1e-9) -> Real:
    """`value` away from 0, where it cancels or divides by zero, and a few Taylor terms close to it."""
    return lambda t: taylor(t) if abs(t) < near else value(t)


def _sqrt_of(f: Real) -> Real:
    return lambda z: f(mp.sqrt(z))


def _one(t: mp.mpf) -> mp.mpf:
    return mp.mpf(1)


_EXP_END = LN2 / 2 * 1.0005
_EXP2_END = 0.5 * 1.0005
_ATANH = ((3 - math.sqrt(8)) * 1.0001) ** 2
_QUARTER = (math.pi / 4 * 1.0002) ** 2

POLYNOMIALS = (
    Polynomial(
        "EXP",
        "exp.h",
        "(exp(r) - 1 - r) / r^2 on |r| <= ln(2)/2",
        _series(lambda r: (mp.exp(r) - 1 - r) / r**2, lambda r: mp.mpf(1) / 2 + r / 6 + r * r / 24),
        lambda r: r * r / mp.exp(r),
        -_EXP_END,
        _EXP_END,
        10,
        2,
    ),
    Polynomial(
        "LOG",
        "log.h",
        "(log((1 + s)/(1 - s)) - 2 s) / s^3 in z = s^2, |s| <= 3 - sqrt(8)",
        _series(_sqrt_of(lambda s: (2 * mp.atanh(s) - 2 * s) / s**3), lambda z: mp.mpf(2) / 3 + z * 2 / 5),
        _series(_sqrt_of(lambda s: s**3 / (2 * mp.atanh(s))), lambda z: z / 2),
        0.0,
        _ATANH,
        7,
        1,
    ),
    Polynomial(
        "SIN",
        "trig.h",
        "(sin(r) - r) / r^3 in z = r^2, |r| <= pi/4",
        _series(_sqrt_of(lambda r: (mp.sin(r) - r) / r**3), lambda z: -mp.mpf(1) / 6 + z / 120 - z * z / 5040),
        _series(_sqrt_of(lambda r: r**3 / mp.sin(r)), lambda z: z),
        0.0,
        _QUARTER,
        6,
        1,
    ),
    Polynomial(
        "COS",
        "trig.h",
        "(cos(r) - 1) / r^2 in z = r^2, |r| <= pi/4",
        _series(_sqrt_of(lambda r: (mp.cos(r) - 1) / r**2), lambda z: -mp.mpf(1) / 2 + z / 24 - z * z / 720),
        _sqrt_of(lambda r: r * r / mp.cos(r)),
        0.0,
        _QUARTER,
        6,
        1,
    ),
    Polynomial(
        "EXPM1",
        "tanh.h",
        "(exp(r) - 1 - r) / r^2 on |r| <= ln(2)/2, for exp(r) - 1",
        _series(lambda r: (mp.exp(r) - 1 - r) / r**2, lambda r: mp.mpf(1) / 2 + r / 6 + r * r / 24),
        _series(lambda r: abs(r * r / mp.expm1(r)), abs),
        -_EXP_END,
        _EXP_END,
        10,
        2,
    ),
    Polynomial(
        "LOG2",
        "pow.h",
        "log2((1 + s)/(1 - s)) / s in z = s^2, |s| <= 3 - sqrt(8)",
        _series(_sqrt_of(lambda s: 2 * mp.atanh(s) / s / mp.log(2)), lambda z: (2 + z * 2 / 3) / mp.log(2)),
        _series(_sqrt_of(lambda s: s / (2 * mp.atanh(s)) * mp.log(2)), lambda z: mp.log(2) / 2),
        0.0,
        _ATANH,
        8,
        0,
    ),
    Polynomial(
        "EXP2",
        "pow.h",
        "2^g on |g| <= 1/2",
        lambda g: mp.mpf(2) ** g,
        lambda g: mp.mpf(2) ** -g,
        -_EXP2_END,
        _EXP2_END,
        11,
        0,
        (1.0,),
    ),
)


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


def fit(p: Polynomial, points: int = 400) -> tuple[list[float], float]:
    """Rounded coefficients of p, lowest power first, and log2 of their largest weighted error."""
    with mp.workdps(60):
        mid, half = (mp.mpf(p.low) + p.high) / 2, (mp.mpf(p.high) - p.low) / 2
        t = [mid - half * mp.cos(mp.pi * i / (points - 1)) for i in range(points)]
        g = [p.g(v) for v in t]
        w = [p.weight(v) for v in t]
        done = [mp.mpf(c) for c in p.fixed]
        while len(done) < p.terms:
            rest = [gi - (mp.polyval(done[::-1], ti) if done else 0) for gi, ti in zip(g, t, strict=True)]
            coefficients, _ = _exchange(t, rest, w, range(len(done), p.terms))
            done.append(mp.mpf(float(coefficients[0])))
        error = max(wi * abs(gi - mp.polyval(done[::-1], ti)) for wi, gi, ti in zip(w, g, t, strict=True))
        return [float(c) for c in done], float(mp.log(error, 2))


def literal(value: float) -> str:
    """A hexadecimal literal valid in C99, C++17 and float.fromhex."""
    mantissa, exponent = value.hex().split("p")
    return f"{mantissa.rstrip('0').rstrip('.') if '.' in mantissa else mantissa}p{exponent}"


def _c_block(p: Polynomial, values: list[float], error: float) -> str:
    lines = [f"/* poly/fit.py: {p.about}; relative error 2^{error:.1f}. */"]
    for k, v in enumerate(values):
        lines.append(f"#define SYMC_{p.name}_{p.first + k} " + (f"({literal(v)})" if v < 0 else literal(v)))
    return "\n".join(lines)


def _python_block(p: Polynomial, values: list[float]) -> str:
    return "\n".join(
        f'{p.name}_{p.first + k} = np.float64(float.fromhex("{literal(v)}"))' for k, v in enumerate(values)
    )


def _replace(text: str, name: str, block: str, comment: tuple[str, str]) -> str:
    begin, end = (f"{comment[0]} {word} {name} {comment[1]}".rstrip() for word in ("begin", "end"))
    pattern = re.compile(re.escape(begin) + r"\n.*?" + re.escape(end), re.DOTALL)
    if not pattern.search(text):
        raise SystemExit(f"no block {name!r} to write")
    return pattern.sub(lambda _: f"{begin}\n{block}\n{end}", text)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="compare with the sources, write nothing")
    arguments = parser.parse_args()
    numba = RUNTIME / "numba" / "symc_runtime.py"
    texts: dict[Path, str] = {}
    for p in POLYNOMIALS:
        values, error = fit(p)
        header = RUNTIME / "include" / "symc" / p.header
        for path, block, comment in (
            (header, _c_block(p, values, error), ("/*", "*/")),
            (numba, _python_block(p, values), ("#", "")),
        ):
            text = texts.get(path) or path.read_text(encoding="utf-8")
            texts[path] = _replace(text, p.name, block, comment)
        print(f"{p.name:6} {p.terms:2} coefficients, error 2^{error:.1f}")
    changed = [path for path, text in texts.items() if path.read_text(encoding="utf-8") != text]
    for path in changed:
        print(("differs: " if arguments.check else "written: ") + str(path.relative_to(RUNTIME)))
        if not arguments.check:
            path.write_text(texts[path], encoding="utf-8")
    return 1 if arguments.check and changed else 0


if __name__ == "__main__":
    sys.exit(main())
