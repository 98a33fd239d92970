"""Models of every kind told apart, and what is said of a file that is none."""

from __future__ import annotations

import gzip
import lzma
import shutil
import zipfile
import zlib
from pathlib import Path

import joblib
import numpy as np
import pytest
import torch

from symc.errors import SymcError
from symc.module.saved import save_distilled
from symc.sources.equation_text import Equations
from symc.sources.hall_of_fame import HallOfFame
from symc.sources.registry import open_model, resolve
from tests.small_network import distilled, samples, small
from tests.tools import require

HALL = 'Complexity,Loss,Equation\n1,2.5,"0.5"\n3,0.1,"x0 * x1"\n'


@pytest.fixture
def net():
    return small().eval()


def test_hall_of_fame_by_file_files_and_folder(tmp_path):
    run = tmp_path / "20240101_run"
    run.mkdir()
    for name in ("hall_of_fame_output1.csv", "hall_of_fame_output2.csv"):
        (run / name).write_text(HALL)
    for path in (run, [run / "hall_of_fame_output1.csv", run / "hall_of_fame_output2.csv"]):
        found = open_model(path)
        assert isinstance(found, HallOfFame) and len(found.fronts) == 2
    odd = tmp_path / "equations.pt"
    odd.write_text(HALL)
    assert open_model(odd, features=["x0", "x1", "unused"]).features == ("x0", "x1", "unused")
    with pytest.raises(SymcError, match=r"is a folder of 1 PySR run, not a run itself.*20240101_run"):
        open_model(tmp_path)
    with pytest.raises(SymcError, match="holds PySR's equations, so there is no use for --layer"):
        open_model(odd, layer="head")


def test_an_empty_hall_of_fame_is_read_from_its_backup(tmp_path):
    (tmp_path / "hall_of_fame.csv").write_text("")
    (tmp_path / "hall_of_fame.csv.bak").write_text(HALL)
    assert isinstance(open_model(tmp_path / "hall_of_fame.csv"), HallOfFame)


def test_pysr_checkpoint_points_to_the_hall_of_fame(tmp_path):
    # The first bytes of a checkpoint.pkl: an object of pysr.sr.PySRRegressor, then its state.
    (tmp_path / "checkpoint.pkl").write_bytes(b"\x80\x04cpysr.sr\nPySRRegressor\n)\x81}b.")
    with pytest.raises(SymcError, match=r"checkpoint of PySR.*hall_of_fame.csv"):
        open_model(tmp_path / "checkpoint.pkl", trust=True)


def test_missing_file_suggests_the_nearest_name(tmp_path):
    (tmp_path / "model.pt").write_text("x")
    with pytest.raises(SymcError, match=r"modle.pt: there is no such file\W+Did you mean .*model.pt"):
        open_model(tmp_path / "modle.pt")
    with pytest.raises(SymcError, match=r"The folder .* does not exist"):
        open_model(tmp_path / "no" / "model.pt")
    with pytest.raises(SymcError, match="no model is given"):
        open_model([])


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"", "is empty"),
        (b"hello, I am a text\n", "is a text file, not a model .it begins 'hello, I am a text'"),
        (b"\nA short text", "is a text file, not a model .it begins 'A short text'"),
        ("Grüße aus der Datei".encode(), "is a text file, not a model"),
        (b"\x00\x01\x02\x03" * 50, "is not a model that symc knows, or it is corrupt"),
        (b"\x7fELF\x02\x01\x01" + bytes(40), "is not a model that symc knows"),
        (b"PK\x03\x04 the rest is missing", "is truncated or corrupt"),
        (b"\x80\x02 no pickle at all", "is truncated or corrupt"),
        (b'\x40\x00\x00\x00\x00\x00\x00\x00{"weight":{"dtype":"F32"}}', "is truncated or corrupt .SafetensorError"),
    ],
)
def test_files_that_are_no_model(tmp_path, content, what):
    path = tmp_path / "model.pt"
    path.write_bytes(content)
    for trust in (False, True):
        with pytest.raises(SymcError, match=what) as caught:
            open_model(path, trust=trust)
        assert caught.value.where == str(path) and caught.value.hint and caught.value.exit_code == 2


def field(number: int, content: bytes) -> bytes:
    """A protobuf field with bytes in it."""
    key = number << 3 | 2
    varint = bytes([key & 127 | 128, key >> 7]) if key > 127 else bytes([key])
    return varint + bytes([len(content)]) + content


NODE = field(1, field(1, b"x") + field(2, b"Placeholder"))


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"\x89HDF\r\n\x1a\n" + bytes(40), "HDF5 file, as Keras writes .h5.*export.'model.onnx'"),
        (b"\x1c\0\0\0TFL3" + bytes(40), "TensorFlow Lite.*tf2onnx.convert --tflite"),
        (b"\x08\x01" + field(2, b"meta"), "saved_model.pb of TensorFlow.*--saved-model"),
        (NODE * 3 + field(4, b"\x08\x01"), "graph of TensorFlow .*--graphdef"),
        (b"\x08\x05" + field(2, b"described") + field(500, b"network"), "model of Core ML.*converted from"),
        (gzip.compress(b"anything", mtime=0), "is packed with gzip.*joblib.load"),
        (zlib.compress(b"anything"), "is packed with zlib.*joblib.load"),
        (lzma.compress(b"anything"), "is packed with xz.*joblib.load"),
        (b"\x80\x02csklearn.preprocessing._data\nStandardScaler\n)\x81.", "pickled estimator of scikit-learn.*joblib"),
        ("joblib", "is a pickled estimator of scikit-learn.*joblib.load"),
    ],
)
def test_formats_that_cannot_be_read_are_named(tmp_path, content, what):
    path = tmp_path / "model.onnx"
    if content == "joblib":
        require("sklearn", module=True)
        from sklearn.preprocessing import StandardScaler

        joblib.dump(StandardScaler().fit(samples()), path)
    else:
        path.write_bytes(content)
    for trust in (False, True):
        with pytest.raises(SymcError, match=what) as caught:
            open_model(path, trust=trust)
        assert caught.value.where == str(path) and caught.value.exit_code == 2


def test_archives_and_folders_of_other_tools(tmp_path):
    with zipfile.ZipFile(tmp_path / "m.keras", "w") as archive:
        for name in ("metadata.json", "config.json", "model.weights.h5"):
            archive.writestr(name, "{}")
    with pytest.raises(SymcError, match="is a model of Keras"):
        open_model(tmp_path / "m.keras")
    (tmp_path / "saved").mkdir()
    (tmp_path / "saved" / "saved_model.pb").write_bytes(b"\x08\x01")
    with pytest.raises(SymcError, match=r"is a SavedModel of TensorFlow.*tf2onnx"):
        open_model(tmp_path / "saved")
    (tmp_path / "m.mlpackage" / "Data" / "com.apple.CoreML").mkdir(parents=True)
    (tmp_path / "m.mlpackage" / "Manifest.json").write_text("{}")
    with pytest.raises(SymcError, match="is a package of Core ML"):
        open_model(tmp_path / "m.mlpackage")


def test_folders_that_are_no_run(tmp_path):
    with pytest.raises(SymcError, match=r"is a folder without hall_of_fame.csv"):
        open_model(tmp_path)
    (tmp_path / "manifest.json").write_text("{}")
    with pytest.raises(SymcError, match="is a bundle built by symc, not a model"):
        open_model(tmp_path)


@pytest.mark.parametrize("content", [torch.ones(3), [1, 2], {}, {"epoch": 3}, "text"])
def test_tensor_files_without_a_model(tmp_path, content):
    torch.save(content, tmp_path / "model.pt")
    with pytest.raises(SymcError, match=r"model.pt: holds .*, not a model"):
        open_model(tmp_path / "model.pt")


def test_other_archives(tmp_path):
    with (tmp_path / "x.pt").open("wb") as file:
        np.savez(file, samples())
    with pytest.raises(SymcError, match=r"holds arrays, not a model.*--inputs"):
        open_model(tmp_path / "x.pt")
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "a.txt").write_text("a")
    shutil.make_archive(str(tmp_path / "y"), "zip", tmp_path / "folder")
    with pytest.raises(SymcError, match="is a zip archive, but not a model that symc knows"):
        open_model(tmp_path / "y.zip")


def test_options_that_do_not_apply(tmp_path, net):
    save_distilled(distilled(), tmp_path / "ours.pt")
    for option in ({"layer": "head"}, {"module": small}):
        with pytest.raises(SymcError, match="holds a distilled module, so there is no use for --"):
            open_model(tmp_path / "ours.pt", **option)
    torch.save(net, tmp_path / "net.pt")
    with pytest.raises(SymcError, match="holds a pickled object and not a state_dict"):
        open_model(tmp_path / "net.pt", trust=True, module=small)
    with pytest.raises(SymcError, match="several files make one model only as PySR's"):
        open_model([tmp_path / "ours.pt", tmp_path / "net.pt"])


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("y = 2*Δp", r"column 7: the name 'Δp' has letters that code cannot have\. Write Deltap"),
        ("température = 2*x", r"column 1: the name 'température' .* Write temperature"),
        ("Symbol('Δp')", r"the symbol 'Δp' is no name that code can have\. .*'Deltap'"),
        ("Symbol('x 1')", r"the symbol 'x 1' is no name that code can have\. .*'x_1'"),
    ],
)
def test_a_name_that_code_cannot_have_comes_with_one_that_it_can(text: str, what: str) -> None:
    with pytest.raises(SymcError, match=what):
        resolve(Equations([text]))


def test_a_comment_may_have_any_letters(tmp_path: Path) -> None:
    (tmp_path / "law.txt").write_text("y = 2*x  # Δp\n", encoding="utf-8")
    assert resolve(tmp_path / "law.txt").fronts[0].members[0].equation == "2*x"


def test_a_table_of_data_is_told_from_a_model(tmp_path: Path) -> None:
    (tmp_path / "rows.csv").write_text("a,b\n1,2\n3,4\n")
    with pytest.raises(SymcError, match=r"rows\.csv: is a table of data, not a model\. symc fit rows\.csv --targets"):
        resolve(tmp_path / "rows.csv")


def test_what_to_give_in_the_place_of_an_object_of_another_library() -> None:
    class Regressor:
        __module__ = "gplearn.genetic"

    for model, what in (
        (Regressor(), r"cannot build a Regressor\. .*str\(model\._program\), dialect=\"gplearn\""),
        (np.ones((3, 2)), r"cannot build an ndarray\. Data go to symc\.fit"),
        (torch.nn.Linear(2, 1), r"cannot build a Linear\. Distil the network first"),
    ):
        with pytest.raises(SymcError, match=what):
            resolve(model)
