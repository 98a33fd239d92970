"""The torch operator `symc::evaluate`: the compiled equations, known to autograd, vmap, torch.compile and torch.export.

One operator serves the values and every derivative, told by its path (symc.load.paths): its gradient is the path one
step further backwards, its forward derivative one step further forwards. Derivatives are therefore exact to any order,
from code generated from the equations, and a step costs a small multiple of what it differentiates.

torch reaches an operator through some fifty microseconds of Python; `recorded` goes around that where nothing but a
gradient watches.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.autograd import forward_ad

from symc.errors import SymcError
from symc.load import layers, runner
from symc.load.paths import BACKWARDS, FORWARDS, JACOBIAN
from symc.load.runner import Runner
from symc.unwatched import is_batched, unwatched

# torch has no public question for "does torch.func transform this call".
_transforms_active = torch._C._are_functorch_transforms_active


def _cpu(x: Tensor, along: Tensor | None, digest: str, path: str, n_in: int, n_out: int) -> Tensor:
    """x (..., n_in), and for a path with a direction along (..., n) -> (..., n_out), on x's device.

    All are float32, or float64 where the bundle is in double precision.
    """
    run = runner.registered(digest)
    rows, direction = _rows(run, x, along, path, n_in, n_out)
    if direction is not None and run.by_jacobian(path, on_device=False):
        return _by_jacobian(_cpu, rows, direction, digest, n_in, n_out).reshape(_shape(x, n_out))
    call = run.pointers(path)
    if call is None:
        y = run.host(rows.numpy(), path, None if direction is None else direction.numpy())
        # Shaped by numpy: torch's reshape would make a view, which autograd lets nobody change in place.
        return torch.from_numpy(np.ascontiguousarray(y).reshape(_shape(x, n_out)))
    result = rows.new_empty(_shape(x, n_out))
    call(rows.data_ptr(), result.data_ptr(), len(rows))
    return result


evaluate = torch.library.custom_op("symc::evaluate", _cpu, mutates_args=(), device_types="cpu")


@evaluate.register_kernel("cuda")
def _cuda(x: Tensor, along: Tensor | None, digest: str, path: str, n_in: int, n_out: int) -> Tensor:
    run = runner.registered(digest)
    rows, direction = _rows(run, x, along, path, n_in, n_out)
    if direction is not None and run.by_jacobian(path, on_device=True):
        return _by_jacobian(_cuda, rows, direction, digest, n_in, n_out).reshape(_shape(x, n_out))
    y = rows.new_empty(_shape(x, n_out))
    if len(rows):
        # 0: the values are not wanted.
        between = [] if direction is None else [direction.data_ptr(), 0]
        stream = torch.cuda.current_stream(x.device).cuda_stream
        run.device(x.device.index, path).launch([rows.data_ptr(), *between, y.data_ptr()], len(rows), stream)
    return y


@evaluate.register_fake
def _fake(x: Tensor, along: Tensor | None, digest: str, path: str, n_in: int, n_out: int) -> Tensor:
    _check(x, n_in)
    return x.new_empty(_shape(x, n_out))


def _setup_context(ctx: Any, inputs: tuple[Any, ...], output: Tensor) -> None:
    x, along, ctx.digest, ctx.path, ctx.n_in, ctx.n_out = inputs
    ctx.save_for_backward(x, along)
    ctx.save_for_forward(x, along)


def _backward(ctx: Any, grad: Tensor) -> tuple[Tensor | None, ...]:
    x, along = ctx.saved_tensors
    none = (None,) * 4
    if along is not None and runner.registered(ctx.digest).package.is_layered:
        return (*layers.pullback(x, along, grad, ctx.digest, ctx.path, transformable), *none)
    given = x if along is None else torch.cat((x, along), -1)
    gradient = transformable(given, grad, ctx.digest, ctx.path + BACKWARDS, given.shape[-1], given.shape[-1])
    if along is None:
        return (gradient, None, *none)
    return (gradient[..., : ctx.n_in], gradient[..., ctx.n_in :], *none)


evaluate.register_autograd(_backward, setup_context=_setup_context)


@evaluate.register_vmap
def _vmap(
    info: Any, in_dims: tuple[int | None, ...], x: Tensor, along: Tensor | None, digest: str, path: str,
    n_in: int, n_out: int,
) -> tuple[Tensor, int]:  # fmt: skip
    return evaluate(*_batched(info, in_dims, x, along), digest, path, n_in, n_out), 0


class _Transformable(torch.autograd.Function):
    """The operator for torch.func and forward-mode derivatives, which reach no gradient registered on an operator."""

    @staticmethod
    def forward(x: Tensor, along: Tensor | None, digest: str, path: str, n_in: int, n_out: int) -> Tensor:
        return evaluate(x, along, digest, path, n_in, n_out)

    setup_context = staticmethod(_setup_context)
    backward = staticmethod(_backward)

    @staticmethod
    def jvp(ctx: Any, of_x: Tensor | None, of_along: Tensor | None, *_: None) -> Tensor:
        x, along = ctx.saved_tensors
        tangent = torch.zeros_like(x) if of_x is None else of_x
        if along is None:
            return transformable(x, tangent, ctx.digest, ctx.path + FORWARDS, ctx.n_in, ctx.n_out)
        beside = torch.zeros_like(along) if of_along is None else of_along
        if runner.registered(ctx.digest).package.is_layered:
            return layers.pushforward(x, along, tangent, beside, ctx.digest, ctx.path, transformable)
        given, direction = torch.cat((x, along), -1), torch.cat((tangent, beside), -1)
        return transformable(given, direction, ctx.digest, ctx.path + FORWARDS, given.shape[-1], ctx.n_out)

    @staticmethod
    def vmap(
        info: Any, in_dims: tuple[int | None, ...], x: Tensor, along: Tensor | None, digest: str, path: str,
        n_in: int, n_out: int,
    ) -> tuple[Tensor, int]:  # fmt: skip
        return transformable(*_batched(info, in_dims, x, along), digest, path, n_in, n_out), 0


def transformable(x: Tensor, along: Tensor | None, digest: str, path: str, n_in: int, n_out: int) -> Tensor:
    """`evaluate` in whatever form the transforms that are active need."""
    forwards = forward_ad._current_level >= 0
    if forwards and torch.compiler.is_compiling():
        # torch's compiler would make zeros of them; what it cannot compile it runs in eager mode.
        torch._dynamo.graph_break("forward-mode derivatives of a symc bundle")
    if forwards or _transforms_active():
        return _Transformable.apply(x, along, digest, path, n_in, n_out)
    return evaluate(x, along, digest, path, n_in, n_out)


def recorded(x: Tensor, digest: str, n_in: int, n_out: int) -> Tensor:
    """`evaluate` of the values at x (..., n_in), that is on the CPU and that nothing but its gradient watches
    (symc.unwatched)."""
    result: Tensor = _Recorded.apply(x, digest, n_in, n_out)  # type: ignore[no-untyped-call]
    return result


class _Recorded(torch.autograd.Function):
    """The values as one node of autograd; what is differentiated again, or watched, goes through the operator."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, digest: str, n_in: int, n_out: int) -> Tensor:
        ctx.save_for_backward(x)
        ctx.digest, ctx.n_in = digest, n_in
        return _cpu(x, None, digest, "", n_in, n_out)

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor | None, ...]:
        (x,), (v,) = ctx.saved_tensors, gradients
        again = torch.is_grad_enabled() or torch.compiler.is_compiling()
        run = transformable if again or not unwatched(v) or is_batched(v) else _cpu
        return run(x, v, ctx.digest, BACKWARDS, ctx.n_in, ctx.n_in), None, None, None


def _batched(
    info: Any, in_dims: tuple[int | None, ...], x: Tensor, along: Tensor | None
) -> tuple[Tensor, Tensor | None]:
    """Every leading dimension is a batch already: that of vmap becomes the first, of what lacks it by repetition."""

    def moved(tensor: Tensor, dim: int | None) -> Tensor:
        return tensor.expand(info.batch_size, *tensor.shape) if dim is None else tensor.movedim(dim, 0)

    return moved(x, in_dims[0]), None if along is None else moved(along, in_dims[1])


def _by_jacobian(
    kernel: Callable[..., Tensor], x: Tensor, v: Tensor, digest: str, n_in: int, n_out: int
) -> Tensor:  # fmt: skip
    """v (n, outputs) times the Jacobian at x: the products of the outputs in turn, so that no device sums otherwise."""
    partials = kernel(x, None, digest, JACOBIAN, n_in, v.shape[-1] * n_in).unflatten(-1, (v.shape[-1], n_in))
    total = v[:, 0, None] * partials[:, 0]
    for o in range(1, v.shape[-1]):
        total = total + v[:, o, None] * partials[:, o]
    return total


def _rows(
    run: Runner, x: Tensor, along: Tensor | None, path: str, n_in: int, n_out: int
) -> tuple[Tensor, Tensor | None]:
    """The inputs and the direction as compiled code reads them: a wrong width would be memory read out of bounds."""
    _check(x, n_in)
    _check_dtype(x, run)
    sizes = (n_in, 0 if along is None else along.shape[-1], n_out)
    if sizes != run.sizes(path):
        name = run.package.name
        raise SymcError(f"path {path!r} of {name} takes, along and gives {run.sizes(path)} values, not {sizes}")
    rows = x.detach().reshape(-1, n_in).contiguous()
    if along is None:
        return rows, None
    if along.dtype is not x.dtype or along.shape[:-1] != x.shape[:-1]:
        raise SymcError(f"a direction of {tuple(along.shape)}, {along.dtype}, does not fit inputs of {tuple(x.shape)}")
    return rows, along.detach().reshape(len(rows), along.shape[-1]).contiguous()


def _check(x: Tensor, n_in: int) -> None:
    if x.dtype not in (torch.float32, torch.float64):
        raise SymcError(f"symc::evaluate takes float32 tensors, not {x.dtype}")
    if x.dim() == 0 or x.shape[-1] != n_in:
        raise SymcError(f"the last dimension must be {n_in} wide, the input has shape {tuple(x.shape)}")


def _check_dtype(x: Tensor, run: Runner) -> None:
    """Another size of numbers would be memory read out of bounds."""
    name = run.package.format.name
    if x.dtype is not getattr(torch, name):
        raise SymcError(f"symc::evaluate takes {name} tensors for {run.package.name}, not {x.dtype}")


def _shape(x: Tensor, n_out: int) -> tuple[int, ...]:
    return (*x.shape[:-1], n_out)
