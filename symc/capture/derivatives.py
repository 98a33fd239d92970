"""Derivatives of a recorded block at its samples, by autograd: what samples alone tell only roughly."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from symc.capture.dataset import Dataset
from symc.capture.layout import Layout
from symc.capture.observing import evaluating, seeded, uncompiled

_BATCH = 4096
# Beyond so many numbers the derivatives cost more than they help.
_MOST = 20_000_000
# A block that answers otherwise than it did, by this share of an output's deviation, is no function of its inputs.
_SAME = 1e-3


def derivatives_of(
    block: nn.Module | Callable[..., Any], dataset: Dataset, layout: Layout, dims: tuple[int, ...] = ()
) -> NDArray[np.float64] | None:
    """(n, n_out, n_in): derivatives of each output by each input at every sample; None where they cannot be had.

    `dims` are the columns of the block's output that the dataset has, () for all. None for a block that takes more
    than one tensor, or windows, has no derivative, answers otherwise than it did when it was recorded, or whose
    equations are made of other variables or for what goes into a head. The block's training flags, its gradients and
    torch's random generators are left as they were.
    """
    wanted = len(dataset.x) * dataset.n_out * dataset.n_in
    if len(layout.inputs) != 1 or layout.lags or dataset.definitions or dataset.logits is not None or wanted > _MOST:
        return None
    modules = (block,) if isinstance(block, nn.Module) else ()
    columns = list(dims) if dims else list(range(layout.n_out))
    parts = []
    with evaluating(*modules), seeded(dataset.seed, *modules), uncompiled(), torch.enable_grad():
        for start in range(0, len(dataset.x), _BATCH):
            rows = slice(start, start + _BATCH)
            try:
                found = _at(block, dataset.x[rows], layout, columns)
            # Derivatives are a help: whatever a block raises when asked for them, the search goes on without.
            except Exception:
                return None
            if found is None or not _as_recorded(found[0], dataset.y[rows], dataset.y):
                return None
            parts.append(found[1])
    slopes = np.concatenate(parts)
    return slopes if np.isfinite(slopes).all() else None


def _at(
    block: nn.Module | Callable[..., Any], x: NDArray[np.float32], layout: Layout, columns: list[int]
) -> tuple[NDArray[np.float64], NDArray[np.float64]] | None:
    """Values (n, n_out) and derivatives (n, n_out, n_in); None where an output does not depend on the inputs."""
    first = next(block.parameters(), None) if isinstance(block, nn.Module) else None
    like = torch.empty(0) if first is None or not first.is_floating_point() else first
    given = torch.tensor(x, dtype=like.dtype, device=like.device).requires_grad_()
    answer = layout.columns(block(*layout.split(given)))[:, columns]
    slopes = []
    for k in range(answer.shape[1]):
        (slope,) = torch.autograd.grad(answer[:, k].sum(), given, retain_graph=True, allow_unused=True)
        if slope is None:
            return None
        slopes.append(slope.double().cpu().numpy())
    return answer.detach().double().cpu().numpy(), np.stack(slopes, axis=1)


def _as_recorded(values: NDArray[np.float64], recorded: NDArray[np.float32], whole: NDArray[np.float32]) -> bool:
    if values.shape != recorded.shape or not np.isfinite(values).all():
        return False
    return bool((np.abs(values - recorded) <= _SAME * whole.std(axis=0, dtype=np.float64)).all())
