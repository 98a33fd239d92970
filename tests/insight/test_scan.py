"""scan: shares of the work, and the damage of replacing a block, on a network whose blocks are known."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from click.testing import CliRunner
from torch import nn

import symc
from symc.cli import main
from symc.errors import SymcError


class Residual(nn.Module):
    """x + dead(x) + linear(x) + curved(x): one block does nothing, one is affine, one is neither."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(1)
        self.dead = nn.Sequential(nn.Linear(6, 12), nn.ReLU(), nn.Linear(12, 6))
        self.linear = nn.Linear(6, 6)
        self.curved = nn.Sequential(nn.Linear(6, 24), nn.Tanh(), nn.Linear(24, 6))
        for parameter in self.dead[2].parameters():
            nn.init.zeros_(parameter)
        nn.init.normal_(self.curved[0].weight, std=2.0)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x + self.dead(x) + self.linear(x) + self.curved(x)


def inputs(n: int = 400) -> np.ndarray:
    return np.random.default_rng(0).normal(size=(n, 6)).astype(np.float32)


def test_shares_and_damage():
    net = Residual().train()
    found = symc.scan(net, inputs())
    blocks = {b.name: b for b in found.blocks}
    assert found.macs == 400 * (2 * 6 * 12 + 6 * 6 + 2 * 6 * 24) and found.metric == 0.0
    assert blocks["curved"].macs == 400 * 2 * 6 * 24 and blocks["curved"].rows == 400
    assert sum(blocks[n].mac_share for n in ("dead", "linear", "curved")) == pytest.approx(1.0)
    assert [b.name for b in found.blocks[:2]] == ["", "curved"] and "dead.1" not in blocks
    assert blocks[""].mac_share == 1.0 and blocks[""].damage["mean"] == pytest.approx(1.0, rel=0.1)
    assert blocks["dead"].damage == pytest.approx({"zero": 0.0, "mean": 0.0, "affine": 0.0}, abs=1e-6)
    assert blocks["linear"].damage["affine"] < 1e-5 < 0.05 < blocks["linear"].damage["mean"]
    assert 0.01 < blocks["curved"].damage["affine"] < blocks["curved"].damage["zero"]
    assert all(0.0 < b.time_share < 1.0 for b in found.blocks)
    assert net.training and not net.curved._forward_hooks and not net.curved._forward_pre_hooks
    assert "curved" in str(found) and json.loads(json.dumps(found.to_json()))["macs"] == found.macs


def test_a_metric_of_ones_own_and_patterns():
    net = Residual()
    x = torch.from_numpy(inputs())
    target = net(x).detach() + 1.0
    found = symc.scan(net, inputs(), metric=lambda n: float((n(x) - target).square().mean()), layers=["cur*", "linear"])
    assert {b.name for b in found.blocks} == {"curved", "curved.0", "curved.2", "curved.0:2", "linear"}
    assert found.metric == pytest.approx(1.0)


def test_several_dimensions_and_blocks_called_twice():
    class Twice(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.block = nn.Linear(6, 6)
            self.attention = nn.MultiheadAttention(6, 2, batch_first=True)

        def forward(self, x: torch.Tensor) -> dict[str, torch.Tensor]:
            return {"y": self.block(self.block(x)) + self.attention(x, x, x)[0]}

    found = symc.scan(Twice(), inputs(60).reshape(3, 20, 6))
    assert {b.name: b.rows for b in found.blocks}["block"] == 120
    assert "attention" not in {b.name for b in found.blocks}


def test_runs_of_a_sequential_are_what_slicing_it_gives():
    torch.manual_seed(0)
    net = nn.Sequential(nn.Linear(6, 8), nn.Tanh(), nn.Linear(8, 3), nn.Tanh(), nn.Linear(3, 1))
    x = torch.from_numpy(inputs())
    blocks = {b.name: b for b in symc.scan(net, x).blocks}
    runs = {name for name in blocks if ":" in name}
    assert runs == {"0:2", "0:3", "0:4", "2:4", "2:5"}
    assert (blocks["2:5"].n_in, blocks["2:5"].n_out, blocks["2:5"].rows) == (8, 1, 400)
    assert blocks["2:5"].macs == 400 * (8 * 3 + 3 * 1) and blocks["2:5"].kind == "Linear ... Linear"
    own = nn.Sequential(*net[:2], net[2:5])
    alone = {b.name: b for b in symc.scan(own, x).blocks}["2"]
    assert alone.damage == pytest.approx(blocks["2:5"].damage, rel=1e-6) and alone.macs == blocks["2:5"].macs


def test_a_block_that_is_symbolic_already_says_so():
    net = nn.Sequential(nn.Linear(6, 2), nn.Sequential(nn.Linear(2, 8), nn.Tanh(), nn.Linear(8, 1)))
    net[1] = symc.wrap(net[1])
    before = {b.name: b for b in symc.scan(net, inputs()).blocks}
    assert before["1"].mode == "neural" and "1.block" not in before and "1.block.0:2" in before
    net[1].distill(inputs(), parent=net, evaluations=1_000, operators=["add", "mul"], workers=1)
    net[1].switch_to_symbolic()
    found = symc.scan(net, inputs())
    blocks = {b.name: b for b in found.blocks}
    assert blocks["1"].mode == "symbolic" and "SymbolicModule, symbolic already" in str(found)
    assert not [name for name in blocks if name.startswith("1.")]
    assert net[1].mode == "symbolic"


@pytest.mark.parametrize(
    ("model", "x", "what"),
    [
        (lambda x: x, inputs(), "a function has no blocks to scan"),
        (Residual(), inputs()[:, :3], "the inputs have 3 columns"),
        (nn.Sequential(nn.Conv1d(6, 3, 1)), inputs(40).reshape(5, 8, 6).swapaxes(1, 2), "no block maps one"),
    ],
)
def test_what_cannot_be_scanned(model, x, what):
    with pytest.raises(SymcError, match=what):
        symc.scan(model, x)


def test_the_command(tmp_path: Path):
    np.save(tmp_path / "x.npy", inputs())
    torch.save(Residual().state_dict(), tmp_path / "net.pt")
    words = ["scan", str(tmp_path / "net.pt"), "--inputs", str(tmp_path / "x.npy"), "--module"]
    done = CliRunner().invoke(main, [*words, "tests.insight.test_scan:Residual"])
    assert done.exit_code == 0, done.output
    assert "% of MACs" in done.stdout and "curved" in done.stdout
