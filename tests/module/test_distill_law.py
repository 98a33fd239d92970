"""A law behind a trained network is found, its error notwithstanding; what is no function tells no derivatives."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import nn

import symc
from symc.capture.dataset import Dataset
from symc.capture.derivatives import derivatives_of
from symc.capture.layout import Layout
from symc.search.operators import DEFAULT_OPERATORS
from symc.search.refit import Samples
from symc.search.structure.propose import structure_of

_ONE = Layout((2,), (1,))


@pytest.fixture(scope="module")
def x() -> np.ndarray:
    return np.random.default_rng(0).uniform(1.0, 3.0, (400, 2)).astype(np.float32)


def trained(x: np.ndarray, y: np.ndarray) -> nn.Module:
    """A small network of y, about a thousandth of its deviation off."""
    torch.manual_seed(0)
    net = nn.Sequential(nn.Linear(2, 16), nn.Tanh(), nn.Linear(16, 1)).double()
    inputs, targets = torch.tensor(x, dtype=torch.float64), torch.tensor(y, dtype=torch.float64)[:, None]
    optimiser = torch.optim.LBFGS(net.parameters(), max_iter=150, history_size=30, line_search_fn="strong_wolfe")

    def closure() -> torch.Tensor:
        optimiser.zero_grad()
        loss = (net(inputs) - targets).square().mean()
        loss.backward()
        return loss

    optimiser.step(closure)
    return net.float()


def test_the_law_of_a_network_is_found_without_a_search(x: np.ndarray) -> None:
    a, b = x.T.astype(np.float64)
    net = trained(x, 2.0 * a * b)
    with torch.no_grad():
        off = net(torch.from_numpy(x)).numpy()[:, 0] - 2.0 * a * b
    # The network is no law itself: no exact relation can hold.
    assert 1e-4 < off.std() / (2.0 * a * b).std() < 8e-3
    block = symc.wrap(net)
    result = block.distill(x, workers=1)
    assert result.evaluations == 0
    block.switch_to_symbolic()
    wide = np.random.default_rng(1).uniform(0.5, 9.0, (200, 2)).astype(np.float32)
    found = block(torch.from_numpy(wide)).numpy()[:, 0]
    np.testing.assert_allclose(found, 2.0 * wide[:, 0] * wide[:, 1], rtol=1e-2)
    again = symc.wrap(net).distill(x, workers=1)
    assert again == result


def test_derivatives_are_those_of_the_block_and_leave_no_trace(x: np.ndarray) -> None:
    block = nn.Sequential(nn.Linear(2, 3), nn.Tanh(), nn.Linear(3, 1)).train()
    with torch.no_grad():
        y = block(torch.from_numpy(x)).numpy()
    found = derivatives_of(block, Dataset.from_samples(x, y), _ONE)
    first, last = block[0], block[2]
    weights, bias = first.weight.detach().numpy().astype(float), first.bias.detach().numpy().astype(float)
    inner = np.tanh(x.astype(float) @ weights.T + bias)
    wanted = ((1.0 - inner**2) * last.weight.detach().numpy().astype(float)) @ weights
    assert found is not None
    np.testing.assert_allclose(found[:, 0], wanted, rtol=1e-4, atol=1e-6)
    assert all(p.grad is None for p in block.parameters())
    assert all(m.training for m in block.modules())


def test_a_block_that_is_no_smooth_function_tells_no_derivatives(x: np.ndarray) -> None:
    y = np.sin(x[:, :1]) * x[:, 1:]
    data = Dataset.from_samples(x, y)
    blocks = {
        "noise": lambda t: torch.sin(t[:, :1]) * t[:, 1:] + 0.1 * torch.randn(len(t), 1),
        "steps": lambda t: torch.sin(t[:, :1]).detach() * t[:, 1:].detach(),
        "nan": lambda t: torch.sin(t[:, :1]) * t[:, 1:] + 0.0 * (t[:, :1] - t[:, :1]).sqrt(),
        "numpy": lambda t: torch.from_numpy(np.sin(t.numpy())),
    }
    for name, block in blocks.items():
        assert derivatives_of(block, data, _ONE) is None, name
    assert derivatives_of(lambda t: torch.sin(t[:, :1]) * t[:, 1:], data, _ONE) is not None


def test_structure_is_undecided_where_there_is_no_law(x: np.ndarray) -> None:
    a, b = x.T.astype(np.float64)
    jumps = np.where(a > b, 1.0, -1.0) + 0.3 * a
    slopes = np.stack([np.full(len(a), 0.3), np.zeros(len(a))], axis=1)
    found = structure_of(Samples(x.astype(np.float64), jumps, ("a", "b"), slopes=slopes), DEFAULT_OPERATORS)
    assert not found.exact
    assert found.longest is None
