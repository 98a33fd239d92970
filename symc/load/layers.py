"""Derivatives of a layered bundle: its matrices in torch around the derivatives of the equations between them.

Unlike the values, which are the compiled code's to the bit, these are torch's sums of products.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from symc.errors import SymcError
from symc.ir.layered import Layered
from symc.load import runner

# (x, digest, order, n_in, n_out) -> the values (order 0) or derivatives of a program, as torch_ops.transformable.
Evaluate = Callable[[Tensor, str, int, int, int], Tensor]


@torch.library.custom_op("symc::matrix", mutates_args=())
def matrix(digest: str, part: str, rows: int, columns: int, device: torch.device) -> Tensor:
    """The (rows, columns) matrix called `part` of the layered bundle `digest`; an operator, so that traces hold it."""
    held = runner.registered(digest).matrices
    if (part, device) not in held:
        program = _layered(digest)
        found = {"project": program.project.weight, "bias": program.project.bias[None], "expand": program.expand.weight}
        values = program.direct if part == "direct" else found[part]
        assert values is not None
        with torch.inference_mode(False):
            held[part, device] = torch.tensor(values, device=device)
    # A copy, because compiled code may reuse what an operator returns; on the device, where it waits for nothing.
    return held[part, device].clone()


@matrix.register_fake
def _fake(digest: str, part: str, rows: int, columns: int, device: torch.device) -> Tensor:
    return torch.empty((rows, columns), device=device)


def pullback(x: Tensor, grad: Tensor, digest: str, evaluate: Evaluate) -> Tensor:
    """The gradient by x (..., n_in) of a sum of outputs weighted by grad (..., n_out); itself differentiable."""
    program = _layered(digest)
    partials = _partials(x, digest, program, evaluate)
    values = grad @ _matrix(digest, "expand", program, x.device)
    coordinates = (values.unsqueeze(-1) * partials).sum(dim=-2)
    result = coordinates @ _matrix(digest, "project", program, x.device)
    if program.direct is not None:
        result = result + grad @ _matrix(digest, "direct", program, x.device)
    return result


def jacobian(x: Tensor, digest: str, order: int, evaluate: Evaluate) -> Tensor:
    """(..., n_out, n_in): the derivatives at x (..., n_in). SymcError for an order above the first."""
    if order != 1:
        raise SymcError(
            "a layered bundle has no table of second derivatives",
            hint="Differentiate its gradient: torch.autograd.grad(..., create_graph=True).",
        )
    program = _layered(digest)
    partials = _partials(x, digest, program, evaluate)
    around = _matrix(digest, "expand", program, x.device) @ partials @ _matrix(digest, "project", program, x.device)
    return around if program.direct is None else around + _matrix(digest, "direct", program, x.device)


def _partials(x: Tensor, digest: str, program: Layered, evaluate: Evaluate) -> Tensor:
    """(..., n_h, n_z): the derivatives of the equations at the coordinates of x."""
    bias = matrix(digest, "bias", 1, program.project.n_out, x.device)[0]
    z = x @ _matrix(digest, "project", program, x.device).T + bias
    return evaluate(z, runner.core_digest(digest), 1, program.equations.n_in, program.equations.n_out)


def _matrix(digest: str, part: str, program: Layered, device: torch.device) -> Tensor:
    shapes = {"project": program.project.weight.shape, "expand": program.expand.weight.shape}
    rows, columns = shapes.get(part, (program.n_out, program.n_in))
    return matrix(digest, part, rows, columns, device)


def _layered(digest: str) -> Layered:
    program = runner.registered(digest).package.program
    assert isinstance(program, Layered)
    return program
