"""The functions of double precision against ball arithmetic: their errors, their ends, and what C99 says."""

from __future__ import annotations

import math
from itertools import product

import numpy as np
import pytest
from numpy.typing import NDArray

from symc.ir.binary64 import BINARY64
from symc.ir.correct_rounding import FUNCTIONS
from symc.ir.ops import PRIMITIVES
from tests.float64.exactly import ulps

F64 = NDArray[np.float64]

COUNT = 400
# Of a normal result, as docs/float64.md states it; one that is subnormal was rounded twice.
LARGEST, LARGEST_SUBNORMAL = 0.54, 0.76
SMALLEST = 2.0**-1022


def rng() -> np.random.Generator:
    return np.random.Generator(np.random.PCG64(20))


def between(low: float, high: float) -> F64:
    return rng().uniform(low, high, COUNT)


def sized(low: float, high: float, *, signed: bool = True) -> F64:
    """Numbers of every size from 2^low to 2^high."""
    generator = rng()
    size = np.exp2(generator.uniform(low, high, COUNT))
    return size * generator.choice([-1.0, 1.0], COUNT) if signed else size


def beside(points: F64, steps: int = 2) -> F64:
    """The points and the doubles next to them."""
    found = [points]
    for way in (-math.inf, math.inf):
        moved = points
        for _ in range(steps):
            moved = np.nextafter(moved, way)
            found.append(moved)
    return np.concatenate(found)


QUARTERS = np.concatenate([np.arange(1.0, 120.0), rng().integers(1, 2**40, 200).astype(np.float64)]) * (np.pi / 2)
# The double closest to a multiple of pi/2, relative to its size, and others where the reduction loses most digits.
CLOSEST = np.array([6381956970095103.0 * 2.0**797, 5319372648326541.0 * 8.0, 2.0**1003, 1e22, 1e308])
TURNS = np.concatenate([beside(QUARTERS), CLOSEST, -CLOSEST])
POWERS_OF_TWO = beside(np.exp2(np.arange(-1022.0, 1024.0, 7.0)))

DOMAINS: dict[str, tuple[F64, ...]] = {
    "exp": (between(-745.1, 709.78), sized(-60, 0), between(-745.1, -708.4), between(709.0, 709.78)),
    "exp2": (between(-1074.9, 1023.9), sized(-60, 0), between(-1074.9, -1022.0)),
    "expm1": (between(-45, 709), sized(-1000, 0), between(-0.02, 0.02), beside(np.array([0.0108, 50.0, -50.0]))),
    "log": (sized(-1074, 1023, signed=False), 1.0 + sized(-52, -3), between(0.7, 1.42), POWERS_OF_TWO),
    "log2": (sized(-1074, 1023, signed=False), 1.0 + sized(-52, -3), POWERS_OF_TWO),
    "log10": (sized(-1074, 1023, signed=False), 1.0 + sized(-52, -3), 10.0 ** np.arange(0.0, 23.0)),
    "log1p": (sized(-1000, 1023, signed=False), between(-0.9999, 2), sized(-70, -1), between(-0.01, 0.01)),
    "sin": (between(-20, 20), sized(-60, 1023), between(-32768, 32768), TURNS),
    "cos": (between(-20, 20), sized(-60, 1023), between(-32768, 32768), TURNS),
    "tan": (between(-20, 20), sized(-60, 1023), between(-32768, 32768), TURNS),
    "asin": (between(-1, 1), sized(-1000, 0), 1.0 - sized(-53, -1, signed=False)),
    "acos": (between(-1, 1), sized(-1000, 0), 1.0 - sized(-53, -1, signed=False), sized(-53, -1, signed=False) - 1.0),
    "atan": (sized(-1000, 1023), between(-2, 2), beside(np.arange(1.0, 65.0) / 64.0), beside(np.array([2.0**60]))),
    "sinh": (between(-710, 710), sized(-1000, 0), between(-0.07, 0.07), beside(np.array([0.0625, 40.0]))),
    "cosh": (between(-710, 710), sized(-60, 0), beside(np.array([40.0]))),
    "tanh": (between(-25, 25), sized(-1000, 0), between(-0.07, 0.07), beside(np.array([0.0625, 22.0]))),
    "asinh": (sized(-1000, 1023), between(-2, 2), between(-0.02, 0.02), beside(np.array([2.0**30]))),
    "acosh": (sized(0, 1023, signed=False), 1.0 + sized(-52, 1, signed=False), beside(np.array([2.0**30]))),
    "atanh": (between(-1, 1), sized(-1000, -1), between(-0.02, 0.02), 1.0 - sized(-53, -1, signed=False)),
    "cbrt": (sized(-1074, 1023), between(1, 8), np.arange(1.0, 60.0) ** 3, POWERS_OF_TWO),
    "erf": (between(-6, 6), sized(-1000, 0), beside(np.array([0.125, 6.0]))),
    "erfc": (between(-6, 26.5), sized(-60, 0), between(26.5, 27.2), beside(np.array([0.125]))),
    "gamma": (
        *(between(0.5, 171.6), between(-184, 1), sized(-1000, 0), between(15, 17), np.arange(1.0, 171.0)),
        np.round(between(1, 170)) * -1.0 + sized(-40, -5),
    ),
}  # fmt: skip
POWERS = (
    (sized(-5, 5, signed=False), between(-20, 20)),
    (sized(-1074, 1000, signed=False), between(-1, 1)),
    (between(0.9, 1.1), between(-7000, 7000)),
    (1.0 + sized(-52, -20), sized(20, 50)),
    (between(1, 50), np.round(between(-60, 60))),
)


def check(name: str, found: F64, *args: F64) -> None:
    errors = ulps(name, found, *args)
    limit = np.where(np.abs(found) < SMALLEST, LARGEST_SUBNORMAL, LARGEST)
    worst = int(np.nanargmax(errors / limit))
    assert errors[worst] <= limit[worst], (name, [a[worst] for a in args], found[worst], errors[worst])


def test_every_function_of_the_table_is_there() -> None:
    assert set(BINARY64) == set(FUNCTIONS) == {*DOMAINS, "pow"}
    assert set(BINARY64) <= set(PRIMITIVES)


@pytest.mark.parametrize("name", sorted(DOMAINS))
def test_error(name: str) -> None:
    x = np.concatenate(DOMAINS[name])
    with np.errstate(all="ignore"):
        check(name, BINARY64[name](x), x)


def test_error_of_powers() -> None:
    for x, y in POWERS:
        with np.errstate(all="ignore"):
            check("pow", BINARY64["pow"](x, y), x, y)


EDGES = np.array(
    [
        *(0.0, -0.0, math.inf, -math.inf, math.nan, 1.0, -1.0, 5e-324, -5e-324, SMALLEST, -SMALLEST),
        *(2.0, -2.0, 0.5, -0.5, 3.0, -3.0, 1.7976931348623157e308, -1.7976931348623157e308, 1e5, -1e5),
    ]
)


def same(found: F64, wanted: F64) -> NDArray[np.bool_]:
    """Equal where a value is special: NaN, infinite, zero with its sign; close elsewhere."""
    with np.errstate(all="ignore"):
        close = np.isclose(found, wanted, rtol=1e-14, atol=0.0)
    zeros = (found == 0.0) & (wanted == 0.0) & (np.signbit(found) == np.signbit(wanted))
    return (np.isnan(found) & np.isnan(wanted)) | zeros | (close & (found != 0.0) & (wanted != 0.0))


@pytest.mark.parametrize("name", sorted(set(DOMAINS) - {"gamma"}))
def test_special_values_are_those_of_c99(name: str) -> None:
    """numpy has C's functions, and scipy the others."""
    with np.errstate(all="ignore"):
        found, wanted = BINARY64[name](EDGES), np.asarray(FUNCTIONS[name](EDGES))
    wrong = ~same(found, wanted)
    assert not wrong.any(), (name, EDGES[wrong], found[wrong], wanted[wrong])


def test_powers_of_special_values_are_those_of_c99() -> None:
    x, y = np.array(list(product(EDGES, EDGES))).T
    with np.errstate(all="ignore"):
        found, wanted = BINARY64["pow"](x, y), np.power(x, y)
    wrong = ~same(found, wanted)
    assert not wrong.any(), list(zip(x[wrong], y[wrong], found[wrong], wanted[wrong], strict=True))[:5]


def test_gamma_at_its_poles_and_ends() -> None:
    poles, ends = (0.0, -0.0, -1.0, -2.0, -171.0, -1e300), (math.inf, -math.inf, math.nan, 171.7, -190.5, -191.5)
    x = np.array([*poles, *ends, 1.0, 2.0])
    with np.errstate(all="ignore"):
        y = BINARY64["gamma"](x)
    assert y[:2].tolist() == [math.inf, -math.inf]
    assert np.isnan(y[2:6]).all() and np.isnan(y[7:9]).all()
    assert y[6] == y[9] == math.inf
    assert y[10] == y[11] == 0.0 and np.signbit(y[10]) and not np.signbit(y[11])
    assert y[12:].tolist() == [1.0, 1.0]


def test_exact_results_are_exact() -> None:
    """Where the real value is a double, it is the result."""
    whole = np.arange(-1074.0, 1024.0)
    with np.errstate(all="ignore"):
        assert (BINARY64["exp2"](whole) == np.ldexp(1.0, whole.astype(int))).all()
        assert (BINARY64["log2"](np.ldexp(1.0, whole.astype(int))) == whole).all()
        assert (BINARY64["log10"](10.0 ** np.arange(0.0, 23.0)) == np.arange(0.0, 23.0)).all()
        assert (BINARY64["cbrt"](np.arange(0.0, 200.0) ** 3) == np.arange(0.0, 200.0)).all()
        assert (BINARY64["pow"](np.arange(1.0, 30.0), np.full(29, 10.0)) == np.arange(1.0, 30.0) ** 10).all()
        assert (BINARY64["gamma"](np.arange(1.0, 23.0)) == [math.factorial(n) for n in range(22)]).all()


def test_a_wrong_last_place_is_an_error() -> None:
    x = between(0.1, 3.0)
    right = BINARY64["exp"](x)
    assert ulps("exp", np.nextafter(right, 0.0), x).max() > 1.0
    with pytest.raises(AssertionError):
        check("exp", np.nextafter(right, 0.0), x)
