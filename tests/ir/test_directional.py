"""Derivatives along directions and second derivatives: against mpmath's, against each other, and what they cost."""

from __future__ import annotations

import random
from collections.abc import Callable

import mpmath
import numpy as np
import pytest

from symc.ir import passes
from symc.ir.along import along
from symc.ir.derive import jacobian
from symc.ir.directional import hessian, jvp, vjp
from symc.ir.evaluate import evaluate
from symc.ir.layered import Affine, Layered
from symc.ir.lower import lower
from symc.ir.ops import OPERATORS, PRIMITIVES
from symc.ir.parse import parse
from symc.ir.program import Builder, Program

TEXTS = ("exp(-a^2)*sin(3*b) + a*c", "log(1 + a^2)/(2 + cos(b*c))", "sqrt(1 + b^2) - tanh(a*c)")
FUNCTIONS: tuple[Callable[..., mpmath.mpf], ...] = (
    lambda a, b, c: mpmath.exp(-(a**2)) * mpmath.sin(3 * b) + a * c,
    lambda a, b, c: mpmath.log(1 + a**2) / (2 + mpmath.cos(b * c)),
    lambda a, b, c: mpmath.sqrt(1 + b**2) - mpmath.tanh(a * c),
)
ORDERS = [(1, 0, 0), (0, 1, 0), (0, 0, 1)]
N_IN = N_OUT = 3


@pytest.fixture(scope="module")
def program() -> Program:
    return lower([parse(text, "abc") for text in TEXTS], "abc", ("y0", "y1", "y2"))


@pytest.fixture(scope="module")
def x() -> np.ndarray:
    return np.random.default_rng(3).uniform(-1.5, 1.5, (12, N_IN)).astype(np.float32)


@pytest.fixture(scope="module")
def slopes(x: np.ndarray) -> np.ndarray:
    """(n, n_out, n_in) by mpmath."""
    with mpmath.workdps(40):
        points = [tuple(map(float, row)) for row in x]
        return np.array([[[float(mpmath.diff(f, p, o)) for o in ORDERS] for f in FUNCTIONS] for p in points])


def test_vjp_and_jvp_are_the_jacobian_along_a_direction(program: Program, x: np.ndarray, slopes: np.ndarray) -> None:
    direction = np.random.default_rng(4).normal(size=(len(x), 3)).astype(np.float32)
    both = np.column_stack([x, direction])
    values = evaluate(program, x)
    for derived, want in ((vjp, "no,noi->ni"), (jvp, "ni,noi->no")):
        got = evaluate(derived(program), both)
        assert np.array_equal(got[:, :N_OUT], values)
        np.testing.assert_allclose(got[:, N_OUT:], np.einsum(want, direction, slopes), rtol=2e-5, atol=4e-6)


@pytest.mark.parametrize("direct", [True, False])
def test_derivatives_through_matrices_are_those_of_mpmath(direct: bool) -> None:
    rng = np.random.default_rng(5)
    n_in, n_out = 7, 5
    project = Affine(rng.normal(size=(3, n_in)) / 3, rng.normal(size=3) / 2)
    expand = Affine(rng.normal(size=(n_out, 3)), rng.normal(size=n_out))
    around = rng.normal(size=(n_out, n_in)) if direct else None
    equations = lower([parse(text, "abc") for text in TEXTS], "abc", ("y0", "y1", "y2"))
    names = tuple(f"x{k}" for k in range(n_in)), tuple(f"o{k}" for k in range(n_out))
    block = Layered(*names, project, equations, expand, around).check()
    x = rng.uniform(-1, 1, (8, n_in)).astype(np.float32)
    z = x.astype(float) @ project.weight.astype(float).T + project.bias
    with mpmath.workdps(40):
        inner = np.array([[[float(mpmath.diff(f, tuple(row), o)) for o in ORDERS] for f in FUNCTIONS] for row in z])
    slopes = expand.weight.astype(float) @ inner @ project.weight.astype(float)
    if block.direct is not None:
        slopes = slopes + block.direct
    for kind, want in (("vjp", "no,noi->ni"), ("jvp", "ni,noi->no")):
        of = along(block, kind)
        direction = rng.normal(size=(len(x), of.n_along)).astype(np.float32)
        got = of.values(x, direction)
        assert np.array_equal(got[:, :n_out], evaluate(block, x))
        np.testing.assert_allclose(got[:, n_out:], np.einsum(want, direction, slopes), rtol=1e-4, atol=2e-5)


def test_hessian_is_that_of_mpmath_and_symmetric_to_the_bit(program: Program, x: np.ndarray) -> None:
    got = evaluate(hessian(program), x).reshape(len(x), N_OUT, N_IN, N_IN)
    assert np.array_equal(got, got.transpose(0, 1, 3, 2))
    with mpmath.workdps(40):
        for row, point in enumerate(x):
            for o, f in enumerate(FUNCTIONS):
                for i, first in enumerate(ORDERS):
                    for j, second in enumerate(ORDERS):
                        order = tuple(p + q for p, q in zip(first, second, strict=True))
                        want = float(mpmath.diff(f, tuple(map(float, point)), order))
                        assert abs(got[row, o, i, j] - want) <= 2e-5 * abs(want) + 2e-5


def test_what_does_not_depend_on_inputs_and_an_input_that_is_an_output() -> None:
    b = Builder(("x", "v0"))
    program = b.finish(("g0", "x", "again"), (b.const(2.5), b.input(0), b.input(0)))
    assert vjp(program).inputs == ("x", "v0", "v_0", "v_1", "v_2")
    assert evaluate(vjp(program), np.float32([[3, 7, 10, 20, 40]])).tolist() == [[2.5, 3, 3, 60, 0]]
    assert evaluate(jvp(program), np.float32([[3, 7, 10, 20]])).tolist() == [[2.5, 3, 3, 0, 10, 10]]
    assert not evaluate(hessian(program), np.float32([[3, 7]])).any()


def test_kinks_and_selections_give_no_nan_from_what_is_not_chosen() -> None:
    b = Builder(("x",))
    x = b.input(0)
    root = b.op("select", x, b.op("sqrt", x), x)
    program = b.finish(("y",), (root,))
    assert evaluate(vjp(program), np.float32([[4, 1], [0, 1], [-4, 1]])).tolist()[0] == [2, 0.25]
    assert evaluate(jvp(program), np.float32([[-4, np.inf]]))[0, 0] == -4
    b = Builder(("x",))
    x = b.input(0)
    program = b.finish(("y",), (b.op("abs", x),))
    assert evaluate(vjp(program), np.float32([[0, 3], [-2, 3]])).tolist() == [[0, 0], [2, -3]]


def _random(rng: random.Random, n_in: int, steps: int, operators: list[str]) -> Program:
    b = Builder([f"x{k}" for k in range(n_in)])
    pool = [b.input(k) for k in range(n_in)]
    for _ in range(steps):
        name = rng.choice(operators)
        newest = pool[-12:]
        args = [rng.choice(newest) if rng.random() < 0.8 else b.const(rng.uniform(-3, 3)) for _ in range(3)]
        pool.append(b.op(name, *args[: OPERATORS[name].arity]))
    return passes.run(b.finish(["y"], [pool[-1]]))


def test_a_vjp_costs_a_small_multiple_of_the_value_however_many_inputs() -> None:
    """A product costs 1, and its derivatives two products and at most one sum for each of its uses."""
    for name in PRIMITIVES:
        b = Builder([f"x{k}" for k in range(OPERATORS[name].arity)])
        alone = b.finish(["y"], [b.op(name, *(b.input(k) for k in range(len(b.inputs))))])
        assert vjp(alone).cost <= 3 * alone.cost, name
    rng = random.Random(0)
    operators = [*PRIMITIVES, *["add", "sub", "mul", "div"] * 8]
    for n_in in (1, 4, 64):
        programs = [_random(rng, n_in, rng.choice((20, 60, 200)), operators) for _ in range(40)]
        ratios = np.array([vjp(p).cost / p.cost for p in programs if p.cost >= 10])
        assert len(ratios) >= 20
        assert np.exp(np.log(ratios).mean()) <= 1.5
        assert ratios.max() <= 4
    wide = [lower([parse(" + ".join(f"sin(x{k})*x{(k + 1) % n}" for k in range(n)), names)], names, ("y",))
            for n in (4, 16, 64) for names in [[f"x{k}" for k in range(n)]]]  # fmt: skip
    assert all(vjp(p).cost <= 3 * p.cost for p in wide)
    assert jacobian(wide[-1]).cost <= 3 * wide[-1].cost
