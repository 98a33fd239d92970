"""The steepest slope of a function over an interval is never below a slope within it."""

from __future__ import annotations

import mpmath
import numpy as np
import pytest

from symc.analysis.slopes import STEEPEST


@pytest.mark.parametrize("turns", [0, 1, 10**3, 10**6, 123456789, 10**9])
def test_a_pole_of_tan_is_not_lost_between_neighbouring_doubles(turns: int) -> None:
    with mpmath.workdps(60):
        pole = (turns + mpmath.mpf(1) / 2) * mpmath.pi
        near = float(pole)
        toward = np.inf if mpmath.mpf(near) < pole else -np.inf
    bounds = sorted((near, float(np.nextafter(near, toward))))
    for sign in (1.0, -1.0):
        low, high = sorted(sign * bound for bound in bounds)
        assert STEEPEST["tan"](np.array([low]), np.array([high]))[0] == np.inf
