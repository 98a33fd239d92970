"""The torch operator `symc::evaluate`: the compiled equations, known to autograd, vmap, torch.compile and torch.export.

One operator serves the values (order 0), the Jacobian (order 1) and every further derivative, because the derivative of
order k is order k + 1. Its gradient is therefore exact to any order, from code generated from the equations.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.autograd import forward_ad

from symc.errors import SymcError
from symc.load import layers, runner

# torch has no public question for "does torch.func transform this call".
_transforms_active = torch._C._are_functorch_transforms_active


@torch.library.custom_op("symc::evaluate", mutates_args=(), device_types="cpu")
def evaluate(x: Tensor, digest: str, order: int, n_in: int, n_out: int) -> Tensor:
    """x (..., n_in) -> (..., n_out, n_in, ..., n_in) with `order` times n_in, on x's device.

    Both are float32, or float64 where the bundle is in double precision.
    """
    run = runner.registered(digest)
    _check_dtype(x, run)
    rows = _rows(x, n_in)
    if order and run.package.is_layered:
        return layers.jacobian(rows, digest, order, transformable).reshape(_shape(x, order, n_in, n_out))
    call = run.pointers(order)
    if call is None:
        y = np.ascontiguousarray(run.host(rows.numpy(), order))
        return torch.from_numpy(y).reshape(_shape(x, order, n_in, n_out))
    result = rows.new_empty(_shape(x, order, n_in, n_out))
    call(rows.data_ptr(), result.data_ptr(), len(rows))
    return result


@evaluate.register_kernel("cuda")
def _cuda(x: Tensor, digest: str, order: int, n_in: int, n_out: int) -> Tensor:
    run = runner.registered(digest)
    _check_dtype(x, run)
    rows = _rows(x, n_in)
    if order and run.package.is_layered:
        return layers.jacobian(rows, digest, order, transformable).reshape(_shape(x, order, n_in, n_out))
    y = rows.new_empty(_shape(x, order, n_in, n_out))
    if len(rows):
        run.device(x.device.index, order).launch(
            rows.data_ptr(), y.data_ptr(), len(rows), torch.cuda.current_stream(x.device).cuda_stream
        )
    return y


@evaluate.register_fake
def _fake(x: Tensor, digest: str, order: int, n_in: int, n_out: int) -> Tensor:
    _check(x, n_in)
    return x.new_empty(_shape(x, order, n_in, n_out))


def _setup_context(ctx: Any, inputs: tuple[Any, ...], output: Tensor) -> None:
    x, ctx.digest, ctx.order, ctx.n_in, ctx.n_out = inputs
    ctx.save_for_backward(x)
    ctx.save_for_forward(x)


def _backward(ctx: Any, grad: Tensor) -> tuple[Tensor | None, ...]:
    (x,) = ctx.saved_tensors
    if ctx.order == 0 and runner.registered(ctx.digest).package.is_layered:
        return layers.pullback(x, grad, ctx.digest, transformable), None, None, None, None
    if ctx.order == 0 and type(x) is Tensor and not (torch.is_grad_enabled() or _transforms_active()):
        # Nothing will be asked of this gradient's own derivatives: one pass backwards will do.
        pulled = _pulled(x, grad, ctx.digest)
        if pulled is not None:
            return pulled, None, None, None, None
    derivative = transformable(x, ctx.digest, ctx.order + 1, ctx.n_in, ctx.n_out)
    # A sum of products, not a matmul: no reduced-precision mode of the GPU can touch it.
    product = grad.unsqueeze(-1) * derivative
    return product.sum(dim=tuple(range(-2 - ctx.order, -1))), None, None, None, None


evaluate.register_autograd(_backward, setup_context=_setup_context)


@evaluate.register_vmap
def _vmap(
    info: Any, in_dims: tuple[int | None, ...], x: Tensor, digest: str, order: int, n_in: int, n_out: int
) -> tuple[Tensor, int]:
    # Every leading dimension is a batch already.
    return evaluate(x.movedim(in_dims[0] or 0, 0), digest, order, n_in, n_out), 0


class _Transformable(torch.autograd.Function):
    """The operator for torch.func and forward-mode derivatives, which reach no gradient registered on an operator."""

    @staticmethod
    def forward(x: Tensor, digest: str, order: int, n_in: int, n_out: int) -> Tensor:
        return evaluate(x, digest, order, n_in, n_out)

    setup_context = staticmethod(_setup_context)
    backward = staticmethod(_backward)

    @staticmethod
    def jvp(ctx: Any, tangent: Tensor, *_: None) -> Tensor:
        (x,) = ctx.saved_tensors
        derivative = transformable(x, ctx.digest, ctx.order + 1, ctx.n_in, ctx.n_out)
        return (derivative * tangent.reshape(*tangent.shape[:-1], *(1,) * (ctx.order + 1), ctx.n_in)).sum(dim=-1)

    @staticmethod
    def vmap(
        info: Any, in_dims: tuple[int | None, ...], x: Tensor, digest: str, order: int, n_in: int, n_out: int
    ) -> tuple[Tensor, int]:
        return transformable(x.movedim(in_dims[0] or 0, 0), digest, order, n_in, n_out), 0


def transformable(x: Tensor, digest: str, order: int, n_in: int, n_out: int) -> Tensor:
    """`evaluate` in whatever form the transforms that are active need."""
    if not torch.compiler.is_compiling() and (_transforms_active() or forward_ad._current_level >= 0):
        return _Transformable.apply(x, digest, order, n_in, n_out)
    return evaluate(x, digest, order, n_in, n_out)


def _pulled(x: Tensor, grad: Tensor, digest: str) -> Tensor | None:
    """The gradient by the bundle's NAME_vjp, of x's shape; None where it has none, or the Jacobian is faster."""
    run = runner.registered(digest)
    if x.device.type != "cpu" or not run.pulls_back:
        return None
    rows, weights = x.detach().reshape(-1, run.n_in), grad.detach().reshape(-1, run.n_out)
    return torch.from_numpy(run.pull_back(rows.numpy(), weights.numpy())).reshape(x.shape)


def _rows(x: Tensor, n_in: int) -> Tensor:
    _check(x, n_in)
    return x.detach().reshape(-1, n_in).contiguous()


def _check(x: Tensor, n_in: int) -> None:
    if x.dtype not in (torch.float32, torch.float64):
        raise SymcError(f"symc::evaluate takes float32 tensors, not {x.dtype}")
    if x.dim() == 0 or x.shape[-1] != n_in:
        raise SymcError(f"the last dimension must be {n_in} wide, the input has shape {tuple(x.shape)}")


def _check_dtype(x: Tensor, run: runner.Runner) -> None:
    """Another size of numbers would be memory read out of bounds."""
    name = run.package.format.name
    if x.dtype is not getattr(torch, name):
        raise SymcError(f"symc::evaluate takes {name} tensors for {run.package.name}, not {x.dtype}")


def _shape(x: Tensor, order: int, n_in: int, n_out: int) -> tuple[int, ...]:
    return (*x.shape[:-1], n_out, *(n_in,) * order)
