"""Work grows with the program, not with its square: counted in calls of functions, which no busy machine changes."""

from __future__ import annotations

import cProfile
import pstats
from collections.abc import Callable

import numpy as np
import pytest

from symc.analysis.ranges import analyse
from symc.ir.evaluate import evaluate
from symc.ir.reading import read
from symc.ir.written import as_written
from symc.meaning.compile import program_of

FEATURES = ("x0", "x1")
BOX = ((-2.0, 2.0), (-2.0, 2.0))


def equations(count: int) -> list[str]:
    """Every third is kept as it is written: x/x has no value at 0."""
    forms = ("{c}*x0/x0 + {c}", "sin({c}*x0)*x1 + {c}", "{c}*x1*x1 + x0*{c}")
    return [forms[k % 3].format(c=1.0 + k / 8) for k in range(count)]


def compiled(count: int) -> None:
    program_of(equations(count), FEATURES, [f"y{k}" for k in range(count)], BOX)


def proved(count: int) -> None:
    texts = [f"{1 + k / 8}/(x0 + {k / 64 + 0.003}*x1 + 0.3137)" for k in range(count)]
    program = as_written([read(t, FEATURES) for t in texts], FEATURES, [f"y{k}" for k in range(count)])
    assert len(analyse(program, BOX).unsafe) == count


@pytest.mark.parametrize("work", [compiled, proved])
def test_eight_times_the_outputs_take_no_more_than_ten_times_the_calls(work: Callable[[int], None]) -> None:
    work(6)  # What is made once is made here.
    counts = []
    for count in (16, 128):
        profile = cProfile.Profile()
        profile.runcall(work, count)
        counts.append(pstats.Stats(profile).total_calls)
    assert counts[1] < 10 * counts[0], counts


def test_outputs_kept_as_written_and_arranged_ones_keep_their_values() -> None:
    texts = equations(9)
    program = program_of(texts, FEATURES, [f"y{k}" for k in range(9)], BOX)
    x = np.random.default_rng(0).uniform(-2, 2, (64, 2)).astype(np.float32)
    x[0, 0] = 0.0
    values = evaluate(program, x).astype(np.float64)
    c, (x0, x1) = 1.0 + np.arange(9) / 8, x.astype(np.float64).T[:, :, None]
    with np.errstate(invalid="ignore"):
        means = [c * x0 / x0 + c, np.sin(c * x0) * x1 + c, c * x1 * x1 + x0 * c]
    expected = np.stack([means[k % 3][:, k] for k in range(9)], axis=1)
    np.testing.assert_array_equal(np.isnan(values), np.isnan(expected))
    np.testing.assert_allclose(values, expected, rtol=1e-5, atol=1e-5)
