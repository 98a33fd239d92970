"""A block in each of its modes, whose network is far from its equations."""

from __future__ import annotations

import torch
from torch import nn

from symc.module.module import SymbolicModule, wrap
from tests.small_network import distilled, samples

SWITCHES = {
    "neural": lambda block: block.switch_to_neural(),
    "symbolic": lambda block: block.switch_to_symbolic(complexity=(5, 2)),
    "trainable": lambda block: block.switch_to_symbolic(complexity=(5, 2), trainable=True),
    "guarded": lambda block: block.switch_to_guarded(complexity=(5, 2)),
    "shadow": lambda block: block.switch_to_shadow(complexity=(5, 2)),
}


class Counting(nn.Module):
    """A block whose answer is far from the equations', and which remembers the shapes it was called with."""

    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(()))
        self.shapes: list[tuple[int, ...]] = []

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        if not torch.compiler.is_compiling():
            self.shapes.append(tuple(x.shape))
        return 100.0 * self.weight + x


def block_in(mode: str) -> SymbolicModule:
    block = wrap(Counting())
    block.attach(distilled())
    SWITCHES[mode](block)
    return block


def equations(x: torch.Tensor) -> torch.Tensor:
    return torch.stack([x[..., 0] * x[..., 1] + 0.5, x[..., 0].sin()], dim=-1)


def inside(n: int = 6) -> torch.Tensor:
    return torch.from_numpy(samples())[:n].clone()
