"""The freedom of fitted constants is that of least squares, and says where there is none to tell."""

from __future__ import annotations

import numpy as np
import pytest
from threadpoolctl import threadpool_info, threadpool_limits

from symc.capture.dataset import Dataset
from symc.search import fitting
from symc.search.engines.protocol import Budget
from symc.search.engines.registry import choose
from symc.search.freedom import freedom_of
from symc.search.judge import judge
from symc.search.task import Task


def test_the_covariance_is_that_of_least_squares() -> None:
    """s^2 (X'X)^-1 with s^2 = RSS/(n - p), of any textbook."""
    draw = np.random.default_rng(0)
    x = draw.normal(size=(200, 3)) * [1.0, 1e3, 1e-4]
    loss = 0.37
    expected = np.linalg.inv(x.T @ x) * loss * 200 / (200 - 3)
    assert freedom_of(x).covariance(loss, 200) == pytest.approx(expected, rel=1e-9)


def test_room_and_follow_are_those_of_one_constant_held() -> None:
    """Fixing constant 0 at a distance d, the others fitted again, costs d^2/room and moves them by follow."""
    draw = np.random.default_rng(1)
    x = draw.normal(size=(100, 3)) @ np.array([[1.0, 0.5, 0.0], [0.0, 1.0, 0.3], [0.0, 0.0, 1.0]])
    freedom = freedom_of(x)
    others = np.linalg.lstsq(x[:, 1:], -x[:, 0], rcond=None)[0]
    cost = np.mean((x[:, 0] + x[:, 1:] @ others) ** 2)
    assert 1.0 / freedom.room[0] == pytest.approx(cost, rel=1e-9)
    assert freedom.follow[1:, 0] == pytest.approx(others, rel=1e-9)


@pytest.mark.parametrize("third", ["x0 + x1", "0", "inf"])
def test_constants_that_tell_nothing_have_no_covariance(third: str) -> None:
    x = np.random.default_rng(2).normal(size=(50, 3))
    x[:, 2] = {"x0 + x1": x[:, 0] + x[:, 1], "0": 0.0, "inf": np.inf}[third]
    freedom = freedom_of(x)
    assert freedom.redundant[2] and freedom.covariance(1.0, 50) is None


def test_a_search_uses_one_thread_of_linear_algebra(monkeypatch: pytest.MonkeyPatch) -> None:
    """While it runs, and the process has its own number of threads again afterwards."""
    x = np.random.default_rng(3).uniform(1.0, 2.0, (100, 1)).astype(np.float32)
    data = Dataset.from_samples(x, 2.0 * x)
    threads: list[list[int]] = []

    def blas() -> list[int]:
        return [library["num_threads"] for library in threadpool_info() if library["user_api"] == "blas"]

    def fit(task: Task, watch: object) -> fitting.Fitted:
        threads.append(blas())
        return fitting.Fitted(judge(task.dataset, 0, ["x0"]), 0, "converged")

    monkeypatch.setattr(fitting, "_fit_output", fit)
    with threadpool_limits(2, user_api="blas"):
        before = blas()
        fitting.search_output(Task(data, 0, choose("operon"), Budget(10), 0, ("add", "mul")), None, None)
        assert max(before) == 2 and threads == [[1] * len(before)] and blas() == before
