"""Pruning while a network trains: fewer and fewer outputs of a block stay active, so that few equations are needed."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

from symc.errors import SymcError

# What is left of an old batch's importance after a new one.
_MEMORY = 0.9
# Of the way from all outputs to `keep`, what remains when the share t of the steps is done.
_REMAINING: dict[str, Callable[[float], float]] = {
    "linear": lambda t: 1.0 - t,
    "cosine": lambda t: 0.5 * (1.0 + math.cos(math.pi * t)),
    "exponential": lambda t: (math.exp(-5.0 * t) - math.exp(-5.0)) / (1.0 - math.exp(-5.0)),
}


class Pruner(nn.Module):
    """Stands in for a block while its network trains, and makes all but `keep` of its outputs zero, one after another.

        net.edge = symc.wrap(symc.Pruner(net.edge, outputs=100, keep=2, steps=5000))
        for batch in batches:
            ...
            optimiser.step()
            net.edge.block.step()

    Whenever the schedule says so, `step` switches off the active output that matters least: the one with the smallest
    mean square of y * dL/dy, where y * dL/dy is to first order what the loss would change by without it (Molchanov et
    al. 2017, "Pruning convolutional neural networks for resource efficient inference"; the square as in Theis et al.
    2018, "Faster gaze prediction with dense networks and Fisher pruning"). A scale between the block and what reads it
    does not matter. The network goes on training with the outputs that are left. One that is zero costs no search: its
    equation is 0.

    The block takes any arguments and returns a tensor (..., outputs). Which outputs are active is a buffer: it is
    saved with the network and moves with it. Compiled training steps do not measure importance: train eagerly.
    """

    mask: Tensor
    importance: Tensor
    steps_done: Tensor

    def __init__(
        self,
        block: nn.Module,
        outputs: int,
        keep: int,
        steps: int,
        *,
        start: int = 0,
        schedule: str = "cosine",
    ) -> None:
        """Of `outputs` outputs leave `keep`, by a "cosine", "linear" or "exponential" schedule over `steps` steps.

        start: training steps before the first output goes. Raises SymcError for numbers that make no sense.
        """
        super().__init__()
        if not isinstance(block, nn.Module):
            raise SymcError(f"a {type(block).__name__} does not train", hint="Prune an nn.Module.")
        if not 1 <= keep <= outputs:
            raise SymcError(f"keep is {keep}, need 1 to {outputs}, the number of outputs")
        if steps < 1 or start < 0:
            raise SymcError(f"steps is {steps} and start is {start}, need at least 1 step and a start from 0 on")
        if schedule not in _REMAINING:
            raise SymcError(f"unknown schedule {schedule!r}", hint=f"The schedules are: {', '.join(_REMAINING)}.")
        self.block = block
        self.keep, self.steps, self.start, self.schedule = keep, steps, start, schedule
        self.register_buffer("mask", torch.ones(outputs, dtype=torch.bool))
        self.register_buffer("importance", torch.zeros(outputs))
        self.register_buffer("steps_done", torch.zeros((), dtype=torch.int64))

    def forward(self, *args: Any, **kwargs: Any) -> Tensor:
        """What the block returns, (..., outputs), with 0 for the outputs that are not active."""
        y = self.block(*args, **kwargs)
        if not isinstance(y, Tensor) or y.dim() == 0 or y.shape[-1] != len(self.mask):
            found = f"shape {tuple(y.shape)}" if isinstance(y, Tensor) else f"a {type(y).__name__}"
            raise SymcError(f"the block returns {found}, need a tensor (..., {len(self.mask)})")
        if self.training and y.requires_grad and not torch.compiler.is_compiling():
            value = y.detach()
            y.register_hook(lambda gradient: self._measure(value, gradient))
        return torch.where(self.mask, y, 0.0)

    def step(self) -> None:
        """Count one training step; where the schedule says so, make the outputs that matter least zero.

        Raises SymcError when outputs must go and no gradient has passed through the block.
        """
        self.steps_done += 1
        surplus = int(self.mask.sum()) - self._scheduled(int(self.steps_done))
        if surplus <= 0:
            return
        if not bool(self.importance.any()):
            raise SymcError(
                "no gradient has passed through the block, so that the importance of its outputs is not known",
                hint="Call step() after loss.backward(), with the network in training mode and not compiled.",
            )
        ranked = torch.where(self.mask, self.importance, torch.inf).argsort(stable=True)
        self.mask[ranked[:surplus]] = False

    @property
    def active(self) -> tuple[int, ...]:
        """Positions of the outputs that are not zero."""
        return tuple(self.mask.nonzero().flatten().tolist())

    def extra_repr(self) -> str:
        return f"{len(self.active)} of {len(self.mask)} outputs active, keep={self.keep}, schedule={self.schedule}"

    def _scheduled(self, done: int) -> int:
        share = min(max(done - self.start, 0) / self.steps, 1.0)
        return math.ceil(self.keep + (len(self.mask) - self.keep) * _REMAINING[self.schedule](share) - 1e-9)

    def _measure(self, value: Tensor, gradient: Tensor) -> None:
        effect = (value.double() * gradient.double()).square().reshape(-1, len(self.mask)).sum(dim=0)
        total = effect.sum()
        # A scaled loss overflows at times, and that step is skipped.
        if 0.0 < float(total) < math.inf:
            # Shares of the batch's sum: as the loss falls, early batches would outweigh all others.
            share = (effect / total).to(self.importance.dtype)
            self.importance.mul_(_MEMORY).add_(share, alpha=1.0 - _MEMORY)
