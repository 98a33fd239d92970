"""Opening model files: every kind there is, what is refused without trust, and every way a file can be wrong."""

from __future__ import annotations

import importlib
import os
import pickle
import shutil
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from symc.errors import SymcError
from symc.frontend.capture import record
from symc.frontend.loading import Network, open_model
from symc.frontend.module import wrap
from symc.frontend.saved import Distilled, save_distilled
from symc.frontend.search.hall_of_fame import HallOfFame
from tests.frontend.models import distilled, samples, small

HALL = 'Complexity,Loss,Equation\n1,2.5,"0.5"\n3,0.1,"x0 * x1"\n'


class Hostile:
    """A pickle of this makes a folder when it is opened."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self):
        return os.mkdir, (str(self.path),)


@pytest.fixture
def net():
    return small().eval()


def output_of(network: Network, x: np.ndarray) -> np.ndarray:
    return record(network.model, network.block, x).y


@pytest.mark.parametrize("name", ["m.pt", "m.bin", "m.csv"])
def test_a_saved_distillation_needs_no_trust(tmp_path, name):
    save_distilled(distilled(), tmp_path / name)
    found = open_model(tmp_path / name)
    assert isinstance(found, Distilled) and found == distilled()


def test_pickled_module_needs_trust(tmp_path, net):
    path = tmp_path / "model.txt"
    torch.save(net, path)
    with pytest.raises(SymcError) as caught:
        open_model(path)
    text = str(caught.value)
    assert "is a pickled Python object, and opening one can run any code" in text
    assert "tests.frontend.models.Small" in text and "--trust" in text and "--module pkg.mod:factory" in text
    found = open_model(path, trust=True)
    assert isinstance(found, Network) and found.kind == "pickled nn.Module" and found.width == 2
    np.testing.assert_array_equal(output_of(found, samples()), record(net, None, samples()).y)


@pytest.mark.parametrize("save", ["old torch", "pickle", "checkpoint"])
def test_other_pickles_of_a_module(tmp_path, net, save):
    path = tmp_path / "model.pt"
    if save == "old torch":
        torch.save(net, path, _use_new_zipfile_serialization=False)
    elif save == "pickle":
        path.write_bytes(pickle.dumps(net))
    else:
        torch.save({"model": net, "epoch": 3}, path)
    with pytest.raises(SymcError, match=r"can run any code .this one asks for tests\.frontend\.models\.Small"):
        open_model(path)
    assert output_of(open_model(path, trust=True), samples()).shape == (64, 1)


def test_hostile_files_are_refused_and_never_run(tmp_path):
    made = tmp_path / "made"
    torch.save(Hostile(made), tmp_path / "new.pt")
    torch.save(Hostile(made), tmp_path / "old.pt", _use_new_zipfile_serialization=False)
    torch.save({"symc": "symc distilled module", "x": Hostile(made)}, tmp_path / "ours.pt")
    torch.save({"weight": torch.ones(2), "extra": Hostile(made)}, tmp_path / "state.pt")
    (tmp_path / "raw.pkl").write_bytes(pickle.dumps(Hostile(made)))
    (tmp_path / "protocol0.pt").write_bytes(pickle.dumps(Hostile(made), protocol=0))
    for path in sorted(tmp_path.iterdir()):
        with pytest.raises(SymcError, match=r"can run any code|is a text file"):
            open_model(path, module="tests.frontend.models:small")
    assert not made.exists()


def test_torchscript_needs_trust(tmp_path, net):
    path = tmp_path / "model.pt"
    with pytest.warns(DeprecationWarning):
        torch.jit.script(net).save(path)
    with pytest.raises(SymcError, match=r"TorchScript program, and opening one can run code.*--trust"):
        open_model(path)
    found = open_model(path, trust=True)
    assert found.kind == "TorchScript" and found.width == 2
    np.testing.assert_allclose(output_of(found, samples()), record(net, None, samples()).y, atol=1e-6)
    with pytest.raises(SymcError, match="a layer inside TorchScript cannot be observed"):
        open_model(path, trust=True, layer="encoder")


@pytest.mark.parametrize("shape", ["fixed", "dynamic", "one row"])
def test_exported_program_needs_trust_and_runs_any_number_of_rows(tmp_path, net, shape):
    path = tmp_path / "model.bin"
    example = torch.zeros(2) if shape == "one row" else torch.zeros(8, 2)
    dynamic = ({0: torch.export.Dim("n")},) if shape == "dynamic" else None
    torch.export.save(torch.export.export(net, (example,), dynamic_shapes=dynamic), path)
    with pytest.raises(SymcError, match=r"pt2 program, and opening one can run code.*--trust"):
        open_model(path)
    found = open_model(path, trust=True)
    assert found.kind == "pt2" and found.width == 2
    for n in (3, 8, 20):
        np.testing.assert_allclose(output_of(found, samples(n)), record(net, None, samples(n)).y, atol=1e-6)


def test_layer_of_an_exported_program(tmp_path, net):
    path = tmp_path / "model.pt2"
    torch.export.save(torch.export.export(net, (torch.zeros(8, 2),)), path)
    found = open_model(path, trust=True, layer="head")
    want = record(net, net.head, samples(16))
    got = record(found.model, found.block, samples(16))
    np.testing.assert_allclose(got.x, want.x, atol=1e-6)
    np.testing.assert_allclose(got.y, want.y, atol=1e-6)
    with pytest.raises(SymcError, match="exported for 8 rows at a time, 20 rows do not divide"):
        record(found.model, found.block, samples(20))


def test_state_dict_needs_the_network_it_belongs_to(tmp_path, net):
    path = tmp_path / "weights.pt"
    torch.save(net.state_dict(), path)
    with pytest.raises(SymcError, match=r"is a state_dict \(4 tensors\).*--module pkg.mod:factory"):
        open_model(path)
    want = record(net, None, samples()).y
    for factory in ("tests.frontend.models:Small", "tests.frontend.models:small", small, small(7)):
        found = open_model(path, module=factory)
        assert found.kind == "state_dict"
        np.testing.assert_array_equal(output_of(found, samples()), want)


@pytest.mark.parametrize("key", ["state_dict", "model_state_dict"])
@pytest.mark.parametrize("prefix", ["", "module.", "_orig_mod."])
def test_checkpoints_and_wrapped_networks(tmp_path, net, key, prefix):
    weights = {prefix + name: value for name, value in net.state_dict().items()}
    torch.save({key: weights, "epoch": 3, "optimizer": {"lr": 0.1}}, tmp_path / "last.ckpt")
    found = open_model(tmp_path / "last.ckpt", module=small, layer="head")
    np.testing.assert_array_equal(output_of(found, samples()), record(net, net.head, samples()).y)


@pytest.mark.parametrize(
    ("module", "what"),
    [
        ("no_such_package.nets:make", "cannot be imported: ModuleNotFoundError"),
        ("tests.frontend.models:smal", "has no 'smal'.*Did you mean 'small'"),
        ("tests.frontend.models", "not pkg.mod:factory"),
        ("os; import x:make", "not pkg.mod:factory"),
        ("tests.frontend.models:samples", "makes a ndarray, need an nn.Module"),
        ("tests.frontend.models:np", "is a module, need a function or class"),
        ("torch.nn:Linear", "fails when called without arguments: TypeError"),
        (lambda: nn.Linear(5, 1), "does not fit the network that --module makes: .*Missing key"),
    ],
)
def test_factories_that_do_not_work(tmp_path, net, module, what):
    torch.save(net.state_dict(), tmp_path / "weights.pt")
    with pytest.raises(SymcError, match=what):
        open_model(tmp_path / "weights.pt", module=module)


def test_factory_is_found_in_the_current_folder_and_the_path_is_left_alone(tmp_path, net, monkeypatch):
    torch.save(net.state_dict(), tmp_path / "weights.pt")
    (tmp_path / "nets_of_mine.py").write_text("from tests.frontend.models import small as make\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [p for p in sys.path if p] + [str(Path(__file__).parents[2])])
    before = list(sys.path)
    assert open_model("weights.pt", module="nets_of_mine:make").kind == "state_dict"
    assert sys.path == before


def test_a_class_that_is_gone_says_where_to_run(tmp_path, net, monkeypatch):
    (tmp_path / "vanishing.py").write_text("import torch\nclass Net(torch.nn.Tanh):\n    pass\n")
    with monkeypatch.context() as patched:
        patched.syspath_prepend(tmp_path)
        torch.save(importlib.import_module("vanishing").Net(), tmp_path / "net.pt")
    del sys.modules["vanishing"]
    with pytest.raises(SymcError, match="needs a class that cannot be imported: No module named 'vanishing'"):
        open_model(tmp_path / "net.pt", trust=True)


def test_layer_is_found_and_an_unknown_one_suggests_the_nearest(tmp_path, net):
    path = tmp_path / "net.pt"
    torch.save(net, path)
    found = open_model(path, trust=True, layer="encoder")
    assert found.layer == "encoder" and output_of(found, samples()).shape == (64, 3)
    with pytest.raises(SymcError, match=r"net.pt: the network has no layer 'decoder'\W+Did you mean 'encoder'"):
        open_model(path, trust=True, layer="decoder")


def test_a_network_whose_block_is_distilled_already_gives_that(tmp_path, net):
    net.head = wrap(net.head)
    net.head.attach(distilled())
    torch.save(net, tmp_path / "net.pt")
    assert open_model(tmp_path / "net.pt", trust=True, layer="head") == distilled()
    assert isinstance(open_model(tmp_path / "net.pt", trust=True), Network)


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
        ("Grüße aus der Datei".encode(), "is a text file, not a model"),
        (b"\x00\x01\x02\x03" * 50, "is not a model that symc knows, or it is corrupt"),
        (b"\x7fELF\x02\x01\x01" + bytes(40), "is not a model that symc knows"),
        (b"PK\x03\x04 the rest is missing", "is truncated or corrupt"),
        (b"\x80\x02 no pickle at all", "is truncated or corrupt"),
        (b'\x40\x00\x00\x00\x00\x00\x00\x00{"weight":{"dtype":"F32"}}', "is a safetensors file"),
    ],
)
def test_files_that_are_no_model(tmp_path, content, what):
    path = tmp_path / "model.pt"
    path.write_bytes(content)
    for trust in (False, True):
        with pytest.raises(SymcError, match=what) as caught:
            open_model(path, trust=trust)
        assert caught.value.where == str(path) and caught.value.hint and caught.value.exit_code == 2


def test_folders_that_are_no_run(tmp_path):
    with pytest.raises(SymcError, match=r"is a folder without hall_of_fame.csv"):
        open_model(tmp_path)
    (tmp_path / "manifest.json").write_text("{}")
    with pytest.raises(SymcError, match="is a bundle built by symc, not a model"):
        open_model(tmp_path)


@pytest.mark.parametrize("kind", ["distilled", "state_dict", "pickle", "old pickle", "pt2", "TorchScript"])
@pytest.mark.parametrize("keep", [0.2, 0.6, 0.97])
def test_truncated_models(tmp_path, net, kind, keep):
    path = tmp_path / "model.pt"
    if kind == "distilled":
        save_distilled(distilled(), path)
    elif kind == "state_dict":
        torch.save(net.state_dict(), path)
    elif kind == "pickle":
        torch.save(net, path)
    elif kind == "old pickle":
        torch.save(net.state_dict(), path, _use_new_zipfile_serialization=False)
    elif kind == "pt2":
        torch.export.save(torch.export.export(net, (torch.zeros(8, 2),)), path)
    else:
        with pytest.warns(DeprecationWarning):
            torch.jit.script(net).save(path)
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * keep)])
    with pytest.raises(SymcError, match="is truncated or corrupt"):
        open_model(path, trust=True, module=None if kind == "pickle" else small)


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
