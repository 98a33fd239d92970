"""Waves in the place of their arguments, scalings one at a time, and sums of a term and a root."""

from __future__ import annotations

import numpy as np
import pytest

from symc.search.operators import DEFAULT_OPERATORS
from symc.search.refit import Samples
from symc.search.structure.greedy import one_group, one_scaling, one_wave
from symc.search.structure.judged import few_numbers, is_exact, judged
from symc.search.structure.propose import structure_of
from symc.search.structure.quadratic import quadratic_laws
from symc.search.structure.reducing import reductions
from tests.search.test_structure_functions import Law, Ranges, at, drawn, spread


@pytest.mark.parametrize(
    ("law", "ranges", "definitions"),
    [
        (lambda a, b, c: 2 * a * (1 - np.cos(b * c)), [(1, 5)] * 3, ("cos(x1*x2)", "x0")),
        (lambda a, b, c: a * np.sin(b - c) + a**2, [(1, 3), (0, 6), (0, 6)], ("sin(x1-x2)", "x0")),
        (lambda a, b: a * np.cos(b) ** 2 + 1 / a, [(1, 3), (0, 12)], ("cos(x1)", "x0")),
    ],
)
def test_a_wave_takes_the_place_of_its_argument(law: Law, ranges: Ranges, definitions: tuple[str, ...]) -> None:
    """And of both variables where nothing else is made of them."""
    samples = drawn(law, ranges)
    found = one_wave(samples, DEFAULT_OPERATORS)
    assert found is not None and found.definitions == definitions
    assert found.samples.y == pytest.approx(samples.y)
    assert at(found.definitions[0], samples.x) == pytest.approx(found.samples.x[:, 0], abs=1e-12)
    assert one_wave(samples, ("add", "mul")) is None


def test_a_fast_function_of_one_product_is_seen() -> None:
    """Eight periods of a wave of three variables: no interpolant of them shows anything."""
    samples = drawn(lambda e, t, h: np.sin(2 * np.pi * e * t / h) ** 2, [(1, 2), (1, 2), (1, 4)])
    found = one_group(samples)
    assert found is not None and found.definitions == ("x0*x1/(x2)",)
    assert one_group(drawn(lambda a, b, c: np.sin(9 * a * b) + c, [(1, 2)] * 3)) is None


@pytest.mark.parametrize(
    ("law", "ranges"),
    [
        (lambda a, b: a**2 + b, [(1, 2)] * 2),
        (lambda a, b: np.floor(3 * a) + b, [(-1, 1)] * 2),
        (lambda a, b: np.tanh(8 * a) * b, [(-1, 1), (1, 2)]),
    ],
)
def test_where_there_is_no_wave_none_is_claimed(law: Law, ranges: Ranges) -> None:
    assert one_wave(drawn(law, ranges), DEFAULT_OPERATORS) is None


def test_noise_has_no_step() -> None:
    rng = np.random.default_rng(0)
    samples = Samples(rng.uniform(1, 2, (300, 3)), rng.normal(size=300), ("x0", "x1", "x2"))
    assert not reductions(samples, operators=DEFAULT_OPERATORS)


def test_a_power_among_many_variables_is_found_alone() -> None:
    """Of seven variables an interpolant tells little, but the power of one is seen."""
    law = lambda a, b, c, d, e, f, g: c**2 * d**2 / e**2 * (a / b + b / a + np.cos(f)) + 0.1 * g  # noqa: E731
    samples = drawn(law, [(1, 5)] * 5 + [(0, 3), (1, 5)])
    found = reductions(samples, operators=DEFAULT_OPERATORS)
    assert found and len(found[-1].samples.features) < 7


def test_steps_lead_to_few_variables() -> None:
    """y = prefactor * law(variables), whatever the steps were."""
    law = lambda e, r, d, a, t: e * np.cos(t) * (-r + d**3 / r**2 * (a - 1) / (a + 2))  # noqa: E731
    samples = drawn(law, [(1, 5)] * 4 + [(0, 6)])
    found = reductions(samples, operators=DEFAULT_OPERATORS)
    assert len(found[-1].samples.features) == 3
    for one in found:
        factor = at(one.prefactor, samples.x) if one.prefactor else 1.0
        assert factor * one.samples.y == pytest.approx(samples.y, rel=1e-9)
        for definition, column in zip(one.definitions, one.samples.x.T, strict=True):
            assert at(definition, samples.x) == pytest.approx(column, rel=1e-9, abs=1e-12)


def test_a_single_scaling_that_is_none_is_not_taken() -> None:
    assert one_scaling(drawn(lambda a, b: np.sin(3 * a) * np.cosh(b) + a * b**3, [(-1, 1)] * 2)) is None


@pytest.mark.parametrize(
    ("law", "ranges"),
    [
        (lambda a, b: b + np.sqrt(a**2 + 1), [(-3, 3), (-2, 2)]),
        (lambda a, b: b - np.sqrt(a**2 + 1), [(-3, 3), (-2, 2)]),
        # The root's factor changes its sign, and the root does not.
        (lambda a, b: 1 + a * np.sqrt(1 + 2 * b), [(-1, 1), (0, 9)]),
        (lambda a: 3 * a - np.sqrt(2 - a), [(-4, 1)]),
    ],
)
def test_a_term_and_a_root_are_told_exactly(law: Law, ranges: Ranges) -> None:
    samples = drawn(law, ranges)
    found = [judged(text, samples) for text in quadratic_laws(samples, DEFAULT_OPERATORS)]
    exact = [one for one in found if one is not None and is_exact(one, samples)]
    assert len(exact) == 1
    wide = spread(ranges, 1.2)
    assert at(exact[0][2], wide) == pytest.approx(law(*wide.T), rel=1e-6, abs=1e-6)


def test_a_quadratic_law_needs_a_root_and_few_terms() -> None:
    samples = drawn(lambda a, b: b + np.sqrt(a**2 + 1), [(-3, 3), (-2, 2)])
    assert not quadratic_laws(samples, ("add", "mul", "div"))
    rng = np.random.default_rng(0)
    assert not quadratic_laws(Samples(samples.x, rng.normal(size=800), samples.features), DEFAULT_OPERATORS)


def test_a_law_of_three_steps_is_found() -> None:
    """A wave, a scaling, and a root beside a term."""
    law = lambda m, k, e, t, s: k * m * (1 + np.sqrt(1 + 2 * e / (m * k**2)) * np.cos(t - s))  # noqa: E731
    ranges: Ranges = [(1, 3)] * 3 + [(0, 6)] * 2
    found = structure_of(drawn(law, ranges), DEFAULT_OPERATORS)
    assert found.exact
    wide = spread(ranges, 1.3)
    assert at(found.laws[0], wide) == pytest.approx(law(*wide.T), rel=1e-5, abs=1e-5)


def test_many_odd_constants_make_no_law() -> None:
    """A quotient of seven fitted numbers is as near as float32 can tell, and is a fit all the same."""
    samples = drawn(lambda a: (1.2345 + 2.3456 * a + 3.1417 * a**2 + 0.7719 * a**3) / (1 + 0.517 * a), [(0, 1)])
    found = judged("(1.2345 + 2.3456*x0 + 3.1417*x0^2 + 0.7719*x0^3)/(1 + 0.517*x0)", samples)
    assert found is not None and found[0] <= samples.enough and not is_exact(found, samples)


@pytest.mark.parametrize(
    ("text", "few"),
    [
        ("x0*exp((-0.159154)*x1) + (0.5)*x2^2 - (1.99999)/(3)", True),
        ("(0.1591)*x0 + (0.2713)*x1^2 + (1.2345)*x2 + (0.7719)*x0*x1", True),
        ("(0.1591)*x0 + (0.2713)*x1^2 + (1.2345)*x2 + (0.7719)*x0*x1 + (4.8123e-3)*x10", False),
    ],
)
def test_numbers_that_are_no_fractions_are_counted_in_a_text(text: str, few: bool) -> None:
    """The digits of names and whole exponents are none."""
    assert few_numbers(text) == few
