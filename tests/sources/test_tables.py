"""Tables by columns: Parquet, Feather and DataFrames, whose columns of text or with gaps are counted and refused."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import symc
from symc.capture import columnar
from symc.capture.inputs import read_inputs
from symc.errors import MissingTool, SymcError
from symc.sources.measured import read_table
from tests.sources.built import cli
from tests.tools import require

require("pyarrow", module=True)
require("pandas", module=True)
import pandas  # noqa: E402
import pyarrow  # noqa: E402
from pyarrow import feather, parquet  # noqa: E402

MASS = np.random.default_rng(3).uniform(1, 5, 100)
SPEED = np.random.default_rng(4).uniform(-3, 3, 100)
NUMBERS: dict[str, Any] = {"mass": MASS, "flow speed": SPEED, "energy": 0.5 * MASS * SPEED**2}
GAPS = [None, 1.0, None, *range(97)]
REST: dict[str, Any] = {"kind": ["a", "b"] * 50, "gaps": GAPS}
# Of operators for which no laws with functions are looked for.
QUICK = {"evaluations": 1000, "operators": ["add", "mul"], "workers": 1}


def saved(path: Path, columns: dict[str, Any], encode: tuple[str, ...] = ()) -> Path:
    table = pyarrow.table({n: pyarrow.array(v).dictionary_encode() if n in encode else v for n, v in columns.items()})
    if path.suffix == ".parquet":
        parquet.write_table(table, path)
    elif path.suffix == ".feather":
        feather.write_feather(table, path)
    else:
        with pyarrow.ipc.new_file(path, table.schema) as file:
            file.write_table(table)
    return path


@pytest.mark.parametrize("name", ["t.parquet", "t.feather", "t.arrow"])
def test_a_law_from_a_file(tmp_path: Path, name: str) -> None:
    data = saved(tmp_path / name, NUMBERS)
    inputs = read_inputs(data)
    assert inputs.columns == ("mass", "flow speed", "energy")
    np.testing.assert_array_equal(inputs.args[0], np.column_stack(list(NUMBERS.values())))
    quick = ("--evaluations", 1000, "--operators", "add,mul")
    done = cli("fit", data, "--targets", "energy", "-o", tmp_path / "law.pt", *quick)
    assert done.exit_code == 0 and "0.5*flow_speed^2*mass" in done.output, done.output


def test_types_of_numbers(tmp_path: Path) -> None:
    columns = {
        "b": [True, False],
        "i": pyarrow.array([1, 2], pyarrow.int8()),
        "u": pyarrow.array([1, 2**40], pyarrow.uint64()),
        "h": pyarrow.array(np.array([0.5, -2.0], dtype=np.float16)),
        "d": pyarrow.array([1, 2]).cast(pyarrow.decimal128(22, 2)),
    }
    want = [[1, 1, 1, 0.5, 1], [0, 2, 2**40, -2.0, 2]]
    assert read_inputs(saved(tmp_path / "t.parquet", columns)).args[0].tolist() == want


@pytest.mark.parametrize("encode", [(), ("kind",)])
@pytest.mark.parametrize("form", ["parquet", "feather", "pandas"])
def test_columns_that_are_no_numbers(tmp_path: Path, form: str, encode: tuple[str, ...]) -> None:
    if form == "pandas":
        data: Any = pandas.DataFrame(NUMBERS | REST).astype({n: "category" for n in encode})
    else:
        data = saved(tmp_path / f"t.{form}", NUMBERS | REST, encode)
    kind = "the column 'kind' is categorical, not numbers" if encode else "the column 'kind' is of type .*, not numbers"
    gaps = "the column 'gaps' has 2 of 100 values missing or not finite, the first in row 0"
    with pytest.raises(SymcError, match=f"{kind}.*naming the columns"):
        symc.fit(data, targets="energy", **QUICK)
    with pytest.raises(SymcError, match=gaps):
        symc.fit(data, targets="gaps", features=["mass"], **QUICK)
    with pytest.raises(SymcError, match=gaps):
        symc.fit(data, targets="energy", features=["mass", "gaps"], **QUICK)
    found = symc.fit(data, targets="energy", features=["mass", "flow speed"], **QUICK)
    assert found.fronts[0].pick().equation == "0.5*flow_speed^2*mass"
    if form != "pandas":
        # A network takes all columns in order: none may be missing in silence.
        with pytest.raises(SymcError, match=kind):
            read_inputs(data)


def test_nullable_columns_of_pandas() -> None:
    frame = pandas.DataFrame({"a": pandas.array([1, None, 3], dtype="Int64"), "b": pandas.array([1, 2, 3], "Int64")})
    found = read_table(frame)
    assert found.columns == ("b",) and found.args[0].tolist() == [[1], [2], [3]]
    assert found.unusable == {"a": "the column 'a' has 1 of 3 values missing or not finite, the first in row 1"}


def test_targets_from_a_file(tmp_path: Path) -> None:
    data = saved(tmp_path / "t.parquet", NUMBERS | REST)
    done = cli("build", "--equation", "energy = 0.5*mass*speed^2", "--features", "mass,speed", "--inputs", data,
               "--targets", "energy", "-o", tmp_path / "out")  # fmt: skip
    assert done.exit_code == 2 and "column called 'speed'" in done.stderr
    renamed = saved(tmp_path / "u.parquet", {n.replace("flow ", ""): v for n, v in (NUMBERS | REST).items()})
    built = symc.build(equation="energy = 0.5*mass*speed^2", features=["mass", "speed"], inputs=renamed,
                       targets="energy", out=tmp_path)  # fmt: skip
    assert built.manifest.parity[0].rmse < 1e-5


@pytest.mark.parametrize("name", ["t.parquet", "t.feather"])
def test_files_that_were_cut_off(tmp_path: Path, name: str) -> None:
    data = saved(tmp_path / name, NUMBERS)
    whole = data.read_bytes()
    for keep in (6, len(whole) // 2, len(whole) - 3):
        data.write_bytes(whole[:keep])
        done = cli("fit", data, "--targets", "energy", "-o", tmp_path / "law.pt")
        assert done.exit_code == 2 and "is truncated or corrupt" in done.stderr, done.output
    data.write_bytes(b"PARE" + whole[4:])
    with pytest.raises(SymcError, match="is an encrypted Parquet file"):
        read_inputs(data)
    with pytest.raises(SymcError, match="holds no numbers: the column 'kind' is of type"):
        read_inputs(saved(data, {"kind": ["a"]}))


def test_without_a_reader_the_extra_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data = saved(tmp_path / "t.parquet", NUMBERS)
    monkeypatch.setattr(columnar, "_reader", lambda parquet: None)
    with pytest.raises(MissingTool, match=r"pip install 'symc\[parquet\]'"):
        read_inputs(data)


def test_polars_reads_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    require("polars", module=True)
    data = [saved(tmp_path / f"t.{form}", NUMBERS | REST, ("kind",)) for form in ("parquet", "feather")]
    found = [read_table(path) for path in data]
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    for path, want in zip(data, found, strict=True):
        got = read_table(path)
        assert got.columns == want.columns and got.unusable == want.unusable
        np.testing.assert_array_equal(got.args[0], want.args[0])
