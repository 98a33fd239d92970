"""The equation grammar: what it reads, what it refuses and how it says so, and that text survives a round trip."""

from __future__ import annotations

import os
import pickle

import numpy as np
import pytest
import sympy
from hypothesis import assume, example, given, settings

from symc.errors import SymcError
from symc.ir.evaluate import evaluate
from symc.ir.lower import lower
from symc.ir.parse import ParseError, complexity, format_expression, parse
from tests.ir.expressions import FEATURES, equations


def value(text: str, *x: float) -> float:
    """Exact value of an equation over x0, x1, ..."""
    names = [f"x{k}" for k in range(len(x))] or ["x0"]
    program = lower([parse(text, names)], names, ["y"])
    return float(evaluate(program, np.array([x or (0.0,)], np.float32))[0, 0])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1 + 2 * 3", 7.0),
        ("2 ^ 3 ^ 2", 512.0),
        ("-x0 ^ 2", -9.0),
        ("2 ** -1", 0.5),
        ("6 / 2 / 3", 1.0),
        ("1 - 2 - 3", -4.0),
        ("- - 2", 2.0),
        ("1.5f-1 + 0", np.float32(0.15)),
        (".5e1", 5.0),
        ("(x0 > 2) + (x0 <= 2) * 10", 1.0),
        ("max(1, x0, 2)", 3.0),
        ("relu(-x0)", 0.0),
        ("inv(x0) * 3", 1.0),
        ("square(x0) + cube(x0)", 36.0),
        ("x0 ^ -1", np.float32(1) / np.float32(3)),
        ("abs(-x0)", 3.0),
        ("min(x0, 2) + fmax(x0, 5)", 7.0),
        ("gamma(5)", 24.0),
        ("mod(-1, x0) + mod(-1, 3)", 4.0),
        ("round(2.5) + floor(-0.5)", 1.0),
        ("select(x0 > 2, x0, 7) + select(1, 2, log(x0))", 5.0),
        ("cond(-1, 5) + clamp(x0, 0, 1)", 1.0),
        ("muladd(x0, 2, 1) - aq(x0, 0)", 4.0),
        ("sigmoid(0) + silu(0) + softplus(-200)", 0.5),
    ],
)
def test_value(text: str, expected: float) -> None:
    assert value(text, 3.0) == expected


@pytest.mark.parametrize(
    ("text", "column", "what"),
    [
        ("__import__('os').system('touch hacked')", 12, "unexpected"),
        ("(1).__class__", 4, "unexpected"),
        ("lambda: 0", 7, "unexpected ':'"),
        ("x0 +", 5, "expected a number"),
        ("sin(x0", 7, "expected ')'"),
        ("x0 x1", 4, "unexpected 'x1'"),
        ("besselj(x0, 2)", 1, "unknown operator 'besselj'"),
        ("clamp(x0, 1)", 1, "takes 3 arguments, not 2"),
        ("sin(x0, x1)", 1, "takes 1 argument, not 2"),
        ("x0 $ 2", 4, "unexpected '$'"),
        ("2 * x9", 5, "unknown name 'x9'"),
        ("1e999", 1, "out of reach"),
        ("1e-999", 1, "out of reach"),
        ("", 1, "is empty"),
    ],
)
def test_refused_with_the_column_marked(text: str, column: int, what: str) -> None:
    with pytest.raises(ParseError, match="column") as caught:
        parse(text, ["x0", "x1"])
    assert caught.value.column == column
    assert what in str(caught.value)
    assert not os.path.exists("hacked")
    # Where distributed was imported, exceptions are pickled with their tracebacks, and this one may be 500 frames long.
    alone = caught.value.with_traceback(None)
    assert str(pickle.loads(pickle.dumps(alone))) == str(alone)


def test_marker_stands_under_the_column() -> None:
    with pytest.raises(ParseError) as caught:
        parse("x0 + 3 * foo(x1)", ["x0", "x1"])
    excerpt, marker = caught.value.what.splitlines()[1:3]
    assert excerpt[marker.index("^")] == "f"


@pytest.mark.parametrize(
    "text",
    ["log(0)", "1/0", "sqrt(-1)", "x0 + log(-1)", "acosh(0.5)", "mod(1, 0)", "gamma(-1)", "x0*atanh(1)", "asin(2)"],
)
def test_a_constant_without_a_value_is_refused(text: str) -> None:
    with pytest.raises(SymcError, match="no finite real value"):
        parse(text, ["x0"])


@pytest.mark.parametrize("function", ["sin", "cos", "tan", "tanh"])
@pytest.mark.parametrize(
    "argument",
    [
        *("x0", "-x0", "1.5*x0 + 2.0", "-1.5*x0 - 2.0", "x0 - x1", "x1 - x0", "-x0*x1*x1", "exp(-x0) - x1", "x0/x1"),
        *("pi*x0", "x0 + pi", "x0 - 2*pi", "x0 + pi/2", "1.5", "-(x0 + x1)*2.0", "sin(pi*x0) - x1", "-abs(x0)", "0*x0"),
    ],
)
def test_functions_are_what_sympy_makes_of_them(function: str, argument: str) -> None:
    expected = getattr(sympy, function)(parse(argument, FEATURES))
    found = parse(f"{function}({argument})", FEATURES)
    assert found == expected or (expected.is_number and float(found) == pytest.approx(float(expected), rel=1e-15))


def test_an_unknown_name_suggests_the_nearest() -> None:
    with pytest.raises(ParseError, match="Did you mean 'pressure'"):
        parse("presure + 1", ["pressure", "temperature"])


def test_a_feature_may_be_called_like_a_function_or_constant() -> None:
    assert format_expression(parse("pi + E", ["pi", "E"])) in ("E + pi", "pi + E")


@pytest.mark.parametrize(
    ("text", "nodes"),
    [
        ("x0", 1),
        ("x0 * x0", 3),
        ("x0^2", 3),
        ("sin(x0)", 2),
        ("x0 + x1 * x2", 5),
        ("2.5382*cos(x3) + x0^2 - 0.5", 10),
        ("1 / x0", 2),
        ("x1 / x0", 3),
        ("-x0", 2),
        ("sqrt(x0)", 2),
        ("exp(-1.98*x0) * sin(3.14*x1)", 9),
    ],
)
def test_complexity_counts_nodes_as_pysr_does(text: str, nodes: int) -> None:
    assert complexity(parse(text, ["x0", "x1", "x2", "x3"])) == nodes


def test_a_factored_product_stays_factored() -> None:
    assert format_expression(parse("3*(x0 + x1)*2", ["x0", "x1"])) == "6*(x0 + x1)"


@settings(max_examples=300, deadline=None)
@given(equations)
@example("(-sigmoid(x0)) / (-sigmoid(x0))")
@example("(-abs(x0)) / sigmoid(x0)")
@example("-(x0 + x1)*2")
@example("pow_abs((x0/x1)^2, x1^2)")
@example("pow_abs(x0^3, 65) + pow_abs(x0^3, 2.5) + sqrt_abs(x2^7)")
@example("abs(pow_abs(x0^3, -1))")
@example("clamp(x0, abs(x0), cos(1))")
@example("sqrt_abs(pow_abs(x0^x2, x0^x2)) + softplus(exp(x0^x0))")
@example("abs((x0/x1)^3) + abs(2.5*x1/(x0*x2)^2)")
def test_text_written_reads_back_to_the_same_program(text: str) -> None:
    try:
        expression = parse(text, FEATURES)
        program = lower([expression], FEATURES, ["y"])
    except SymcError:
        assume(False)
    again = parse(format_expression(expression), FEATURES)
    assert lower([again], FEATURES, ["y"]) == program
    assert format_expression(again) == format_expression(expression)


def test_an_input_may_have_the_name_of_a_function():
    text = "gamma*sin(sin) + gamma(gamma)"
    expression = parse(text, ["gamma", "sin"])
    again = format_expression(expression)
    assert parse(again, ["gamma", "sin"]) == expression
    program = lower([expression], ["gamma", "sin"], ["y"])
    np.testing.assert_allclose(evaluate(program, [[2.0, 0.5]]), [[2 * np.sin(0.5) + 1.0]], rtol=1e-6)
