"""Guarded mode: which rows the network answers, what is counted, and when it switches back."""

from __future__ import annotations

import sys
import threading
import warnings
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import torch

from symc.errors import SymcError
from tests.module.switched import block_in, equations, inside


def test_rows_outside_the_domain_are_the_networks_and_the_others_are_not():
    block = block_in("guarded")
    x = inside()
    low, high = block.dataset.domain.T
    x[1, 0], x[4, 1] = float(high[0]) + 1.0, float(low[1]) - 1.0
    y = block(x)
    want = equations(x)
    want[[1, 4]] = 100.0 + x[[1, 4]]
    torch.testing.assert_close(y, want)
    assert block.block.shapes == [(2, 2)]
    assert block.monitor.to_json()["reasons"] == {"outside": 2, "not_finite": 0, "beyond": 0}
    assert block.monitor.guard_rate == 2 / 6


def test_a_bound_and_values_that_are_not_finite():
    block = block_in("guarded")
    x = inside()
    values = equations(x)[:, 0]
    block.switch_to_guarded(complexity=(5, 2), bound=[(-10.0, float(values.max()) - 1e-6), (-2.0, 2.0)])
    x[0, 0] = float("nan")
    y = block(x)
    worst = int(values.argmax())
    assert torch.isnan(y[0, 0]) and torch.equal(y[worst], 100.0 + x[worst])
    counts = block.monitor.to_json()["reasons"]
    assert counts["outside"] == 1 and counts["not_finite"] == 1 and counts["beyond"] >= 1


def test_the_network_gets_items_of_the_first_dimension():
    block = block_in("guarded")
    x = inside(12).reshape(3, 4, 2)
    x[1, 2, 0] = 1e6
    y = block(x)
    assert block.block.shapes == [(1, 4, 2)]
    want = equations(x)
    want[1, 2] = 100.0 + x[1, 2]
    torch.testing.assert_close(y, want)
    torch.testing.assert_close(block(x[1, 2]), 100.0 + x[1, 2])


def test_gradients_in_guarded_mode_reach_the_input_and_the_network():
    block = block_in("guarded")
    x = inside()
    x[2] = float("inf")
    x[3, 0] = 1e6
    x.requires_grad_()
    y = block(x)
    y[[0, 3]].sum().backward()
    torch.testing.assert_close(x.grad[0], torch.stack([x[0, 1] + x[0, 0].cos(), x[0, 0]]).detach())
    torch.testing.assert_close(x.grad[3], torch.ones(2))
    assert x.grad.isfinite().all() and block.block.weight.grad == 200.0


def test_too_many_guarded_rows_switch_back_and_say_so():
    block = block_in("neural")
    block.switch_to_guarded(complexity=(5, 2), rollback=0.25, window=8)
    x = inside()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        block(x)
    x[:4, 0] = 1e6
    with pytest.warns(RuntimeWarning, match=r"back to the network: it answered 33.3% of the last 12 rows.*outside 4"):
        block(x)
    assert block.mode == "neural" and block.monitor.rolled_back is not None
    assert torch.equal(block(x), 100.0 + x)
    block.switch_to_guarded(complexity=(5, 2), rollback=0.25, window=8)
    assert block.monitor.rolled_back is None and block.monitor.guard_rate == 0.0


def test_a_rate_below_the_threshold_stays_and_each_window_counts_for_itself():
    block = block_in("neural")
    block.switch_to_guarded(complexity=(5, 2), rollback=0.5, window=4)
    x = inside(4)
    for _ in range(20):
        block(x)
    x[:3, 0] = 1e6
    with pytest.warns(RuntimeWarning, match=r"75.0% of the last 4 rows"):
        block(x)


def test_after_a_reset_the_first_window_is_full_as_soon_as_any():
    block = block_in("neural")
    block.switch_to_guarded(complexity=(5, 2), rollback=0.5, window=4)
    x = inside(4)
    for _ in range(20):
        block(x)
    block.monitor.reset()
    x[:3, 0] = 1e6
    with pytest.warns(RuntimeWarning, match=r"75.0% of the last 4 rows"):
        block(x)


@pytest.mark.parametrize("rows", [6, None])
def test_a_call_whose_network_raises_counts_nothing(rows: int | None):
    block = block_in("guarded")
    x = inside()
    x[1] = 1e9
    x = x if rows else x[1]
    block(x)
    before = block.monitor.to_json()
    answers, block.block.forward = block.block.forward, lambda x: 1 // 0
    with pytest.raises(ZeroDivisionError):
        block(x)
    assert block.monitor.to_json() == before and before["guarded"] == before["compared"] == 1
    block.block.forward = answers
    block(x)
    assert block.monitor.counts.compared == block.monitor.counts.guarded == 2


def test_threads_count_every_row_and_mix_none():
    block = block_in("shadow")
    calls = 300

    def call(value: float) -> None:
        for _ in range(calls):
            block(torch.full((1, 2), value))

    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        with ThreadPoolExecutor(4) as pool:
            list(pool.map(call, (0.25, 0.5, 0.75, 1.0)))
    finally:
        sys.setswitchinterval(interval)
    assert block.monitor.counts.compared == 4 * calls
    seen = block.monitor.disagreements
    assert seen.seen == 4 * calls
    np.testing.assert_array_equal(seen.network, 100.0 + seen.x)
    np.testing.assert_allclose(seen.equations, equations(torch.from_numpy(seen.x)).numpy(), rtol=1e-6)


@pytest.mark.parametrize("mode", ["symbolic", "guarded", "shadow"])
def test_a_mode_may_change_while_other_threads_call(mode: str) -> None:
    block = block_in(mode)
    switched = threading.Event()
    x = inside(1)
    answers = [equations(x), 100.0 + x]

    def call(_: int) -> bool:
        fine = True
        while not switched.is_set():
            y = block(x)
            fine = fine and any(torch.allclose(y, answer) for answer in answers)
        return fine

    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        with ThreadPoolExecutor(3) as pool:
            called = pool.map(call, range(3))
            try:
                for _ in range(100):
                    block.switch_to_neural()
                    getattr(block, f"switch_to_{mode}")(complexity=(5, 2))
            finally:
                switched.set()
            assert all(called)
    finally:
        sys.setswitchinterval(interval)


@pytest.mark.parametrize(
    ("settings", "what"),
    [
        ({"bound": [1.0, 0.0]}, "need .lo, hi. for each of 2 outputs"),
        ({"bound": [(0, 1), (0, 1), (0, 1)]}, "need .lo, hi. for each of 2 outputs"),
        ({"bound": "wide"}, "need .lo, hi. for each"),
        ({"rollback": 1.5}, "rollback is 1.5, need a share"),
        ({"window": 0}, "window is 0, need at least 1 row"),
        ({"complexity": 7}, "no equation of complexity 7"),
    ],
)
def test_settings_that_make_no_sense_change_nothing(settings, what):
    block = block_in("symbolic")
    with pytest.raises(SymcError, match=what):
        block.switch_to_guarded(**{"complexity": (5, 2), **settings})
    assert block.mode == "symbolic"


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_edges_of_the_domain_and_of_bounds_are_inside_and_what_is_next_to_them_is_not(dtype: torch.dtype):
    block = block_in("guarded")
    block.switch_to_guarded(complexity=(5, 2), bound=[(-1.0, 3.0), (-0.5, 1.0)])
    low, high = (torch.from_numpy(edge.copy()) for edge in block.dataset.domain.astype(np.float32).T)
    beyond = torch.nextafter(high, torch.full_like(high, np.inf))
    below = torch.nextafter(low, torch.full_like(low, -np.inf))
    middle = torch.zeros(2)
    cases = (low, high, beyond, below, middle, torch.tensor([np.nan, 0.0]), torch.tensor([0.0, np.inf]))
    answers = []
    for case in cases:
        x = case.to(dtype).reshape(1, 2)
        by_equations = equations(x)
        is_fine = bool(
            ((x >= low) & (x <= high)).all()
            and (by_equations >= torch.tensor([-1.0, -0.5])).all()
            and (by_equations <= torch.tensor([3.0, 1.0])).all()
        )
        torch.testing.assert_close(block(x), by_equations if is_fine else 100.0 + x, equal_nan=True)
        answers.append(is_fine)
    assert True in answers
    assert answers[2:4] == [False, False]
    assert block.monitor.counts.rows == len(cases)
    assert block.monitor.counts.guarded == answers.count(False)
