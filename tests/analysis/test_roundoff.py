"""The bound of rounding errors is never below an error that is found, however it is looked for, and is close to it."""

from __future__ import annotations

import numpy as np
import pytest

from symc.analysis.ranges import analyse
from symc.errors import SymcError
from symc.ir.evaluate import evaluate
from symc.ir.program import Program
from symc.ir.reading import Steps, read
from symc.ir.reference import real_values
from symc.meaning.compile import program_of
from tests.analysis.gappa import Box, gappa_error
from tests.meaning.published import FEATURES, equation
from tests.tools import require


def box(seed: int) -> Box:
    rng = np.random.default_rng(seed)
    size = 10.0 ** rng.uniform(-1.0, 1.5)
    middle = rng.uniform(-size, size, len(FEATURES))
    return [(float(np.float32(m - size / 2)), float(np.float32(m + size / 2))) for m in middle]


def errors(program: Program, steps: Steps, x: np.ndarray) -> np.ndarray:
    real = real_values(steps, program.inputs, x)
    known = np.isfinite(real)
    return np.where(known, np.abs(evaluate(program, x)[:, 0] - np.where(known, real, 0.0)), 0.0)


def largest_error(program: Program, steps: Steps, domain: Box, seed: int) -> float:
    """The largest of random points, and of points moved from the worst of them to worse ones."""
    rng = np.random.default_rng(seed)
    low, high = np.float32(domain).T
    x = (low + rng.random((300, len(domain))) * (high - low)).astype(np.float32).clip(low, high)
    found = errors(program, steps, x)
    for scale in 0.3 ** np.arange(1, 6):
        worst = x[np.argsort(-found)[:10]]
        moved = np.repeat(worst, 4, axis=0) + rng.normal(size=(40, len(domain))) * scale * (high - low)
        x = np.concatenate([worst, moved.astype(np.float32).clip(low, high)])
        found = errors(program, steps, x)
    return float(found.max())


@pytest.mark.parametrize("part", [0, *(pytest.param(part, marks=pytest.mark.long) for part in range(1, 4))])
def test_no_error_is_above_its_bound_and_bounds_are_close(part: int) -> None:
    ratios = []
    for seed in range(part * 40, part * 40 + 40):
        domain = box(seed)
        try:
            program = program_of([equation(seed)], FEATURES, ["y"], domain)
        except SymcError:
            continue
        bound = analyse(program, domain, work=200_000).errors["y"]
        if not np.isfinite(bound):
            continue
        measured = largest_error(program, read(equation(seed), FEATURES), domain, seed)
        assert measured <= bound, (seed, equation(seed), domain)
        # Where code and text agree to less than the smallest number, there is nothing to be close to.
        if measured > 2.0**-149:
            ratios.append(bound / measured)
    assert len(ratios) >= 8
    assert np.exp(np.log(ratios).mean()) < 20 and np.median(ratios) < 4


@pytest.mark.parametrize(
    ("text", "domain", "most"),
    [
        # Half a unit in the last place of each: 1/3 is rounded, and the product.
        ("0.3333333333333333*x0", [(1.0, 2.0)], 2**-24 * 0.75 + 2**-25),
        ("x0 + x1", [(1.0, 2.0), (1.0, 2.0)], 2**-22),
        ("sqrt(x0)", [(1.0, 3.9)], 2**-24),
        # A step that the error may cross.
        ("floor(0.1*x0)", [(5.0, 15.0)], 1.0),
        ("abs(x0)", [(-1.0, 1.0)], 0.0),
    ],
)
def test_bounds_by_hand(text: str, domain: Box, most: float) -> None:
    names = [f"x{k}" for k in range(len(domain))]
    bound = analyse(program_of([text], names, ["y"], domain), domain).errors["y"]
    assert bound <= 1.01 * most


def test_it_is_not_far_from_gappa() -> None:
    require("gappa")
    for text, domain in (
        ("x0*x0 + x1*x0 - 2.5", [(1.0, 2.0), (0.5, 4.0)]),
        ("(x0 - x1)/(x0 + x1)", [(1.0, 2.0), (0.5, 4.0)]),
        ("sqrt(x0*x0 + x1*x1)", [(1.0, 2.0), (0.5, 4.0)]),
    ):
        program = program_of([text], ["x0", "x1"], ["y"], domain)
        bound = analyse(program, domain).errors["y"]
        theirs = gappa_error(program, domain)
        assert theirs is not None and bound < 1.5 * theirs, text


@pytest.mark.parametrize(
    ("text", "domain"),
    [
        ("sqrt(x0*x1)", [(0.0, 2.0), (0.0, 1.0)]),
        ("sqrt(0.3*x0 + x0*x1)", [(0.0, 2.0), (0.0, 1.0)]),
        ("sqrt(max(x0 - x1, 0)/3)", [(-1.0, 1.0), (-1.0, 1.0)]),
        ("ifelse((x0 >= 0) & (x1 >= 0), sqrt(x0*x1), x0)", [(-1.0, 1.0), (-1.0, 1.0)]),
    ],
)
def test_what_is_nowhere_negative_has_a_root_however_it_is_rounded(text: str, domain: Box) -> None:
    names = ["x0", "x1"]
    program = program_of([text], names, ["y"], domain)
    bound = analyse(program, domain).errors["y"]
    assert bound < 1e-3
    rng = np.random.default_rng(1)
    low, high = np.float32(domain).T
    x = (low + rng.random((400, 2)) * (high - low) * 10.0 ** rng.uniform(-8, 0, (400, 1))).astype(np.float32)
    assert errors(program, read(text, names), x.clip(low, high)).max() <= bound
