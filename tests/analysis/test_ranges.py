"""Poles, missing values and overflows are found or excluded; what is proved withstands every attempt to refute it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from symc.analysis.findings import Finding, Ranges
from symc.analysis.ranges import analyse, unsafe_in
from symc.errors import SymcError
from symc.ir.evaluate import evaluate
from symc.ir.program import Program
from symc.meaning.compile import program_of
from tests.ir.expressions import FEATURES, equations

Box = list[tuple[float, float]]
UNIT = (-1.0, 1.0)


def program(text: str, domain: Box) -> Program:
    names = [f"x{k}" for k in range(len(domain))]
    return program_of([text], names, ["y"], domain)


def findings(text: str, domain: Box, verdict: str) -> list[Finding]:
    found = analyse(program(text, domain), domain)
    assert all(f.verdict == verdict for f in found.findings), found
    return list(found.findings)


@pytest.mark.parametrize(
    ("text", "domain", "kind", "place"),
    [
        ("tanh(x3/x2)", [UNIT] * 4, "pole", {"x2": 0.0}),
        ("1/(x0 - 0.5)", [(0.0, 1.0)], "pole", {"x0": 0.5}),
        ("1/(x0 - 0.3)^2", [(0.0, 1.0)], "pole", {"x0": 0.3}),
        ("1/(x0^2 - 2)", [(0.0, 3.0)], "pole", {"x0": 2**0.5}),
        ("log(abs(x0 - 0.3))", [(0.0, 1.0)], "pole", {"x0": 0.3}),
        ("tan(x0)", [(0.0, 3.0)], "pole", {"x0": np.pi / 2}),
        ("gamma(x0)", [(-2.5, -1.5)], "pole", {"x0": -2.0}),
        ("x0^(-3)", [UNIT], "pole", {"x0": 0.0}),
        ("atanh(x0)", [(0.0, 1.0)], "pole", {"x0": 1.0}),
        ("mod(1.5, x0)", [UNIT], "pole", {"x0": 0.0}),
        ("1/floor(x0)", [(0.5, 3.0)], "pole", {}),
        ("sqrt(x0 - 0.5)", [UNIT], "undefined", {}),
        ("log1p(2*x0)", [UNIT], "undefined", {}),
        ("asin(x0 + x1)", [UNIT] * 2, "undefined", {}),
        ("acosh(x0)", [(0.5, 2.0)], "undefined", {}),
        ("x0^1.5", [(-1.0, 4.0)], "undefined", {}),
        ("exp(x0)", [(0.0, 100.0)], "overflow", {}),
        ("exp(x0)/(1 + exp(x0))", [(-100.0, 100.0)], "overflow", {}),
        ("x0/sqrt(x0*x0 + 1)", [(-1e30, 1e30)], "overflow", {}),
        # Real arithmetic has no negative square here; float32's rounding has.
        ("sqrt(x0^2 - 2*x0*x1 + x1^2)", [UNIT] * 2, "undefined", {}),
        # A thin slice, which no sample meets.
        ("sqrt((x0 - 0.123)^2 + (x1 - 0.456)^2 - 1e-7)", [UNIT] * 2, "undefined", {"x0": 0.123, "x1": 0.456}),
    ],
)
def test_danger_is_found_where_it_is(text: str, domain: Box, kind: str, place: dict[str, float]) -> None:
    unsafe = findings(text, domain, "unsafe")
    assert [f.kind for f in unsafe] == [kind]
    for name, value in place.items():
        assert unsafe[0].place[name] == pytest.approx(value, abs=1e-3)
    # A witness is a point of the box; of itself it gives no number, or the wrong one, unless the pole is beside it.
    point = np.float32([[unsafe[0].place.get(f"x{k}", (lo + hi) / 2) for k, (lo, hi) in enumerate(domain)]])
    assert all(lo <= v <= hi for v, (lo, hi) in zip(point[0], domain, strict=True))
    if kind == "undefined":
        assert np.isnan(evaluate(program(text, domain), point)).all()


@pytest.mark.parametrize(
    ("text", "domain", "low", "high"),
    [
        ("1/(x0*x0 + 1)", [(-3.0, 3.0)], 0.1, 1.0),
        ("1/(x0^2 - 2*x0 + 1.5)", [(-3.0, 3.0)], 1 / 16.5, 2.0),
        ("sqrt(x0*x1 - x0 - x1 + 1)", [(-1.0, 0.9), (-1.0, 0.9)], 0.1, 2.0),
        ("tan(x0)", [(0.0, 1.5)], 0.0, 14.101420),
        ("x0^x1", [(0.1, 2.0), (-2.0, 2.0)], 0.01, 100.0),
        ("1/(2*floor(x0) + 1)", [(-3.0, 3.0)], -1.0, 1.0),
        ("1/(sin(x0) + 1.0001)", [(-10.0, 10.0)], 0.49997, 9998.34),
        ("1/(x0*x1 - x2*x3 + 3.5)", [UNIT] * 4, 1 / 5.5, 1 / 1.5),
        # Guarded by the user: what is not selected does not matter.
        ("ifelse(x0 - 0.001, log(x0), 0)", [UNIT], -6.90775, 0.0),
        ("log(max(x0, 1e-3))", [UNIT], -6.9078, 0.0),
        ("x0/(abs(x1) + 1e-3)", [UNIT] * 2, -1000.0, 1000.0),
        ("x1*0 + 2.5", [(0.0, 0.0), (-5.0, 5.0)], 2.5, 2.5),
    ],
)
def test_safety_is_proved_and_the_range_is_close(text: str, domain: Box, low: float, high: float) -> None:
    found = analyse(program(text, domain), domain)
    assert not found.findings
    proved = found.outputs["y"]
    slack = 0.02 * (high - low) + 1e-6
    assert low - slack <= proved[0] <= low + 1e-4 * (1 + abs(low))
    assert high - 1e-4 * (1 + abs(high)) <= proved[1] <= high + slack


def test_an_overflow_that_changes_nothing_is_no_fault() -> None:
    absorbed = findings("1/(1 + exp(-x0))", [(-100.0, 100.0)], "absorbed")
    assert [f.kind for f in absorbed] == ["overflow"]


def test_what_the_budget_does_not_decide_is_said_with_its_place() -> None:
    text, domain = "sqrt(x0*x0 + x1*x1 - 2*x0*x1 + 0.001)", [UNIT] * 2
    few = analyse(program(text, domain), domain, work=50_000)
    (open_,) = few.findings
    assert open_.verdict == "undecided" and 0 < open_.share < 1 and set(open_.part) == {"x0", "x1"}
    more = analyse(program(text, domain), domain, work=1_000_000)
    assert sum(f.share for f in more.findings) < open_.share
    # Nothing is claimed of an output that hangs on it.
    assert few.outputs["y"] == (-np.inf, np.inf)


def test_one_output_in_danger_does_not_touch_another() -> None:
    both = program_of(["1/x0", "x0 + x1"], ["x0", "x1"], ["bad", "good"], [UNIT] * 2)
    found = analyse(both, [UNIT] * 2)
    assert [f.outputs for f in found.unsafe] == [("bad",)]
    assert found.outputs == {"bad": (-np.inf, np.inf), "good": (-2.0, 2.0)}


def test_what_is_unsafe_is_known_without_the_bounds() -> None:
    domain = [UNIT] * 2
    for text in ("1/(x0 - 0.5)", "log(x0 - x1)", "x0*x1"):
        one = program(text, domain)
        assert unsafe_in(one, domain) == analyse(one, domain).unsafe


def test_the_same_program_gives_the_same_report() -> None:
    text, domain = "sqrt(x0*x0 + x1*x1 - 2*x0*x1 + 0.001)/(x0 - 2)", [UNIT] * 2
    assert analyse(program(text, domain), domain) == analyse(program(text, domain), domain)


@pytest.mark.parametrize("low", [-0.24980907142162323, -0.1, -0.3, -1e-3])
def test_a_period_of_a_remainder_that_is_whole_but_for_rounding(low: float) -> None:
    # Both ends have one remainder then, and all others lie between.
    low = float(np.float32(low))
    high = np.float32(low + 1.0)
    domain = [(low, float(high if float(high) - low < 1.0 else np.nextafter(high, np.float32(-10.0))))]
    compiled = program_of(["mod(x0, 1)"], ["x0"], ["y"], domain)
    x = np.linspace(*domain[0], 10_001, dtype=np.float32).clip(*np.float32(domain[0]))[:, None]
    _refute(analyse(compiled, domain), evaluate(compiled, x)[:, 0])


@settings(max_examples=60, deadline=None)
@given(equations, st.integers(0, 2**32 - 1), st.floats(0.1, 30.0))
def test_nothing_refutes_what_is_proved(text: str, seed: int, size: float) -> None:
    rng = np.random.default_rng(seed)
    middle = rng.uniform(-size, size, len(FEATURES))
    domain = [(float(np.float32(m - size / 2)), float(np.float32(m + size / 2))) for m in middle]
    try:
        compiled = program_of([text], FEATURES, ["y"], domain)
    except SymcError:
        assume(False)
    found = analyse(compiled, domain, work=200_000)
    low, high = np.float32(domain).T
    x = (low + rng.random((4000, len(domain))) * (high - low)).astype(np.float32).clip(low, high)
    x = np.concatenate([x, _pushed(compiled, x, low, high, rng)])
    _refute(found, evaluate(compiled, x)[:, 0])


def _pushed(
    compiled: Program, x: np.ndarray, low: np.ndarray, high: np.ndarray, rng: np.random.Generator
) -> np.ndarray:
    """Points that were moved, step by step, to where the value is greatest or least."""
    best = np.repeat(x[:8], 8, axis=0)
    sign = np.tile([1.0, -1.0], len(best) // 2)
    seen = [best]
    for scale in 0.5 ** np.arange(12):
        tried = (best + rng.normal(size=best.shape) * scale * (high - low)).astype(np.float32).clip(low, high)
        with np.errstate(all="ignore"):
            better = sign * evaluate(compiled, tried)[:, 0] > sign * evaluate(compiled, best)[:, 0]
        best = np.where(better[:, None], tried, best)
        seen.append(tried)
    return np.concatenate(seen)


def _refute(found: Ranges, y: np.ndarray) -> None:
    low, high = found.outputs["y"]
    if np.isfinite(low) and np.isfinite(high):
        assert np.isfinite(y).all() and y.min() >= low and y.max() <= high
    if not found.findings:
        assert np.isfinite(y).all()
