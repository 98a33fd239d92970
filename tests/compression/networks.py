"""Small networks whose blocks are known, and metrics of them on rows drawn by seed."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.nn import functional as F

WIDTH = 24


class Residual(nn.Module):
    """x (n, 12) -> (n, 5) through residual blocks, as in a transformer without attention."""

    def __init__(self, blocks: list[nn.Module], seed: int = 0) -> None:
        super().__init__()
        torch.manual_seed(seed)
        self.first, self.last = nn.Linear(12, WIDTH), nn.Linear(WIDTH, 5)
        self.blocks = nn.ModuleList(blocks)

    def forward(self, x: Tensor) -> Tensor:
        x = self.first(x)
        for block in self.blocks:
            x = x + block(F.layer_norm(x, (WIDTH,)))
        return self.last(x)


def perceptrons(count: int, seed: int = 0) -> Residual:
    """`count` blocks of a hidden layer each, with weights as they are drawn, twice as loud."""
    torch.manual_seed(seed)
    blocks: list[nn.Module] = []
    for _ in range(count):
        block = nn.Sequential(nn.Linear(WIDTH, 4 * WIDTH), nn.GELU(), nn.Linear(4 * WIDTH, WIDTH))
        with torch.no_grad():
            block[2].weight.mul_(2.0)
        blocks.append(block)
    return Residual(blocks, seed)


def rows(count: int, seed: int) -> Tensor:
    return torch.randn(count, 12, generator=torch.Generator().manual_seed(seed))


def change_of(network: nn.Module, seed: int) -> Callable[[nn.Module], float]:
    """Mean squared change of the output on 500 rows of that seed, against the network as it is now."""
    x = rows(500, seed)
    with torch.no_grad():
        before = network(x).clone()

    def metric(now: nn.Module) -> float:
        with torch.no_grad():
            return float((now(x) - before).square().mean())

    return metric
