"""Compute every coefficient and table of the binary64 functions, and write them to symc/ir/binary64/constants.py.

    python runtime/double/fit.py            write the file
    python runtime/double/fit.py --check    exit 1 unless the file is what this script computes

Polynomials interpolate at Chebyshev's points: their ranges are so short that no other fit is better by a bit. Tables
are rounded from mpmath at 60 digits, most of them to two doubles, the nearest and the nearest to the rest.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

import mpmath as mp

HERE = Path(__file__).resolve().parent
TARGET = HERE.parent.parent / "symc" / "ir" / "binary64" / "constants.py"

Real = Callable[[mp.mpf], mp.mpf]

_DIGITS = 60


def _series(value: Real, taylor: Real, near: float = 1e-12) -> Real:
    """`value` away from 0, where it cancels or divides by zero, and a few Taylor terms close to it."""
    return lambda t: taylor(t) if abs(t) < near else value(t)



def _odd(f: Real, taylor: Real) -> Real:
    """(f(x) - x) / x^3 in x^2."""
    return _series(lambda z: (f(mp.sqrt(z)) - mp.sqrt(z)) / mp.sqrt(z) ** 3, taylor)


def _polynomial(name: str, about: str, g: Real, weight: Real, low: float, high: float, terms: int) -> str:
    """g on low <= t <= high by a polynomial of so many terms; weight: of its error in the function's that it serves."""
    with mp.workdps(_DIGITS):
        values = [float(v) for v in _interpolated(g, low, high, terms)]
        middle, half = (mp.mpf(low) + high) / 2, (mp.mpf(high) - low) / 2
        grid = [middle + half * mp.mpf(i) / 40 for i in range(-40, 41)]
        worst = max(abs(weight(t) * (g(t) - mp.polyval([mp.mpf(v) for v in values[::-1]], t))) for t in grid)
        return f"# {about}; relative error 2^{float(mp.log(worst, 2)):.1f}.\n" + _numbers(name, values)


def _interpolated(g: Real, low: float, high: float, terms: int) -> list[mp.mpf]:
    """Coefficients of the polynomial that is g at Chebyshev's points."""
    middle, half = (mp.mpf(low) + high) / 2, (mp.mpf(high) - low) / 2
    nodes = [mp.cos(mp.pi * (2 * i + 1) / (2 * terms)) for i in range(terms)]
    # In a variable of size one, a power of two away from the real one, so that the system is well conditioned.
    scale = mp.mpf(2) ** mp.floor(mp.log(max(abs(low), abs(high)), 2))
    points = [(middle + half * t) / scale for t in nodes]
    system = mp.matrix([[t**k for k in range(terms)] for t in points])
    solved = mp.lu_solve(system, mp.matrix([g(t * scale) for t in points]))
    return [solved[k] / scale**k for k in range(terms)]


def _complement() -> str:
    """erfc(x) e^(x^2) in t = 4/(4 + x), in intervals of 1/16 from 1/8 on: 12 coefficients, the first two as pairs."""
    values: list[float] = []
    for j in range(14):
        middle = mp.mpf(5) / 32 + mp.mpf(j) / 16

        def scaled(t: mp.mpf, middle: mp.mpf = middle) -> mp.mpf:
            x = 4 / (middle + t) - 4
            return mp.erfc(x) * mp.exp(x * x)

        first, second, *others = _interpolated(scaled, -1 / 32, 1 / 32, 12)
        for c in (first, second):
            values += [float(c), float(c - mp.mpf(float(c)))]
        values += [float(c) for c in others]
    about = "# erfc(x) e^(x^2) in t = 4/(4 + x) beside 5/32 + j/16: of each j two pairs and ten coefficients.\n"
    return about + _numbers("ERFC", values)


def _numbers(name: str, values: list[float]) -> str:
    body = "".join(f'    _f("{v.hex()}"),\n' for v in values)
    return f"{name} = (\n{body})\n"


def _table(name: str, about: str, values: list[mp.mpf]) -> str:
    """Two tables: each value as the nearest double and the nearest to what is left."""
    highs = [float(v) for v in values]
    lows = [float(v - mp.mpf(h)) for v, h in zip(values, highs, strict=True)]
    return f"# {about}.\n" + _numbers(f"{name}_HI", highs) + _numbers(f"{name}_LO", lows)


def _scalar(name: str, value: float) -> str:
    return f'{name} = _f("{value.hex()}")\n'


def _parts(name: str, about: str, value: mp.mpf, bits: tuple[int, ...]) -> str:
    """value as a sum of doubles of so many bits, the last one of 53."""
    lines, rest = [f"# {about}.\n"], value
    for k, width in enumerate((*bits, 53), 1):
        exponent = int(mp.floor(mp.log(abs(rest), 2)))
        scale = mp.mpf(2) ** (width - 1 - exponent)
        part = mp.floor(rest * scale) / scale if width != 53 else mp.mpf(float(rest))
        lines.append(_scalar(f"{name}_{k}", float(part)))
        rest -= part
    return "".join(lines)


def _pair(name: str, about: str, value: mp.mpf) -> str:
    high = float(value)
    return f"# {about}.\n" + _scalar(f"{name}_HI", high) + _scalar(f"{name}_LO", float(value - high))


def _logarithm() -> str:
    """Of each interval of significands the reciprocal of its middle, in 12 bits, and minus the logarithm of that."""
    offset, step = 0x3FE6A00000000000, 1 << 46
    reciprocals, logarithms = [], []
    for j in range(64):
        middle = offset + step * j + (step >> 1)
        below_one = middle < 0x3FF0000000000000
        value = mp.mpf((middle & ((1 << 52) - 1)) | (1 << 52)) / mp.mpf(2) ** (53 if below_one else 52)
        reciprocal = mp.nint(mp.mpf(2) ** 11 / value) / mp.mpf(2) ** 11
        if abs(value - 1) < mp.mpf(2) ** -8:
            reciprocal = mp.mpf(1)
        reciprocals.append(float(reciprocal))
        logarithms.append(-mp.log(reciprocal))
    highs = [float(mp.nint(v * mp.mpf(2) ** 42) / mp.mpf(2) ** 42) for v in logarithms]
    lows = [float(v - mp.mpf(h)) for v, h in zip(logarithms, highs, strict=True)]
    about = "# Reciprocals in 12 bits of the middles of 64 intervals from 0.707 to 1.414, and minus their logarithms,\n"
    about += "# of which the first part is a multiple of 2^-42.\n"
    return about + _numbers("LOG_C", reciprocals) + _numbers("LOG_HI", highs) + _numbers("LOG_LO", lows)


def _words() -> str:
    """2/pi in words of 32 bits, after two of zeros."""
    count = 40
    scaled = int(mp.floor(2 / mp.pi * mp.mpf(2) ** (32 * count)))
    words = [0, 0, *((scaled >> (32 * (count - 1 - k))) & 0xFFFFFFFF for k in range(count))]
    body = "".join(f"    0x{w:08X},\n" for w in words)
    return f"# Two words of zeros, then the bits of 2/pi in words of 32.\nTWO_OVER_PI = (\n{body})\n"


def text() -> str:
    """The whole file."""
    with mp.workdps(500):
        words = _words()
    with mp.workdps(_DIGITS):
        ln2, end = mp.log(2), float(mp.log(2) / 64) * 1.001
        angle = float(mp.pi / 128) * 1.001
        small = 1.0 / 16
        parts = [
            _parts("LN2_32", "ln(2)/32: 37 bits, the rest", ln2 / 32, (37,)),
            _parts("LN2", "ln(2): 42 bits, the rest", ln2, (42,)),
            _pair("LOG2", "ln(2)", ln2),
            _pair("INV_LN2", "1/ln(2)", 1 / ln2),
            _pair("INV_LN10", "1/ln(10)", 1 / mp.log(10)),
            _scalar("INV_LN2_32", float(32 / ln2)),
            _table("EXP2", "2^(j/32)", [mp.mpf(2) ** (mp.mpf(j) / 32) for j in range(32)]),
            _polynomial(
                "EXP", "(e^r - 1 - r) / r^2 on |r| <= ln(2)/64",
                _series(lambda r: (mp.expm1(r) - r) / r**2, lambda r: mp.mpf(1) / 2 + r / 6 + r * r / 24),
                lambda r: mp.mpf(r) * r, -end, end, 6,
            ),
            _logarithm(),
            _polynomial(
                "LOG", "(ln(1 + r) - r + r^2/2) / r^3 on -1/200 <= r <= 1/127",
                _series(lambda r: (mp.log1p(r) - r + r * r / 2) / r**3, lambda r: mp.mpf(1) / 3 - r / 4),
                lambda r: mp.mpf(r) * r, -1 / 120, 1 / 120, 8,
            ),
            _parts("PI_64", "pi/64: 33 bits, 33, 33, the rest", mp.pi / 64, (33, 33, 33)),
            _pair("PI_2", "pi/2", mp.pi / 2),
            _pair("PI", "pi", mp.pi),
            _scalar("INV_PI_64", float(64 / mp.pi)),
            words,
            _table("SIN", "sin(pi j/64)", [mp.sin(mp.pi * j / 64) for j in range(33)]),
            _polynomial(
                "SINE", "(sin(r) - r) / r^3 in r^2, |r| <= pi/128",
                _odd(mp.sin, lambda z: -mp.mpf(1) / 6 + z / 120),
                lambda z: mp.mpf(z), 0.0, angle**2, 4,
            ),
            _polynomial(
                "COSINE", "(cos(r) - 1 + r^2/2) / r^4 in r^2, |r| <= pi/128",
                _series(lambda z: (mp.cos(mp.sqrt(z)) - 1 + z / 2) / z**2, lambda z: mp.mpf(1) / 24 - z / 720),
                lambda z: mp.mpf(z) ** 2, 0.0, angle**2, 4,
            ),
            _table("ATAN", "atan(j/32)", [mp.atan(mp.mpf(j) / 32) for j in range(33)]),
            _polynomial(
                "ARC", "(atan(r) - r) / r^3 in r^2, |r| <= 1/63",
                _odd(mp.atan, lambda z: -mp.mpf(1) / 3 + z / 5),
                lambda z: mp.mpf(z), 0.0, 1 / 63.0**2, 5,
            ),
            _polynomial(
                "SINH", "(sinh(x) - x) / x^3 in x^2, |x| <= 1/16",
                _odd(mp.sinh, lambda z: mp.mpf(1) / 6 + z / 120),
                lambda z: mp.mpf(z), 0.0, small**2, 5,
            ),
            _polynomial(
                "TANH", "(tanh(x) - x) / x^3 in x^2, |x| <= 1/16",
                _odd(mp.tanh, lambda z: -mp.mpf(1) / 3 + 2 * z / 15),
                lambda z: mp.mpf(z), 0.0, small**2, 7,
            ),
            _polynomial(
                "CBRT", "cube root on 1 <= m <= 8, a first guess", mp.cbrt, lambda m: 1 / mp.cbrt(m), 1.0, 8.0, 6,
            ),
            _pair("ERF_1", "2/sqrt(pi)", 2 / mp.sqrt(mp.pi)),
            _polynomial(
                "ERF", "(erf(x) - 2 x/sqrt(pi)) / x^3 in x^2, |x| <= 1/8",
                _series(
                    lambda z: (mp.erf(mp.sqrt(z)) / mp.sqrt(z) - 2 / mp.sqrt(mp.pi)) / z,
                    lambda z: 2 / mp.sqrt(mp.pi) * (-mp.mpf(1) / 3 + z / 10),
                ),
                lambda z: mp.mpf(z), 0.0, 1 / 64, 7,
            ),
            _complement(),
            _pair("LN_SQRT_2PI", "ln(sqrt(2 pi))", mp.log(mp.sqrt(2 * mp.pi))),
            "# Stirling's series: B(2k) / (2k (2k - 1)) from k = 1.\n",
            _numbers("STIRLING", [float(mp.bernoulli(2 * k) / (2 * k * (2 * k - 1))) for k in range(1, 11)]),
        ]  # fmt: skip
    head = (
        '"""Coefficients and tables of the binary64 functions. Written by runtime/double/fit.py; do not edit."""\n\n'
        "from __future__ import annotations\n\n_f = float.fromhex\n\n"
    )
    return head + "\n".join(parts)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="compare only")
    made = text()
    if parser.parse_args().check:
        if TARGET.read_text(encoding="utf-8") != made:
            print(f"{TARGET.name} is not what fit.py computes")
            return 1
        return 0
    TARGET.write_text(made, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
