"""Trainable mode, a bundle's code in a switched module, and what every mode survives."""

from __future__ import annotations

import copy
import io
import pickle

import numpy as np
import pytest
import torch
from torch import nn
from torch.torch_version import TorchVersion

import symc
from symc.errors import SymcError
from symc.module.module import wrap
from tests.module.switched import SWITCHES, Counting, block_in, equations, inside
from tests.tools import require

# Trainable


def test_constants_are_parameters_and_training_shows_in_the_equations():
    block = block_in("trainable")
    names = [name for name, _ in block.named_parameters() if name.startswith("symbolic")]
    assert names == ["symbolic.constants.0", "symbolic.constants.1"]
    x = inside(64)
    torch.testing.assert_close(block(x), equations(x))
    target = x[:, 0] * x[:, 1] + 0.75
    optimiser = torch.optim.SGD([block.symbolic.constants[0]], lr=0.5)
    for _ in range(50):
        optimiser.zero_grad()
        (block(x)[:, 0] - target).square().mean().backward()
        optimiser.step()
    assert block.equations == ("p*q + 0.75", "sin(p)")
    torch.testing.assert_close(block(x)[:, 0], target)
    front = block.fronts[0]
    assert front.member(5).equation == "p*q + 0.75" and front.member(5).loss == pytest.approx(0.0625, rel=1e-3)
    assert block.program.outputs == ("y", "z")


def test_trained_constants_stay_after_switching_and_saving(tmp_path):
    block = block_in("trainable")
    with torch.no_grad():
        block.symbolic.constants[0].fill_(0.1)
    block.save(tmp_path / "model.pt")
    block.switch_to_symbolic(complexity=(5, 2))
    again = wrap(Counting())
    again.attach(tmp_path / "model.pt")
    # The shortest decimal of the float32 that was trained.
    assert block.equations == again.equations == ("p*q + 0.1", "sin(p)")
    assert torch.equal(block(inside()), again(inside()))


# What every mode survives


def test_pickle_deepcopy_and_state_dict_in_every_mode():
    for mode in SWITCHES:
        block = block_in(mode)
        if mode == "trainable":
            with torch.no_grad():
                block.symbolic.constants[0].mul_(1.5)
        x = inside()
        want = block(x)
        fresh = wrap(Counting())
        buffer = io.BytesIO()
        torch.save(block.state_dict(), buffer)
        buffer.seek(0)
        fresh.load_state_dict(torch.load(buffer, weights_only=True))
        for other in (pickle.loads(pickle.dumps(block)), copy.deepcopy(block), fresh):
            assert other.mode == block.mode
            assert torch.equal(other(x), want), mode
            if mode != "neural":
                assert other.equations == block.equations
        assert len(list(fresh.parameters())) == len(list(block.parameters())), mode


@pytest.mark.parametrize("mode", SWITCHES)
def test_compile_with_one_graph_in_every_mode(mode):
    block = block_in(mode)
    x = inside()
    x[1, 0] = 1e6
    want = copy.deepcopy(block)(x)
    compiled = torch.compile(block, fullgraph=True, backend="aot_eager")
    torch.testing.assert_close(compiled(x), want)
    torch.testing.assert_close(compiled(x), want)
    if torch.__version__ < TorchVersion("2.12"):
        pytest.skip(f"torch {torch.__version__} does not count in what torch.compile makes (docs/limits.md)")
    if mode == "guarded":
        assert block.monitor.to_json()["reasons"]["outside"] == 2
    if mode == "shadow":
        assert block.monitor.to_json()["compared"] == 12


@pytest.mark.parametrize("mode", SWITCHES)
def test_export_in_every_mode(mode):
    block = block_in(mode)
    x = inside()
    x[1, 0] = 1e6
    want = copy.deepcopy(block)(x)
    rows = torch.export.Dim("rows", min=2, max=512)
    program = torch.export.export(nn.Sequential(block), (x,), dynamic_shapes=({0: rows},))
    torch.testing.assert_close(program.module()(x), want)
    torch.testing.assert_close(program.module()(inside(9)), block_in(mode)(inside(9)))


@pytest.mark.parametrize("mode", SWITCHES)
def test_onnx_in_every_mode(mode, tmp_path):
    require("onnxscript", module=True)
    require("onnxruntime", module=True)
    import onnxruntime

    block = block_in(mode).eval()
    x = inside()
    x[1, 0] = 1e6
    want = copy.deepcopy(block)(x).detach()
    torch.onnx.export(block, (x,), tmp_path / "block.onnx", dynamo=True, verbose=False)
    session = onnxruntime.InferenceSession(tmp_path / "block.onnx")
    (got,) = session.run(None, {session.get_inputs()[0].name: x.numpy()})
    np.testing.assert_allclose(got, want, rtol=1e-5, atol=1e-5)


# Native code in a switched module


@pytest.fixture(scope="module")
def surrogate(tmp_path_factory: pytest.TempPathFactory) -> nn.Module:
    folder = tmp_path_factory.mktemp("bundle")
    block_in("symbolic").save(folder / "model.pt")
    require("gcc")
    return symc.load(symc.build(folder / "model.pt", out=folder, name="law").path)


@pytest.mark.parametrize("mode", ["symbolic", "guarded", "shadow"])
def test_the_code_of_a_bundle_runs_in_every_mode(surrogate: nn.Module, mode: str):
    block = block_in("neural")
    getattr(block, f"switch_to_{mode}")(complexity=(5, 2), compiled=surrogate)
    x = inside()
    want = 100.0 + x if mode == "shadow" else surrogate(x)
    assert torch.equal(block(x), want)
    assert block.equations == ("p*q + 0.5", "sin(p)") and block.program.outputs == ("y", "z")
    other = pickle.loads(pickle.dumps(block))
    assert other.mode == mode and torch.equal(other(x), want)
    x.requires_grad_()
    block(x).sum().backward()
    assert x.grad.isfinite().all()


def test_a_bundle_of_other_equations_is_refused(surrogate: nn.Module):
    block = block_in("guarded")
    with pytest.raises(SymcError, match="the bundle holds other equations"):
        block.switch_to_symbolic(complexity=1, compiled=surrogate)
    with pytest.raises(SymcError, match="a Linear is no bundle"):
        block.switch_to_symbolic(complexity=(5, 2), compiled=nn.Linear(2, 2))
    with pytest.raises(SymcError, match="no constants to train"):
        block.switch_to_symbolic(complexity=(5, 2), compiled=surrogate, trainable=True)
    assert block.mode == "guarded"
