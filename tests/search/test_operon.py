"""The Operon engine: what it proposes is what it says, and it repeats."""

from __future__ import annotations

import signal
import threading
import time

import numpy as np
import pytest

from symc.errors import SymcError
from symc.ir.evaluate import evaluate_real
from symc.ir.lower import lower
from symc.ir.ops import OPERATORS
from symc.ir.parse import parse
from symc.search.draws import subset
from symc.search.engines.operon import engine as operon
from symc.search.engines.operon.engine import NODES, Operon
from symc.search.engines.protocol import Budget, Candidate
from symc.search.engines.registry import choose
from symc.search.operators import DEFAULT_OPERATORS, check_operators

FEATURES = ("alpha", "beta", "gamma")


def problem(n: int = 200) -> tuple[np.ndarray, np.ndarray]:
    x = np.random.default_rng(77).uniform(0.5, 3.0, size=(n, 3)).astype(np.float32)
    return x, (x[:, 0] * np.sin(x[:, 1]) + 1.5 / x[:, 2]).astype(np.float32)


def loss(candidate: Candidate, x: np.ndarray, y: np.ndarray) -> float:
    program = lower([parse(candidate.equation, FEATURES)], FEATURES, ["y"])
    return float(np.mean((evaluate_real(program, x.astype(np.float64))[:, 0] - y) ** 2))


def test_equations_have_the_loss_that_comes_with_them() -> None:
    x, y = problem()
    found = Operon().fit(x, y, FEATURES, Budget(40_000), 1, [*DEFAULT_OPERATORS, "min", "max", "abs", "tan", "pow"])
    assert len(found.candidates) > 3
    for candidate in found.candidates:
        assert loss(candidate, x, y) == pytest.approx(candidate.loss, rel=1e-3)
    assert 0 < found.evaluations <= 40_000 and found.stopped_by in ("evaluations", "converged")


@pytest.mark.parametrize("name", sorted(NODES))
def test_every_operator_means_the_same_in_operon_and_here(name: str) -> None:
    # Operon optimises the loss by its own arithmetic: where ours agrees on what it found, the meanings agree.
    x, y = problem(100)
    needed = [name] if OPERATORS[name].arity == 2 else [name, "add"]
    found = Operon().fit(x, y, FEATURES, Budget(6_000), 3, needed)
    assert found.candidates and all(name in NODES for name in needed)
    for candidate in found.candidates:
        assert loss(candidate, x, y) <= float(np.var(y)) * 1.001


@pytest.mark.parametrize(
    "name",
    [
        *("min", "max", "aq", "pow_abs", "sqrt_abs", "log_abs", "log1p", "cbrt", "floor", "ceil"),
        *("asin", "acos", "atan", "sinh", "cosh"),
    ],
)
def test_a_search_finds_the_operator_that_made_the_samples(name: str) -> None:
    low, high = (0.2, 0.9) if name in ("asin", "acos", "log1p") else (-2.5, 2.5)
    x = np.random.default_rng(7).uniform(low, high, (120, 2)).astype(np.float32)
    arguments = ", ".join(FEATURES[: OPERATORS[name].arity])
    program = lower([parse(f"{name}({arguments})", FEATURES[:2])], FEATURES[:2], ["y"])
    y = evaluate_real(program, x.astype(np.float64))[:, 0].astype(np.float32)
    found = Operon().fit(x, y, FEATURES[:2], Budget(8_000), 3, [name])
    assert min(c.loss for c in found.candidates if c.loss is not None) < 0.01 * float(np.var(y))


def test_the_same_seed_proposes_the_same_and_another_seed_does_not() -> None:
    x, y = problem()
    budget = Budget(30_000)
    first = Operon().fit(x, y, FEATURES, budget, 5, DEFAULT_OPERATORS)
    assert Operon().fit(x, y, FEATURES, budget, 5, DEFAULT_OPERATORS) == first
    assert Operon().fit(x, y, FEATURES, budget, 6, DEFAULT_OPERATORS) != first


def test_only_operators_that_were_asked_for_occur() -> None:
    x, y = problem()
    found = Operon().fit(x, y, FEATURES, Budget(30_000), 0, ["mul", "sub"])
    assert found.candidates
    for candidate in found.candidates:
        assert lower([parse(candidate.equation, FEATURES)], FEATURES, ["y"]).operators <= {"add", "sub", "mul", "neg"}


def test_time_caps_the_search_and_is_reported() -> None:
    x, y = problem(500)
    noisy = y + np.random.default_rng(3).normal(size=len(y)).astype(np.float32)
    began = time.monotonic()
    found = Operon().fit(x, noisy, FEATURES, Budget(50_000_000, seconds=0.7), 0, DEFAULT_OPERATORS)
    assert found.stopped_by == "time" and time.monotonic() - began < 10.0
    assert found.evaluations < 50_000_000 and found.candidates


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="needs interval timers")
def test_interrupts_however_many_leave_nothing_running() -> None:
    x, y = problem(500)
    noisy = y + np.random.default_rng(3).normal(size=len(y)).astype(np.float32)
    threads = threading.active_count()
    before = signal.signal(signal.SIGALRM, signal.default_int_handler)
    # The first interrupt stops the run, those that follow hit the wait for its end.
    signal.setitimer(signal.ITIMER_REAL, 0.6, 0.002)
    try:
        with pytest.raises(KeyboardInterrupt):
            Operon().fit(x, noisy, FEATURES, Budget(50_000_000), 0, DEFAULT_OPERATORS)
    finally:
        while True:
            try:
                signal.setitimer(signal.ITIMER_REAL, 0)
                signal.signal(signal.SIGALRM, before)
                break
            except KeyboardInterrupt:
                continue
    time.sleep(0.2)
    assert threading.active_count() == threads
    assert Operon().fit(x, y, FEATURES, Budget(5_000), 0, DEFAULT_OPERATORS).candidates


def test_an_exact_match_ends_the_search() -> None:
    x, _ = problem()
    found = Operon().fit(x, 2.5 * x[:, 0] - x[:, 1], FEATURES, Budget(2_000_000), 0, ["add", "sub", "mul"])
    assert found.stopped_by == "converged" and found.evaluations < 2_000_000


def test_inputs_that_never_change_are_left_out() -> None:
    x, _ = problem()
    x[:, 1] = 2.0
    found = Operon().fit(x, x[:, 0] * 2, FEATURES, Budget(20_000), 0, DEFAULT_OPERATORS)
    assert found.candidates and not any("beta" in c.equation for c in found.candidates)


def test_scales_far_from_one_are_no_hindrance() -> None:
    x, _ = problem()
    big = (x * np.float32([1e6, 1e-6, 1.0])).astype(np.float32)
    y = (1e8 * x[:, 0] ** 2 + 5e9).astype(np.float32)
    found = Operon().fit(big, y, FEATURES, Budget(60_000), 0, ["add", "mul", "square"])
    assert found.candidates[0].loss is not None and found.candidates[0].loss < 1e-6 * float(np.var(y.astype(float)))


def test_an_operator_operon_lacks_is_an_error_that_lists_what_it_has() -> None:
    with pytest.raises(SymcError, match=r"operon cannot search with operator 'relu'.*It has: add, sub, mul"):
        Operon().check(["add", "relu"])
    with pytest.raises(SymcError, match="at least one"):
        Operon().check(["neg"])


def test_operators_are_named_as_in_our_table_or_by_their_signs() -> None:
    assert check_operators(None) == DEFAULT_OPERATORS
    assert check_operators(["+", "plus", "^", "fabs"]) == ("add", "pow", "abs")
    assert check_operators("add,sin") == ("add", "sin")
    with pytest.raises(SymcError, match=r"unknown operator 'sine'.*The operators are: add"):
        check_operators(["sine"])
    with pytest.raises(SymcError, match="no operators"):
        check_operators([])


@pytest.mark.parametrize("budget", [(0, None), (-5, None), (True, None), (1000, 0.0), (1000, float("nan"))])
def test_budgets_are_positive(budget: tuple[int, float | None]) -> None:
    with pytest.raises(SymcError, match="budget"):
        Budget(*budget)


def test_unknown_engine() -> None:
    with pytest.raises(SymcError, match=r"unknown engine 'eureqa'.*auto, pysr, operon"):
        choose("eureqa")


def test_rows_are_unrelated_to_what_the_caller_drew_with_the_same_seed() -> None:
    raw = np.random.default_rng(0).uniform(size=4000)
    chosen = raw[subset(4000, 500, 0)]
    assert abs(chosen.mean() - 0.5) < 0.06 and len(set(subset(4000, 500, 0))) == 500
    assert (subset(10, 500, 0) == np.arange(10)).all()


def test_the_engine_reports_the_version_of_the_library() -> None:
    assert operon.Operon().version.count(".") >= 1 and operon.Operon().name == "operon"


def test_an_operator_that_is_named_is_there_from_the_first_search_on() -> None:
    x, _ = problem(150)
    y = (x[:, 0] / (x[:, 1] + 0.5)).astype(np.float32)
    found = Operon().fit(x, y, FEATURES, Budget(8_000), 1, ["add", "mul", "div", "sin"])
    assert any("/" in candidate.equation for candidate in found.candidates)
