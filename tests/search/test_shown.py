"""Fronts that can be seen: expressions, LaTeX, notebooks' tables, plots, and the rule "knee"."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

import pytest
import sympy
from click.testing import CliRunner

from symc.cli.main import main
from symc.errors import SymcError
from symc.search.front import Front, select
from symc.search.member import Member
from tests.tools import require


def front(*losses: float, heldout: bool = True) -> Front:
    texts = ["1.5", "x0 + 1", "2*x0*x1", "sin(x0)*x1 + 0.5", "sin(x0)*x1 + 0.5*exp(-x1)"]
    sizes = [1, 3, 5, 6, 10]
    rows = zip(texts, sizes, losses, strict=False)
    return Front("y", tuple(Member(t, k, loss, loss * 1.1 if heldout else None, k) for t, k, loss in rows))


def test_expressions_are_those_of_the_text() -> None:
    x0, x1 = sympy.symbols("x0 x1", real=True)
    found = front(1.0, 0.5, 0.2, 0.01, 0.009)
    assert sympy.simplify(found.sympy(6) - (sympy.sin(x0) * x1 + 0.5)) == 0
    assert found.latex(5) == "y = 2 x_{0} x_{1}"
    assert found.latex() == found.latex(found.pick().complexity)
    with pytest.raises(SymcError, match="no equation of complexity 7"):
        found.latex(7)


def test_a_notebook_shows_every_member_and_marks_one() -> None:
    found = front(1.0, 0.5, 0.2, 0.01, 0.009)
    table = ElementTree.fromstring(found._repr_html_().replace("&#9654;", "*"))
    rows = ["".join(row.itertext()) for row in table.iter("tr")][1:]
    assert len(rows) == 5 and sum(row.startswith("*") for row in rows) == 1
    assert found._repr_latex_().startswith("$$y = ")


@pytest.mark.parametrize(
    ("losses", "size"),
    [
        # A steep fall and then hardly any.
        ((1.0, 0.9, 0.01, 0.009, 0.0085), 5),
        ((1.0, 0.1, 0.09, 0.08, 0.075), 3),
        # No error at all ends it.
        ((1.0, 0.5, 0.2, 0.0), 6),
        # Nothing to bend between two.
        ((1.0, 0.5), 3),
        ((1.0,), 1),
    ],
)
def test_the_knee_is_where_more_nodes_begin_to_gain_little(losses: tuple[float, ...], size: int) -> None:
    for heldout in (True, False):
        (member,) = select([front(*losses, heldout=heldout)], rule="knee")
        assert member.complexity == size


def test_a_name_of_several_letters_is_no_product_in_latex() -> None:
    found = Front("flow", (Member("alpha*flow_rate + x0", 5, 0.1, None, 2),))
    assert found.latex() == r"\mathrm{flow} = \alpha \mathrm{flow}_{\mathrm{rate}} + x_{0}"


def test_equations_and_bundles_in_latex(tmp_path: Path) -> None:
    (tmp_path / "law.txt").write_text("y = x0^2/2")
    done = CliRunner().invoke(main, ["inspect", str(tmp_path / "law.txt"), "--latex"])
    assert done.output == "y = \\frac{x_{0}^{2}}{2}\n" or done.output == "y = 0.5 x_{0}^{2}\n", done.output
    table = tmp_path / "hall_of_fame.csv"
    table.write_text('Complexity,Loss,Equation\n1,1.0,"0.5"\n3,0.1,"x0 * x1"\n')
    assert CliRunner().invoke(main, ["build", str(table), "-o", str(tmp_path)]).exit_code == 0
    done = CliRunner().invoke(main, ["inspect", str(tmp_path / "hall_of_fame"), "--latex"])
    assert done.output.splitlines() == ["y_{0} = 0.5", "y_{0} = x_{0} x_{1}"]
    done = CliRunner().invoke(main, ["inspect", str(tmp_path / "law.txt"), "--plot", str(tmp_path / "law.svg")])
    assert done.exit_code == 2 and "nothing to draw" in done.output


def test_an_exact_law_is_drawn_beside_the_others() -> None:
    require("matplotlib", module=True)
    assert front(1.0, 0.5, 0.2, 0.01, 0.0).plot().get_yscale() == "symlog"


def test_a_front_is_drawn(tmp_path: Path) -> None:
    require("matplotlib", module=True)
    axes = front(1.0, 0.5, 0.2, 0.01, 0.009).plot()
    assert axes.get_yscale() == "log" and len(axes.lines[0].get_xdata()) == 5
    table = tmp_path / "hall_of_fame.csv"
    table.write_text('Complexity,Loss,Equation\n1,1.0,"0.5"\n3,0.1,"x0 * x1"\n5,0.01,"x0 * x1 + 0.1"\n')
    done = CliRunner().invoke(main, ["inspect", str(table), "--plot", str(tmp_path / "front.svg"), "--latex"])
    assert done.exit_code == 0 and "x_{0} x_{1}" in done.output and len(done.output.splitlines()) == 3
    picture = (tmp_path / "front.svg").read_text()
    assert ElementTree.fromstring(picture).tag.endswith("svg"), picture
    done = CliRunner().invoke(main, ["inspect", str(table), "--plot", str(tmp_path / "front.doc")])
    assert done.exit_code == 2 and "no kind of picture" in done.output
