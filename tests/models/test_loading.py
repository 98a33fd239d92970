"""Networks from files: every kind there is, and what is refused without trust."""

from __future__ import annotations

import importlib
import os
import pickle
import sys
import warnings
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from symc.capture.record import record
from symc.errors import SymcError
from symc.models.loading import Network
from symc.module.module import wrap
from symc.module.saved import Distilled, save_distilled
from symc.sources.registry import open_model
from tests.small_network import distilled, samples, small


def save_script(net: nn.Module, path: Path) -> None:
    # Of what torch calls deprecated, from 2.10 on, people have files.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        torch.jit.script(net).save(path)


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
    assert "tests.small_network.Small" in text and "--trust" in text and "--module pkg.mod:factory" in text
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
    with pytest.raises(SymcError, match=r"can run any code .this one asks for tests\.small_network\.Small"):
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
            open_model(path, module="tests.small_network:small")
    assert not made.exists()


def test_torchscript_needs_trust(tmp_path, net):
    path = tmp_path / "model.pt"
    save_script(net, path)
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
    for factory in ("tests.small_network:Small", "tests.small_network:small", small, small(7)):
        found = open_model(path, module=factory)
        assert found.kind == "state_dict"
        np.testing.assert_array_equal(output_of(found, samples()), want)


@pytest.mark.parametrize("key", ["state_dict", "model_state_dict"])
@pytest.mark.parametrize("prefix", ["", "module.", "_orig_mod.", "model.", "net._orig_mod."])
def test_checkpoints_and_wrapped_networks(tmp_path, net, key, prefix):
    weights = {prefix + name: value for name, value in net.state_dict().items()}
    torch.save({key: weights, "epoch": 3, "optimizer": {"lr": 0.1}}, tmp_path / "last.ckpt")
    found = open_model(tmp_path / "last.ckpt", module=small, layer="head")
    np.testing.assert_array_equal(output_of(found, samples()), record(net, net.head, samples()).y)


@pytest.mark.parametrize(
    ("module", "what"),
    [
        ("no_such_package.nets:make", "cannot be imported: ModuleNotFoundError"),
        ("tests.small_network:smal", "has no 'smal'.*Did you mean 'small'"),
        ("tests.small_network", "not pkg.mod:factory"),
        ("os; import x:make", "not pkg.mod:factory"),
        ("tests.small_network:samples", "makes a ndarray, need an nn.Module"),
        ("tests.small_network:np", "is a module, need a function or class"),
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
    (tmp_path / "nets_of_mine.py").write_text("from tests.small_network import small as make\n")
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
        save_script(net, path)
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * keep)])
    with pytest.raises(SymcError, match="is truncated or corrupt"):
        open_model(path, trust=True, module=None if kind == "pickle" else small)
