"""Code rewritten to lose less in rounding: the same real function, a smaller proved error, and a true one within it."""

from __future__ import annotations

from collections.abc import Callable

import mpmath
import numpy as np
import pytest

from symc.analysis.accuracy import Improved, improve
from symc.analysis.identities import RULES
from symc.analysis.ranges import analyse
from symc.analysis.rewrites import by_rule, rewritten
from symc.ir.evaluate import evaluate, evaluate_real
from symc.ir.program import Program
from symc.meaning.compile import program_of

Box = tuple[tuple[float, float], ...]


def both(text: str, domain: Box) -> tuple[Program, Improved | None]:
    names = [f"x{k}" for k in range(len(domain))]
    program = program_of([text], names, ["y"], domain)
    return program, improve(program, [text], domain)


def sampled(domain: Box, rows: int) -> np.ndarray:
    low, high = np.array(domain).T
    spread = np.random.Generator(np.random.PCG64(7)).random((rows, len(domain)))
    return np.clip((low + spread * (high - low)).astype(np.float32), low.astype(np.float32), high.astype(np.float32))


def errors(program: Program, law: Callable[..., mpmath.mpf], x: np.ndarray) -> np.ndarray:
    """|code - law|, the law in 60 digits at the same float32 inputs."""
    code = evaluate(program, x)[:, 0]
    with mpmath.workdps(60):
        real = [law(*map(mpmath.mpf, row)) for row in x.astype(np.float64).tolist()]
        return np.array([float(abs(mpmath.mpf(float(c)) - r)) for c, r in zip(code, real, strict=True)])


LAWS: list[tuple[str, Box, Callable[..., mpmath.mpf]]] = [
    ("x0^3/(exp(x0/x1) - 1)", ((0.001, 1), (1, 10)), lambda w, t: w**3 / (mpmath.exp(w / t) - 1)),
    ("1 - cos(x0)", ((0.001, 0.1),), lambda x: 1 - mpmath.cos(x)),
    ("sqrt(x0 + 1) - sqrt(x0)", ((1, 1e4),), lambda x: mpmath.sqrt(x + 1) - mpmath.sqrt(x)),
    ("1/x0 - 1/(x0 + 1)", ((1, 1e4),), lambda x: 1 / x - 1 / (x + 1)),
    ("log(x0 + 1) - log(x0)", ((1, 1e4),), lambda x: mpmath.log(x + 1) - mpmath.log(x)),
    ("x0/sqrt(1 - x1^2) - x0", ((1, 2), (0.001, 0.9)), lambda m, v: m / mpmath.sqrt(1 - v**2) - m),
    ("x0*(1 - exp(-x1/x2))", ((1, 2), (0.001, 1), (1, 5)), lambda a, x, b: a * (1 - mpmath.exp(-x / b))),
    ("sin(x0 + 0.001) - sin(x0)", ((0.1, 1),), lambda x: mpmath.sin(x + mpmath.mpf("0.001")) - mpmath.sin(x)),
    ("(exp(x0) - exp(-x0))/2", ((0.001, 0.1),), lambda x: mpmath.sinh(x)),
    ("1 - tanh(x0)", ((0.1, 8),), lambda x: 1 - mpmath.tanh(x)),
    ("acos(1 - x0)", ((1e-6, 0.1),), lambda x: mpmath.acos(1 - x)),
]


@pytest.mark.parametrize(("text", "domain", "law"), LAWS)
def test_what_cancels_is_computed_without_the_difference(
    text: str, domain: Box, law: Callable[..., mpmath.mpf]
) -> None:
    program, better = both(text, domain)
    assert better is not None
    before, after = better.worst["y"]
    assert after < 12.0 and before > 100.0 * after
    x = sampled(domain, 2000)
    found = errors(better.program, law, x)
    assert found.max() <= analyse(better.program, domain, source=better.source).errors["y"]
    # In units in the last place of each value, where the gain is.
    units = np.spacing(np.abs(evaluate(better.program, x)[:, 0]))
    assert 10.0 * (found / units).max() < min((errors(program, law, x) / units).max(), 120.0)


@pytest.mark.parametrize(
    ("text", "law"),
    [
        ("exp(x0) - 1.00000001", lambda x: mpmath.exp(x) - mpmath.mpf("1.00000001")),
        ("exp(x0) - 0.1*10.0000001", lambda x: mpmath.exp(x) - mpmath.mpf("1.00000001")),
        ("(x0 + 0.3) - 0.30000000001", lambda x: x - mpmath.mpf("1e-11")),
    ],
)
def test_a_constant_that_float32_rounds_stays_in_the_bound(text: str, law: Callable[..., mpmath.mpf]) -> None:
    domain = ((1e-6, 1e-3),)
    program, better = both(text, domain)
    if better is not None:
        program, bound = better.program, analyse(better.program, domain, source=better.source).errors["y"]
        assert errors(program, law, sampled(domain, 2000)).max() <= bound


@pytest.mark.parametrize("text", ["2.5*cos(x0) + x0^2", "exp(x0) - 2", "x0", "3*x0 + 1", "sin(x0)*exp(-x0)"])
def test_what_loses_nothing_is_left_as_it_is(text: str) -> None:
    assert both(text, ((0.1, 1),))[1] is None


def test_nothing_is_taken_that_is_in_danger_where_the_text_is_not() -> None:
    # (x0 - x1)/(sqrt(x0) + sqrt(x1)) is 0/0 where both are 0.
    domain = ((0.0, 1.0), (0.0, 1.0))
    _, better = both("sqrt(x0) - sqrt(x1)", domain)
    assert better is None or not analyse(better.program, domain).unsafe


FORMS = [text for text, _, _ in LAWS] + [
    "x0^2 - x1^2", "x0^2 - 1", "1 - x0^2", "cosh(x0) - cos(x0)*cos(x1)", "cos(x0) - 1", "1 - exp(x1)", "-1 + exp(x0)",
    "(x0 + x1) - x1", "x1 - (x0 + x1)", "(x0 - x1) - x0", "x0 - (x0 - x1)", "(x0 - x1) + x1", "x1 + (x0 - x1)",
    "exp(x0) + exp(-x0)", "exp(x0) - 1/exp(x0)", "x0/x1 + x2/x0", "x0/x1 - x2", "x0 - x2/x1", "x0/x1 - x2/x1",
    "x0*x1 - x2*x0", "x0*x1 + x1", "2*x0 + 2*x1", "1 - erf(x0)", "1 - erfc(x0)", "cos(x0) - cos(x1)", "log(1 - x0/3)",
    "log(x0/x1)", "log(x0)", "(3*x0)/3", "sqrt(x0) - 1", "1 - sqrt(x1)", "(x0 + x1) + x2", "(x0 + x1) - x2",
]  # fmt: skip


@pytest.mark.parametrize("text", FORMS)
def test_an_identity_keeps_the_real_function(text: str) -> None:
    domain = ((0.2, 1.8),) * 3
    program = program_of([text], ["x0", "x1", "x2"], ["y"], domain)
    found = list(rewritten(program))
    x = sampled(domain, 200)
    for one in found:
        values, expected = (evaluate_real(p, x.astype(np.float64)) for p in (one, program))
        np.testing.assert_allclose(values, expected, rtol=1e-8, atol=1e-11)


def test_every_identity_is_met_by_the_forms() -> None:
    domain = ((0.2, 1.8),) * 3
    programs = [program_of([text], ["x0", "x1", "x2"], ["y"], domain) for text in FORMS]
    met = {rule for rule in RULES for p in programs for k in range(len(p.instructions)) if by_rule(p, k, rule)}
    assert met == set(RULES)
