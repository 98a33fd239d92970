"""How far a network's output has moved: what fine-tuning lowers, and what says which directions of a block matter."""

from __future__ import annotations

from typing import Protocol

import torch
from torch import Tensor
from torch.nn import functional as F

from symc.errors import SymcError


class Distance(Protocol):
    """A distance between what the network said and what it says now."""

    def loss(self, original: Tensor, now: Tensor) -> Tensor:
        """One number, zero when both are equal; differentiable in `now`."""

    def cotangent(self, original: Tensor, draw: torch.Generator) -> Tensor:
        """A random tensor of the output's shape whose covariance is the Hessian of the distance at `original`."""


class SquaredError:
    """Mean squared change of the output, relative to the output's own mean square."""

    def loss(self, original: Tensor, now: Tensor) -> Tensor:
        return F.mse_loss(now, original) / original.square().mean().clamp_min(1e-30)

    def cotangent(self, original: Tensor, draw: torch.Generator) -> Tensor:
        return torch.randn(original.shape, generator=draw).to(original)


class KullbackLeibler:
    """Mean over the rows of KL(original || now) in nats, for outputs that are logits over the last dimension."""

    def loss(self, original: Tensor, now: Tensor) -> Tensor:
        target = original.flatten(0, -2).log_softmax(-1)
        return F.kl_div(now.flatten(0, -2).log_softmax(-1), target, log_target=True, reduction="batchmean")

    def cotangent(self, original: Tensor, draw: torch.Generator) -> Tensor:
        # The gradient of the loss for a label drawn from the network itself; its covariance is Fisher's matrix.
        likely = original.softmax(-1)
        rows = likely.reshape(-1, likely.shape[-1])
        labels = torch.multinomial(rows.cpu(), 1, generator=draw).to(rows.device)
        return (rows - torch.zeros_like(rows).scatter_(1, labels, 1.0)).reshape(original.shape)


_BY_NAME: dict[str, type[Distance]] = {"squared": SquaredError, "kl": KullbackLeibler}


def distance_of(named: str | Distance) -> Distance:
    """The distance called so, or the one given; SymcError for an unknown name."""
    if not isinstance(named, str):
        return named
    if named not in _BY_NAME:
        raise SymcError(f"unknown distance {named!r}", hint=f"The distances are: {', '.join(_BY_NAME)}.")
    return _BY_NAME[named]()
