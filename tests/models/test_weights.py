"""Weights alone: a factory makes the network that they fill, whatever a trainer put before their names."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import nn

from symc.capture.record import record
from symc.errors import SymcError
from symc.sources.registry import open_model
from tests.models.test_loading import output_of
from tests.small_network import samples, small
from tests.tools import require


@pytest.fixture
def net():
    return small().eval()


class Settings:
    """What a training script keeps in its checkpoints."""


@pytest.mark.parametrize("settings", [{"width": 3}, Settings()])
def test_a_checkpoint_of_lightning(tmp_path, net, settings):
    # Its layout, as pytorch_lightning.Trainer.save_checkpoint writes it, of a module that has a loss with weights.
    weights = {f"model.{name}": value for name, value in net.state_dict().items()} | {"loss.weight": torch.ones(2)}
    content = {
        "epoch": 3,
        "global_step": 100,
        "pytorch-lightning_version": "2.5.0",
        "state_dict": weights,
        "loops": {"fit_loop": {"state_dict": {}}},
        "callbacks": {"ModelCheckpoint{'monitor': None}": {"best_model_score": torch.tensor(0.5)}},
        "optimizer_states": [{"state": {0: {"step": torch.tensor(1.0)}}, "param_groups": [{"lr": 0.1}]}],
        "lr_schedulers": [],
        "hparams_name": "kwargs",
        "hyper_parameters": settings,
    }
    torch.save(content, tmp_path / "last.ckpt")
    plain = isinstance(settings, dict)
    if not plain:
        with pytest.raises(SymcError, match=r"can run any code .this one asks for tests\.models.*Settings.*--trust"):
            open_model(tmp_path / "last.ckpt", module=small)
    found = open_model(tmp_path / "last.ckpt", module=small, trust=not plain)
    assert found.kind == "state_dict"
    np.testing.assert_array_equal(output_of(found, samples()), record(net, None, samples()).y)


def test_the_beginning_of_names_is_dropped_only_where_they_fit_then(tmp_path, net):
    weights = {f"model.{name}": value for name, value in net.state_dict().items()}
    del weights["model.head.bias"]
    torch.save(weights, tmp_path / "less.pt")
    with pytest.raises(SymcError, match=r"does not fit .*Missing key.*head\.bias"):
        open_model(tmp_path / "less.pt", module=small)
    # A network whose own names begin so keeps them.
    own = nn.Sequential()
    own.add_module("model", small(5))
    torch.save(own.state_dict(), tmp_path / "own.pt")
    made = nn.Sequential()
    made.add_module("model", small(6))
    found = open_model(tmp_path / "own.pt", module=made)
    np.testing.assert_array_equal(output_of(found, samples()), record(own.eval(), None, samples()).y)


def tied() -> nn.Module:
    net = nn.Sequential(nn.Linear(2, 2), nn.Tanh(), nn.Linear(2, 2))
    net[2].weight = net[0].weight
    return net


def test_safetensors_need_the_network_and_no_trust(tmp_path, net):
    require("safetensors", module=True)
    from safetensors.torch import save_file, save_model

    path = tmp_path / "model.bin"
    save_file({f"model.{name}": value for name, value in net.state_dict().items()}, path)
    with pytest.raises(SymcError, match=r"is a state_dict \(4 tensors\).*--module pkg.mod:factory"):
        open_model(path)
    found = open_model(path, module="tests.small_network:small", layer="head")
    np.testing.assert_array_equal(output_of(found, samples()), record(net, net.head, samples()).y)
    whole = path.read_bytes()
    for keep in (12, len(whole) // 2, len(whole) - 3):
        path.write_bytes(whole[:keep])
        with pytest.raises(SymcError, match=r"model\.bin: is truncated or corrupt"):
            open_model(path, module=small)
    # Of tied weights its library keeps one.
    twins = tied().eval()
    save_model(twins, str(path))
    found = open_model(path, module=tied)
    np.testing.assert_array_equal(output_of(found, samples()), record(twins, None, samples()).y)
