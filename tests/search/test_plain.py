"""Constants that the samples cannot tell from plain numbers become these, and no others."""

from __future__ import annotations

import math

import numpy as np
import pytest

from symc.capture.dataset import Dataset
from symc.search.judge import judge
from symc.search.plain import nearest_plain


@pytest.mark.parametrize(
    ("value", "error", "expected"),
    [
        (1.9994, 4e-4, 2.0),
        (-0.4997, 3e-4, -0.5),
        (0.3334, 2e-4, 1.0 / 3.0),
        (0.07957, 2e-5, 1.0 / (4.0 * math.pi)),
        (0.39892, 3e-5, 1.0 / math.sqrt(2.0 * math.pi)),
        (6.2831, 2e-4, 2.0 * math.pi),
        (0.4500001, 1e-6, 0.45),
        (9.81, 1e-6, 9.81),
        (6.02e23, 1e17, 6.02e23),
        (1.38e-23, 1e-29, 1.38e-23),
    ],
)
def test_a_plain_number_within_the_error_is_seen(value: float, error: float, expected: float) -> None:
    found = nearest_plain(value, error)
    assert found is not None and found[1] == pytest.approx(expected, rel=1e-15)


@pytest.mark.parametrize(
    ("value", "error"),
    [(1.9994, 2e-4), (1.98, 0.2), (0.7, 0.3), (0.0, 1e-9), (2.5382, 1e-7), (7.3, 0.05), (9.81, 0.01), (1e9, math.inf)],
)
def test_what_may_be_anything_stays(value: float, error: float) -> None:
    assert nearest_plain(value, error) is None


@pytest.mark.parametrize("relative", [1e-2, 1e-3, 1e-4, 1e-6])
def test_numbers_that_are_anything_are_seldom_taken(relative: float) -> None:
    values = 10.0 ** np.random.default_rng(0).uniform(-2.0, 2.0, 2000)
    assert sum(nearest_plain(v, relative * v) is not None for v in values.tolist()) < 0.05 * len(values)


def noisy(law: str, noise: float = 0.01, n: int = 1000) -> Dataset:
    """Rows of a numpy law over x0, x1, with noise as a share of its root mean square."""
    draw = np.random.default_rng(3)
    x = draw.uniform(1.0, 3.0, (n, 2)).astype(np.float32)
    y = eval(law, {"np": np}, {"x0": x[:, 0].astype(float), "x1": x[:, 1].astype(float)})
    y = y + noise * np.sqrt(np.mean(y**2)) * draw.normal(size=n)
    return Dataset.from_samples(x, y[:, None], seed=1)


@pytest.mark.parametrize(
    ("law", "proposal", "expected"),
    [
        ("np.exp(-0.5*x0**2)/np.sqrt(2*np.pi)", "0.4*exp(-0.49*x0^2)", "0.3989423*exp(-0.5*x0^2)"),
        ("x0*(2 - x0 - x1)", "x0*(1.97 - 1.01*x0 - 0.99*x1)", "-x0*(x0 + x1 - 2)"),
        ("x0/(1 + x1)", "x0*(x1 - 0.98)/(x1^2 - 1.02)", "x0/(x1 + 1)"),
        ("x0*x1/(4*np.pi)", "0.08*x0*x1", "0.07957747*x0*x1"),
    ],
)
def test_a_noisy_law_gets_its_own_constants(law: str, proposal: str, expected: str) -> None:
    assert expected in [m.equation for m in judge(noisy(law), 0, [proposal]).members]


@pytest.mark.parametrize("value", [0.7324, 1.8861, 2.4173])
def test_a_constant_that_is_none_of_them_keeps_its_digits(value: float) -> None:
    members = judge(noisy(f"{value}*x0*x1", noise=0.001), 0, ["0.9*x0*x1"]).members
    constant = float(next(m.equation for m in members if m.complexity == 5).split("*")[0])
    assert constant == pytest.approx(value, rel=2e-4)
    assert len(f"{constant:.10g}") <= 8


def test_no_error_grows_beyond_chance() -> None:
    """What is 1.02 must not become 1, however plain that is."""
    data = noisy("1.02*x0 + 0.3*np.sin(x1)", noise=0.002)
    best = judge(data, 0, ["1.1*x0 + 0.4*sin(x1)"]).members[-1]
    assert float(best.equation.split("*")[0]) == pytest.approx(1.02, abs=3e-4)
    variance = 0.002**2 * float(np.mean(np.square(data.y[:, 0], dtype=np.float64)))
    assert best.loss < 1.15 * variance and best.heldout is not None and best.heldout < 1.3 * variance
