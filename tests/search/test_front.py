"""Fronts and the rules that pick from them."""

from __future__ import annotations

import json
import math

import pytest

from symc.errors import SymcError
from symc.search.front import Front, select
from symc.search.member import Member, pareto


def front(*rows: tuple[str, int, float, float, int], output: str = "y") -> Front:
    return Front(output, tuple(Member(*row) for row in rows))


PLAIN = front(
    ("1.5", 1, 8.0, 8.5, 0),
    ("x0", 2, 4.0, 4.2, 0),
    ("x0^2", 3, 1.0, 1.1, 1),
    ("exp(x0)", 5, 0.9, 1.0, 8),
    ("sin(x0) + x0^2", 9, 0.8, 1.4, 10),
)


def test_rules_of_pysr() -> None:
    # Scores by hand: ln 2, ln 4, ln(1/0.9)/2, ln(0.9/0.8)/4.
    assert PLAIN.scores == pytest.approx((0.0, math.log(2), math.log(4), math.log(1 / 0.9) / 2, math.log(9 / 8) / 4))
    assert PLAIN.pick("accuracy").complexity == 9
    assert PLAIN.pick("score").complexity == 3
    # 1.5 times the smallest loss is 1.2, which the member of complexity 3 just meets.
    assert PLAIN.pick("best").complexity == 3
    steeper = front(("1", 1, 8.0, 8.0, 0), ("x0", 2, 1.3, 1.3, 0), ("x0^2", 3, 0.9, 0.9, 1), ("x0^3", 4, 0.8, 0.8, 2))
    assert steeper.pick("best").complexity == 3


def test_a_loss_of_zero_scores_infinitely() -> None:
    exact = front(("1", 1, 2.0, 2.0, 0), ("x0", 3, 0.0, 0.0, 0))
    assert exact.scores == (0.0, math.inf)
    assert exact.pick("best").equation == exact.pick("score").equation == "x0"


def test_cheapest_is_within_the_tolerance_of_the_best_heldout_error() -> None:
    # The best held-out mean square is 1.0, so 10 % more error allows 1.21: complexity 3 costs least there.
    assert PLAIN.pick("cheapest:0.1").complexity == 3
    assert PLAIN.pick("cheapest:0.04").complexity == 5
    assert PLAIN.pick("cheapest:1.1").complexity == 2
    assert PLAIN.pick("cheapest:0").complexity == 5


def test_cheapest_uses_the_loss_where_nothing_is_held_out() -> None:
    plain = Front("y", (Member("1", 1, 4.0, None, 0), Member("exp(x0)", 2, 1.0, None, 8)))
    assert plain.pick("cheapest:0.5").complexity == 2
    assert plain.pick("cheapest:1").complexity == 1


@pytest.mark.parametrize("rule", ["cheapest", "cheapest:", "cheapest:x", "cheapest:-1", "cheapest:nan"])
def test_cheapest_needs_a_tolerance(rule: str) -> None:
    with pytest.raises(SymcError, match="tolerance"):
        PLAIN.pick(rule)


def test_unknown_rule_and_complexity_say_what_there_is() -> None:
    with pytest.raises(SymcError, match=r"unknown rule 'nicest'.*best, accuracy, score, knee, cheapest:TOL"):
        PLAIN.pick("nicest")
    with pytest.raises(SymcError, match=r"no equation of complexity 4.*1, 2, 3, 5, 9"):
        select((PLAIN,), complexity=4)
    with pytest.raises(SymcError, match="2 complexities are given for 1 output"):
        select((PLAIN,), complexity=[1, 2])
    with pytest.raises(SymcError, match=r"no usable equation.*log\(x0\) \(is nan"):
        select((Front("y", (), (("log(x0)", "is nan at a sample"),)),))


def test_complexity_for_all_or_for_each() -> None:
    other = front(("2.5", 1, 3.0, 3.0, 0), ("x1", 3, 1.0, 1.0, 0), output="z")
    assert [m.equation for m in select((PLAIN, other), complexity=3)] == ["x0^2", "x1"]
    assert [m.equation for m in select((PLAIN, other), complexity=[2, 1])] == ["x0", "2.5"]


def test_shared_subexpressions_count_once() -> None:
    shared = "exp(x0*x1)"
    first = front(("tanh(x1) + x0", 4, 1.0, 1.0, 13), (f"{shared} + 2.5", 6, 1.0, 1.0, 10), output="a")
    second = front(("sin(x0)", 2, 1.0, 1.0, 8), (f"{shared}*x1", 6, 1.0, 1.0, 10), output="b")
    third = front(("x0*x1", 3, 1.0, 1.0, 1), output="c")
    alone = [f.pick("cheapest:0.1").equation for f in (first, second, third)]
    assert alone == [f"{shared} + 2.5", "sin(x0)", "x0*x1"]
    # Together, exp(x0*x1) is paid for already: one product costs less than a sine.
    joint = select((first, second, third), "cheapest:0.1", features=["x0", "x1"])
    assert [m.equation for m in joint] == [f"{shared} + 2.5", f"{shared}*x1", "x0*x1"]
    with pytest.raises(SymcError, match="names of the inputs"):
        select((first, second, third), "cheapest:0.1")


def test_pareto_keeps_what_nothing_simpler_matches() -> None:
    rows = [
        Member("d", 7, 0.1, 0.1, 9),
        Member("a", 1, 2.0, 2.0, 0),
        Member("worse", 3, 2.0, 2.0, 0),
        Member("b", 3, 1.0, 1.0, 5),
        Member("cheaper", 3, 1.0, 1.0, 4),
        Member("hardly", 5, 0.9999, 0.9, 4),
        Member("e", 9, 0.05, 0.1, 9),
    ]
    assert [m.equation for m in pareto(rows)] == ["a", "cheaper", "hardly", "d", "e"]
    assert [m.equation for m in pareto(rows, gain=1e-3)] == ["a", "cheaper", "d", "e"]
    assert [m.equation for m in pareto(rows, enough=0.1, gain=1e-3)] == ["a", "cheaper", "d"]
    assert pareto(reversed(rows)) == pareto(rows)


def test_json_round_trip_is_exact() -> None:
    original = Front("y", (Member("x0", 1, 0.1 + 0.2, None, 3), Member("x1", 2, 1e-300, 5e-324, 0)), (("f(", "bad"),))
    text = json.dumps(original.to_json(), allow_nan=False)
    assert Front.from_json(json.loads(text)) == original
    for broken in ({}, {"output": "y", "members": [{}], "dropped": []}, {"output": "y", "members": 3, "dropped": []}):
        with pytest.raises(SymcError, match="front"):
            Front.from_json(broken)


def test_prints_as_a_table_with_the_best_marked() -> None:
    lines = str(PLAIN).splitlines()
    assert lines[0] == "y" and lines[1].split() == ["complexity", "loss", "held-out", "score", "cost", "equation"]
    assert [line.split()[1] for line in lines if line.startswith(">")] == ["3"]
    assert "dropped, such as log(x0) (is nan)" in str(Front("y", PLAIN.members, (("log(x0)", "is nan"),)))
