"""evaluate inside a network: what reaches the block is what counts, and other rows are refused or warned of."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
import torch
from torch import nn

import symc
from symc.errors import SymcError


def network() -> nn.Sequential:
    torch.manual_seed(0)
    net = nn.Sequential(nn.Softsign(), nn.Sequential(nn.Linear(2, 6), nn.Tanh(), nn.Linear(6, 1)), nn.Softplus())
    net[1] = symc.wrap(net[1])
    return net


def inputs(seed: int, n: int = 200) -> torch.Tensor:
    return 3.0 * torch.randn(n, 2, generator=torch.Generator().manual_seed(seed))


@pytest.fixture(scope="module")
def distilled() -> nn.Sequential:
    net = network()
    net[1].distill(inputs(0), parent=net, evaluations=2_000, operators=["add", "mul"], workers=1)
    net[1].switch_to_symbolic()
    return net


def test_with_the_parent_the_blocks_own_rows_are_compared(distilled: nn.Sequential) -> None:
    x = inputs(1)
    found = symc.evaluate(distilled[1], distilled[1], x, parent=distilled, slices={"far": 10.0 * x}, speed=False)
    inside = nn.Softsign()(x)
    with torch.no_grad():
        error = (distilled[1](inside) - distilled[1].block(inside)).numpy()
    assert found.fidelity["in distribution"][0].rmse == pytest.approx(np.sqrt(np.mean(error.astype(float) ** 2)))
    assert found.fidelity["far"][0].rows == 200 and distilled[1].mode == "symbolic"
    assert all(max(map(abs, row.x)) <= 1.6 for row in found.worst)


def test_the_block_in_the_place_of_its_wrapper_is_found_too(distilled: nn.Sequential) -> None:
    x, options = inputs(1), {"parent": distilled, "speed": False}
    ways = [symc.evaluate(block, distilled[1], x, **options) for block in (distilled[1], distilled[1].block)]
    assert ways[0].to_json() == ways[1].to_json()


def test_the_networks_inputs_in_the_place_of_the_blocks_are_refused(distilled: nn.Sequential) -> None:
    for block in (distilled[1], distilled[1].block):
        with pytest.raises(SymcError, match=r"leave the domain of input \d.*not what the block gets.*parent=NETWORK"):
            symc.evaluate(block, distilled[1], inputs(1).numpy(), speed=False)


def test_rows_that_may_be_the_blocks_are_warned_of_unless_it_is_said_whose_they_are(distilled: nn.Sequential) -> None:
    x = nn.Softsign()(inputs(1)).numpy()
    with pytest.warns(RuntimeWarning, match="distilled inside a network"):
        symc.evaluate(distilled[1], distilled[1], x, speed=False)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        symc.evaluate(distilled[1], distilled[1], x, parent=distilled[1], speed=False)


def test_a_wrapper_that_answers_with_its_network_is_no_surrogate() -> None:
    net = network()
    with pytest.raises(SymcError, match="in neural mode: its network answers"):
        symc.evaluate(net[1].block, net[1], inputs(1), parent=net)


def test_a_parent_without_the_block_is_said(distilled: nn.Sequential) -> None:
    with pytest.raises(SymcError, match="does not contain this block"):
        symc.evaluate(distilled[1], distilled[1], inputs(1), parent=nn.Sequential(nn.Linear(2, 2)))
    with pytest.raises(SymcError, match="no block inside a parent"):
        symc.evaluate(np.sin, distilled[1], inputs(1), parent=distilled)
