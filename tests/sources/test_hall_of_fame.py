"""PySR's files: recorded runs are read with their meaning, and nothing that is not an equation gets through."""

from __future__ import annotations

import csv
import json
import math
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import symc
from symc.errors import SymcError
from symc.ir.evaluate import evaluate
from symc.ir.lower import lower
from symc.ir.parse import parse
from symc.search.front import Front, select
from symc.sources.hall_of_fame import HallOfFame, read_hall_of_fame
from symc.sources.pysr_csv import is_hall_of_fame

RUNS = Path(__file__).parents[1] / "data" / "pysr_runs"
NAMES = sorted(p.name for p in RUNS.iterdir() if p.is_dir())
HEAD = "Complexity,Loss,Equation\n"


def read(name: str) -> HallOfFame:
    return read_hall_of_fame(RUNS / name, features=["a", "b", "c"] if name == "inv_multithread" else None)


def table(name: str, output: int, outputs: int) -> list[dict[str, str]]:
    suffix = f"_output{output}" if outputs > 1 else ""
    path = RUNS / name / f"equations{suffix}.csv"
    return list(csv.DictReader(path.read_text().splitlines())) if path.exists() else []


def write(folder: Path, text: str, name: str = "hall_of_fame.csv") -> Path:
    path = folder / name
    path.write_text(text)
    return path


def values(front: Front, equation: str, features: tuple[str, ...], x: np.ndarray) -> np.ndarray:
    return evaluate(lower([parse(equation, features)], features, ["y"]), x.astype(np.float32))[:, 0]


@pytest.mark.parametrize("name", NAMES)
def test_every_equation_of_a_recorded_run_is_a_member_or_dropped_with_its_reason(name: str) -> None:
    found = read(name)
    files = sorted((RUNS / name).glob("hall_of_fame*.csv"))
    assert len(found.fronts) == len(files)
    for front, file in zip(found.fronts, files, strict=True):
        rows = list(csv.reader(file.read_text().splitlines()))[1:]
        assert len(front.members) + len(front.dropped) == len(rows)
        kept = {(m.complexity, m.loss) for m in front.members}
        assert kept <= {(int(c), float(loss)) for c, loss, _ in rows}
        for equation, reason in front.dropped:
            assert re.match(r"unknown operator '\w+'", reason), (equation, reason)


@pytest.mark.parametrize("name", NAMES)
def test_members_have_the_loss_that_pysr_recorded(name: str) -> None:
    found = read(name)
    data = np.load(RUNS / name / "data.npz")
    targets = data["y"].reshape(len(data["y"]), -1)
    for front, y in zip(found.fronts, targets.T, strict=True):
        # Below this the loss is float32 rounding, which differs between orders of the same sum.
        floor = 1e-11 * float(np.mean(y**2))
        for member in front.members:
            error = values(front, member.equation, found.features, data["X"][:, : len(found.features)]) - y
            assert float(np.mean(error.astype(np.float64) ** 2)) == pytest.approx(member.loss, rel=1e-4, abs=floor)


@pytest.mark.parametrize("name", ["many_unary", "pow_mod"])
def test_members_have_the_values_that_julia_computed(name: str) -> None:
    found = read(name)
    data = np.load(RUNS / name / "data.npz")
    rows = list(csv.reader((RUNS / name / "hall_of_fame.csv").read_text().splitlines()))[1:]
    (front,) = found.fronts
    for (complexity, _, _), expected in zip(rows, data["pred_julia_float32"], strict=True):
        if int(complexity) in {m.complexity for m in front.members}:
            member = front.member(int(complexity))
            got = values(front, member.equation, found.features, data["X"])
            np.testing.assert_allclose(got, expected, rtol=3e-6, atol=1e-6)


@pytest.mark.parametrize("name", [n for n in NAMES if n not in ("many_unary", "pow_mod")])
def test_scores_and_picks_are_those_of_pysr(name: str) -> None:
    found = read(name)
    result = json.loads((RUNS / name / "result.json").read_text())
    rule = json.loads((RUNS / name / "settings.json").read_text())["model_selection"]
    picked = select(found.fronts, rule)
    for k, front in enumerate(found.fronts):
        recorded = table(name, k, len(found.fronts))
        assert front.scores == pytest.approx([float(row["score"]) for row in recorded], rel=1e-5)
    if "repr" in result:
        starred = [int(line.split()[-1]) for line in result["repr"].split("\n") if ">>>>" in line]
    else:
        starred = [int(row["complexity"]) for row in table(name, 0, 1) if row["equation"] == result["best"]]
    assert [m.complexity for m in picked] == starred


def test_inputs_go_up_to_the_highest_index_in_any_file() -> None:
    assert read("cosine").features == ("x0", "x1", "x2", "x3", "x4")
    assert read("cosine-pysr2.0.0a2").features == ("x0", "x1", "x2", "x3")
    assert read("twooutput").features == ("x0", "x1", "x2")


def test_a_constant_alone_still_has_an_input(tmp_path: Path) -> None:
    assert read_hall_of_fame(write(tmp_path, HEAD + '1,2.0,"3.5"\n')).features == ("x0",)


def test_exponents_of_numbers_are_not_inputs(tmp_path: Path) -> None:
    found = read_hall_of_fame(write(tmp_path, HEAD + '5,2.0,"x2 * 6.5937215e-8 + 1.0f-5"\n'))
    assert found.features == ("x0", "x1", "x2")


def test_other_names_must_be_given(tmp_path: Path) -> None:
    path = write(tmp_path, HEAD + '1,9.0,"1.0"\n3,1.0,"b + c"\n')
    with pytest.raises(SymcError, match="uses the input 'b'") as error:
        read_hall_of_fame(path)
    assert str(error.value).startswith(f"{path}, line 3") and "--features a,b,c" in str(error.value)
    assert read_hall_of_fame(path, ["c", "b"]).features == ("c", "b")


@pytest.mark.parametrize("order", [(1, 2), (2, 1)])
def test_files_of_several_outputs_are_put_in_order(order: tuple[int, int]) -> None:
    folder = RUNS / "twooutput"
    given = [folder / f"hall_of_fame_output{k}.csv" for k in order]
    assert read_hall_of_fame(given) == read_hall_of_fame(folder)
    everything = sorted(folder.glob("hall_of_fame_output*"))
    assert len(everything) == 4 and read_hall_of_fame(everything) == read_hall_of_fame(folder)


def test_a_missing_output_is_an_error(tmp_path: Path) -> None:
    for k in (1, 3):
        write(tmp_path, HEAD + '1,2.0,"x0"\n', f"hall_of_fame_output{k}.csv")
    with pytest.raises(SymcError, match="outputs 1, 3, not for 1 to 2"):
        read_hall_of_fame(tmp_path)


def test_ten_outputs_are_numbered_not_sorted_as_text(tmp_path: Path) -> None:
    for k in range(1, 11):
        write(tmp_path, HEAD + f'1,2.0,"{k}.5"\n', f"hall_of_fame_output{k}.csv")
    found = read_hall_of_fame(tmp_path)
    assert [float(f.members[0].equation) for f in found.fronts] == [k + 0.5 for k in range(1, 11)]


def test_a_whole_file_is_read_however_old_its_backup_is(tmp_path: Path) -> None:
    path = write(tmp_path, HEAD + '1,2.0,"1.0"\n')
    backup = write(tmp_path, HEAD + '1,2.0,"1.5"\n', "hall_of_fame.csv.bak")
    for time in (1000, 3000):
        os.utime(path, (2000, 2000))
        os.utime(backup, (time, time))
        found = read_hall_of_fame(path)
        assert found.fronts[0].members[0].equation == "1" and found.files == (path,) and not found.notes


@pytest.mark.parametrize("cut", [HEAD + '1,2.0,"1.0"\n3,1.0,"x0 + 1', HEAD, "", None])
def test_the_backup_is_read_where_the_file_is_cut_off_or_missing(cut: str | None, tmp_path: Path) -> None:
    path = tmp_path / "hall_of_fame.csv"
    if cut is not None:
        path.write_text(cut)
        if cut:
            with pytest.raises(SymcError, match=r"is cut off|holds no equations|is empty"):
                read_hall_of_fame(path)
    backup = write(tmp_path, HEAD + '1,2.0,"1.5"\n', "hall_of_fame.csv.bak")
    found = read_hall_of_fame(path)
    assert found.fronts[0].members[0].equation == "1.5" and found.files == (backup,)
    assert "hall_of_fame.csv.bak was read, because hall_of_fame.csv" in str(found)
    assert "because" in symc.build(path, out=tmp_path / "out", name="law").manifest.options["source"]


@pytest.mark.parametrize(
    "hostile",
    [
        "__import__('os').system('touch OWNED')",
        "x0 + open('OWNED', 'w')",
        "(lambda: 1)()",
        "x0.__class__",
        "x0; import os",
        "[x for x in (1,)]",
    ],
)
def test_a_hostile_equation_is_dropped_with_line_and_column(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, hostile: str
) -> None:
    monkeypatch.chdir(tmp_path)
    path = write(tmp_path, HEAD + '1,2.0,"1.0"\n5,1.0,"' + hostile + '"\n')
    ((text, reason),) = read_hall_of_fame(path, ["x0"]).fronts[0].dropped
    assert text == hostile and re.match(r"line 3, column \d+: |unknown operator", reason)
    with pytest.raises(SymcError) as error:
        read_hall_of_fame(write(tmp_path, HEAD + '5,1.0,"' + hostile + '"\n'), ["x0"])
    assert str(error.value).startswith(f"{path}: none of the 1 equations can be used") and hostile in str(error.value)
    assert not (tmp_path / "OWNED").exists()


def test_a_hostile_call_of_one_argument_is_an_unknown_operator(tmp_path: Path) -> None:
    found = read_hall_of_fame(write(tmp_path, HEAD + '1,2.0,"1.0"\n2,1.0,"eval(x0)"\n'))
    assert found.fronts[0].dropped == (("eval(x0)", "unknown operator 'eval'"),)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "is empty, or ends in its first line"),
        ("a,b\n1,2\n", "does not start with"),
        (HEAD, "holds no equations"),
        (HEAD + "1,2.0\n", "line 2: has 2 cells, needs 3"),
        (HEAD + "one,2.0,x0\n", "line 2: complexity 'one'"),
        (HEAD + "1,much,x0\n", "loss 'much' is not a number"),
        (HEAD + "-1,1.0,x0\n", "complexity -1 is not a whole number"),
        (HEAD + "1.5,1.0,x0\n", "complexity 1.5 is not a whole number"),
        (HEAD + "1,NaN,x0\n", "its loss is not finite"),
        (HEAD + '3,1.0,"x0 +"\n', "line 2, column 5"),
        (HEAD + "1,1.0,\n", "the equation is empty"),
        (HEAD + "2,1.0,besselj0(x0)\n", "--define \"besselj0(x) = ...\""),
        (HEAD + "1,1.0,x99999\n", "more than 10000 inputs"),
    ],
)
def test_a_file_that_is_not_a_hall_of_fame_says_why(tmp_path: Path, text: str, message: str) -> None:
    path = write(tmp_path, text)
    with pytest.raises(SymcError) as error:
        read_hall_of_fame(path)
    assert message in str(error.value) and str(path) in str(error.value)


def test_a_loss_that_is_not_finite_drops_its_row(tmp_path: Path) -> None:
    found = read_hall_of_fame(write(tmp_path, HEAD + '1,NaN,"1.0"\n2,Inf,"sin(x0)"\n3,1.0,"x0 * x0"\n'))
    assert [m.complexity for m in found.fronts[0].members] == [3]
    assert {reason for _, reason in found.fronts[0].dropped} == {"its loss is not finite"}
    assert math.isfinite(found.fronts[0].members[0].loss)


def test_missing_files_and_empty_folders(tmp_path: Path) -> None:
    with pytest.raises(SymcError, match="no such file"):
        read_hall_of_fame(tmp_path / "absent.csv")
    with pytest.raises(SymcError, match="holds no hall_of_fame"):
        read_hall_of_fame(tmp_path)
    with pytest.raises(SymcError, match="no hall of fame is given"):
        read_hall_of_fame([])
    with pytest.raises(SymcError, match="not text"):
        (tmp_path / "b.csv").write_bytes(b"\x80\x00")
        read_hall_of_fame(tmp_path / "b.csv")


def test_recognised_by_content_whatever_the_name(tmp_path: Path) -> None:
    odd = tmp_path / "model.pt"
    shutil.copy(RUNS / "cosine" / "hall_of_fame.csv", odd)
    assert is_hall_of_fame(odd) and is_hall_of_fame(RUNS / "cosine") and is_hall_of_fame(RUNS / "twooutput")
    assert read_hall_of_fame(odd).fronts == read("cosine").fronts
    assert not is_hall_of_fame(RUNS / "cosine" / "data.npz") and not is_hall_of_fame(tmp_path)
    assert not is_hall_of_fame(tmp_path / "absent")


def test_reading_needs_neither_pysr_nor_pandas_nor_torch() -> None:
    code = (
        "import sys; from symc.sources.hall_of_fame import read_hall_of_fame as read;"
        f"print(read({str(RUNS / 'cosine')!r}).sha256);"
        "print([m for m in ('pysr', 'juliacall', 'pandas', 'torch', 'pyoperon') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split("\n")[:2] == [read("cosine").sha256, "[]"]


def test_names_stand_for_the_indexed_inputs_of_a_run_without_names(tmp_path: Path) -> None:
    file = tmp_path / "hall_of_fame.csv"
    file.write_text('Complexity,Loss,Equation\n1,2.0,"x1"\n5,1.0,"exp(x0) + x1 * 1.5e-3"\n')
    found = read_hall_of_fame(file, features=["pressure", "temperature"])
    assert found.features == ("pressure", "temperature")
    assert [m.equation for m in found.fronts[0].members] == ["temperature", "0.0015*temperature + exp(pressure)"]
    with pytest.raises(SymcError, match="uses x1, but 1 names are given"):
        read_hall_of_fame(file, features=["pressure"])


def test_a_law_is_folded_where_that_is_simpler(tmp_path: Path) -> None:
    file = tmp_path / "hall_of_fame.csv"
    file.write_text('Complexity,Loss,Equation\n12,1e-13,"(x0 * x0) + ((cos(x3) - 0.25) * 2.5) + 0.125"\n')
    found = read_hall_of_fame(file)
    assert [m.equation for m in found.fronts[0].members] == ["x0^2 + 2.5*cos(x3) - 0.5"]


def test_a_hostile_row_is_a_parse_error_also_without_names(tmp_path: Path) -> None:
    file = tmp_path / "hall_of_fame.csv"
    file.write_text(f"Complexity,Loss,Equation\n1,2.0,\"__import__('os').system('touch {tmp_path}/hacked')\"\n")
    with pytest.raises(SymcError, match=r"none of the 1 equations can be used.*line 2, column 12"):
        read_hall_of_fame(file)
    assert not (tmp_path / "hacked").exists()
