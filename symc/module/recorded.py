"""A few rows whose gradient is recorded, in numpy: one node of autograd in the place of one for each operator."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import Any

import numpy as np
import torch
from torch import Tensor

from symc.ir.directional import vjp
from symc.ir.passes import drop_dead
from symc.ir.program import Program
from symc.module.few_rows import FewRows
from symc.unwatched import is_batched, unwatched

# Where these have a corner or a step, torch has its own idea of the derivative, which stays the one that is recorded.
_CORNERS = frozenset(
    {
        *("abs", "min", "max", "relu", "select", "sign", "mod", "floor", "ceil", "round", "trunc"),
        *("lt", "le", "gt", "ge", "eq", "ne"),
    }
)


class Recorded:
    """A Program with values and gradients by numpy: x (..., n_in) float32 on the CPU -> (..., n_out).

    graph: the same by torch's operators, for derivatives that are differentiated again.
    """

    def __init__(self, program: Program, values: FewRows, graph: Callable[[Tensor], Tensor]) -> None:
        self._program = program
        self.values = values
        self.graph = graph
        self.is_smooth = not program.operators & _CORNERS

    def __call__(self, x: Tensor) -> Tensor:
        result: Tensor = _Node.apply(x, self)  # type: ignore[no-untyped-call]
        return result

    @cached_property
    def gradient(self) -> FewRows:
        """(x, v) -> v times the Jacobian at x."""
        both = vjp(self._program)
        n = self._program.n_out
        return FewRows(drop_dead(Program(both.inputs, both.outputs[n:], both.instructions, both.results[n:])))


class _Node(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: Tensor, equations: Recorded) -> Tensor:
        ctx.equations = equations
        ctx.save_for_backward(x)
        return torch.from_numpy(equations.values(x.detach().numpy()))

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, None]:
        (x,), (v,) = ctx.saved_tensors, gradients
        equations: Recorded = ctx.equations
        if not torch.is_grad_enabled() and unwatched(v) and not is_batched(v):
            both = np.concatenate([x.detach().numpy(), v.numpy()], axis=-1)
            return torch.from_numpy(equations.gradient(both)), None
        again = torch.is_grad_enabled()
        with torch.enable_grad():
            at = x if again else x.detach().requires_grad_()
            (found,) = torch.autograd.grad(equations.graph(at), at, v, create_graph=again)
        return found, None
