"""The oracle against an independent judge: mpmath at high precision, rounded by its own exact rational path."""

from __future__ import annotations

from fractions import Fraction

import mpmath
import numpy as np
import pytest

from symc.errors import SymcError
from symc.ir.correct_rounding import FUNCTIONS, MARGIN, correctly_rounded
from symc.ir.evaluate import evaluate
from symc.ir.lower import lower
from symc.ir.parse import parse
from symc.ir.program import Builder

CANONICAL = 0x7FC00000


# Where each function is delicate: ends of its domain, zeros, overflow, subnormal results.
DELICATE: dict[str, tuple[float, ...]] = {
    "cbrt": (27.0, -27.0, 1e-45, 3e38),
    "exp": (88.72, -87.34, -103.97, 1e-4),
    "exp2": (128.0, -126.0, -149.0, -150.0, 1e-4, -1e-8),
    "expm1": (88.72, -17.3, 1e-4, -1e-40),
    "log": (1.0, 1e-45, 3e38),
    "log2": (1.0, 8.0, 1e-45, 3e38),
    "log10": (1.0, 1000.0, 1e-45, 3e38),
    "log1p": (-1.0, 1e-4, -1e-40, 3e38),
    "sin": (3.1415927, 6.2831855, 1e-4),
    "cos": (1.5707964, 1e-4),
    "tan": (1.5707964, 3.1415927, 1e-4),
    "asin": (1.0, -1.0, 0.5, 1e-4),
    "acos": (1.0, -1.0, 0.5, 1e-4),
    "atan": (1.0, 1e-4, 1e8, -3e38),
    "sinh": (89.41, -89.41, 1e-4),
    "cosh": (89.41, 1e-4),
    "tanh": (9.01, -9.01, 1e-4),
    "asinh": (1.0, 1e-4, 1e19, -3e38),
    "acosh": (1.0, 1.0001, 1e19, 3e38),
    "atanh": (1.0, -1.0, 0.5, 1e-4),
    "erf": (3.83, -3.83, 1e-4, 0.5),
    "erfc": (10.05, 9.19, -3.83, 1e-4, 0.5, 27.0),
    "gamma": (35.04, 1.4616321, 2.0, 1e-38, -1e-38, -1.0, -2.5, -3.0, -34.0, -38.5, -41.0, -42.0, -170.5, -3e7),
}
ODD = ("cbrt", "expm1", "log1p", "sin", "tan", "asin", "atan", "sinh", "tanh", "asinh", "atanh", "erf")
GROWING = ("cbrt", "exp", "exp2", "expm1", "log", "log2", "log10", "log1p", "sinh", "cosh", "asinh", "acosh", "gamma")
IN_MPMATH = {"exp2": lambda x: mpmath.power(2, x), "log2": lambda x: mpmath.log(x, 2), "cbrt": lambda x: real_root(x)}


def real_root(x: mpmath.mpf) -> mpmath.mpf:
    return mpmath.sign(x) * mpmath.cbrt(abs(x))


def true_value(name: str, x: float) -> mpmath.mpf | None:
    """The real value, None where there is none."""
    if name in ("erfc", "gamma") and x > 100:  # Far below or above every float, and slow to compute.
        return mpmath.mpf(2) ** (-1000 if name == "erfc" else 1000)
    try:
        value = IN_MPMATH.get(name, getattr(mpmath, name, None))(mpmath.mpf(x))
    except ValueError:  # A pole.
        return None
    return value if isinstance(value, mpmath.mpf) and mpmath.isfinite(value) else None


def nearest(value: mpmath.mpf) -> np.float32:
    """Nearest float32 of a high-precision value, by comparing exact distances to the float32 neighbours."""
    if abs(value) >= mpmath.mpf(2) ** 128 - mpmath.mpf(2) ** 103:
        return np.float32(np.inf if value > 0 else -np.inf)
    if abs(value) < mpmath.mpf(2) ** -200:
        return np.float32(0.0)
    guess = np.float32(float(value))
    guess = guess if np.isfinite(guess) else np.copysign(np.finfo(np.float32).max, guess)
    candidates = [np.nextafter(guess, np.float32(-np.inf)), guess, np.nextafter(guess, np.float32(np.inf))]
    mantissa, exponent = value.man_exp
    sign = -1 if value < 0 else 1
    exact = sign * abs(int(mantissa)) * Fraction(2) ** exponent
    finite = [c for c in candidates if np.isfinite(c)]
    return min(finite, key=lambda c: (abs(Fraction(float(c)) - exact), int(c.view(np.uint32)) & 1))


def delicate_inputs(name: str) -> np.ndarray:
    """Any bits, moderate numbers, and the neighbourhoods of delicate points, near and far."""
    rng = np.random.default_rng(5)
    around = [np.float32(p) for p in (0.0, *DELICATE[name])]
    steps = np.concatenate([np.arange(-12, 13), rng.integers(-(2**16), 2**16, 12)])
    ordered = np.array(around).view(np.int32)[:, None] + steps.astype(np.int32)
    with np.errstate(over="ignore"):
        wide = np.array(around)[:, None] * rng.uniform(0.5, 1.5, 25).astype(np.float32)
    parts = (
        rng.integers(0, 2**32, 300, dtype=np.uint32).view(np.float32),
        rng.normal(scale=3.0, size=500).astype(np.float32),
        rng.uniform(-1.0, 1.0, 300).astype(np.float32),
        ordered.view(np.float32).ravel(),
        wide.ravel(),
    )
    return np.unique(np.concatenate(parts))


@pytest.mark.parametrize("name", sorted(set(FUNCTIONS) - {"pow"}))
def test_functions_are_correctly_rounded(name: str) -> None:
    x = delicate_inputs(name)
    with np.errstate(all="ignore"):
        double = FUNCTIONS[name](x.astype(np.float64))
    result, error = correctly_rounded(name, x), 0.0
    with mpmath.workprec(300):
        for argument, wide, got in zip(x, double, result, strict=True):
            value = true_value(name, float(argument)) if np.isfinite(argument) else None
            if value is None:
                # A pole is infinite; outside the domain is canonical NaN; limits are those of C99.
                assert got.view(np.uint32) == CANONICAL or np.isinf(got) or np.isinf(argument), f"{name}({argument!r})"
                continue
            assert got == nearest(value), f"{name}({argument!r})"
            if value != 0 and 2.0**-160 < abs(value) < 2.0**200:
                error = max(error, abs(float((wide - value) / value)))
    # The rounding test takes the float64 function at its word, with a margin of eight.
    assert error < MARGIN[name] / 8


@pytest.mark.parametrize(
    ("name", "x", "expected"),
    [
        *[(name, np.nan, np.nan) for name in DELICATE],
        *[(name, -0.0, -0.0) for name in ODD],
        *[(name, 0.0, 1.0) for name in ("exp", "exp2", "cos", "cosh", "erfc")],
        *[(name, np.inf, np.inf) for name in GROWING],
        *[(name, -np.inf, -np.inf) for name in ("cbrt", "sinh", "asinh")],
        *[(name, np.inf, np.nan) for name in ("sin", "cos", "tan", "asin", "acos", "atanh")],
        *[(name, -1.0, np.nan) for name in ("log", "log2", "log10", "acosh", "gamma")],
        *[(name, -0.0, -np.inf) for name in ("log", "log2", "log10", "gamma")],
        ("exp", -np.inf, 0.0), ("exp2", -np.inf, 0.0), ("expm1", -np.inf, -1.0), ("exp2", -150.0, 0.0),
        ("exp2", -149.0, 2.0**-149), ("log1p", -1.0, -np.inf), ("log1p", -1.5, np.nan), ("acos", 1.0, 0.0),
        ("acosh", 1.0, 0.0), ("acosh", 0.5, np.nan), ("atanh", 1.0, np.inf), ("atanh", -1.0, -np.inf),
        ("atanh", 1.5, np.nan), ("tanh", np.inf, 1.0), ("erf", np.inf, 1.0), ("erf", -np.inf, -1.0),
        ("erfc", np.inf, 0.0), ("erfc", -np.inf, 2.0), ("gamma", 0.0, np.inf), ("gamma", -np.inf, np.nan),
        ("gamma", -2.0, np.nan), ("gamma", -1e30, np.nan), ("gamma", 5.0, 24.0), ("gamma", -42.5, -0.0),
        ("gamma", -43.5, 0.0), ("gamma", 1e-45, np.inf), ("gamma", -1e-45, -np.inf), ("cbrt", -27.0, -3.0),
        ("log2", 2.0**-149, -149.0), ("log10", 1e10, 10.0),
    ],
)  # fmt: skip
def test_special_values_of_functions(name: str, x: float, expected: float) -> None:
    got = correctly_rounded(name, np.float32([x]))[0]
    want = CANONICAL if np.isnan(expected) else np.float32(expected).view(np.uint32)
    assert got.view(np.uint32) == want


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
