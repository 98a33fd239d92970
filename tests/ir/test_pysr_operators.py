"""Every operator that PySR 2.7 prints: read by its name, with the meaning that PySR's own table gives it."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import mpmath
import numpy as np
import pytest

from symc.ir.evaluate import evaluate
from symc.ir.lower import lower
from symc.ir.ops import OPERATORS, SPELLINGS
from symc.ir.parse import parse

FEATURES = ("x0", "x1", "x2")


def floored(x: float, y: float) -> float:
    return x - y * math.floor(x / y)


def clipped_atanh(x: float) -> float:
    return math.atanh(floored(x + 1, 2) - 1)


MEANING: dict[str, Callable[..., float]] = {
    "div": lambda x, y: x / y,
    "inv": lambda x: 1 / x,
    "mult": lambda x, y: x * y,
    "sqrt": math.sqrt,
    "sqrt_abs": lambda x: math.sqrt(abs(x)),
    "cbrt": math.cbrt,
    "square": lambda x: x**2,
    "cube": lambda x: x**3,
    "plus": lambda x, y: x + y,
    "sub": lambda x, y: x - y,
    "neg": lambda x: -x,
    "pow": math.pow,
    "pow_abs": lambda x, y: abs(x) ** y,
    "cos": math.cos,
    "sin": math.sin,
    "tan": math.tan,
    "cosh": math.cosh,
    "sinh": math.sinh,
    "tanh": math.tanh,
    "exp": math.exp,
    "acos": math.acos,
    "asin": math.asin,
    "atan": math.atan,
    "acosh": math.acosh,
    "acosh_abs": lambda x: math.acosh(abs(x) + 1),
    "asinh": math.asinh,
    # PySR's own table says atanh_clip, but what its search calls atanh is the function itself.
    "atanh": math.atanh,
    "atanh_clip": clipped_atanh,
    "abs": abs,
    "mod": floored,
    "erf": math.erf,
    "erfc": math.erfc,
    "log": math.log,
    "log10": math.log10,
    "log2": math.log2,
    "log1p": math.log1p,
    "log_abs": lambda x: math.log(abs(x)),
    "log10_abs": lambda x: math.log10(abs(x)),
    "log2_abs": lambda x: math.log2(abs(x)),
    "log1p_abs": lambda x: math.log1p(abs(x)),
    "floor": math.floor,
    "ceil": math.ceil,
    "sign": lambda x: math.copysign(1, x) if x else x,
    "gamma": lambda x: float(mpmath.gamma(x)),
    # Julia's, which PySR's table approximates by ceiling(x - 0.5).
    "round": round,
    "max": max,
    "min": min,
    "greater": lambda x, y: x > y,
    "less": lambda x, y: x < y,
    "greater_equal": lambda x, y: x >= y,
    "less_equal": lambda x, y: x <= y,
    "cond": lambda x, y: y if x > 0 else 0,
    "logical_or": lambda x, y: x > 0 or y > 0,
    "logical_and": lambda x, y: x > 0 and y > 0,
    "relu": lambda x: 0 if x < 0 else x,
    "fma": lambda x, y, z: x * y + z,
    "muladd": lambda x, y, z: x * y + z,
    "clamp": lambda x, low, high: low if x < low else high if x > high else x,
}
POINTS = (-2.75, -2.5, -1.5, -1.0, -0.75, -0.25, 0.0, 0.25, 0.5, 0.75, 1.0, 1.25, 2.5, 3.0)


def outcome(meaning: Callable[..., float], *x: float) -> float:
    try:
        return float(meaning(*x))
    except (ValueError, ZeroDivisionError, OverflowError):
        return math.nan


def value(text: str, *x: float) -> np.float32:
    program = lower([parse(text, FEATURES)], FEATURES, ["y"])
    row = np.zeros((1, 3), np.float32)
    row[0, : len(x)] = x
    return evaluate(program, row)[0, 0]


def test_the_names_are_those_of_pysr() -> None:
    assert len(MEANING) == 58
    spec = find_spec("pysr")
    if spec is not None and spec.origin is not None:
        text = (Path(spec.origin).parent / "export_sympy.py").read_text()
        table = text[text.index("sympy_mappings = {") : text.index("\n}\n")]
        assert set(re.findall(r'^    "(\w+)":', table, re.MULTILINE)) == set(MEANING)


@pytest.mark.parametrize("name", MEANING)
def test_every_name_is_read_with_its_meaning(name: str) -> None:
    arity = OPERATORS[SPELLINGS[name]].arity
    program = lower([parse(f"{name}({', '.join(FEATURES[:arity])})", FEATURES)], FEATURES, ["y"])
    x = np.array(np.meshgrid(*[POINTS] * arity)).reshape(arity, -1).T
    rows = np.zeros((len(x), 3), np.float32)
    rows[:, :arity] = x
    if name == "clamp":
        rows = rows[rows[:, 1] <= rows[:, 2]]
    got = evaluate(program, rows)[:, 0]
    want = np.array([outcome(MEANING[name], *row[:arity]) for row in rows.tolist()])
    inside = np.isfinite(want)
    assert inside.sum() >= 4
    np.testing.assert_allclose(got[inside], want[inside], rtol=2e-7, atol=2e-7)
    # Where Python raises, the result is a pole, an infinity of pow, or outside the domain.
    assert not np.isfinite(got[~inside]).any()


@pytest.mark.parametrize(
    ("text", "x", "expected"),
    [
        ("max(x0, x1, x2, 2)", (1.0, 5.0, 3.0), 5.0),
        ("min(x0, x1, x2)", (1.0, math.nan, 3.0), math.nan),
        ("max(x0, x1)", (math.nan, 1.0), math.nan),
        ("cond(x0, x1)", (-1.0, math.inf), 0.0),
        ("cond(x0, x1)", (0.0, math.nan), 0.0),
        ("cond(x0, log(x1))", (-1.0, -1.0), 0.0),
        ("cond(x0, x1)", (math.nan, 7.0), 0.0),
        ("cond(x0, x1)", (1e-45, math.inf), math.inf),
        ("logical_or(x0, x1)", (math.nan, 1.0), 1.0),
        ("logical_and(x0, x1)", (math.nan, 1.0), 0.0),
        ("clamp(x0, x1, x2)", (math.nan, 0.0, 1.0), math.nan),
        ("clamp(x0, x1, x2)", (5.0, 3.0, 1.0), 1.0),
        ("round(x0)", (0.5,), 0.0),
        ("round(x0)", (1.5,), 2.0),
        ("round(x0)", (-2.5,), -2.0),
        ("sign(x0)", (math.nan,), math.nan),
        ("mod(x0, x1)", (-1.0, math.inf), math.inf),
        ("mod(x0, x1)", (1.0, math.inf), 1.0),
        ("mod(x0, x1)", (math.inf, 2.0), math.nan),
        ("mod(x0, x1)", (1.0, 0.0), math.nan),
        ("aq(x0, x1)", (3.0, math.inf), 0.0),
        ("relu(x0)", (math.nan,), math.nan),
    ],
)
def test_special_values(text: str, x: tuple[float, ...], expected: float) -> None:
    got = value(text, *x)
    assert got == expected or (math.isnan(got) and math.isnan(expected))


@pytest.mark.parametrize("name", ["floor", "ceil", "round", "trunc", "sign", "sqrt", "cbrt", "sin", "asinh", "erf"])
def test_minus_zero_stays(name: str) -> None:
    assert value(f"{name}(x0)", -0.0).view(np.uint32) == 0x80000000


def test_a_remainder_of_zero_has_the_sign_of_the_divisor() -> None:
    pairs = ((4.0, 2.0), (-4.0, 2.0), (4.0, -2.0), (-0.0, 2.0))
    assert [bool(np.signbit(value("mod(x0, x1)", x, y))) for x, y in pairs] == [False, False, True, False]
    assert bool(np.signbit(value("ceil(x0)", -0.5))) and bool(np.signbit(value("trunc(x0)", -0.5)))
