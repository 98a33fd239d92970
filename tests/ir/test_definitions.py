"""Functions that users define: what they mean against mpmath, and what is refused."""

from __future__ import annotations

import math
import time

import mpmath
import pytest

from symc.errors import SymcError
from symc.ir.definitions import Definitions, call_of
from symc.ir.reading import ParseError, read
from symc.ir.reference import real_value
from symc.ir.wording import Wording

BUMP = "bump(x) = exp(-x^2)"


def value(define: list[str], equation: str, **x: float) -> float:
    text = Definitions.of(define).written_out(equation)
    found = real_value(read(text, tuple(x)), tuple(x), tuple(x.values()))
    return float(found.mid())


@pytest.mark.parametrize("x", [-1.75, 0.5, 2.25])
@pytest.mark.parametrize("y", [-0.625, 1.5])
def test_calls_mean_what_the_definitions_say(x: float, y: float) -> None:
    def bump(u: mpmath.mpf) -> mpmath.mpf:
        return mpmath.exp(-(u**2))

    def mix(u: mpmath.mpf, v: mpmath.mpf) -> mpmath.mpf:
        return bump(u) - v * bump(u - v)

    define = [BUMP, "mix(x, y) = bump(x) - y*bump(x - y)"]
    a, b = mpmath.mpf(x), mpmath.mpf(y)
    cases = {
        "bump(a)": bump(a),
        "2^bump(a - b)^2": mpmath.mpf(2) ** (bump(a - b) ** 2),
        "-bump(-a)/bump(bump(b))": -bump(-a) / bump(bump(b)),
        # The names of the arguments are the definition's own: those of the equation do not reach into it.
        "mix(b, a + mix(a, b))": mix(b, a + mix(a, b)),
        "mix (a*1.5e-1, 2)^3": mix(a * mpmath.mpf("0.15"), mpmath.mpf(2)) ** 3,
    }
    for equation, expected in cases.items():
        assert value(define, equation, a=x, b=y) == pytest.approx(float(expected), rel=1e-14), equation


def test_an_input_may_have_the_name_of_an_argument_or_of_a_function() -> None:
    define = ["f(x, y) = x - 2*y"]
    assert value(define, "f(y, x)", x=3.0, y=5.0) == 5.0 - 6.0
    assert value(define, "f(f, 1)", f=7.0) == 5.0


def test_a_name_of_the_table_may_be_defined_anew() -> None:
    assert value(["inv(x) = 1/(x + 1)"], "inv(a)", a=3.0) == 0.25
    assert value(["f(x) = exp(x)", "exp(x) = 2^x"], "f(a) - exp(a)", a=3.0) == pytest.approx(math.exp(3) - 8)


@pytest.mark.parametrize(
    ("define", "message"),
    [
        ("bump", "defines no function"),
        ("bump(x)", "defines no function"),
        ("bump(x) == x", "defines no function"),
        ("bump() = 1", "argument '' is no name"),
        ("bump(pi) = 1", "argument 'pi' is no name"),
        ("bump(x, x) = x", "two of its arguments"),
        ("bump(x) = ", "the equation is empty"),
        ("bump(x) = x +", "expected a number"),
        ("bump(x) = y", "unknown name 'y'"),
        ("bump(x) = bump(x - 1)", "calls itself"),
        ("bump(x) = later(x)", "unknown operator 'later'"),
        ("bump(x) = __import__('os')", "unexpected"),
        ("bump(x) = open(x)", "unknown operator 'open'"),
        ("bump(x) = x; y", "unexpected ';'"),
        (["f(x) = x", "f(x) = 2*x"], "defined twice"),
        (["f(x) = g(x)", "g(x) = f(x)"], "unknown operator 'g'"),
        (["f(x, y) = x*y", "g(x) = f(x)"], "'f' takes 2 arguments, not 1"),
    ],
)
def test_what_defines_no_function_is_refused(define: str | list[str], message: str) -> None:
    with pytest.raises(SymcError, match="definition") as error:
        Definitions.of(define)
    assert message in str(error.value)


@pytest.mark.parametrize(
    ("equation", "message"),
    [
        ("bump(a, a)", "'bump' takes 1 argument, not 2"),
        ("bump()", "'bump' takes 1 argument, not 0"),
        ("bump(a,)", "'bump' takes 1 argument, not 2"),
        ("1 + bump(a", "expected ')'"),
        ("bump(" * 5000 + "a" + ")" * 5000, "nested deeper than 100"),
    ],
)
def test_a_call_that_fits_none_is_a_parse_error(equation: str, message: str) -> None:
    with pytest.raises(ParseError) as error:
        Definitions.of(BUMP).written_out(equation)
    assert message in str(error.value)


def test_what_would_grow_without_bound_is_an_error_at_once() -> None:
    define = ["f0(x) = x*x", *(f"f{k}(x) = f{k - 1}(x)*f{k - 1}(x + 1)" for k in range(1, 60))]
    began = time.process_time()
    with pytest.raises(SymcError, match="more than 200000 characters"):
        Definitions.of(define)
    assert time.process_time() - began < 5


def test_a_mapping_defines_the_same_and_a_manifest_holds_it() -> None:
    wording = Wording.of({"bump(x)": "exp(-x^2)", "f(x)": "bump(2*x)"})
    assert wording.options == {"define": "bump(x) = exp(-x^2); f(x) = bump(2*x)"}
    assert Wording.recorded(wording.options) == wording == Wording.of([BUMP, "f(x)  =  bump(2*x)"])
    assert Wording.recorded({}) == Wording()


@pytest.mark.parametrize(
    ("equation", "call"), [("2*f(x0)", "f(x)"), ("f(g(1, 2), f(3)) + f", "f(x, y)"), ("f", "f(x)"), ("f(", "f(x)")]
)
def test_how_a_function_is_called(equation: str, call: str) -> None:
    assert call_of(equation, "f") == call
