"""The yardsticks that the examples share must be right themselves."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest


@pytest.fixture(autouse=True)
def _folder(example_folder: Callable[[str], None]) -> None:
    example_folder("refrigerant")


def test_cubic_polynomial_recovers_a_cubic() -> None:
    from common import Polynomial

    rng = np.random.default_rng(0)
    x = rng.uniform(-3, 40, (200, 2))
    y = np.stack([x[:, 0] ** 3 - 2 * x[:, 0] * x[:, 1] ** 2 + 7, x[:, 1]], axis=1)
    fitted = Polynomial.fit(x, y, 3)
    fresh = rng.uniform(-3, 40, (50, 2))
    expected = np.stack([fresh[:, 0] ** 3 - 2 * fresh[:, 0] * fresh[:, 1] ** 2 + 7, fresh[:, 1]], axis=1)
    np.testing.assert_allclose(fitted(fresh), expected, rtol=1e-8, atol=1e-6)


def test_degree_zero_is_the_mean_and_degree_one_misses_a_square() -> None:
    from common import Polynomial, largest, rmse

    x = np.linspace(-1, 1, 101)[:, None]
    y = x**2
    np.testing.assert_allclose(Polynomial.fit(x, y, 0)(x), np.full_like(y, y.mean()))
    np.testing.assert_allclose(rmse(Polynomial.fit(x, y, 1)(x), y), y.std(axis=0), rtol=1e-9)
    assert largest(y, 0 * y) == pytest.approx([1.0])
