"""Structure is told before the search: symmetries, laws exactly, and nothing where there is none."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

import symc
from symc.ir.parse import parse
from symc.search.operators import DEFAULT_OPERATORS
from symc.search.refit import Samples
from symc.search.structure.forms import shortest_forms
from symc.search.structure.propose import structure_of
from symc.search.structure.reducing import reductions

Law = Callable[..., np.ndarray]
Ranges = list[tuple[float, float]]

LAWS: dict[str, tuple[Law, Ranges]] = {
    "distance": (lambda a, b, c, d: np.sqrt((b - a) ** 2 + (d - c) ** 2), [(1, 5)] * 4),
    "lens": (lambda a, b, n: 1 / (1 / a + n / b), [(1, 5)] * 3),
    "normal density": (lambda a, b: np.exp(-((a / b) ** 2) / 2) / (np.sqrt(2 * np.pi) * b), [(1, 3)] * 2),
    "relativistic mass": (lambda m, v, c: m / np.sqrt(1 - v**2 / c**2), [(1, 5), (1, 2), (3, 10)]),
    "sum of velocities": (lambda u, v, c: (u + v) / (1 + u * v / c**2), [(1, 5)] * 3),
    "Planck's law": (lambda w, t: w**3 / (np.exp(w / t) - 1), [(1, 5)] * 2),
    "Coulomb's law": (lambda q, p, e, r: q * p / (4 * np.pi * e * r**2), [(1, 5)] * 4),
    "gravity": (
        lambda g, m, n, a, b, c, d, e, f: g * m * n / ((b - a) ** 2 + (d - c) ** 2 + (f - e) ** 2),
        [(1, 2)] * 3 + [(3, 4), (1, 2)] * 3,
    ),
}


def samples_of(law: Law, ranges: Ranges, n: int = 800, seed: int = 0) -> Samples:
    rng = np.random.default_rng(seed)
    x = np.stack([rng.uniform(low, high, n) for low, high in ranges], axis=1).astype(np.float32).astype(np.float64)
    y = np.broadcast_to(law(*x.T), n).astype(np.float32).astype(np.float64)
    return Samples(x, y, tuple(f"x{k}" for k in range(len(ranges))))


# For `make test-long`: their symmetries and forms are those of the others, in other company.
MORE = ("relativistic mass", "sum of velocities", "Planck's law")


@pytest.mark.parametrize("name", [pytest.param(n, marks=[pytest.mark.long] if n in MORE else []) for n in LAWS])
def test_a_law_is_found_and_holds_far_from_the_samples(name: str) -> None:
    law, ranges = LAWS[name]
    samples = samples_of(law, ranges)
    found = symc.SymbolicRegressor(workers=1).fit(samples.x.astype(np.float32), samples.y.astype(np.float32))
    wide = samples_of(law, [(low, 1.4 * high - 0.4 * low) for low, high in ranges], seed=1)
    error = np.abs(found.predict(wide.x.astype(np.float32)).ravel() - wide.y)
    assert error.max() <= 2e-5 * np.abs(wide.y).max(), str(found)


@pytest.mark.parametrize(
    ("law", "ranges", "prefactor", "variables"),
    [
        (lambda a, b: a * np.tanh(b / a), [(1, 3)] * 2, "x0", ["x1/(x0)"]),
        (lambda a, b, c: a**2 * b / c, [(1, 3)] * 3, "x0^2*x1/(x2)", []),
        (lambda a, b: np.sin(a - b), [(0, 1)] * 2, "", ["x0 - x1"]),
        (lambda a, b, c: c * np.exp(-(a + b)), [(-1, 1), (-1, 1), (1, 2)], "x2", ["x0 + x1"]),
        (lambda a, b, c: np.sqrt(a) * np.cos(b * c), [(1, 3), (0.1, 1), (0.1, 1)], "sqrt(x0)", ["x2*x1"]),
    ],
)
def test_symmetries(law: Law, ranges: Ranges, prefactor: str, variables: list[str]) -> None:
    found = [
        (r.prefactor.replace("(", "").replace(")", ""), [d.replace("(", "").replace(")", "") for d in r.definitions])
        for r in reductions(samples_of(law, ranges))
    ]
    wanted = (prefactor.replace("(", "").replace(")", ""), [v.replace("(", "").replace(")", "") for v in variables])
    assert wanted in found


def test_a_reduction_is_the_law_over_other_variables() -> None:
    law, ranges = LAWS["Planck's law"]
    samples = samples_of(law, ranges)
    for reduction in reductions(samples):
        text = reduction.written_out("v0 + 1")
        value = parse(text, samples.features)
        point = {symbol: 2.0 + k for k, symbol in enumerate(sorted(value.free_symbols, key=str))}
        assert np.isfinite(float(value.subs(point)))
        assert len(reduction.samples.features) < 2


@pytest.mark.parametrize(
    ("law", "ranges"),
    [
        (lambda a, b: np.sin(3 * a) * np.cosh(b) + a * b**3, [(-1, 1)] * 2),
        (lambda a, b: np.floor(3 * a) + b, [(-1, 1)] * 2),
        (lambda a: np.sin(5 * a) + 0.3 * a, [(-2, 2)]),
        (lambda a, b: np.abs(a) ** 1.5 + np.tanh(4 * b), [(-1, 1)] * 2),
    ],
)
def test_where_there_is_no_symmetry_none_is_claimed(law: Law, ranges: Ranges) -> None:
    assert not reductions(samples_of(law, ranges))


def test_what_cannot_be_told_is_left_to_the_search() -> None:
    rng = np.random.default_rng(0)
    names = ("x0", "x1")
    column = rng.uniform(1, 2, 200)
    noise = rng.normal(size=200)
    odd = {
        "constant output": Samples(np.stack([column, noise], 1), np.full(200, 2.0), names),
        "duplicated column": Samples(np.stack([column, column], 1), column**2, names),
        "constant column": Samples(np.stack([column, np.ones(200)], 1), column**2, names),
        "few rows": Samples(rng.uniform(size=(20, 2)), rng.normal(size=20), names),
        "more inputs than rows": Samples(
            rng.uniform(size=(70, 100)), rng.normal(size=70), tuple(f"x{k}" for k in range(100))
        ),
        "noise": Samples(np.stack([column, noise], 1), rng.normal(size=200), names),
        "huge values": Samples(np.stack([column, noise], 1), 1e30 * noise, names),
    }
    for name, samples in odd.items():
        found = structure_of(samples, DEFAULT_OPERATORS)
        assert found.exact == (name in ("duplicated column", "constant column", "huge values")), name


def test_a_noisy_power_law_is_still_told() -> None:
    rng = np.random.default_rng(0)
    clean = samples_of(lambda a, b, c: a * b**2 / c, [(1, 3)] * 3)
    noisy = Samples(clean.x, clean.y * (1 + 0.01 * rng.normal(size=len(clean.y))), clean.features)
    found = symc.SymbolicRegressor(workers=1, evaluations=20_000).fit(
        noisy.x.astype(np.float32), noisy.y.astype(np.float32)
    )
    error = found.predict(clean.x.astype(np.float32)).ravel() / clean.y - 1
    assert np.abs(error).max() < 5e-3


def test_only_operators_that_are_named_take_part() -> None:
    law, ranges = LAWS["Planck's law"]
    samples = samples_of(law, ranges)
    assert not structure_of(samples, ("add", "sub")).laws
    assert not structure_of(samples, ("add", "mul", "div", "sub")).exact
    assert not any("exp" in text for text in structure_of(samples, ("add", "mul", "div", "sub")).laws)


def test_the_same_samples_give_the_same_laws() -> None:
    law, ranges = LAWS["normal density"]
    samples = samples_of(law, ranges, n=200)
    assert structure_of(samples, DEFAULT_OPERATORS).laws == structure_of(samples, DEFAULT_OPERATORS).laws


@pytest.mark.parametrize(
    ("text", "shortest"),
    [
        ("x0*x1/(x1 + x0*x2)", "x1/(x2 + x1/x0)"),
        ("(x0*x2^2 + x1*x2^2)/(x2^2 + x0*x1)", "(x0 + x1)/(x0*x1/x2^2 + 1)"),
        ("x0^2 - 2*x0*x1 + x1^2", "(x0 - x1)^2"),
    ],
)
def test_one_law_is_written_as_people_write_it(text: str, shortest: str) -> None:
    samples = samples_of(lambda a, b, c: a + b + c, [(1, 2)] * 3)
    assert shortest_forms(text, samples)[0] == shortest
