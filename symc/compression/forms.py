"""Forms: what may take a block's place, as modules of torch that can be trained and be written as layered programs."""

from __future__ import annotations

from abc import ABC, abstractmethod

import torch
from torch import Tensor, nn

from symc.compression.inner import Inner, names
from symc.errors import SymcError
from symc.ir.layered import Affine, Layered


class Form(nn.Module, ABC):
    """Rows (..., n_in) -> (..., n_out); `label` names it in tables."""

    label: str

    @abstractmethod
    def multiply_adds(self) -> int:
        """Of one row, those of the equations included."""

    def settle(self) -> None:
        """Make constants exactly what the written form says."""

    def layered(self) -> tuple[Layered, tuple[str, ...]]:
        """As a layered program, and the texts of its equations."""
        raise SymcError(f"{self.label}: a constant has no equations to build", hint="Delete the block outright.")


class Constant(Form):
    """The same answer for every row: zero is deleting the block."""

    def __init__(self, value: Tensor, label: str) -> None:
        super().__init__()
        self.label = label
        self.value = nn.Parameter(value.float())

    def forward(self, x: Tensor) -> Tensor:
        return self.value.to(x.dtype).expand(*x.shape[:-1], -1)

    def multiply_adds(self) -> int:
        return 0


class Bottleneck(Form):
    """y = expand(inner(project(x))) + direct x; matrices in float64 or float32, (rows, columns)."""

    def __init__(
        self,
        label: str,
        project: tuple[Tensor, Tensor],
        inner: Inner,
        expand: tuple[Tensor, Tensor],
        direct: Tensor | None = None,
    ) -> None:
        super().__init__()
        self.label, self.inner = label, inner
        self.project, self.expand = _linear(*project), _linear(*expand)
        self.direct = None if direct is None else nn.Parameter(direct.float().contiguous())

    def forward(self, x: Tensor) -> Tensor:
        y = self.expand(self.inner(self.project(x)))
        return y if self.direct is None else y + x @ self.direct.T

    def multiply_adds(self) -> int:
        matrices = [self.project.weight, self.expand.weight, *([] if self.direct is None else [self.direct])]
        return sum(m.numel() for m in matrices) + self.inner.cost()

    def settle(self) -> None:
        self.inner.settle()

    def layered(self) -> tuple[Layered, tuple[str, ...]]:
        program = Layered(
            names("x", self.project.in_features),
            names("y", self.expand.out_features),
            _affine(self.project),
            self.inner.program(),
            _affine(self.expand),
            None if self.direct is None else self.direct.detach().cpu().numpy(),
        )
        return program.check(), self.inner.texts()


class ThroughBlock(Form):
    """The control of a bottleneck: the input rebuilt from its coordinates, the original block, and its output's
    coordinates alone. It says how good any equations between the same coordinates could hope to be; it saves nothing.
    """

    def __init__(
        self,
        label: str,
        block: nn.Module,
        input_filter: tuple[Tensor, Tensor],
        output_filter: tuple[Tensor, Tensor],
        cost: int,
    ) -> None:
        super().__init__()
        self.label, self._cost = label, cost
        # In a list, so that the original's parameters are not this form's own.
        self._block = [block]
        like = next(block.parameters(), torch.zeros(()))
        self._filters = tuple(t.to(like) for t in (*input_filter, *output_filter))

    def forward(self, x: Tensor) -> Tensor:
        rebuild, rebuilt_offset, keep, kept_offset = self._filters
        return self._block[0](x @ rebuild.T + rebuilt_offset) @ keep.T + kept_offset

    def multiply_adds(self) -> int:
        return self._cost


def _linear(weight: Tensor, bias: Tensor) -> nn.Linear:
    made = nn.Linear(weight.shape[1], weight.shape[0])
    with torch.no_grad():
        made.weight.copy_(weight)
        made.bias.copy_(bias)
    return made


def _affine(part: nn.Linear) -> Affine:
    return Affine(part.weight.detach().cpu().numpy(), part.bias.detach().cpu().numpy())
