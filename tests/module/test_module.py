"""SymbolicModule: distil, switch, save; and what a switched module survives."""

from __future__ import annotations

import copy
import io
import os
import pickle
import signal
import tempfile
import threading
import time
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

import symc
from symc.errors import SymcError
from symc.module.module import SymbolicModule, wrap
from symc.module.saved import load_distilled
from symc.search.board import Board
from tests.small_network import distilled, samples, small
from tests.under_way import wait_for_equations


class Net(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Linear(2, 2)
        self.block = wrap(nn.Sequential(nn.Linear(2, 4), nn.Tanh(), nn.Linear(4, 2)))

    def forward(self, x):
        return self.block(self.first(x))


def net_with_equations() -> Net:
    torch.manual_seed(0)
    net = Net()
    net.block.attach(distilled())
    return net


def test_public_name():
    assert symc.wrap is wrap and isinstance(symc.wrap(nn.Tanh()), symc.SymbolicModule)


def test_neural_mode_is_the_block_itself():
    torch.manual_seed(0)
    net = Net()
    x = torch.from_numpy(samples())
    assert net.block.mode == "neural"
    assert torch.equal(net(x), net.block.block(net.first(x)))


def test_switching_there_and_back():
    net = net_with_equations()
    x = torch.from_numpy(samples())
    neural = net.block(x)
    net.block.switch_to_symbolic(complexity=(5, 2))
    assert net.block.mode == "symbolic" and net.block.equations == ("p*q + 0.5", "sin(p)")
    want = torch.stack([x[:, 0] * x[:, 1] + 0.5, x[:, 0].sin()], dim=1)
    torch.testing.assert_close(net.block(x), want)
    net.block.switch_to_symbolic(complexity=1)
    torch.testing.assert_close(net.block(x), torch.stack([torch.full((64,), 0.5), x[:, 0]], dim=1))
    net.block.switch_to_symbolic()
    assert net.block.equations == ("p*q + 0.5", "sin(p)")
    assert "mode=symbolic, distilled, p*q + 0.5; sin(p)" in repr(net)
    net.block.switch_to_neural()
    assert torch.equal(net.block(x), neural)
    assert net.block.program.outputs == ("y", "z")


@pytest.mark.parametrize("use", ["switch_to_symbolic", "save", "dataset", "fronts", "search", "equations", "program"])
def test_nothing_works_before_distilling_and_says_so(use, tmp_path):
    block = wrap(nn.Linear(2, 2))
    with pytest.raises(SymcError, match=r"was not distilled yet.*distill\(x, parent=network\)"):
        if use == "save":
            block.save(tmp_path / "model.pt")
        elif use == "switch_to_symbolic":
            block.switch_to_symbolic()
        else:
            getattr(block, use)
    assert block.mode == "neural" and block.distilled is None and not list(tmp_path.iterdir())


def test_equations_before_any_are_chosen():
    block = net_with_equations().block
    for use in ("equations", "program"):
        with pytest.raises(SymcError, match="no equations are chosen yet"):
            getattr(block, use)


@pytest.mark.parametrize(
    ("how", "what"),
    [
        ({"complexity": 7}, "no equation of complexity 7.*1, 5"),
        ({"complexity": [5]}, "1 complexities are given for 2 outputs"),
        ({"select": "nicest"}, "unknown rule 'nicest'"),
    ],
)
def test_a_choice_that_is_not_there_raises_and_changes_nothing(how, what):
    block = net_with_equations().block
    block.switch_to_symbolic(complexity=(1, 2))
    with pytest.raises(SymcError, match=what):
        block.switch_to_symbolic(**how)
    assert block.mode == "symbolic" and block.equations == ("0.5", "sin(p)")


@pytest.mark.parametrize("shape", [(2,), (7, 2), (3, 5, 2), (2, 3, 4, 2), (0, 2)])
@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float32, torch.float64])
def test_shape_and_precision_of_symbolic_mode(shape, dtype):
    block = net_with_equations().block
    block.switch_to_symbolic()
    y = block(torch.rand(shape).to(dtype))
    assert y.shape == (*shape[:-1], 2) and y.dtype == dtype


def test_numpy_arrays_and_keywords_in_symbolic_mode():
    block = net_with_equations().block
    block.switch_to_symbolic()
    x = samples()
    y = block(x)
    assert isinstance(y, np.ndarray)
    np.testing.assert_allclose(y[:, 1], np.sin(x[:, 0]), rtol=1e-6)
    np.testing.assert_array_equal(block(values=torch.from_numpy(x), scale=1.0).numpy(), y)
    with pytest.raises(SymcError, match="take one tensor, not 2"):
        block(x, x)
    with pytest.raises(SymcError, match=r"shape \(64, 3\), the equations need \(..., 2\)"):
        block(samples(width=3))


def test_gradients_reach_the_layers_before():
    net = net_with_equations()
    net.block.switch_to_symbolic()
    net(torch.from_numpy(samples())).sum().backward()
    assert net.first.weight.grad.abs().sum() > 0 and net.block.block[0].weight.grad is None


def test_survives_pickling_copying_and_saving_whole():
    net = net_with_equations().eval()
    net.block.switch_to_symbolic(complexity=(5, 1))
    x = torch.from_numpy(samples())
    buffer = io.BytesIO()
    torch.save(net, buffer)
    buffer.seek(0)
    for other in (pickle.loads(pickle.dumps(net)), copy.deepcopy(net), torch.load(buffer, weights_only=False)):
        assert other.block.mode == "symbolic" and other.block.equations == ("p*q + 0.5", "p")
        assert torch.equal(other(x), net(x)) and not other.block.symbolic.training
        other.block.switch_to_neural()
        assert net.block.mode == "symbolic"


@pytest.mark.parametrize("mode", ["neural", "symbolic"])
def test_state_dict_keeps_mode_fronts_and_choice(mode, tmp_path):
    net = net_with_equations()
    net.block.switch_to_symbolic(complexity=(1, 2))
    if mode == "neural":
        net.block.switch_to_neural()
    torch.save(net.state_dict(), tmp_path / "weights.pt")
    fresh = Net()
    fresh.load_state_dict(torch.load(tmp_path / "weights.pt", weights_only=True))
    assert fresh.block.mode == mode and fresh.block.distilled == net.block.distilled
    assert fresh.block.equations == ("0.5", "sin(p)")
    x = torch.from_numpy(samples())
    assert torch.equal(fresh(x), net(x))
    assert {type(v) for v in net.state_dict().values()} == {torch.Tensor}


def test_state_dict_of_a_block_that_was_not_distilled_forgets_equations_of_other_weights():
    net = net_with_equations()
    net.block.switch_to_symbolic()
    net.load_state_dict(Net().state_dict())
    assert net.block.mode == "neural" and net.block.distilled is None


def test_compile_and_export_in_symbolic_mode():
    net = net_with_equations()
    net.block.switch_to_symbolic()
    x = torch.from_numpy(samples())
    compiled = torch.compile(net, fullgraph=True, backend="aot_eager")
    torch.testing.assert_close(compiled(x), net(x))
    torch.testing.assert_close(torch.compile(net.block, fullgraph=True, backend="eager")(x), net.block(x))
    exported = torch.export.export(net, (x,), dynamic_shapes=({0: torch.export.Dim("n")},))
    torch.testing.assert_close(exported.module()(x[:9]), net(x[:9]))


def test_moving_to_another_precision_or_device_keeps_the_equations():
    net = net_with_equations()
    net.block.switch_to_symbolic()
    assert net.half()(torch.ones(3, 2).half()).dtype == torch.float16
    assert net.to("meta").block(torch.ones(3, 2, device="meta")).shape == (3, 2)


def test_saved_file_is_attached_to_another_block(tmp_path):
    block = net_with_equations().block
    block.save(tmp_path / "a.pt")
    block.switch_to_symbolic(complexity=(5, 1))
    block.save(tmp_path / "b.pt")
    assert load_distilled(tmp_path / "a.pt") == distilled()
    other = wrap(nn.Linear(2, 2))
    other.attach(tmp_path / "a.pt")
    assert other.mode == "neural" and other.dataset == block.dataset and other.search.engine == "by hand"
    other.attach(tmp_path / "b.pt")
    assert other.mode == "symbolic" and other.equations == ("p*q + 0.5", "p")


@pytest.mark.parametrize(("block", "what"), [(3, "a int cannot be wrapped"), (None, "a NoneType cannot be wrapped")])
def test_what_cannot_be_wrapped(block, what):
    with pytest.raises(SymcError, match=what):
        wrap(block)
    with pytest.raises(SymcError, match="wrapped already"):
        wrap(SymbolicModule(nn.Tanh()))


@pytest.mark.parametrize(
    ("block", "given", "what"),
    [
        (small(), {}, "there are no sample inputs"),
        (small(), {"x": samples(8)}, "8 samples are too few: 16 are needed for 2 inputs"),
        (small(), {"x": samples(width=3)}, "inputs have 3 columns, but the network's first layer takes 2"),
        (small(), {"x": np.where(samples() > 0.9, np.nan, samples())}, "not finite.*Remove such rows"),
        (small(), {"domain": "0:1,0:1,0:1"}, "gives 3 ranges, but the model takes 2 inputs"),
        (small(), {"x": samples(), "domain": "0:1"}, "outside its domain 0 to 1"),
        (small(), {"x": samples(), "operators": ["add", "sine"]}, "unknown operator 'sine'"),
        (small(), {"x": "no.csv"}, "no.csv: there is no such file"),
        (small(), {"x": samples(), "features": ["a", "a"]}, "two inputs are called 'a'"),
        (small(), {"x": samples(), "outputs": ["a", "b"]}, "1 columns of outputs but 2 names"),
        (small(), {"x": samples(), "parent": small()}, "parent does not contain this block"),
        (torch.ones_like, {"x": samples()}, "output is constant over all 64 samples .y0 = 1, y1 = 1"),
    ],
)
def test_distilling_what_cannot_be_distilled(block, given, what):
    module = wrap(block)
    with pytest.raises(SymcError, match=what):
        module.distill(**given)
    assert module.distilled is None and module.mode == "neural"


BUDGET = {"engine": "operon", "evaluations": 2000, "operators": ("add", "sub", "mul"), "seed": 3, "workers": 1}


def test_distilling_for_real_from_samples_in_a_parent():
    torch.manual_seed(0)
    net = Net().train()
    net.block.block = nn.Linear(2, 1)
    found = net.block.distill(samples(200), net, features=["a", "b"], outputs=["law"], **BUDGET)
    assert [front.output for front in found.fronts] == ["law"] and net.training and net.block.block.training
    assert net.block.mode == "neural" and net.block.search.evaluations_budget == 2000
    assert net.block.search.source == "Net" and net.block.search.symc_version == symc.__version__
    assert "law" in str(net.block.fronts[0])
    net.block.switch_to_symbolic(select="accuracy")
    x = torch.from_numpy(samples(50, seed=9))
    with torch.no_grad():
        torch.testing.assert_close(net.block(x), net.block.block(x), atol=1e-3, rtol=1e-3)

    # Changed weights are recorded afresh, also while the equations are switched on, which stand in for no network.
    with torch.no_grad():
        net.block.block.weight.mul_(2)
    before = net.block.dataset
    net.block.distill(samples(200), net, features=["a", "b"], outputs=["law"], **BUDGET)
    assert net.block.mode == "neural"
    np.testing.assert_array_equal(net.block.dataset.x, before.x)
    with torch.no_grad():
        np.testing.assert_array_equal(net.block.dataset.y, net.block.block(torch.tensor(before.x)).numpy())
    assert not np.array_equal(net.block.dataset.y, before.y)


def test_distilling_a_function_that_drops_its_last_dimension_over_a_domain():
    block = wrap(lambda x: x[..., 0] * 3 - x[..., 1])
    block.distill(domain="0:1,-1:1", samples=128, **BUDGET)
    assert block.dataset.domain.tolist() == [[0, 1], [-1, 1]] and block.dataset.n == 128
    block.switch_to_symbolic(select="accuracy")
    x = torch.rand(4, 5, 2)
    assert block(x).shape == (4, 5)
    torch.testing.assert_close(block(x), block.block(x), atol=1e-3, rtol=1e-3)


def test_names_from_the_head_of_a_csv_file(tmp_path):
    (tmp_path / "x.csv").write_text("p,t\n" + "\n".join(f"{a},{b}" for a, b in samples(40).tolist()))
    block = wrap(nn.Linear(2, 1))
    block.distill(tmp_path / "x.csv", **BUDGET)
    assert block.dataset.features == ("p", "t")


def test_a_search_that_is_interrupted_twice_leaves_the_module_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    block = net_with_equations().block
    block.switch_to_symbolic(complexity=1)
    before = block.distilled
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    searching = threading.Event()
    searching.set()

    under_way: list[Board] = []

    def interrupt_twice() -> None:
        try:
            # With one worker the second output waits for the first.
            under_way.append(wait_for_equations(tmp_path, 2, searching.is_set, of=1))
        finally:
            os.kill(os.getpid(), signal.SIGINT)
        # One key may be sent twice at once; a second one comes later.
        time.sleep(0.4)
        if searching.is_set():
            os.kill(os.getpid(), signal.SIGINT)

    interrupter = threading.Thread(target=interrupt_twice)
    # A test run in the background of a shell inherits that Ctrl-C is ignored.
    before_handler = signal.signal(signal.SIGINT, signal.default_int_handler)
    interrupter.start()
    try:
        with pytest.raises(KeyboardInterrupt):
            block.distill(samples(500), engine="operon", evaluations=100_000_000, workers=1)
    finally:
        searching.clear()
        interrupter.join()
        signal.signal(signal.SIGINT, before_handler)
    assert under_way[0].stopped and block.mode == "symbolic" and block.distilled is before
