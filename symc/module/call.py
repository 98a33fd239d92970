"""One call of a block: its tensors as rows, and how to call again with some of them."""

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
        # What is asked of other calls takes as long as small equations.
        self.is_plain = len(args) == 1 and not kwargs and layout.is_plain and type(args[0]) is torch.Tensor
        if self.is_plain:
            self.x = args[0]
            return
        self.given = [a for a in (*args, *kwargs.values()) if isinstance(a, (torch.Tensor, np.ndarray))]
        self.x = layout.rows([a if isinstance(a, torch.Tensor) else torch.as_tensor(a) for a in self.given])

    def again(self, block: Callable[..., Any], items: torch.Tensor | None) -> torch.Tensor:
        """What `block` answers to the items (n,) bool of the first dimension, None all: what has equations of it."""
        return self.distilled(self._again(block, items))

    def distilled(self, answer: Any) -> torch.Tensor:
        """Of the block's answer the columns that have equations."""
        if self.is_plain and not self.dims and type(answer) is torch.Tensor and answer.is_floating_point():
            return answer
        columns = self._columns(answer)
        return columns[..., list(self.dims)] if self.dims else columns

    def completed(self, block: Callable[..., Any], y: torch.Tensor) -> torch.Tensor:
        """(..., n_out): `y` in the columns that have equations, and what `block` answers in all others."""
        if not self.dims:
            return y
        columns = self._columns(self._again(block))
        return columns.index_copy(-1, torch.tensor(self.dims, device=columns.device), y.to(columns.dtype))

    def _again(self, block: Callable[..., Any], items: torch.Tensor | None = None) -> Any:
        def of_items(value: Any) -> Any:
            if items is None or not isinstance(value, (torch.Tensor, np.ndarray)):
                return value
            return value[items if isinstance(value, torch.Tensor) else items.numpy()]

        return block(*map(of_items, self.args), **{k: of_items(v) for k, v in self.kwargs.items()})

    def _columns(self, answer: Any) -> torch.Tensor:
        return self.layout.columns(torch.as_tensor(answer) if isinstance(answer, np.ndarray) else answer)

    def returned(self, y: torch.Tensor) -> Any:
        """(..., n_out) as the block would return it."""
        if self.is_plain:
            return y
        answer = self.layout.answer(y)
        return answer.numpy() if isinstance(answer, torch.Tensor) and isinstance(self.given[0], np.ndarray) else answer
