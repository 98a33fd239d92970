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
from symc.search.member import Member
from symc.sources.texts import member_of

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


def calls_of(name: str, work: Callable[[], object]) -> int:
    """How often functions of that name in symc are called."""
    profile = cProfile.Profile()
    profile.runcall(work)
    found = pstats.Stats(profile).stats.items()  # type: ignore[attr-defined]
    return sum(calls for (file, _, function), (_, calls, *_) in found if function == name and "symc" in file)


def test_outputs_are_lowered_once_though_some_are_kept_as_written() -> None:
    assert calls_of("lower", lambda: compiled(9)) == 1


def test_a_row_of_a_hall_of_fame_is_lowered_once_where_our_form_is_as_good() -> None:
    found: list[Member | str] = []
    row = "0.5*sin(2.0*x0) + cos(x1)*1.5"
    assert calls_of("lower", lambda: found.append(member_of(row, FEATURES, 9, 0.1))) == 1
    (member,) = found
    assert isinstance(member, Member)
    assert member.written == row != member.equation


def test_bounds_are_asked_for_only_where_two_orders_are_more_than_a_unit_apart() -> None:
    # Sums of two terms and products of two factors are the same in either order.
    assert calls_of("rounding_bound", lambda: program_of(["x1 + x0", "x1*x0"], FEATURES, ["a", "b"], BOX)) == 0
    reordered = "x1*x1*x1*3.3 - x0*0.7*x0 - x1*0.1*x0 + x0/0.3"
    assert calls_of("rounding_bound", lambda: program_of([reordered], FEATURES, ["a"], BOX)) > 0


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
