"""Tables of PySR under every header they have had, with rows that are none among them."""

from __future__ import annotations

import csv
import time
from pathlib import Path

import numpy as np
import pytest

import symc
from symc.errors import CheckFailed, SymcError
from symc.ir.evaluate import evaluate
from symc.search.front import Front
from symc.search.member import Member
from symc.sources.hall_of_fame import read_hall_of_fame
from symc.sources.pysr_csv import is_hall_of_fame
from symc.sources.registry import inspect

RUNS = Path(__file__).parents[1] / "data" / "pysr_runs"
HEAD = "Complexity,Loss,Equation\n"
GOOD = '1,9.0,"x1"\n5,1.0,"x0 * exp(x1)"\n'


def write(folder: Path, content: str | bytes, name: str = "hall_of_fame.csv") -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def front(path: Path) -> Front:
    return read_hall_of_fame(path).fronts[0]


@pytest.mark.parametrize("run", ["cosine", "mlp"])
def test_what_pandas_wrote_is_the_same_front(run: str) -> None:
    recorded = RUNS / run / "equations.csv"
    assert is_hall_of_fame(recorded)
    ours, theirs = front(RUNS / run / "hall_of_fame.csv"), front(recorded)
    assert [m.equation for m in theirs.members] == [m.equation for m in ours.members]
    np.testing.assert_allclose([m.loss for m in theirs.members], [m.loss for m in ours.members])


def test_a_data_frame_with_an_index_and_cells_of_several_lines(tmp_path: Path) -> None:
    path = tmp_path / "equations.csv"
    with path.open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["", "complexity", "loss", "score", "equation", "sympy_format", "lambda_format", "torch_format"])
        rows.writerow([0, 1, 9.0, 0.0, "x1", "x1", "PySRFunction(X=>x1)", '_Single(\n  ("a"): x1,\n)'])
        rows.writerow([1, 5, 1.0, 0.5, "x0 * exp(x1)", "x0*exp(x1)", "PySRFunction(X=>x0*exp(x1))", "_Single(\n)"])
    assert [(m.complexity, m.equation) for m in front(path).members] == [(1, "x1"), (5, "x0*exp(x1)")]


@pytest.mark.parametrize(
    "header",
    ["Complexity|MSE|Equation", "Complexity,MSE,Equation", "complexity,loss,equation", "\ufeff" + HEAD[:-1]],
)
def test_older_headers(header: str, tmp_path: Path) -> None:
    body = GOOD.replace(",", "|").replace('"', "") if "|" in header else GOOD
    path = write(tmp_path, f"{header}\r\n" + body.replace("\n", "\r\n"))
    assert is_hall_of_fame(path)
    assert [(m.complexity, m.loss, m.equation) for m in front(path).members] == [(1, 9.0, "x1"), (5, 1.0, "x0*exp(x1)")]


def test_a_run_whose_folder_begins_with_a_date_builds(tmp_path: Path) -> None:
    run = tmp_path / "20241126_143015_aBcDeF"
    run.mkdir()
    write(run, HEAD + GOOD)
    bundle = symc.build(run, out=tmp_path / "out", target=["c", "numba"])
    assert bundle.path.name == "run_20241126_143015_aBcDeF"
    x = np.array([[0.5, -1.25], [2.0, 3.0]], np.float32)
    np.testing.assert_allclose(evaluate(bundle.manifest.program, x)[:, 0], x[:, 0] * np.exp(x[:, 1]), rtol=1e-6)


BAD = {
    "3,2.0,x0 +": "line 3, column 5: ",
    "3,2.0,x0 $ 2": "line 3, column 4: unexpected '$'",
    '3,2.0,"x0 + 1': "quotes do not fit",
    "3,2.0": "line 3: has 2 cells",
    "three,2.0,x0": "complexity 'three'",
    "3,NaN,x0": "its loss is not finite",
    "3,,x0": "its loss is not finite",
    "3,2.0,eval(x0)": "unknown operator 'eval'",
    "3,2.0,hello": "line 3: 'hello' is no input",
    "3,2.0,x0 + x99999": "line 3: 'x99999' is no input",
    "3,2.0,1e400*x0": "line 3, column 1: 1e400 is out of reach",
    "5,2.0,x0": "another row of complexity 5 has a lower loss",
    "3,2.0,": "the equation is empty",
    "3,2.0," + "+".join(f"sin({k}*x0)" for k in range(1500)): "more than 10000",
    "3,2.0," + "x0+" * 1_200_000 + "x0": "longer than a row",
}


@pytest.mark.parametrize("row", BAD, ids=range(len(BAD)))
def test_a_bad_row_costs_itself_alone(row: str, tmp_path: Path) -> None:
    began = time.monotonic()
    first, rest = GOOD.splitlines(keepends=True)
    path = write(tmp_path, HEAD + first + row + "\n" + rest)
    found = front(path)
    assert [m.equation for m in found.members] == ["x1", "x0*exp(x1)"]
    ((text, reason),) = found.dropped
    assert BAD[row] in reason and len(text) <= 200
    shown, data = inspect(path)
    assert reason in shown and data["fronts"][0]["dropped"] == [[text, reason]]
    manifest = symc.build(path, out=tmp_path / "out").manifest
    assert [(d.text, d.reason) for d in manifest.dropped] == [(text, reason)]
    assert time.monotonic() - began < 5


def test_a_file_with_nul_bytes_is_refused_or_its_backup_read(tmp_path: Path) -> None:
    path = write(tmp_path, HEAD + GOOD + "3,2.0,x0\0\n")
    with pytest.raises(SymcError, match="NUL bytes"):
        front(path)
    path.with_name(path.name + ".bak").write_text(HEAD + GOOD)
    assert [m.equation for m in front(path).members] == ["x1", "x0*exp(x1)"]


def test_a_table_of_bad_rows_names_the_first_reasons(tmp_path: Path) -> None:
    path = write(tmp_path, HEAD + "1,2.0,x0 +\n2,NaN,x0\n3,1.0,eval(x0)\n")
    with pytest.raises(SymcError, match=r"none of the 3 .*not finite.*line 2, column 5.*unknown operator 'eval'"):
        read_hall_of_fame(path)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ((HEAD + GOOD).encode("utf-16"), "is UTF-16 text"),
        ((HEAD + GOOD + '7,0.1,"x0 +').encode(), "is cut off"),
        ((HEAD + GOOD).encode() + b"\xff\xfe", "is not text"),
    ],
)
def test_a_damaged_file_is_an_error(content: bytes, message: str, tmp_path: Path) -> None:
    path = write(tmp_path, content)
    assert is_hall_of_fame(path)
    with pytest.raises(SymcError, match=message):
        symc.build(path, out=tmp_path / "out")


def test_names_that_are_not_those_of_the_run_are_not_bad_rows(tmp_path: Path) -> None:
    path = write(tmp_path, HEAD + '1,9.0,"a"\n3,1.0,"a + c"\n5,0.5,"a*c"\n')
    with pytest.raises(SymcError, match="line 3: the equation uses the input 'c', and no such name is given"):
        read_hall_of_fame(path, ["a", "b"])


@pytest.mark.parametrize("name", ["flow", "Δp", "x₁"])
def test_names_of_a_run_must_be_given_in_order(name: str, tmp_path: Path) -> None:
    path = write(tmp_path, HEAD + f'1,9.0,"{name}"\n3,1.0,"2*{name}"\n')
    with pytest.raises(SymcError, match=f"line 2: the equation uses the input '{name}'.*--features"):
        read_hall_of_fame(path)


def test_a_row_named_by_its_complexity_is_told_why_it_is_not_there(tmp_path: Path) -> None:
    path = write(tmp_path, HEAD + GOOD + "7,0.5,x0 +\n9,-inf,x0\n")
    assert symc.build(path, out=tmp_path / "out", complexity=5).manifest.equations[0].text == "x0*exp(x1)"
    with pytest.raises(SymcError, match=r"complexity 7 of output 'y0' cannot be used. line 4, column 5"):
        symc.build(path, out=tmp_path / "out", complexity=7)
    with pytest.raises(SymcError, match="its loss is not finite"):
        symc.build(path, out=tmp_path / "out", complexity=9)
    with pytest.raises(SymcError, match="no equation of complexity 6"):
        symc.build(path, out=tmp_path / "out", complexity=6)


def test_a_constant_is_not_picked_where_operators_are_not_known(tmp_path: Path) -> None:
    rows = '1,1.0,"0.5"\n2,3.0,"x0"\n3,3.0,"x1"\n4,0.9,"bump(x0)"\n'
    with pytest.raises(CheckFailed, match=r"'bump'.*constant 0.5"):
        symc.build(write(tmp_path, HEAD + rows), out=tmp_path / "out")


def test_negative_losses_and_complexity_zero(tmp_path: Path) -> None:
    found = front(write(tmp_path, HEAD + '0,3.0,"0.5"\n2,-1.0,"x0"\n4,-1.5,"x0*x0"\n8,-1.6,"x0*exp(x0)"\n'))
    assert [m.complexity for m in found.members] == [0, 2, 4, 8]
    # As PySR with loss_scale="linear": the fall of the loss per node.
    assert found.scores == pytest.approx((0.0, 2.0, 0.25, 0.025))
    # Within half of its size above the smallest, -1.6: from -0.8 down.
    assert found.pick("best").complexity == 2 and found.pick("accuracy").complexity == 8
    assert found.pick("cheapest:0.1").complexity == 4


def test_scores_of_losses_that_are_not_negative_are_logarithms() -> None:
    members = tuple(Member(f"x{k}", k + 1, loss, None, 1) for k, loss in enumerate((4.0, 1.0, 0.5)))
    assert Front("y", members).scores == pytest.approx((0.0, np.log(4.0), np.log(2.0)))
