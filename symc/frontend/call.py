"""One call of a block: the tensor among its arguments, and how to call again with another one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch

from symc.errors import SymcError


class Call:
    """The arguments of one call of a block: its one tensor, and how to call again with another in its place."""

    def __init__(self, args: tuple[Any, ...], kwargs: dict[str, Any], squeezed: bool) -> None:
        self.args, self.kwargs, self.squeezed = args, kwargs, squeezed
        found = [a for a in (*args, *kwargs.values()) if isinstance(a, (torch.Tensor, np.ndarray))]
        if len(found) != 1:
            raise SymcError(f"the equations take one tensor, not {len(found)}")
        self.given = found[0]
        self.x = torch.as_tensor(self.given)

    def again(self, block: Callable[..., Any], x: torch.Tensor) -> Any:
        """What `block` answers for the same arguments with `x` as their tensor."""

        def swapped(value: Any) -> Any:
            if value is not self.given:
                return value
            return x.numpy() if isinstance(value, np.ndarray) else x

        return block(*map(swapped, self.args), **{name: swapped(v) for name, v in self.kwargs.items()})

    def columns(self, answer: Any) -> torch.Tensor:
        """The block's answer as (..., n_out)."""
        y = torch.as_tensor(answer)
        return y.unsqueeze(-1) if self.squeezed else y

    def returned(self, y: torch.Tensor) -> Any:
        """(..., n_out) as the block would return it."""
        y = y.squeeze(-1) if self.squeezed else y
        return y.numpy() if isinstance(self.given, np.ndarray) else y
