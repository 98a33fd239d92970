"""Every operator's enclosure holds every value that the oracle gives for operands between the bounds."""

from __future__ import annotations

import numpy as np
import pytest

from symc.analysis.enclosures import enclosure
from symc.analysis.interval import Interval
from symc.ir.evaluate import exact
from symc.ir.ops import OPERATORS, PRIMITIVES

BOXES, DRAWS = 3000, 25
LARGEST = float(np.finfo(np.float32).max)
ODD = (0.0, 1.0, -1.0, np.inf, -np.inf, 1e38, -1e38, 1e-45, 0.5)


def numbers(rng: np.random.Generator) -> np.ndarray:
    """Of every size, integers and special values among them."""
    n = BOXES
    size = rng.normal(size=n) * 10.0 ** rng.uniform(-30, 30, n)
    kinds = [rng.uniform(-3, 3, n), rng.integers(-6, 7, n), size, rng.uniform(-100, 100, n), rng.choice(ODD, n)]
    return np.choose(rng.integers(0, len(kinds), n), kinds).astype(np.float32)


def intervals(rng: np.random.Generator) -> Interval:
    first = numbers(rng)
    width = np.where(rng.random(BOXES) < 0.3, 0.0, np.abs(rng.normal(size=BOXES)) * 10.0 ** rng.uniform(-6, 1.5, BOXES))
    with np.errstate(all="ignore"):
        second = np.where(rng.random(BOXES) < 0.3, numbers(rng), first + width.astype(np.float32))
    second = np.where(np.isnan(second), first, second)
    return Interval(np.minimum(first, second), np.maximum(first, second), np.zeros(BOXES, np.bool_))


def between(x: Interval, rng: np.random.Generator) -> np.ndarray:
    """A value of each interval; often a bound, an integer or a zero of either sign."""
    low, high = (np.clip(bound.astype(np.float64), -LARGEST, LARGEST) for bound in (x.low, x.high))
    kind = rng.integers(0, 8, BOXES)
    value = (low + rng.random(BOXES) * (high - low)).astype(np.float32)
    value = np.where(kind == 2, np.rint(value), value)
    zero = np.where(rng.random(BOXES) < 0.5, np.float32(0.0), np.float32(-0.0))
    value = np.where((kind == 3) & (x.low <= 0) & (x.high >= 0), zero, np.clip(value, x.low, x.high))
    return np.where(kind == 0, x.low, np.where(kind == 1, x.high, value)).astype(np.float32)


BINARY = [op for op in PRIMITIVES if OPERATORS[op].arity == 2]


@pytest.mark.parametrize(("op", "same"), [*((op, False) for op in PRIMITIVES), *((op, True) for op in BINARY)])
def test_nothing_is_outside(op: str, same: bool) -> None:
    rng = np.random.default_rng(PRIMITIVES.index(op))
    operands = [intervals(rng) for _ in range(OPERATORS[op].arity)]
    if same:
        operands[1] = operands[0]
    with np.errstate(all="ignore"):
        found = enclosure(op, operands, same)
    assert not np.isnan(found.value.low).any()
    assert not np.isnan(found.value.high).any()
    for _ in range(DRAWS):
        values = [between(o, rng) for o in operands]
        if same:
            values[1] = values[0]
        result = exact(op, *values)
        held = np.where(np.isnan(result), found.value.nan, (result >= found.value.low) & (result <= found.value.high))
        finite = np.logical_and.reduce([np.isfinite(v) for v in values])
        # A NaN of finite operands is a pole or lies outside the domain.
        held &= ~(finite & np.isnan(result)) | found.pole | found.undefined
        wrong = np.flatnonzero(~held)
        bounds = [(o.low[wrong], o.high[wrong]) for o in operands]
        assert not len(wrong), (op, bounds, [v[wrong] for v in values])


@pytest.mark.parametrize(
    ("op", "low", "high", "expected"),
    [
        ("sin", 0.0, 3.0, (0.0, 1.0)),
        ("sin", 1.0, 1.5, (0.84147098, 0.99749499)),
        ("cos", -1.0, 4.0, (-1.0, 1.0)),
        ("gamma", 1.0, 2.0, (0.8856032, 1.0)),
        ("tan", -1.0, 1.0, (-1.5574077, 1.5574077)),
        ("cosh", -1.0, 0.5, (1.0, 1.5430807)),
        ("abs", -2.0, 1.0, (0.0, 2.0)),
        ("acos", -1.0, 1.0, (0.0, 3.1415927)),
        ("floor", -0.5, 0.5, (-1.0, 0.0)),
    ],
)
def test_bounds_are_reached(op: str, low: float, high: float, expected: tuple[float, float]) -> None:
    x = Interval(np.float32([low]), np.float32([high]), np.array([False]))
    found = enclosure(op, [x], False)
    assert (found.value.low[0], found.value.high[0]) == tuple(np.float32(expected))
    assert not found.pole[0] and not found.undefined[0]
