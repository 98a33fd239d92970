"""Derivatives of a layered bundle's derivatives: its matrices in torch around those of the equations between them.

The values and the derivatives along a direction are the compiled code's to the bit; what differentiates these, and the
table of all first derivatives, are torch's own sums of products.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from symc.ir.layered import Layered
from symc.load import runner
from symc.load.paths import BACKWARDS, FORWARDS, JACOBIAN, widths

# (x, direction, digest, path, n_in, n_out) -> what the path gives, as torch_ops.transformable.
Evaluate = Callable[[Tensor, Tensor | None, str, str, int, int], Tensor]


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


@dataclass(frozen=True)
class _Step:
    """A derivative along a direction as x and the direction times matrices, the equations' own between them, and times
    matrices again: (x inward + bias, direction beside) -> results outward + direction direct."""

    digest: str
    path: str
    program: Layered
    inward: Tensor
    bias: Tensor
    beside: Tensor
    outward: Tensor
    direct: Tensor | None

    def between(self, x: Tensor, along: Tensor) -> Tensor:
        return torch.cat((x @ self.inward + self.bias, along @ self.beside), -1)

    def core(self, given: Tensor, direction: Tensor, step: str, evaluate: Evaluate) -> Tensor:
        equations = self.program.equations
        n_out = widths(self.path + step, equations.n_in, equations.n_out)[1]
        core = runner.core_digest(self.digest)
        return evaluate(given, direction, core, self.path + step, given.shape[-1], n_out)


def pullback(
    x: Tensor, along: Tensor, grad: Tensor, digest: str, path: str, evaluate: Evaluate
) -> tuple[Tensor, Tensor]:
    """The gradients by x and by the direction of what the path "v" or "t" gives, weighted by grad; differentiable."""
    step = _step(digest, path, x.device)
    inner = step.core(step.between(x, along), grad @ step.outward.T, BACKWARDS, evaluate)
    n_z = step.inward.shape[1]
    of_along = inner[..., n_z:] @ step.beside.T
    if step.direct is not None:
        of_along = of_along + grad @ step.direct.T
    return inner[..., :n_z] @ step.inward.T, of_along


def pushforward(
    x: Tensor, along: Tensor, of_x: Tensor, of_along: Tensor, digest: str, path: str, evaluate: Evaluate
) -> Tensor:
    """The derivative of what the path "v" or "t" gives along directions of x and of its own direction."""
    step = _step(digest, path, x.device)
    direction = torch.cat((of_x @ step.inward, of_along @ step.beside), -1)
    result = step.core(step.between(x, along), direction, FORWARDS, evaluate) @ step.outward
    return result if step.direct is None else result + of_along @ step.direct


def jacobian(x: Tensor, digest: str, evaluate: Evaluate) -> Tensor:
    """(..., n_out, n_in): all derivatives at x (..., n_in); itself differentiable."""
    program = _layered(digest)
    project, expand = (_matrix(digest, part, program, x.device) for part in ("project", "expand"))
    n_z, n_h = program.equations.n_in, program.equations.n_out
    z = x @ project.T + matrix(digest, "bias", 1, n_z, x.device)[0]
    partials = evaluate(z, None, runner.core_digest(digest), JACOBIAN, n_z, n_h * n_z).unflatten(-1, (n_h, n_z))
    around = expand @ partials @ project
    return around if program.direct is None else around + _matrix(digest, "direct", program, x.device)


def _step(digest: str, path: str, device: torch.device) -> _Step:
    program = _layered(digest)
    project, expand = (_matrix(digest, part, program, device) for part in ("project", "expand"))
    direct = None if program.direct is None else _matrix(digest, "direct", program, device)
    bias = matrix(digest, "bias", 1, program.project.n_out, device)[0]
    if path == BACKWARDS:
        return _Step(digest, path, program, project.T, bias, expand, project, direct)
    return _Step(digest, path, program, project.T, bias, project.T, expand.T, None if direct is None else direct.T)


def _matrix(digest: str, part: str, program: Layered, device: torch.device) -> Tensor:
    shapes = {"project": program.project.weight.shape, "expand": program.expand.weight.shape}
    rows, columns = shapes.get(part, (program.n_out, program.n_in))
    return matrix(digest, part, rows, columns, device)


def _layered(digest: str) -> Layered:
    program = runner.registered(digest).package.program
    assert isinstance(program, Layered)
    return program
