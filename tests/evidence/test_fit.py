"""Builds whose costs are limited: a bundle that fits, none where it does not, and the most accurate that fits."""

from __future__ import annotations

import json
import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

import symc
from symc.bundle.manifest import Member
from symc.cli.main import main
from symc.errors import CheckFailed, SymcError
from symc.evidence.costs import cost
from symc.evidence.fit import fit
from tests.tools import require_board

# Losses fall with the nodes; what they cost is another matter.
FRONT = """Complexity,Loss,Equation
1,0.4,0.65
5,0.08,"x0 - 0.496*x1"
7,0.0003,"x0*x0*exp(-x1)"
9,0.0002,"x0*x0*exp(-x1) + log(x0 - 1.0)"
16,0.0001,"(x0 + 0.0037)*(0.0021*x1 + x0*exp(-1.0062*x1)) - 0.002"
"""


def run(*words: object) -> Result:
    return CliRunner().invoke(main, [str(word) for word in words])


@pytest.fixture
def front(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.chdir(tmp_path)
    Path("hall_of_fame.csv").write_text(FRONT)
    return "hall_of_fame.csv"


def test_a_build_that_costs_too_much_leaves_the_earlier_bundle(front: str) -> None:
    require_board("cortex-m0")
    order = ("build", front, "--domain", "0.2:2", "--name", "law", "-o", "out", "--core", "cortex-m0")
    assert run(*order, "--complexity", 5).exit_code == 2, "a core without a limit"
    kept = run(*order, "--complexity", 5, "--limit", "flash=1536,stack=256", "--json")
    assert kept.exit_code == 0, kept.output
    data = json.loads(kept.output)
    (measured,) = cost("out/law", core="cortex-m0").rows
    assert data["costs"][0]["flash"] == measured.flash <= 1536 and measured.time is not None
    assert data["costs"][0]["time"]["worst"] == measured.time.worst
    assert data["manifest"]["options"]["limit"] == "flash=1536,stack=256"
    before = {path: path.read_bytes() for path in Path("out").rglob("*") if path.is_file()}
    done = run(*order, "--complexity", 16, "--limit", "flash=1536,stack=256")
    assert done.exit_code == 1
    assert "flash on cortex-m0 is " in done.output and " more than 1536" in done.output
    assert before == {path: path.read_bytes() for path in Path("out").rglob("*") if path.is_file()}


def test_fit_takes_the_most_accurate_that_keeps_the_limits_and_says_what_it_tried(front: str) -> None:
    require_board("cortex-m0")
    options = ("--domain", "0.2:2", "--core", "cortex-m0", "--limit", "flash=1536")
    done = run("build", front, *options, "--name", "law", "--select", "fit", "-o", "out", "--json")
    assert done.exit_code == 0, done.output
    data = json.loads(done.output)
    assert [tried["complexity"] for tried in data["tried"]] == [[16], [9]]
    assert "flash on cortex-m0 is " in data["tried"][0]["why"] and "log" in data["tried"][1]["why"]
    manifest = data["manifest"]
    assert [e["complexity"] for e in manifest["equations"]] == [7]
    assert {k: manifest["options"][k] for k in ("select", "complexity", "core")} == {
        "select": "fit",
        "complexity": "7",
        "core": "cortex-m0",
    }
    # The command names what was taken: another compiler's figures choose nothing else.
    words = shlex.split(manifest["reproduce"].replace("OUT", "again"))
    assert "--select" not in words and words[words.index("--complexity") + 1] == "7"
    again = run(*words[1:])
    assert again.exit_code == 0 and "Fits cortex-m0: " in again.output, again.output
    assert Path("again/law/src/law.c").read_text().count("exp(") == Path("out/law/src/law.c").read_text().count("exp(")
    assert run("verify", "out/law", "--rows", 100).exit_code == 0


def test_where_nothing_fits_every_attempt_is_told(front: str) -> None:
    require_board("cortex-m0")
    # Without the three dearest of the table.
    Path(front).write_text("\n".join(FRONT.splitlines()[:-3]))
    order = ("--name", "law", "--select", "fit", "--core", "cortex-m0", "--limit", "flash=1", "-o", "out")
    done = run("build", front, "--domain", "0.2:2", *order)
    assert done.exit_code == 1 and not Path("out").exists()
    for complexity in (1, 5):
        assert f"complexity {complexity}: flash on cortex-m0 is " in done.output


@pytest.mark.parametrize(
    ("words", "what"),
    [
        (["--limit", "flash=2k"], "costs are limited on no core"),
        (["--core", "cortex-m0"], "a core is named without a limit"),
        (["--core", "cortex-m5", "--limit", "flash=2k"], "cortex-m5"),
        (["--core", "cortex-m0", "--limit", "cycles=5"], "counts instructions and no cycles. Say instructions=N"),
        (["--core", "cortex-m0", "--limit", "flash=2k", "--target", "numba"], "costs are measured of C"),
        (["--select", "fit"], "nothing says what has to fit"),
        (["--select", "fit", "--complexity", 5, "--core", "cortex-m0", "--limit", "flash=2k"], "complexity is given"),
    ],
)
def test_what_cannot_be_limited_is_bad_usage_and_found_before_the_work(front: str, words: list[str], what: str) -> None:
    require_board("cortex-m0")
    # There is no such model: nobody has opened it yet.
    done = run("build", "absent.csv", "--name", "law", "-o", "out", *words)
    assert done.exit_code == 2 and what in done.output and not Path("out").exists()


def test_one_equation_is_no_front() -> None:
    require_board("cortex-m0")
    with pytest.raises(SymcError, match="none to choose") as caught:
        symc.build("y = 2*x0", domain="0:1", out="out", select="fit", limit="flash=2k", core="cortex-m0")
    assert caught.value.exit_code == 2


def member(output: str, complexity: int, loss: float | None, heldout: float | None = None) -> Member:
    return Member(output=output, complexity=complexity, loss=loss, heldout=heldout, text="")


class Scales:
    """In a budget's place: what is too heavy, by the complexities."""

    def __init__(self, most: int) -> None:
        self.most = most
        self.asked: list[tuple[int, ...]] = []

    def measured(self, complexity: Any, _: object) -> tuple[tuple[()], list[str]]:
        self.asked.append(complexity)
        return (), [f"{sum(complexity)} in all"] * (sum(complexity) > self.most)


def made(complexity: Sequence[int]) -> Any:
    return tuple(complexity), {}


def test_the_output_that_loses_least_gives_way_first() -> None:
    a = [member("a", 1, 0.9), member("a", 5, 0.2), member("a", 9, 0.1)]
    b = [member("b", 2, 0.5), member("b", 4, 0.4), member("b", 8, 0.004)]
    scales = Scales(6)
    (chosen, _), _, tried = fit([*a, *b], made, scales)  # type: ignore[arg-type]
    # From 0.1 to 0.2 is twice, to 0.9 is 4.5 times; from 0.004 to 0.4 a hundred times.
    assert scales.asked == [(9, 8), (5, 8), (1, 8), (1, 4)]
    assert chosen == (1, 4) and [t.complexity for t in tried] == scales.asked[:-1]


def test_held_out_errors_go_before_losses_where_all_have_them() -> None:
    scales = Scales(100)
    members = [member("a", 3, 0.3, 0.3), member("a", 5, 0.2, 0.1), member("a", 9, 0.1, 0.2)]
    assert fit(members, made, scales)[0][0] == (5,)  # type: ignore[arg-type]
    members[0] = member("a", 3, 0.3)
    assert fit(members, made, scales)[0][0] == (9,)  # type: ignore[arg-type]


def test_errors_of_zero_and_below_and_unknown_ones_have_an_order() -> None:
    scales = Scales(-1)
    a = [member("a", 3, None), member("a", 5, 0.0), member("a", 4, 0.0)]
    b = [member("b", 6, -2.0), member("b", 2, -1.0)]
    with pytest.raises(CheckFailed) as caught:
        fit([*a, *b], made, scales)  # type: ignore[arg-type]
    assert scales.asked == [(4, 6), (5, 6), (3, 6), (3, 2)]
    assert all(f"complexity {','.join(map(str, asked))}: " in str(caught.value) for asked in scales.asked)


def test_what_cannot_be_built_is_passed_over_and_bad_usage_is_not() -> None:
    members = [member("a", 3, 0.3), member("a", 5, 0.1)]

    def poles(complexity: Sequence[int]) -> Any:
        if complexity == (5,):
            raise CheckFailed("has a pole")
        return made(complexity)

    (chosen, _), _, tried = fit(members, poles, Scales(9))  # type: ignore[arg-type]
    assert chosen == (3,) and str(tried[0]) == "complexity 5: has a pole"

    def unknown(complexity: Sequence[int]) -> Any:
        raise SymcError("no such name")

    with pytest.raises(SymcError, match="no such name"):
        fit(members, unknown, Scales(9))  # type: ignore[arg-type]
