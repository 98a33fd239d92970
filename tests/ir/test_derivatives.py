"""Derivatives of the operators against mpmath's, in float32 to a few ulp of what they are made of."""

from __future__ import annotations

import mpmath
import numpy as np
import pytest

from symc.ir.derivatives import digamma
from symc.ir.derive import jacobian
from symc.ir.directional import hessian, pullback, pushforward
from symc.ir.evaluate import evaluate
from symc.ir.lower import lower
from symc.ir.ops import OPERATORS
from symc.ir.parse import parse
from symc.ir.program import Builder, Program
from symc.ir.slopes import slope

IN_MPMATH = {
    "cbrt": lambda x: mpmath.sign(x) * mpmath.cbrt(abs(x)),
    "exp2": lambda x: mpmath.power(2, x),
    "log2": lambda x: mpmath.log(x, 2),
    "log1p": lambda x: mpmath.log(1 + x),
}
RANGES = {
    "sqrt": (1e-3, 50), "cbrt": (-50, 50), "exp": (-80, 80), "exp2": (-120, 120), "expm1": (-80, 80),
    "log": (1e-3, 50), "log2": (1e-3, 50), "log10": (1e-3, 50), "log1p": (-0.9, 50), "sin": (-9, 9), "cos": (-9, 9),
    "tan": (-1.5, 1.5), "asin": (-0.99, 0.99), "acos": (-0.99, 0.99), "atan": (-50, 50), "sinh": (-80, 80),
    "cosh": (-80, 80), "tanh": (-1, 1), "asinh": (-50, 50), "acosh": (1.01, 50), "atanh": (-0.99, 0.99),
    "erf": (-4, 4), "erfc": (-4, 4), "gamma": (-8.5, 30),
}  # fmt: skip


def single(name: str) -> Program:
    names = ["x", "y", "z"][: OPERATORS[name].arity]
    b = Builder(names)
    return b.finish(["r"], [b.op(name, *(b.input(k) for k in range(len(names))))])


@pytest.mark.parametrize("name", sorted(RANGES))
def test_derivatives_of_functions(name: str) -> None:
    x = np.random.default_rng(1).uniform(*RANGES[name], 200).astype(np.float32)
    got = evaluate(jacobian(single(name)), x[:, None])[:, 0].astype(np.float64)
    with mpmath.workdps(40):
        f = IN_MPMATH.get(name, getattr(mpmath, name, None))
        want = np.array([float(mpmath.diff(f, mpmath.mpf(float(v)))) for v in x])
    # Of gamma, the digamma factor is good to an absolute error, which counts where it is small.
    scale = np.abs([float(mpmath.gamma(float(v))) for v in x]) if name == "gamma" else 0.0
    assert (np.abs(got - want) <= 4e-6 * np.abs(want) + 1e-6 * scale + 1e-37).all()


def test_digamma_is_as_good_as_it_says() -> None:
    b = Builder(["x"])
    program = b.finish(["y"], [digamma(b, b.input(0))])
    rng = np.random.default_rng(0)
    near_poles = -np.arange(1, 40) + rng.uniform(-1e-3, 1e-3, 39)
    parts = (rng.uniform(-42, 40, 2000), rng.uniform(-3, 3, 1000), 10 ** rng.uniform(-30, 30, 300), near_poles)
    x = np.concatenate(parts).astype(np.float32)
    want = np.array([float(mpmath.digamma(mpmath.mpf(float(v)))) for v in x])
    got = evaluate(program, x[:, None])[:, 0]
    assert (np.abs(got - want) <= 1e-6 * np.maximum(1, np.abs(want))).all()


@pytest.mark.parametrize(
    ("name", "x", "expected"),
    [
        ("select", (1.0, 2.0, 3.0), (0, 1, 0)),
        ("select", (0.0, 2.0, 3.0), (0, 0, 1)),
        ("select", (np.nan, 2.0, 3.0), (0, 0, 1)),
        ("mod", (7.5, 2.0), (1, -3)),
        ("mod", (-7.5, 2.0), (1, 4)),
        ("mod", (1e5, 0.3), (1, -333333)),
        ("relu", (np.nan,), (1,)),
        ("max", (np.nan, 1.0), (1, 1)),
        ("min", (1.0, np.nan), (1, 1)),
        ("pow", (0.0, 2.0), (0, 0)),
        ("pow", (0.0, 1.0), (1, 0)),
        ("pow", (-2.0, 2.0), (-4, np.nan)),
        ("floor", (1.5,), (0,)),
        ("round", (1.5,), (0,)),
        ("sign", (1.5,), (0,)),
        ("cbrt", (0.0,), (np.inf,)),
        ("acosh", (-2.0,), (np.nan,)),
        ("asin", (2.0,), (np.nan,)),
        ("asin", (1.0,), (np.inf,)),
    ],
)
def test_derivatives_at_special_points(name: str, x: tuple[float, ...], expected: tuple[float, ...]) -> None:
    got = evaluate(jacobian(single(name)), np.float32([x]))[0]
    np.testing.assert_array_equal(got, np.float32(expected))


@pytest.mark.parametrize(
    ("name", "at", "sign"),
    [("asin", 1, 1), ("asin", -1, -1), ("acos", 1, -1), ("acos", -1, 1), ("atanh", 1, 1), ("atanh", -1, -1),
     ("acosh", 1, -1), ("sqrt", 0, -1), ("log", 0, -1), ("log2", 0, -1), ("log10", 0, -1), ("log1p", -1, -1)],
)  # fmt: skip
def test_second_derivatives_at_the_end_of_a_domain_are_the_limits_from_within(name: str, at: int, sign: int) -> None:
    program = single(name)
    inwards = -np.sign(at) if name in ("asin", "acos", "atanh") else 1
    x = np.float32([at, at + inwards * 2.0**-12])
    with mpmath.workdps(60):
        want = float(mpmath.diff(IN_MPMATH.get(name, getattr(mpmath, name, None)), mpmath.mpf(float(x[1])), 2))
    assert np.sign(want) == sign and abs(want) > 1e4
    one = np.ones((2, 1), np.float32)
    for found in (
        evaluate(hessian(program), x[:, None])[:, 0],
        evaluate(pullback(pullback(program)), np.column_stack([x, one, one]))[:, 0],
        evaluate(pushforward(jacobian(program)), np.column_stack([x, one]))[:, 0],
    ):
        assert found[0] == sign * np.inf
        assert found[1] == pytest.approx(want, rel=1e-5)


@pytest.mark.parametrize(
    ("text", "at", "expected"),
    [("sqrt(relu(x))", -1.0, 0.0), ("sqrt(relu(x))", 4.0, 0.25), ("sqrt(relu(x))", np.nan, np.nan),
     ("log(max(0, x))", -1.0, 0.0), ("log(1 + min(-1, x))", 2.0, 0.0)],
)  # fmt: skip
def test_an_infinite_derivative_behind_a_selection(text: str, at: float, expected: float) -> None:
    """Backwards, it ends at what is not chosen."""
    program = lower([parse(text, ["x"])], ["x"], ["y"])
    for found in (evaluate(jacobian(program), np.float32([[at]])), evaluate(pullback(program), np.float32([[at, 1]]))):
        np.testing.assert_allclose(found, [[expected]], rtol=1e-6)


@pytest.mark.parametrize("text", ["max(sqrt(x), 1 + x)", "min(x, sqrt(x) + 1)"])
def test_an_infinite_derivative_before_a_selection(text: str) -> None:
    """Forwards, and in text, it goes no further where it is not chosen."""
    program = lower([parse(text, ["x"])], ["x"], ["y"])
    written = lower([parse(slope(text, ["x"], "x"), ["x"])], ["x"], ["y"])
    for found in (evaluate(pushforward(program), np.float32([[0, 1]])), evaluate(written, np.float32([[0]]))):
        assert found == 1.0
