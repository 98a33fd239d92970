"""Rows of calls that wait for each other, so that what is computed of them costs a call little."""

from __future__ import annotations

from ctypes import memmove

import torch
from torch import Tensor

from symc.unwatched import all_unwatched

MOST_ROWS = 1024
_BYTES = 4


class Waiting:
    """Copies of float32 tensors (..., n), of at most MOST_ROWS rows; the widths n are fixed.

    Copying a row into memory that is there already takes a microsecond, where torch's smallest operator takes three.
    """

    def __init__(self, *widths: int) -> None:
        self._widths = widths
        # Rows (MOST_ROWS, n) of each, on the device where they came.
        self._kept: list[Tensor] = []
        self._rows = 0

    def add(self, *tensors: Tensor) -> bool:
        """Take a copy of the rows, or return False where they cannot wait: there is no room, or torch watches them.

        Those that wait must be taken first then.
        """
        first, start = tensors[0], self._rows
        count = first.numel() // self._widths[0]
        if start + count > MOST_ROWS or not all_unwatched(*tensors):
            return False
        if not self._kept or first.device != self._kept[0].device:
            if start:
                return False
            self._kept = [torch.empty((MOST_ROWS, n), dtype=torch.float32, device=first.device) for n in self._widths]
        for kept, rows, width in zip(self._kept, tensors, self._widths, strict=True):
            if rows.is_cpu and rows.is_contiguous() and rows.numel() == count * width:
                memmove(kept.data_ptr() + start * width * _BYTES, rows.data_ptr(), count * width * _BYTES)
            else:
                kept[start : start + count] = rows.detach().reshape(count, width)
        self._rows = start + count
        return True

    def take(self) -> list[Tensor] | None:
        """What waits, as (k, n) each, until rows are added again; None where nothing does. Nothing waits any more."""
        count, self._rows = self._rows, 0
        return [kept[:count] for kept in self._kept] if count else None
