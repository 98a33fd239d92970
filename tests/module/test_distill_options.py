"""Options of distill on real blocks: some outputs, variables, weights, loaders; in every mode, saved and compiled."""

from __future__ import annotations

import copy
import json
import pickle
from pathlib import Path

import numpy as np
import pytest
import torch
from click.testing import CliRunner
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

import symc
from symc.cli import main
from symc.errors import SymcError
from symc.module.module import SymbolicModule, wrap
from symc.module.saved import Distilled, load_distilled, save_distilled
from tests.small_network import samples
from tests.tools import require

BUDGET = {"engine": "operon", "evaluations": 1500, "seed": 3, "workers": 1}


class Forces(nn.Module):
    """Columns: 3 m / (dx^2 + dy^2 + 0.1), dx dy, and a sum that no test distils."""

    def __init__(self) -> None:
        super().__init__()
        self.scale = nn.Parameter(torch.tensor(3.0))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        dx, dy, m = x.unbind(-1)
        return torch.stack([self.scale * m / (dx * dx + dy * dy + 0.1), dx * dy, dx.sin() + dy.cos() * m], dim=-1)


def some() -> SymbolicModule:
    """Columns 0 and 1 of three distilled, over r2 and m alone, and dx and dy."""
    block = wrap(Forces())
    block.distill(
        samples(400, 3),
        features=["dx", "dy", "m"],
        variable_transforms={"r2": "dx^2 + dy^2 + 0.1", "dx": "dx", "dy": "dy", "m": "m"},
        output_dims=[1, 0],
        fit_rows=250,
        operators=["add", "mul", "div"],
        **BUDGET,
    )
    return block


@pytest.fixture(scope="module")
def distilled() -> Distilled:
    return some().distilled


@pytest.fixture
def block(distilled: Distilled) -> SymbolicModule:
    block = wrap(Forces())
    block.attach(distilled)
    return block


SWITCHES = {
    "symbolic": lambda block: block.switch_to_symbolic(),
    "trainable": lambda block: block.switch_to_symbolic(trainable=True),
    "guarded": lambda block: block.switch_to_guarded(),
    "shadow": lambda block: block.switch_to_shadow(),
}


def test_what_is_printed_says_what_the_variables_are(block: SymbolicModule):
    block.switch_to_symbolic()
    assert "3*m/r2; dx*dy, where r2 = dx^2 + dy^2 + 0.1, dx = dx" in repr(block)
    assert "r2  = dx^2 + dy^2 + 0.1" in str(block.distilled)


def test_what_was_asked_for_was_distilled(distilled: Distilled):
    assert distilled.output_dims == (0, 1) and distilled.dataset.outputs == ("y0", "y1")
    assert distilled.layout.n_out == 3 and distilled.dataset.train.sum() == 250
    assert [front.pick("best").equation for front in distilled.fronts] == ["3*m/r2", "dx*dy"]
    assert some().distilled == distilled


@pytest.mark.parametrize("mode", SWITCHES)
@pytest.mark.parametrize("shape", [(3,), (5, 3), (2, 5, 3)])
def test_the_block_answers_the_columns_that_have_no_equation(block: SymbolicModule, mode: str, shape):
    SWITCHES[mode](block)
    x = torch.from_numpy(samples(400, 3))[: int(np.prod(shape[:-1]))].reshape(shape)
    with torch.no_grad():
        # From now on the block's own columns tell them from the equations'.
        block.block.scale.fill_(7.0)
        y, network = block(x), block.block(x)
    assert y.shape == network.shape
    torch.testing.assert_close(y[..., 1:], network[..., 1:])
    torch.testing.assert_close(y[..., 0], network[..., 0] * (1 if mode == "shadow" else 3 / 7), rtol=1e-5, atol=1e-5)
    if mode == "shadow":
        assert len(block.monitor.to_json()["largest_difference"]) == 2


def test_rows_outside_the_domain_are_the_blocks_alone(block: SymbolicModule):
    block.switch_to_guarded()
    x = torch.from_numpy(samples(6, 3))
    x[2, 0] = 50.0
    with torch.no_grad():
        block.block.scale.fill_(7.0)
    want = block.block(x)
    torch.testing.assert_close(block(x)[2], want[2])
    torch.testing.assert_close(block(x)[3, 0], want[3, 0] * 3 / 7)


def test_gradients_compile_export_and_numpy(block: SymbolicModule):
    block.switch_to_symbolic()
    x = torch.from_numpy(samples(8, 3))
    x.requires_grad_()
    y = block(x)
    y[:, 2].sum().backward()
    torch.testing.assert_close(x.grad[:, 0], x[:, 0].cos())
    x = x.detach()
    torch.testing.assert_close(torch.compile(block, fullgraph=True, backend="aot_eager")(x), y)
    program = torch.export.export(nn.Sequential(block), (x,), dynamic_shapes=({0: torch.export.Dim("n")},))
    torch.testing.assert_close(program.module()(x[:5]), y[:5])
    assert block(x.double()).dtype == torch.float64


def test_it_survives_files_state_dicts_and_copies(block: SymbolicModule, tmp_path: Path):
    block.switch_to_symbolic()
    x = torch.from_numpy(samples(8, 3))
    block.save(tmp_path / "model.pt")
    assert load_distilled(tmp_path / "model.pt") == block.distilled
    fresh = wrap(Forces())
    fresh.load_state_dict(block.state_dict())
    for other in (fresh, copy.deepcopy(block), pickle.loads(pickle.dumps(block))):
        assert torch.equal(other(x), block(x)) and other.dataset.variables == block.dataset.variables


def test_a_bundle_takes_the_blocks_inputs_and_gives_the_distilled_outputs(block: SymbolicModule, tmp_path: Path):
    require("gcc")
    block.switch_to_symbolic()
    bundle = symc.build(block, out=tmp_path, name="forces")
    assert [e.text for e in bundle.manifest.equations] == ["3*m/(dx^2 + dy^2 + 0.1)", "dx*dy"]
    assert symc.verify(bundle.path, rows=500).ok
    native = symc.load(bundle.path)
    x = samples(50, 3, seed=5)
    want = Forces()(torch.from_numpy(x)).detach().numpy()
    np.testing.assert_allclose(native(x), want[:, :2], rtol=1e-4, atol=1e-4)
    block.switch_to_symbolic(compiled=native)
    np.testing.assert_allclose(block(torch.from_numpy(x)).detach(), want, rtol=1e-4, atol=1e-4)
    block.switch_to_symbolic(select="cheapest:0.1")


def test_trained_constants_are_those_of_the_equations_alone(block: SymbolicModule):
    block.switch_to_symbolic(trainable=True)
    constants = [c.tolist() for c in block.symbolic.constants]
    assert constants == [[3.0], []]
    with torch.no_grad():
        block.symbolic.constants[0].fill_(4.0)
    assert block.equations == ("4*m/r2", "dx*dy") and block.fronts[0].members[-1].loss > 0.1


def test_weights_by_row_and_by_function(tmp_path: Path):
    x = samples(400)
    spoilt = x[:, 0] > 0.5

    def law(rows: torch.Tensor) -> torch.Tensor:
        return torch.where(rows[:, :1] > 0.5, 9.0, 2 * rows[:, :1] * rows[:, 1:])

    found = []
    for weights in (1.0 - spoilt, torch.from_numpy(~spoilt), lambda inputs, outputs: inputs[:, 0] <= 0.5):
        block = wrap(law)
        block.distill(x, weights=weights, operators=["add", "mul"], **BUDGET)
        found.append(block.distilled)
    assert found[0] == found[1] == found[2] and found[0].fronts[0].pick("accuracy").equation == "2*x0*x1"
    save_distilled(found[0], tmp_path / "weighted.pt")
    again = load_distilled(tmp_path / "weighted.pt")
    assert again == found[0]
    np.testing.assert_array_equal(again.dataset.weights, 1.0 - spoilt)
    with pytest.raises(SymcError, match="3 weights for the 400 rows that went through the block"):
        wrap(law).distill(x, weights=[1, 2, 3], **BUDGET)


def test_a_loader_within_a_budget_of_memory_in_a_parent():
    net = nn.Sequential(nn.Linear(2, 2), wrap(nn.Linear(2, 1))).train()
    x = torch.from_numpy(samples(3000))
    loader = DataLoader(TensorDataset(x, torch.zeros(3000)), batch_size=256, shuffle=True)
    # 8 bytes of inputs, 4 of outputs and 8 of the row's number.
    weights = np.arange(3000.0) + 1
    net[1].distill(loader, net, memory="10 KB", weights=weights, operators=["add", "mul"], **BUDGET)
    data = net[1].dataset
    assert (data.n, data.seen) == (500, 3000) and "drawn from 3000 rows" in str(net[1].distilled)
    assert net.training and len(set(data.weights.tolist()) & set(weights.tolist())) == 500
    again = copy.deepcopy(net)
    again[1].distill(loader, again, memory="10 KB", weights=weights, operators=["add", "mul"], **BUDGET)
    assert again[1].distilled == net[1].distilled


def test_settings_by_output_are_recorded():
    block = wrap(lambda x: torch.stack([x[:, 0].sin(), x[:, 1] * x[:, 0]], dim=1))
    options = {**BUDGET, "evaluations": {"b": 500}, "operators": {"b": ["mul"]}, "max_complexity": {"a": 4, "b": 3}}
    options["evaluations"]["a"] = 1000
    block.distill(samples(200), outputs=["a", "b"], **options)
    first, second = block.search.by_output
    assert (first.evaluations, first.max_complexity) == (1000, 4) and second.operators == ("mul",)
    assert [front.pick("best").equation for front in block.fronts] == ["sin(x0)", "x0*x1"]
    assert Distilled.decode(block.distilled.encode()) == block.distilled


@pytest.mark.parametrize(
    ("given", "what"),
    [
        ({"output_dims": [3]}, "output_dims holds 3, but the block has 3 outputs. Give numbers from 0 to 2"),
        ({"output_dims": []}, "output_dims is empty"),
        ({"output_dims": [1.0]}, "output_dims holds 1.0"),
        ({"output_dims": [0], "outputs": ["a", "b"]}, "1 columns of outputs but 2 names"),
        ({"fit_rows": 500}, "fit_rows is 500, must be a whole number from 1 to 399"),
        ({"variable_transforms": {"r": "q + 1"}}, "variable 'r': .*q"),
        ({"max_complexity": {"y9": 3}}, "max_complexity are given for output 'y9'.*The outputs are: y0, y1, y2"),
        ({"operators": {"y0": ["sine"]}}, "unknown operator 'sine'"),
        ({"engine": "fast", "x": "not read"}, "unknown engine 'fast'. The engines are"),
        ({"memory": "lots"}, "memory is 'lots'"),
        ({"x": samples(1, 3)[0]}, "1 samples are too few: 16 are needed for 3 inputs"),
        ({"x": None, "domain": "1:1,0:1,0:1", "output_dims": [1], "fit_rows": 0}, "fit_rows is 0"),
    ],
)
def test_options_that_make_no_sense_change_nothing(given, what):
    block = wrap(Forces())
    with pytest.raises(SymcError, match=what):
        block.distill(**{"x": samples(400, 3), **BUDGET, **given})
    assert block.mode == "neural" and block.distilled is None


def test_a_block_moved_to_another_device_says_so():
    net = nn.Sequential(nn.Linear(2, 2), wrap(nn.Linear(2, 1)))
    net[1].to("meta")
    with pytest.raises(SymcError, match=r"'1\.block\.weight' is on the meta device"):
        net[1].distill(samples(), net, **BUDGET)


def test_on_the_command_line(tmp_path: Path):
    torch.save(Forces(), tmp_path / "net.pt")
    np.save(tmp_path / "x.npy", samples(400, 3))
    np.save(tmp_path / "w.npy", np.ones(400))
    words = (
        f"build {tmp_path}/net.pt --trust --inputs {tmp_path}/x.npy --weights {tmp_path}/w.npy --output-dims 0 "
        "--features dx,dy,m --variable-transforms r2=dx^2+dy^2+0.1 --variable-transforms m=m "
        "--max-complexity 5 --fit-rows 200 "
        f"--memory 300 --max-nonfinite 0.1 --evaluations 800 --engine operon --seed 1 -o {tmp_path}/out --json"
    )
    done = CliRunner().invoke(main, words.split())
    assert done.exit_code == 0, done.output
    manifest = json.loads(done.stdout)["manifest"]
    assert [e["text"] for e in manifest["equations"]] == ["3*m/(dx^2 + dy^2 + 0.1)"]
    told = {key: value for key, value in manifest["samples"].items() if key != "sha256"}
    assert told == {"rows": 300, "heldout_rows": 100, "seed": 1, "seen_rows": 400, "weighted": True}
    for part in ("--variable-transforms 'r2=dx^2+dy^2+0.1'", "--weights w.npy", "--output-dims 0", "--fit-rows 200"):
        assert part in manifest["reproduce"]
    for option, what in (
        ("--variable-transforms=r", "'r' is not NAME=EXPRESSION"),
        ("--output-dims=a", "'a' is not a whole"),
    ):
        failed = CliRunner().invoke(main, [*words.split(), option])
        assert failed.exit_code == 2 and what in failed.stderr
