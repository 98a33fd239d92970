"""Pruner: which outputs go, when they go, and what training and distillation make of the rest."""

from __future__ import annotations

import io

import pytest
import torch
from torch import nn

from symc.errors import SymcError
from symc.module.module import wrap
from symc.module.prune import Pruner
from tests.searches import SHORTEST


class Pair(nn.Module):
    """Two independent functions behind eight outputs and a linear read-out: it needs two of the eight."""

    def __init__(self, **pruning: object) -> None:
        super().__init__()
        block = nn.Sequential(nn.Linear(3, 32), nn.Tanh(), nn.Linear(32, 8))
        self.block = wrap(Pruner(block, outputs=8, **pruning))
        self.head = nn.Linear(8, 2)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.head(self.block(x))


def task(seed: int, n: int = 256) -> tuple[torch.Tensor, torch.Tensor]:
    x = torch.rand(n, 3, generator=torch.Generator().manual_seed(seed)) * 2 - 1
    return x, torch.stack([x[:, 0] * x[:, 1], torch.sin(2 * x[:, 2])], dim=1)


def trained(rounds: int, **pruning: object) -> tuple[Pair, list[int]]:
    torch.manual_seed(0)
    net = Pair(**pruning)
    optimiser = torch.optim.Adam(net.parameters(), lr=0.02)
    x, y = task(1)
    counts = []
    for _ in range(rounds):
        optimiser.zero_grad()
        (net(x) - y).square().mean().backward()
        optimiser.step()
        net.block.block.step()
        counts.append(len(net.block.block.active))
    return net, counts


def unexplained(net: Pair) -> list[float]:
    """Share of the variance of each of the two functions that the network misses, on rows it did not see."""
    x, y = task(2)
    with torch.no_grad():
        error = net.eval()(x) - y
    return (error.square().mean(0) / y.var(0)).tolist()


def test_two_of_eight_outputs_do_the_work_and_one_does_not():
    net, counts = trained(700, keep=2, steps=300, start=100)
    assert counts[:100] == [8] * 100 and counts == sorted(counts, reverse=True)
    assert set(counts) == set(range(2, 9)) and counts.index(2) == 399
    assert max(unexplained(net)) < 0.01
    one, _ = trained(700, keep=1, steps=300, start=100)
    assert max(unexplained(one)) > 0.5


def test_what_is_distilled_are_the_active_outputs():
    net, _ = trained(60, keep=2, steps=40)
    result = net.block.distill(task(1, 64)[0], parent=net, **SHORTEST)
    constant = {k for k, front in enumerate(result.fronts) if [m.equation for m in front.members] == ["0"]}
    assert set(range(8)) - constant == set(net.block.block.active)


@pytest.mark.parametrize("scale", [1e-4, 1e4])
def test_a_scale_that_the_readout_undoes_does_not_make_an_output_important(scale: float):
    pruner = Pruner(nn.Identity(), outputs=2, keep=1, steps=1)
    x = torch.randn(64, 2, generator=torch.Generator().manual_seed(0), requires_grad=True)
    # The first output matters twice as much, however small it is.
    readout = torch.tensor([2.0 / scale, 1.0])
    (pruner(x * torch.tensor([scale, 1.0])) @ readout).square().mean().backward()
    pruner.step()
    assert pruner.active == (0,)


@pytest.mark.parametrize("overflow", [torch.inf, torch.nan])
def test_a_batch_whose_gradient_overflows_is_not_measured(overflow: float):
    pruner = Pruner(nn.Identity(), outputs=2, keep=1, steps=1)
    for scale in (1.0, overflow, 1.0):
        x = torch.tensor([[1.0, 3.0]], requires_grad=True)
        (pruner(x).sum() * scale).backward()
    pruner.step()
    assert pruner.active == (1,) and pruner.importance.isfinite().all()


@pytest.mark.parametrize("schedule", ["cosine", "linear", "exponential"])
def test_every_schedule_goes_from_all_to_the_few_that_are_kept(schedule: str):
    pruner = Pruner(nn.Linear(3, 20), outputs=20, keep=4, steps=50, start=5, schedule=schedule)
    counts = []
    for _ in range(60):
        pruner(torch.ones(2, 3)).sum().backward()
        pruner.step()
        counts.append(len(pruner.active))
    assert counts[:5] == [20] * 5 and counts[54:] == [4] * 6 and counts == sorted(counts, reverse=True)
    assert 4 < counts[29] < 20


def test_outputs_that_are_gone_are_zero_even_where_the_block_is_not_finite():
    pruner = Pruner(nn.Identity(), outputs=3, keep=1, steps=1)
    x = torch.tensor([[1.0, 5.0, 2.0]], requires_grad=True)
    pruner(x).square().sum().backward()
    pruner.step()
    assert pruner.active == (1,)
    assert pruner(torch.tensor([torch.nan, 3.0, torch.inf])).tolist() == [0.0, 3.0, 0.0]


def test_the_active_outputs_are_saved_with_the_network():
    net, _ = trained(60, keep=3, steps=40)
    buffer = io.BytesIO()
    torch.save(net.state_dict(), buffer)
    buffer.seek(0)
    other = Pair(keep=3, steps=40)
    other.load_state_dict(torch.load(buffer, weights_only=True))
    assert other.block.block.active == net.block.block.active and len(net.block.block.active) == 3
    x, _ = task(3)
    assert torch.equal(other(x), net(x))
    compiled = torch.compile(net.eval(), fullgraph=True, backend="aot_eager")
    torch.testing.assert_close(compiled(x), net(x))


def test_a_step_without_gradients_is_refused():
    pruner = Pruner(nn.Linear(2, 4), outputs=4, keep=1, steps=1)
    with torch.no_grad():
        pruner(torch.ones(1, 2))
    with pytest.raises(SymcError, match=r"no gradient has passed.*after loss.backward\(\)"):
        pruner.step()
    assert pruner.active == (0, 1, 2, 3)


@pytest.mark.parametrize(
    ("settings", "what"),
    [
        ({"keep": 0}, "keep is 0, need 1 to 4"),
        ({"keep": 5}, "keep is 5, need 1 to 4"),
        ({"steps": 0}, "steps is 0"),
        ({"start": -1}, "start is -1"),
        ({"schedule": "sudden"}, "unknown schedule 'sudden'. The schedules are: linear, cosine, exponential"),
        ({"block": len}, "a builtin_function_or_method does not train"),
    ],
)
def test_settings_that_make_no_sense(settings: dict[str, object], what: str):
    given = {"block": nn.Linear(2, 4), "outputs": 4, "keep": 2, "steps": 10, **settings}
    with pytest.raises(SymcError, match=what):
        Pruner(**given)


@pytest.mark.parametrize(("block", "found"), [(nn.Linear(2, 3), r"shape \(1, 3\)"), (nn.LSTM(2, 4), "a tuple")])
def test_a_block_that_returns_something_else(block: nn.Module, found: str):
    with pytest.raises(SymcError, match=rf"the block returns {found}, need a tensor \(..., 4\)"):
        Pruner(block, outputs=4, keep=2, steps=10)(torch.ones(1, 2))
