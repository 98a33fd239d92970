"""Rows of calls that wait for each other, so that what is computed of them costs a call little."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from symc.unwatched import all_unwatched

MOST_ROWS = 1024


class Waiting:
    """Copies of float32 tensors (..., n), of at most MOST_ROWS rows; the widths n are fixed.

    Copying a row into memory that is there already takes a microsecond, where torch's smallest operator takes three.
    """

    def __init__(self, *widths: int) -> None:
        self._widths = widths
        self._device: torch.device | None = None
        # Arrays on the CPU, tensors elsewhere; rows (MOST_ROWS, n) of each.
        self._kept: list[NDArray[np.float32] | Tensor] = []
        self._rows = 0

    def add(self, *tensors: Tensor) -> bool:
        """Take a copy of the rows, or return False where they cannot wait: there is no room, or torch watches them.

        Those that wait must be taken first then.
        """
        first = tensors[0]
        start = self._rows
        count = first.numel() // self._widths[0]
        if start + count > MOST_ROWS or not all_unwatched(*tensors):
            return False
        if first.device != self._device:
            if start:
                return False
            self._make_room(first.device)
        self._rows = end = start + count
        for kept, rows, width in zip(self._kept, tensors, self._widths, strict=True):
            rows = rows.detach() if rows.requires_grad else rows
            rows = rows if rows.dim() == 2 else rows.reshape(count, width)
            if isinstance(kept, np.ndarray):
                kept[start:end] = rows.numpy()
            else:
                kept[start:end] = rows
        return True

    def take(self) -> list[Tensor] | None:
        """What waits, as (k, n) each, until rows are added again; None where nothing does. Nothing waits any more."""
        count, self._rows = self._rows, 0
        return [torch.as_tensor(kept[:count]) for kept in self._kept] if count else None

    def _make_room(self, device: torch.device) -> None:
        shapes = [(MOST_ROWS, width) for width in self._widths]
        if device.type == "cpu":
            # Pages that no row comes to are never touched, and take no memory.
            self._kept = [np.empty(shape, np.float32) for shape in shapes]
        else:
            self._kept = [torch.empty(shape, dtype=torch.float32, device=device) for shape in shapes]
        self._device = device
