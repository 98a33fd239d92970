"""Conditions, sympy's expressions and other programs' notation: each has the meaning that its author gives it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import sympy

import symc
from symc.errors import SymcError
from tests.sources.built import cli, close, values

RNG = np.random.default_rng(5)
X = sympy.symbols("x0 x1 x2", positive=True)
EXPRESSIONS = [
    X[0] ** 2 * sympy.exp(-X[1]) / 3 + sympy.sqrt(X[2]) - sympy.Rational(2, 7),
    sympy.Piecewise((X[0], X[0] < X[1]), (X[1] ** 3, (X[0] > 2) & (X[2] <= 1)), (-X[2], True)),
    sympy.Piecewise((1, ~((X[0] < 1) | (X[1] > 1))), (X[2], True)),
    sympy.Max(X[0], X[1], 1) * sympy.Min(X[2], 2) + sympy.Abs(X[0] - X[1]) - sympy.Heaviside(X[0] - X[1]),
    sympy.log(X[0]) * sympy.pi + sympy.E * sympy.atan(X[1]) - sympy.Mod(X[2], sympy.Float("0.7")),
    X[0] ** sympy.Rational(3, 2) * sympy.Float(1e-9) * 1e9 + 1 / X[1] + sympy.sign(X[0] - 1) + sympy.ceiling(X[2]),
]


@pytest.mark.parametrize("expression", EXPRESSIONS, ids=str)
def test_sympy_means_the_same_as_object_and_as_srepr(expression: sympy.Expr, tmp_path: Path) -> None:
    x = RNG.uniform(0.05, 3, (200, 3)).astype(np.float32)
    exact = [float(expression.subs(dict(zip(X, map(float, row), strict=True))).evalf()) for row in x]
    names = ["x0", "x1", "x2"]
    close(values(symc.build(expression, features=names, out=tmp_path), x)[:, 0], np.array(exact))
    file = tmp_path / "written.txt"
    file.write_text(f"# from sympy\n\ny = {sympy.srepr(expression)}\n")
    again = symc.build(file, features=names, out=tmp_path)
    assert again.path.name == "written"
    close(values(again, x)[:, 0], np.array(exact))


@pytest.mark.parametrize("made", [sympy.zeta(X[0]), sympy.besselj(0, X[0]), sympy.oo, X[0] * sympy.I], ids=str)
def test_what_sympy_has_and_symc_has_not_is_named(made: sympy.Expr, tmp_path: Path) -> None:
    with pytest.raises(SymcError, match=r"no function for sympy's (zeta|besselj)|cannot read (oo|I)"):
        symc.build(made, features=["x0"], out=tmp_path)


CONDITIONS: dict[str, Callable[..., Any]] = dict(
    [
        ("Piecewise((a, a < b), (b^2, True))", lambda a, b: np.where(a < b, a, b**2)),
        ("where((a > 1) & ~(b > 1) | (a == b), a, -b)", lambda a, b: np.where((a > 1) & ~(b > 1) | (a == b), a, -b)),
        ("ite(Or(a > 1, And(b > 1, a > 0)), 1, 2)", lambda a, b: np.where((a > 1) | (b > 1) & (a > 0), 1, 2)),
        ("Not(a >= b) + 2*(a != 0)", lambda a, b: ~(a >= b) + 2.0 * (a != 0)),
        ("And(a > 0, b > 0, a + b < 2)", lambda a, b: (a > 0) & (b > 0) & (a + b < 2)),
        ("a > 1 | a < -1 & b > 0", lambda a, b: (a > 1) | ((a < -1) & (b > 0))),
        ("Max(a, b, 1) - Min(a, b, 1)", lambda a, b: np.maximum(np.maximum(a, b), 1) - np.minimum(np.minimum(a, b), 1)),
    ]
)


def test_conditions(tmp_path: Path) -> None:
    bundle = symc.build(list(CONDITIONS), domain="-3:3", out=tmp_path)
    x = RNG.uniform(-3, 3, (500, 2)).astype(np.float32)
    x[:20, 1] = x[:20, 0]
    a, b = x.astype(np.float64).T
    for found, (text, meaning) in zip(values(bundle, x).T, CONDITIONS.items(), strict=True):
        np.testing.assert_allclose(found, meaning(a, b).astype(np.float64), rtol=2e-6, atol=2e-6, err_msg=text)
    assert symc.verify(bundle.path, rows=300).ok


@pytest.mark.parametrize("text", ["where(a, 1, b)", "a & (b > 1)", "~a", "Not(a + b)", "Piecewise((a, b), (b, True))"])
def test_a_number_is_no_condition(text: str, tmp_path: Path) -> None:
    with pytest.raises(SymcError, match="expected a comparison"):
        symc.build(equation=text, out=tmp_path)


def test_a_piecewise_that_ends_nowhere(tmp_path: Path) -> None:
    with pytest.raises(SymcError, match=r"(?s)what holds elsewhere is not said.*\(value, True\)"):
        symc.build("Piecewise((a, a < 1))", out=tmp_path)


def protected(x0: np.ndarray, x1: np.ndarray, x2: np.ndarray) -> np.ndarray:
    """As gplearn's functions.py states them: division is 1, log and inverse are 0 where |x| <= 0.001."""
    with np.errstate(divide="ignore", invalid="ignore"):
        product, third = x0 * x1, np.where(np.abs(x2) > 0.001, x1 / x2, 1.0)
        logarithm = np.where(np.abs(x0) > 0.001, np.log(np.abs(x0)), 0.0)
        inverse = np.where(np.abs(x1) > 0.001, 1.0 / x1, 0.0)
    return product - third + logarithm * inverse + np.sqrt(np.abs(x2)) + 1 / (1 + np.exp(-x0))


def test_gplearn_means_its_protected_functions(tmp_path: Path) -> None:
    text = "add(add(sub(mul(X0, X1), div(X1, X2)), mul(log(X0), inv(X1))), add(sqrt(X2), sig(X0)))"
    bundle = symc.build(text, dialect="gplearn", domain="-2:2", out=tmp_path)
    edge = np.float32(0.001)
    edges = [0.0, -0.0, edge, -edge, np.nextafter(edge, np.float32(0)), -np.nextafter(edge, np.float32(0)), 1e-30]
    x = RNG.uniform(-2, 2, (500, 3)).astype(np.float32)
    x[:343] = np.array(np.meshgrid(edges, edges, edges), dtype=np.float32).reshape(3, -1).T
    np.testing.assert_allclose(values(bundle, x)[:, 0], protected(*x.astype(np.float64).T), rtol=1e-6, atol=1e-5)
    assert bundle.manifest.options["dialect"] == "gplearn" and "--dialect gplearn" in bundle.manifest.reproduce
    assert symc.verify(bundle.path, rows=300).ok


def test_a_quotient_that_is_one_elsewhere_is_a_pure_number(tmp_path: Path) -> None:
    for units, warned in (("m, m -> 1", False), ("m, s -> 1", True)):
        done = cli("build", "--equation", "protectedDiv(a, b)", "--dialect", "deap", "--units", units, "-o", tmp_path)
        assert done.exit_code == 0 and ("units inconsistent" in done.stderr) == warned


def test_deap_divides_by_all_but_zero(tmp_path: Path) -> None:
    text = "add(protectedDiv(ARG0, ARG1), neg(-1))"
    bundle = symc.build(text, dialect="deap", domain="-2:2", allow_poles=True, out=tmp_path)
    x = np.array([[3, 0], [3, -0.0], [3, 1e-4], [-1, 2]], dtype=np.float32)
    close(values(bundle, x)[:, 0], np.array([2, 2, 3 / float(np.float32(1e-4)) + 1, 0.5]))
    assert symc.verify(bundle.path, rows=300).ok


def test_a_protected_division_of_constants_by_zero_is_one(tmp_path: Path) -> None:
    """The quotient that is not taken has no value, and needs none."""
    bundle = symc.build("add(protectedDiv(2.5, 0), ARG0)", dialect="deap", domain="0:1", out=tmp_path)
    assert values(bundle, np.array([[0.25]]))[0, 0] == 1.25
    assert symc.verify(bundle.path, rows=300).ok
    symc.report(bundle.path, out=tmp_path / "evidence", rows=200)
    assert "div_nonzero(2.5, 0)" in (tmp_path / "evidence" / "report.html").read_text()
    with pytest.raises(SymcError, match=r"equation 1: cannot be compiled: .*division by zero"):
        symc.build(equation="y = x0 + 1/0", out=tmp_path)


@pytest.mark.parametrize("text", ["sub(mul(X0, X1), div(X2, 0.5))", "add(x, protectedDiv(x, y))", "add(sqrt(X0), X1)"])
def test_prefix_notation_needs_its_dialect_where_it_matters(text: str, tmp_path: Path) -> None:
    with pytest.raises(SymcError, match=r"may be protected .*--dialect gplearn, deap"):
        symc.build(text, out=tmp_path)


def test_prefix_notation_that_has_one_meaning_needs_none(tmp_path: Path) -> None:
    bundle = symc.build("add(mul(X0, 2), sin(X1))", out=tmp_path)
    close(values(bundle, np.array([[1.5, 0.5]]))[:, 0], np.array([3 + np.sin(0.5)]))
    plain = symc.build("add(div(X0, X1), 1)", dialect="infix", out=tmp_path, name="plain")
    close(values(plain, np.array([[1.0, 1e-4]]))[:, 0], np.array([1 / float(np.float32(1e-4)) + 1]))


def test_a_dialect_that_is_not_there_or_lacks_a_function(tmp_path: Path) -> None:
    with pytest.raises(SymcError, match=r"unknown dialect 'lisp'.*infix, gplearn, deap"):
        symc.build("2*x", dialect="lisp", out=tmp_path)
    with pytest.raises(SymcError, match=r"column 8: gplearn has no function 'mine'"):
        symc.build("add(x, mine(x))", dialect="gplearn", out=tmp_path)


def test_operon_prints_infix(tmp_path: Path) -> None:
    text = "((1.2000 * X1) + (sin((2.0000 * X2)) / (0.5000 + (X10 ^ 2))))"
    bundle = symc.build(text, out=tmp_path)
    x = RNG.uniform(-2, 2, (50, 3)).astype(np.float32)
    a, b, c = x.astype(np.float64).T
    close(values(bundle, x)[:, 0], 1.2 * a + np.sin(2 * b) / (0.5 + c**2))
