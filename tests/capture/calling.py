"""A network that calls a block as it is told, and the hooks that are left in one."""

from __future__ import annotations

from torch import nn


class Calling(nn.Module):
    """Runs `use(block, x)`."""

    def __init__(self, block: nn.Module, use) -> None:
        super().__init__()
        self.block = block
        self.use = use

    def forward(self, x):
        return self.use(self.block, x)


def hooks_in(model: nn.Module) -> int:
    return sum(len(m._forward_hooks) + len(m._forward_pre_hooks) for m in model.modules())
