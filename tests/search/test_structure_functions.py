"""Laws with functions are told exactly, also of a variable times an unknown number and of rounded inputs."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from symc.ir.evaluate import evaluate_real
from symc.ir.lower import lower
from symc.ir.parse import parse
from symc.search.operators import DEFAULT_OPERATORS
from symc.search.refit import Samples
from symc.search.structure.judged import is_exact, judged
from symc.search.structure.nullspace import rational_laws
from symc.search.structure.propose import structure_of
from symc.search.structure.relations import Function, transcendental_laws, with_functions
from symc.search.structure.scales import scaled_laws

Law = Callable[..., np.ndarray]
Ranges = list[tuple[float, float]]


def drawn(law: Law, ranges: Ranges, n: int = 800, seed: int = 0) -> Samples:
    """Rows whose values were taken before the inputs were rounded to float32, as tables of laws are made."""
    rng = np.random.default_rng(seed)
    x = np.stack([rng.uniform(low, high, n) for low, high in ranges], axis=1)
    y = law(*x.T).astype(np.float32).astype(np.float64)
    return Samples(x.astype(np.float32).astype(np.float64), y, tuple(f"x{k}" for k in range(len(ranges))))


def spread(ranges: Ranges, farther: float) -> np.ndarray:
    """200 rows of a box that ends so many times as high."""
    low, high = np.array(ranges).T
    return np.random.default_rng(1).uniform(low, farther * high, (200, len(ranges)))


def at(text: str, x: np.ndarray) -> np.ndarray:
    features = [f"x{k}" for k in range(x.shape[1])]
    return evaluate_real(lower([parse(text, features)], features, ["y"]), x)[:, 0]


@pytest.mark.parametrize(
    ("law", "ranges"),
    [
        (lambda a: 1 / (np.exp(a / (2 * np.pi)) - 1), [(0.05, 25)]),
        (lambda a: np.tanh(1.7 * a) + a, [(0.1, 3)]),
        (lambda a: np.sin(2 * np.pi * a) ** 2, [(0.2, 4)]),
        (lambda a, b: b + a * np.exp(-0.37 * b), [(1, 2), (0, 8)]),
    ],
)
def test_the_number_within_a_function_is_found(law: Law, ranges: Ranges) -> None:
    """And holds on rows far outside the samples."""
    samples = drawn(law, ranges)
    found = [judged(text, samples, 1e8) for text in scaled_laws(samples, DEFAULT_OPERATORS)]
    nodes, text = min(one[1:] for one in found if one is not None and is_exact(one, samples))
    assert nodes <= 18
    far = spread(ranges, 2.0)
    assert at(text, far) == pytest.approx(law(*far.T), rel=2e-5, abs=2e-5)


@pytest.mark.parametrize(
    ("law", "ranges"),
    [
        # The values have the inputs' rounding in them, far above their own.
        (lambda a, b: (1 - b**2) / (1 + b * np.cos(a)), [(-1, 1), (2, 4)]),
        (lambda a: 2 * (1 - np.cos(a)) / a**2, [(-4, 4)]),
    ],
)
def test_a_law_with_functions_is_exact_whatever_rounding_left(law: Law, ranges: Ranges) -> None:
    samples = drawn(law, ranges)
    found = structure_of(samples, DEFAULT_OPERATORS)
    assert found.exact
    wide = spread(ranges, 1.5)
    assert at(found.laws[0], wide) == pytest.approx(law(*wide.T), rel=1e-5, abs=1e-5)


def test_what_functions_are_of_each_other_is_no_law() -> None:
    """sqrt(a)^2 is a and sin(b)^2 + cos(b)^2 is 1, for any y."""
    samples = drawn(lambda a, b: np.sqrt(a) * np.cos(b) - a * np.sin(b), [(0.2, 5), (1, 5)])
    a, b = samples.x.T
    functions = [Function("sqrt", "x0", np.sqrt(a)), Function("cos", "x1", np.cos(b)), Function("sin", "x1", np.sin(b))]
    (law,) = rational_laws(with_functions(samples, functions), samples.y, (1e-6,), 90)
    assert at(law, spread([(0.2, 5), (1, 5)], 2.0)) == pytest.approx(
        at("sqrt(x0)*cos(x1) - x0*sin(x1)", spread([(0.2, 5), (1, 5)], 2.0)), abs=1e-5
    )


def test_rounded_inputs_do_not_make_a_near_law_exact() -> None:
    """What is off by ten times what rounding makes is no law."""
    samples = drawn(lambda a: np.cos(a) + 3e-6 * np.sin(7 * a), [(0, 30)])
    found = judged("cos(x0)", samples)
    assert found is not None and not is_exact(found, samples)
    law = judged("cos(x0)", drawn(lambda a: np.cos(a), [(0, 30)]))
    assert law is not None and is_exact(law, samples)


def test_without_the_functions_none_is_proposed() -> None:
    samples = drawn(lambda a: np.exp(0.3 * a), [(0, 5)])
    assert not list(scaled_laws(samples, ("add", "mul", "div", "sub")))
    assert not list(scaled_laws(samples, ("exp",)))
    assert not list(transcendental_laws(samples, ("add", "mul", "div")))


def test_noise_has_no_number() -> None:
    rng = np.random.default_rng(0)
    samples = Samples(rng.uniform(1, 2, (200, 2)), rng.normal(size=200), ("x0", "x1"))
    judged_ones = (judged(text, samples, 1e8) for text in scaled_laws(samples, DEFAULT_OPERATORS))
    assert not any(one is not None and is_exact(one, samples) for one in judged_ones)
