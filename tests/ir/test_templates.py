"""Parts of templates put together: values against mpmath, and what does not fit."""

from __future__ import annotations

import time

import mpmath
import pytest

from symc.errors import SymcError
from symc.ir.reading import read
from symc.ir.reference import real_value
from symc.ir.templates import is_template, read_parts
from symc.ir.wording import Wording

X = {"x0": 0.75, "x1": -1.25, "x2": 2.5}


def value(cell: str, combine: str, define: tuple[str, ...] = ()) -> float:
    text = Wording.of(define, combine).written_out(cell)
    found = real_value(read(text, tuple(X)), tuple(X), tuple(X.values()))
    assert found is not None
    return float(found.mid())


def f(u: float, v: float) -> mpmath.mpf:
    return mpmath.mpf(u) * v - mpmath.sin(u) * 2


def g(u: float) -> mpmath.mpf:
    return mpmath.exp(-mpmath.mpf(u) / 2)


CELL = "f = (#1 * #2) - sin(#1) * 2; g = exp(#1 / -2.0); p = [0.1, -2.0, 1.5f-3]"
x0, x1, x2 = X.values()
COMBINED = {
    "f(x0, x1) + g(x2)": f(x0, x1) + g(x2),
    "f(x0, x1)^2 / -g(x2 - x1)": -(f(x0, x1) ** 2) / g(x2 - x1),
    "f(g(x0), f(x1, x2))": f(g(x0), f(x1, x2)),
    "p[1]*f(x1, x0) - p[2]^2 * p [ 3 ]": 0.1 * f(x1, x0) - 4 * 1.5e-3,
    "D(f, 1)(x0, x1)": mpmath.diff(lambda u: f(u, x1), x0),
    "D(f,2)(x0, x1) * D(g, 1)(x2)": mpmath.diff(lambda v: f(x0, v), x1) * mpmath.diff(g, x2),
    "D(D(f, 1), 2)(x0, x1) - D(D(f, 1), 1)(x0, x1)": 1 - mpmath.diff(lambda u: f(u, x1), x0, 2),
    "D(g, 1)(x0 * x1)": mpmath.diff(g, x0 * x1),
    "df = D(f, 1)\nu = df(x0, x1)  # a comment\n\nu*u - g(u)": mpmath.diff(lambda u: f(u, x1), x0) ** 2
    - g(mpmath.diff(lambda u: f(u, x1), x0)),
    "a, b = p[1], f(x0, x1); a - 3*b": mpmath.mpf("0.1") - 3 * f(x0, x1),
    "u = x0 - x1; u = 2*u; u^2": 16,
    "g(pi) + bump(x0)": g(mpmath.pi) + mpmath.exp(-mpmath.mpf(x0) ** 2),
    "D(bump, 1)(x0)": -2 * x0 * mpmath.exp(-mpmath.mpf(x0) ** 2),
}


@pytest.mark.parametrize("combine", COMBINED)
def test_parts_together_mean_what_combine_says(combine: str) -> None:
    assert value(CELL, combine, ("bump(x) = exp(-x^2)",)) == pytest.approx(float(COMBINED[combine]), rel=1e-12)


def test_operators_of_the_run_stand_in_parts_too() -> None:
    define = ("exp(x) = 2^x",)
    assert value("f = exp(#1) + 1", "u = f(x2); exp(u)", define) == pytest.approx(2 ** (2**2.5 + 1), rel=1e-14)
    assert value("f = exp(#1)", "D(f, 1)(x2)", define) == pytest.approx(float(mpmath.log(2)) * 2**2.5, rel=1e-14)


def test_a_part_may_leave_arguments_out() -> None:
    assert value("f = 2.0; g = #2", "f(x0, x1) + g(x0, x1)") == 2.0 + x1
    assert value("f = #3 - #1", "f(x0, x1, x2) + D(f, 2)(x0, x1, x2)") == x2 - x0


@pytest.mark.parametrize(
    ("cell", "combine", "message"),
    [
        ("x0 + 1", "f(x0)", "'x0 \\+ 1' is no part of a template"),
        ("f = #1; f = #2", "f(x0)", "two parts 'f'"),
        ("f = #1; p = [1.0, x]", "f(x0)", "parameters 'p' are not all numbers"),
        ("f = #1; p = [NaN]", "f(x0)", "parameters 'p' are not all numbers"),
        ("f = #1 + #2", "f(x0)", "'f' takes 2 arguments, not 1"),
        ("f = #1", "f(x0) + f(x0, x1)", "'f' takes 1 argument, not 2"),
        ("f = #1; p = [1.0]", "p[2]*f(x0)", "p\\[2\\] is not there"),
        ("f = #1; p = [1.0]", "p[0]*f(x0)", "p\\[0\\] is not there"),
        ("f = #1; p = [1.0]", "p[x0]", "unexpected '\\['"),
        ("f = #1", "D(f, 2)(x0)", "D\\(f, 2\\) is not there"),
        ("f = #1", "D(h, 1)(x0)", "no part of the template"),
        ("f = #1", "D(f, 1)", "unknown name 'f_D1'"),
        ("f = gamma(#1)", "D(f, 1)(x0)", "only approximately"),
        ("f = #1", "h(x0)", "unknown operator 'h'"),
        ("f = #1", "f(x0); pi = 3; f(x0)", "no line of a combine"),
        ("f = #1", "a, b = f(x0); a", "2 names to 1 values"),
        ("f = #1", " # nothing", "combine is empty"),
        ("f = #1", "((; f), (x0)) -> f(x0)", "behind -> alone"),
        ("f = __import__('os')", "f(x0)", "unexpected"),
        ("f = #1", "f(x0).__class__", "unexpected"),
        ("f = # 1 #", "f(x0)", "unexpected '#'"),
    ],
)
def test_what_does_not_fit_is_an_error(cell: str, combine: str, message: str) -> None:
    with pytest.raises(SymcError, match=message):
        value(cell, combine)


def test_without_combine_the_hint_is_one_that_fits() -> None:
    cell = "f = #1 * #2; g = sin(#1); p = [0.1]"
    assert is_template(cell) and not is_template("x0 == 1") and not is_template("x0 + 1")
    with pytest.raises(SymcError, match=r'--combine "f\(x0, x1\) \+ g\(x0\) \+ p\[1\]"') as error:
        Wording.of().written_out(cell)
    combine = str(error.value.hint).split('"')[1]
    assert value(cell, combine) == pytest.approx(float(x0 * x1 + mpmath.sin(x0) + mpmath.mpf("0.1")), rel=1e-14)
    assert read_parts(cell).parameters == {"p": ("0.1",)}


def test_what_is_no_text_is_refused() -> None:
    for given in ({"combine": 3}, {"define": 3}, {"define": [3]}, {"define": None}):
        with pytest.raises(SymcError, match="need"):
            Wording.of(**given)


def test_a_manifest_holds_it() -> None:
    wording = Wording.of(("h(x) = x^2",), "u = f(x0)\nh(u)")
    assert Wording.recorded(wording.options) == wording


def test_hostile_parts_end_at_once() -> None:
    began = time.monotonic()
    for cell in ("f = " + " " * 120_000 + "b", "f = #1" + "*#1" * 40_000, "f = " + "#" * 100_000, "f=1;" * 30_000):
        with pytest.raises(SymcError):
            value(cell, "D(f, 1)(f(x0*f(x1)))")
    assert time.monotonic() - began < 4
