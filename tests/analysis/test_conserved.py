"""A law that is proved holds of the computed values within what is told; one that does not hold is refuted."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from symc.analysis.conserved import Balance, balance, law_of
from symc.analysis.ranges import analyse
from symc.errors import SymcError
from symc.ir.evaluate import evaluate
from symc.ir.heads import Head
from symc.ir.program import Program
from symc.meaning.compile import program_of

INPUTS = ["x0", "x1"]
DOMAIN = [(0.5, 2.0), (-1.0, 1.0)]


def outcome(
    texts: list[str], left: str, right: str | None, head: Head | None = None
) -> tuple[Balance, Program, tuple[Fraction, ...]]:
    outputs = [f"y{k}" for k in range(len(texts))]
    program = program_of(texts, INPUTS, outputs, DOMAIN)
    program = program if head is None else head.behind(program)
    errors = list(analyse(program, DOMAIN).errors.values())
    law = law_of(left, right, outputs, INPUTS)
    return balance(law, program, texts, head, DOMAIN, errors), program, law.weights


def points() -> np.ndarray:
    rng = np.random.default_rng(0)
    low, high = np.float32(DOMAIN).T
    corners = np.array([[a, b] for a in DOMAIN[0] for b in DOMAIN[1]])
    return np.concatenate([corners, low + rng.random((3000, 2)) * (high - low)]).astype(np.float32).clip(low, high)


@pytest.mark.parametrize(
    ("texts", "left", "right", "expected"),
    [
        (["0.3*x0 + sin(x1)", "0.7*x0 - sin(x1)"], "y0 + y1", "x0", lambda x: x[:, 0]),
        (["exp(-x0)*x1", "1 - exp(-x0)*x1"], "y0,y1", None, lambda x: np.ones(len(x))),
        (["x0/(x0 + 2)", "2/(x0 + 2)", "x1"], "y0,y1", "1", lambda x: np.ones(len(x))),
        (["x0*x1", "x0^2 - 2*x0*x1", "x1"], "2*y0 + y1", "x0^2", lambda x: x[:, 0] ** 2),
        (["(x0 + x1)^2", "(x0 - x1)^2"], "y0 - y1", "4*x0*x1", lambda x: 4 * x[:, 0] * x[:, 1]),
        (["sin(x0)^2", "cos(x0)^2"], "y0 + y1", None, lambda x: np.ones(len(x))),
        (["max(x0, x1)*0.1", "x0 - 0.1*max(x1, x0)"], "y0,y1", "x0", lambda x: x[:, 0]),
        (["1/(1 + exp(-x0))", "sigmoid(x0)"], "y0 - y1", "0", lambda x: np.zeros(len(x))),
        (["x0/3", "x0/1.5"], "0.1*y0 + 0.1*y1", "0.1*x0", lambda x: 0.1 * x[:, 0]),
    ],
)
def test_a_law_of_the_texts_is_kept_by_the_code_within_what_is_told(texts, left, right, expected) -> None:
    found, program, weights = outcome(texts, left, right)
    assert found.proved and found.within < 1e-5
    x = points()
    sums = evaluate(program, x).astype(np.float64) @ np.array([float(w) for w in weights])
    apart = np.abs(sums - expected(x.astype(np.float64))).max()
    assert apart <= found.within
    # Told is not far more than happens, where anything does.
    assert found.within <= 20.0 * apart + 1e-6
    if right is None:
        assert found.value == pytest.approx(1.0)


def test_shares_of_a_softmax_add_up_to_one() -> None:
    found, program, _ = outcome(["x0*x1", "sin(x0)", "x1"], "y0,y1,y2", "1", Head.of("softmax"))
    assert found.proved
    assert np.abs(evaluate(program, points()).astype(np.float64).sum(axis=1) - 1.0).max() <= found.within < 1e-5


@pytest.mark.parametrize(
    ("texts", "left", "right", "what"),
    [
        (["0.3*x0", "0.71*x0"], "y0,y1", "x0", "the other side"),
        (["0.3*x0 + x1", "0.7*x0 - x1^2"], "y0,y1", "x0", "the other side"),
        (["exp(-x0)", "1 - exp(-1.0001*x0)"], "y0,y1", None, "and "),
        (["x0", "x1"], "y0,y1", None, "and "),
    ],
)
def test_what_is_not_conserved_is_refuted_at_inputs(texts: list[str], left: str, right: str | None, what: str) -> None:
    found, _, _ = outcome(texts, left, right)
    assert not found.proved and found.refuted is not None and what in found.refuted and "x0 = " in found.refuted


def test_what_neither_side_shows_is_left_open() -> None:
    # Below the rounding errors, and not equal.
    found, _, _ = outcome(["0.3*x0", "0.70000000001*x0"], "y0,y1", "x0")
    assert found == Balance(False)
    pole, _, _ = outcome(["1/x1", "1 - 1/x1"], "y0,y1", "1")
    assert pole == Balance(False)


@pytest.mark.parametrize("left", ["y0*y1", "x0", "y0 + 1", "y0 - y0", "sin(y0)", "pi*y0", "y9", "y0 +", ""])
def test_what_is_no_sum_of_outputs_is_refused(left: str) -> None:
    with pytest.raises(SymcError):
        law_of(left, None, ["y0", "y1"], INPUTS)


def test_the_right_side_is_over_the_inputs() -> None:
    with pytest.raises(SymcError):
        law_of("y0", "y1", ["y0", "y1"], INPUTS)
