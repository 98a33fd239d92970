"""What compression does to the classes of a network: on how many rows it decides as before, and rightly."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray
from torch import nn

from symc.capture.inputs import as_inputs
from symc.compression.samples import Batch, batches_of
from symc.compression.saved import Counts
from symc.errors import SymcError
from symc.ir.classes import decisions


class Classes:
    """Rows of a network that classifies by the largest of its last dimension, as it decides them before compression.

    inputs: as SymbolicModule.distill takes them. labels: the true class of each row, of the output's shape without its
    last dimension; None where they are not known. SymcError for labels of another shape, and for a single output.
    """

    def __init__(self, network: nn.Module, inputs: Any, labels: ArrayLike | None, batch: int) -> None:
        self.batches: Sequence[Batch] = batches_of(network, as_inputs(inputs), batch)
        shape = self.batches[0].output.shape
        if shape[-1] < 2:
            raise SymcError(f"the network gives {tuple(shape)}, of which no class is the largest", where="classify")
        self.decided = np.concatenate([_decided(found.output) for found in self.batches])
        self.labels = None if labels is None else np.asarray(labels).reshape(-1)
        if self.labels is not None and self.labels.shape != self.decided.shape:
            what = f"there are {len(self.labels)} labels for {len(self.decided)} decisions of the network"
            raise SymcError(what, where="labels", hint="Give one class for each row of classify.")

    def count(self, network: nn.Module) -> Counts:
        """What the network decides now."""
        now = np.concatenate([_decided(batch.run(network)) for batch in self.batches])
        right = None if self.labels is None else int((now == self.labels).sum())
        return Counts(len(now), int((now == self.decided).sum()), right)


def _decided(output: torch.Tensor) -> NDArray[np.intp]:
    rows = output.detach().float().cpu().reshape(-1, output.shape[-1]).numpy()
    # What is not finite decides for nothing.
    return np.where(np.isfinite(rows).all(axis=1), decisions(rows)[:, 0], -1)
