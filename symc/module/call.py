"""One call of a block: its tensors as rows, and how to call again with other rows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch

from symc.capture.layout import Layout


class Call:
    """The arguments of one call of a block; `x` (..., n_in) are its tensors side by side.

    `dims` are the columns of the block's output that have equations, () all of them.
    Raises SymcError when the tensors are not as many as those that were recorded.
    """

    def __init__(
        self, args: tuple[Any, ...], kwargs: dict[str, Any], layout: Layout, dims: tuple[int, ...] = ()
    ) -> None:
        self.args, self.kwargs, self.layout, self.dims = args, kwargs, layout, dims
        self.given = [a for a in (*args, *kwargs.values()) if isinstance(a, (torch.Tensor, np.ndarray))]
        self.x = layout.rows([a if isinstance(a, torch.Tensor) else torch.as_tensor(a) for a in self.given])

    def again(self, block: Callable[..., Any], x: torch.Tensor) -> torch.Tensor:
        """What `block` answers for the same arguments with the rows `x`: the columns that have equations."""
        return self.distilled(self._again(block, x))

    def distilled(self, answer: Any) -> torch.Tensor:
        """Of the block's answer the columns that have equations."""
        columns = self._columns(answer)
        return columns[..., list(self.dims)] if self.dims else columns

    def completed(self, block: Callable[..., Any], y: torch.Tensor) -> torch.Tensor:
        """(..., n_out): `y` in the columns that have equations, and what `block` answers in all others."""
        if not self.dims:
            return y
        columns = self._columns(self._again(block, self.x))
        return columns.index_copy(-1, torch.tensor(self.dims, device=columns.device), y.to(columns.dtype))

    def _again(self, block: Callable[..., Any], x: torch.Tensor) -> Any:
        parts = iter(self.layout.split(x))

        def swapped(value: Any) -> Any:
            if isinstance(value, np.ndarray):
                return next(parts).numpy().astype(value.dtype)
            return next(parts).to(value.dtype) if isinstance(value, torch.Tensor) else value

        return block(*map(swapped, self.args), **{k: swapped(v) for k, v in self.kwargs.items()})

    def _columns(self, answer: Any) -> torch.Tensor:
        return self.layout.columns(torch.as_tensor(answer) if isinstance(answer, np.ndarray) else answer)

    def returned(self, y: torch.Tensor) -> Any:
        """(..., n_out) as the block would return it."""
        answer = self.layout.answer(y)
        return answer.numpy() if isinstance(answer, torch.Tensor) and isinstance(self.given[0], np.ndarray) else answer
