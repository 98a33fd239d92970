"""Derivatives as text against differences of the real values, for every operator."""

from __future__ import annotations

import mpmath
import pytest

from symc.errors import SymcError
from symc.ir.ops import OPERATORS
from symc.ir.reading import read
from symc.ir.reference import real_value
from symc.ir.slopes import slope

STEP = 2.0**-40


def value(text: str, x: dict[str, float]) -> mpmath.mpf:
    found = real_value(read(text, tuple(x)), tuple(x), tuple(x.values()))
    assert found is not None and found.is_finite(), text
    with mpmath.workdps(60):
        return mpmath.mpf(found.mid().str(50, radius=False))


def difference(text: str, x: dict[str, float], name: str) -> mpmath.mpf:
    with mpmath.workdps(60):
        above, below = (value(text, {**x, name: x[name] + step}) for step in (STEP, -STEP))
        return (above - below) / (2 * mpmath.mpf(STEP))


@pytest.mark.parametrize("operator", sorted(set(OPERATORS) - {"gamma"}))
def test_the_derivative_of_an_operator_is_that_of_its_values(operator: str) -> None:
    names = ("a", "b", "c")[: OPERATORS[operator].arity]
    x = dict(zip(names, (1.75 if operator == "acosh" else 0.75, 0.625, 1.5), strict=False))
    text = f"{operator}({', '.join(names)})"
    for name in names:
        assert float(value(slope(text, names, name), x)) == pytest.approx(float(difference(text, x, name)), abs=1e-14)


@pytest.mark.parametrize(
    "text",
    [
        "2.5*sin(a*b)^2 - a/b",
        "exp(-a^2/b)*(1 - a)^3 + 4",
        "-b^a - (a - b)/(a + b*a)",
        "sigmoid(a*b) * max(a, b)^1.5 - 3*min(a, 2*b)",
        "log(a)/sqrt(b) + tanh(a - b)*cube(a)",
    ],
)
def test_first_and_second_derivatives_of_equations(text: str) -> None:
    x = {"a": 0.8125, "b": 1.375}
    for first in x:
        once = slope(text, tuple(x), first)
        assert float(value(once, x)) == pytest.approx(float(difference(text, x, first)), rel=1e-13)
        for second in x:
            twice = slope(once, tuple(x), second)
            assert float(value(twice, x)) == pytest.approx(float(difference(once, x, second)), rel=1e-13, abs=1e-15)


def test_what_is_not_chosen_has_no_part_in_it() -> None:
    found = slope("select(a, log(a), 3*a)", ("a",), "a")
    assert value(found, {"a": -2.0}) == 3 and value(found, {"a": 4.0}) == mpmath.mpf("0.25")


def test_another_name_gives_zero() -> None:
    assert slope("sin(a)", ("a", "b"), "b") == "0" == slope("2", ("a",), "a")


@pytest.mark.parametrize(
    ("text", "message"), [("gamma(a)", "only approximately"), ("a +", "expected"), ("+".join(["a"] * 9000), "too long")]
)
def test_what_has_no_exact_derivative_in_text_is_refused(text: str, message: str) -> None:
    with pytest.raises(SymcError, match=message):
        slope(text, ("a",), "a")
