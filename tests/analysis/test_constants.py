"""A shorter constant changes no output beyond its bound: against mpmath, at corners and worst points."""

from __future__ import annotations

import re
from collections.abc import Callable

import mpmath
import numpy as np
import pytest

from symc.analysis.constants import Sensitivity, constants_of, exchange
from symc.errors import SymcError

Box = list[tuple[float, float]]
FUNCTIONS = {name: getattr(mpmath, name) for name in ("sin", "cos", "exp", "log", "sqrt", "tanh", "mpf")}
CASES: list[tuple[str, Box]] = [
    ("2.5382*x0 + exp(-0.0312345678*x1)*1.00000001", [(0.0, 1.0), (0.0, 10.0)]),
    ("3.14159265358979*sin(1.23456789*x0)/(x1 + 2.718281828459045)", [(-1.0, 1.0), (0.0, 10.0)]),
    ("1.2345*x0^1.4321 + 0.00012345*x1", [(0.125, 2.0), (-1.0, 1.0)]),
    ("x0/(1.0472 - 1.047197*x1)", [(-1.0, 1.0), (-1.0, 0.5)]),
    ("exp(3.21987*x0)*cos(17.1234*x1)", [(-2.0, 2.0), (-3.0, 3.0)]),
    ("sqrt(0.123456*x0^2 + 9.87654321e-3) - tanh(12.3456*x1)*0.333333", [(-5.0, 5.0), (-1.0, 1.0)]),
    ("log(1.0000123 + x0*x0)*123456.789 + x1*298.15", [(-0.5, 0.5), (0.0, 1.0)]),
]


def evaluated(text: str) -> Callable[..., mpmath.mpf]:
    """The text with mpmath's own arithmetic: every number with 50 digits."""
    exact = re.sub(r"(?<![\w.])(\d+\.?\d*(?:e[-+]?\d+)?)", r"mpf('\1')", text).replace("^", "**")
    code = compile(exact, "<equation>", "eval")
    return lambda x0, x1: eval(code, {"__builtins__": {}}, {**FUNCTIONS, "x0": x0, "x1": x1})


def largest_change(before: str, after: str, domain: Box, seed: int) -> float:
    """At corners, at random points, and at points moved from the worst of them to worse ones."""
    old, new = evaluated(before), evaluated(after)
    rng = np.random.default_rng(seed)
    low, high = np.array(domain).T

    def change(row: np.ndarray) -> float:
        x = [mpmath.mpf(float(v)) for v in row.astype(np.float32)]
        return float(abs(old(*x) - new(*x)))

    rows = [np.array([a, b]) for a in domain[0] for b in domain[1]] + list(low + rng.random((40, 2)) * (high - low))
    found = [(change(row), row) for row in rows]
    for scale in 0.4 ** np.arange(1, 6):
        found = sorted(found, key=lambda pair: -pair[0])[:6]
        moved = [np.clip(r + rng.normal(size=2) * scale * (high - low), low, high) for _, r in found for _ in range(4)]
        found += [(change(row), row) for row in moved]
    return max(value for value, _ in found)


@pytest.mark.parametrize("tolerance", [1e-2, 1e-4, 1e-6])
@pytest.mark.parametrize(("text", "domain"), CASES)
def test_no_change_is_above_its_bound_and_no_bound_above_its_limit(text: str, domain: Box, tolerance: float) -> None:
    with mpmath.workdps(50):
        sensitivity = Sensitivity([text], ["x0", "x1"], ["y"], domain)
        new, (bound,) = sensitivity.shortened([tolerance])
        (shorter,) = sensitivity.rewritten(new)
        measured = largest_change(text, shorter, domain, 1)
    assert measured <= bound <= tolerance
    # The bound is close to what is reached, and the digits are few.
    assert bound <= 10.0 * measured + 1e-12
    assert len(shorter) <= len(text) and exchange(text, shorter) == new


def test_digits_are_as_few_as_a_search_over_all_of_them_finds_for_one_constant() -> None:
    text, tolerance = "1.23456789*x0 + x1", 1e-3
    sensitivity = Sensitivity([text], ["x0", "x1"], ["y"], [(-2.0, 2.0), (0.0, 1.0)])
    (new,), _ = sensitivity.shortened([tolerance])
    few = next(d for d in range(1, 10) if 2.0 * abs(1.23456789 - float(f"{1.23456789:.{d}g}")) <= tolerance)
    assert new == f"{1.23456789:.{few}g}"
    assert sensitivity.needed(np.array([tolerance])) == [few]
    assert sensitivity.slopes[0, 0] == pytest.approx(2.0, rel=1e-3)


def test_what_is_meant_stays() -> None:
    assert [c.text for c in constants_of(["x0^2 + 2*x1 + 0.5 + 101325 + 1.25e3"])] == []
    assert [c.text for c in constants_of(["12.5*x0 - 1.5e-7", "x0^2.25", "6.626e-34*x0"])] == ["12.5", "1.5e-7", "2.25"]


def test_a_constant_at_a_step_and_one_beside_a_pole_keep_their_digits() -> None:
    step = Sensitivity(["ifelse(x0 > 0.123456, 1.23456*x0, 0.987654)"], ["x0"], ["y"], [(-1.0, 1.0)])
    (kept, first, second), _ = step.shortened([1e-2])
    assert kept == "0.123456" and len(first) < 7 and len(second) < 8
    pole = Sensitivity(["1.23456/(x0 - 0.123456)"], ["x0"], ["y"], [(-1.0, 1.0)])
    new, bounds = pole.shortened([1e-2])
    assert new == ["1.23456", "0.123456"] and not bounds.any()


def test_an_output_without_a_limit_keeps_its_constants() -> None:
    both = Sensitivity(["1.23456*x0", "6.54321*x0"], ["x0"], ["a", "b"], [(0.0, 1.0)])
    new, bounds = both.shortened([1e-2, np.inf])
    assert new[0] in ("1.23", "1.235") and new[1] == "6.54321" and bounds[1] == 0.0


def test_only_constants_may_differ() -> None:
    assert exchange("1.25*x0 + 2*x1", "1.2*x0 + 2*x1") == ["1.2"]
    for other in ("1.2*x0 + 3*x1", "1.2*x1 + 2*x0", "1.2*x0", "1.2*x0 + 2*x1 + 1.5"):
        with pytest.raises(SymcError, match="more than its constants"):
            exchange("1.25*x0 + 2*x1", other)
