"""The oracle against an independent judge: mpmath at high precision, rounded by its own exact rational path."""

from __future__ import annotations

from fractions import Fraction

import mpmath
import numpy as np
import pytest

from symc.errors import SymcError
from symc.ir.correct_rounding import correctly_rounded
from symc.ir.evaluate import evaluate
from symc.ir.lower import lower
from symc.ir.parse import parse
from symc.ir.program import Builder

CANONICAL = 0x7FC00000


def nearest(value: mpmath.mpf) -> np.float32:
    """Nearest float32 of a high-precision value, by comparing exact distances to the float32 neighbours."""
    guess = np.float32(float(value))
    candidates = [np.nextafter(guess, np.float32(-np.inf)), guess, np.nextafter(guess, np.float32(np.inf))]
    mantissa, exponent = value.man_exp
    sign = -1 if value < 0 else 1
    exact = sign * abs(int(mantissa)) * Fraction(2) ** exponent
    finite = [c for c in candidates if np.isfinite(c)]
    return min(finite, key=lambda c: (abs(Fraction(float(c)) - exact), int(c.view(np.uint32)) & 1))


@pytest.mark.parametrize("name", ["exp", "log", "sin", "cos", "tan", "tanh"])
def test_functions_are_correctly_rounded(name: str) -> None:
    rng = np.random.default_rng(5)
    raw = rng.integers(0, 2**32, 1500, dtype=np.uint32).view(np.float32)
    x = np.concatenate([raw, rng.normal(scale=3.0, size=1500).astype(np.float32)])
    x = x[np.isfinite(x)]
    if name == "exp":
        x = x[np.abs(x) < 87]
    if name == "log":
        x = np.abs(x[x != 0])
    result = correctly_rounded(name, x)
    with mpmath.workprec(300):
        for argument, got in zip(x, result, strict=True):
            want = nearest(getattr(mpmath, name)(mpmath.mpf(float(argument))))
            assert got == want, f"{name}({argument!r})"


def test_hard_cases_from_the_literature_of_this_project() -> None:
    """Inputs where a rounded float64 library gives the wrong float32 for sine and cosine."""
    for name, text in [
        ("sin", "0x1.33333p+13"),
        ("cos", "0x1.3170fp+63"),
        ("cos", "0x1.2b9622p+67"),
        ("cos", "0x1.119ae6p+115"),
    ]:
        x = float.fromhex(text)
        with mpmath.workprec(400):
            want = nearest(getattr(mpmath, name)(mpmath.mpf(x)))
        assert correctly_rounded(name, np.float32([x]))[0] == want


@pytest.mark.parametrize(
    ("x", "y", "expected"),
    [
        (9.0, 1.5, 27.0),
        (4097.0, 2.0, 16785408.0),  # 16785409 lies half way: ties to even
        (2.0, -149.0, 2.0**-149),
        (2.0, -150.0, 0.0),  # half of the least subnormal: ties to even
        (3.0, -150.0, 0.0),
        (-2.0, 3.0, -8.0),
        (0.0, -1.0, np.inf),
        (-0.0, -1.0, -np.inf),
        (np.nan, 0.0, 1.0),
        (1.0, np.nan, 1.0),
        (-1.0, np.inf, 1.0),
        (263169.0, 1.5, 135005696.0),  # 513**3 = 135005697 lies half way: ties to even
    ],
)
def test_pow_special_exact_and_midpoint_cases(x: float, y: float, expected: float) -> None:
    got = correctly_rounded("pow", np.float32([x]), np.float32([y]))[0]
    assert got.view(np.uint32) == np.float32(expected).view(np.uint32)


def test_every_nan_is_canonical() -> None:
    names = ["x0", "x1"]
    texts = ["sqrt(x0)", "log(x0)", "x0 - x1", "x0^x1", "-abs(x0)", "min(x0, x1)", "tan(x0)"]
    program = lower([parse(t, names) for t in texts], names, [f"y{k}" for k in range(len(texts))])
    nans = np.array([0x7FC00001, 0xFFC00000, 0x7F800001, 0xFFFFFFFF], np.uint32).view(np.float32)
    bits = evaluate(program, np.stack([nans, nans], axis=1)).view(np.uint32)
    assert (bits == CANONICAL).all()


def test_minimum_and_maximum_follow_ieee_754_2019() -> None:
    names = ["x0", "x1"]
    program = lower([parse("min(x0, x1)", names), parse("max(x0, x1)", names)], names, ["low", "high"])
    x = np.array([[0.0, -0.0], [-0.0, 0.0], [1.0, np.nan], [np.nan, 1.0], [-np.inf, np.inf]], np.float32)
    low, high = evaluate(program, x).T
    assert np.signbit(low[:2]).all() and not np.signbit(high[:2]).any()
    assert np.isnan(low[2:4]).all() and np.isnan(high[2:4]).all()
    assert low[4] == -np.inf and high[4] == np.inf


def test_relu_keeps_minus_zero_and_nan() -> None:
    program = lower([parse("relu(x0)", ["x0"])], ["x0"], ["y"])
    y = evaluate(program, np.array([[-0.0], [np.nan], [-1.0], [2.0]], np.float32))[:, 0]
    assert np.signbit(y[0]) and np.isnan(y[1]) and y[2] == 0 and not np.signbit(y[2]) and y[3] == 2


def test_a_product_is_rounded_before_the_sum() -> None:
    """(1 + 2^-12)^2 - (1 + 2^-11) is 0 in float32 steps and 2^-24 when fused."""
    b = Builder(["x0"])
    x = b.input(0)
    program = b.finish(["y"], [b.op("sub", b.op("mul", x, x), b.const(1 + 2.0**-11))])
    assert evaluate(program, np.float32([[1 + 2.0**-12]]))[0, 0] == 0


def test_shapes_are_checked_and_an_empty_batch_is_fine() -> None:
    program = lower([parse("x0 + x1", ["x0", "x1"])], ["x0", "x1"], ["y"])
    assert evaluate(program, np.empty((0, 2), np.float32)).shape == (0, 1)
    for shape in [(3,), (2, 3), (1, 2, 2)]:
        with pytest.raises(SymcError, match="shape"):
            evaluate(program, np.zeros(shape, np.float32))
