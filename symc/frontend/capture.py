"""Capture: run a network and record what flows through one of its blocks, leaving everything as it was found."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray
from torch import nn

from symc.errors import SymcError
from symc.frontend.dataset import Dataset
from symc.frontend.inputs import Inputs, as_inputs, count
from symc.frontend.layers import expected_width, find_layer
from symc.frontend.layout import Layout, described

Block = nn.Module | Callable[..., Any]


@dataclass(frozen=True)
class Recording:
    """Rows that went through a block: x (n, n_in) and y (n, n_out) float32 in the order of the calls.

    `layout` says which columns belong to which tensor. `epsilon` is the rounding unit of the inputs' dtype as the block
    received them.
    """

    x: NDArray[np.float32]
    y: NDArray[np.float32]
    layout: Layout
    epsilon: float = 0.0

    def box(self, domain: ArrayLike) -> NDArray[np.float32]:
        """The domain (n_in, 2), widened to those samples that left it when they were rounded to half precision."""
        box = np.array(domain, dtype=np.float32)
        if box.shape == (self.x.shape[1], 2):
            slack = self.epsilon * np.abs(box).max(axis=1)
            low, high = self.x.min(axis=0), self.x.max(axis=0)
            box[:, 0] = np.where(box[:, 0] - low <= slack, np.minimum(low, box[:, 0]), box[:, 0])
            box[:, 1] = np.where(high - box[:, 1] <= slack, np.maximum(high, box[:, 1]), box[:, 1])
        return box


def capture(
    model: Block,
    layer: str | nn.Module | None,
    inputs: Any,
    *,
    seed: int = 0,
    heldout: float = 0.2,
    features: Sequence[str] | None = None,
    outputs: Sequence[str] | None = None,
    domain: ArrayLike | None = None,
) -> Dataset:
    """Run `model` on `inputs` and return what went through `layer` (None: through the model itself) as a Dataset.

    model: an nn.Module, or any function of one tensor (then layer must be None).
    layer: name of a submodule as in named_modules(), or the submodule itself.
    inputs: an array or tensor (..., n_in), a tuple or dict of the model's arguments, or what read_inputs returns.
    Raises SymcError as record does, and for an unknown layer, naming the nearest.
    """
    block = find_layer(model, layer) if isinstance(layer, str) else layer
    rows = record(model, block, inputs)
    box = None if domain is None else rows.box(domain)
    return Dataset.from_samples(
        rows.x, rows.y, features=features, outputs=outputs, heldout=heldout, seed=seed, domain=box
    )


def record(model: Block, block: nn.Module | None, inputs: Any) -> Recording:
    """Run `model` once and record every call of `block` (None, or the model: the run itself).

    The training flags of all modules, their device and their dtype are as before afterwards, and no hook is left,
    also when the network raises. The inputs are moved to the network's device; floating inputs take the network's
    dtype where it has one. Half-precision and GPU activations come back as float32 on the CPU.
    Raises SymcError when the network refuses the inputs, the block is never called, or the block does not map floating
    tensors (..., n) row by row to floating tensors (..., n).
    """
    given = as_inputs(inputs)
    modules = [m for m in (model, block) if isinstance(m, nn.Module)]
    with evaluating(*modules), _uncompiled(), torch.no_grad():
        # no_grad, not inference_mode: a cache that the network fills (rotary embeddings) must stay usable in training.
        args, kwargs = place(given, model)
        if block is None or block is model:
            entered = _Call.entering(args, kwargs)
            calls = [entered.leaving(run_network(model, args, kwargs))]
        else:
            calls = _calls_of(block, lambda: run_network(model, args, kwargs))
        if not calls:
            raise SymcError(
                "the block is never called while the network runs",
                hint="Pass as parent the network that calls it, or another layer. A call of block.forward is not seen.",
            )
        runner = model if block is None else block
        rows = [_rows(call) for call in calls]
        _check_row_by_row(runner, calls[0], rows[0].layout)
    layouts = {r.layout: r for r in rows}
    if len(layouts) > 1:
        found = ", ".join(sorted(f"{r.x.shape[1]} -> {r.y.shape[1]}" for r in layouts.values()))
        raise SymcError(f"the block is called with different widths: {found}", hint="Wrap a part with one shape.")
    x, y = (np.concatenate([getattr(r, name) for r in rows]) for name in ("x", "y"))
    return Recording(x, y, rows[0].layout, rows[0].epsilon)


@contextlib.contextmanager
def evaluating(*modules: nn.Module) -> Iterator[None]:
    """Set the training flag of every submodule to False; put each flag back as it was on the way out.

    The flags are set directly: train() and eval() may be overridden to do more (merge weights), which is not undone.
    """
    found = [(m, m.training) for root in modules for m in root.modules()]
    try:
        for module, _ in found:
            module.training = False
        yield
    finally:
        for module, flag in found:
            module.training = flag


@contextlib.contextmanager
def _uncompiled() -> Iterator[None]:
    """Run code under torch.compile as it is written: compiled code does not see a hook added later."""
    if "torch._dynamo" in sys.modules:
        with torch.compiler.set_stance("force_eager"):
            yield
    else:
        yield


@dataclass(frozen=True)
class _Call:
    """One call of a block with CPU copies of its tensors: blocks may work in place, and so may their callers."""

    args: tuple[Any, ...]
    kwargs: dict[str, Any]
    device: torch.device
    output: Any = None

    @classmethod
    def entering(cls, args: tuple[Any, ...], kwargs: dict[str, Any]) -> _Call:
        devices = [a.device for a in [*args, *kwargs.values()] if isinstance(a, torch.Tensor)]
        device = devices[0] if devices else torch.device("cpu")
        return cls(tuple(map(_copied, args)), {k: _copied(v) for k, v in kwargs.items()}, device)

    def leaving(self, output: Any) -> _Call:
        return replace(self, output=_copied(output))


def _copied(value: Any) -> Any:
    if isinstance(value, np.ndarray):
        return torch.tensor(value)
    if type(value) is dict:
        return {key: _copied(v) for key, v in value.items()}
    if type(value) in (tuple, list):
        return type(value)(map(_copied, value))
    return value.detach().to("cpu", copy=True) if isinstance(value, torch.Tensor) else value


def _calls_of(block: nn.Module, run: Callable[[], Any]) -> list[_Call]:
    calls: list[_Call] = []
    open_calls: list[_Call] = []

    def enter(module: nn.Module, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        open_calls.append(_Call.entering(args, kwargs))

    def leave(module: nn.Module, args: tuple[Any, ...], kwargs: dict[str, Any], output: Any) -> None:
        calls.append(open_calls.pop().leaving(output))

    try:
        handles = [block.register_forward_pre_hook(enter, with_kwargs=True)]
    except RuntimeError:
        raise SymcError(
            "a layer inside TorchScript cannot be observed",
            hint="Load the network from Python or as .pt2, or save the layer by itself.",
        ) from None
    try:
        handles.append(block.register_forward_hook(leave, with_kwargs=True))
        run()
    finally:
        for handle in handles:
            handle.remove()
    return calls


def place(given: Inputs, model: Block) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """The inputs as tensors on the network's device; floating ones in its dtype, if all its weights share one."""
    device, dtype = torch.device("cpu"), torch.float32
    if isinstance(model, nn.Module):
        weights = [*model.parameters(), *model.buffers()]
        devices = {w.device for w in weights}
        dtypes = {w.dtype for w in weights if w.is_floating_point()}
        device = devices.pop() if len(devices) == 1 else device
        dtype = dtypes.pop() if len(dtypes) == 1 else dtype
    width = expected_width(model)

    def placed(array: NDArray) -> torch.Tensor:
        tensor = torch.from_numpy(np.ascontiguousarray(array))
        if tensor.ndim == 1 and width == 1:
            tensor = tensor[:, None]
        if not tensor.is_floating_point():
            # Whole numbers stay so for a network that looks them up; any other reads a table of them as values.
            return tensor.to(device) if width is None and isinstance(model, nn.Module) else tensor.to(device, dtype)
        return tensor.to(device, dtype)

    return tuple(map(placed, given.args)), {name: placed(array) for name, array in given.kwargs.items()}


def run_network(model: Block, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """model(*args, **kwargs); SymcError naming the shapes when it raises."""
    try:
        return model(*args, **kwargs)
    except SymcError:
        raise
    # Whatever the user's network raises on the user's inputs is reported with both named.
    except Exception as error:
        shapes = ", ".join(str(tuple(a.shape)) for a in [*args, *kwargs.values()])
        width = expected_width(model)
        last = [a.shape[-1] for a in args[:1] if a.ndim]
        if width is not None and last and last[0] != width:
            what = f"the inputs have {count(last[0], 'column')}, but the network's first layer takes {width}"
            raise SymcError(f"{what} (inputs of shape {shapes})", hint="Give one column per input.") from error
        first = (str(error).strip() or repr(error)).splitlines()[0]
        raise SymcError(
            f"the network fails on inputs of shape {shapes}: {type(error).__name__}: {first}",
            hint="Pass the inputs that the network itself takes.",
        ) from error


def _rows(call: _Call) -> Recording:
    inputs = _inputs_of(call)
    layout = Layout.of(inputs, call.output)
    x, y = layout.rows(inputs), layout.columns(call.output)
    return Recording(_table(x), _table(y), layout, max(torch.finfo(t.dtype).eps for t in inputs))


def _table(tensor: torch.Tensor) -> NDArray[np.float32]:
    return tensor.float().reshape(-1, tensor.shape[-1]).numpy()


def _inputs_of(call: _Call) -> list[torch.Tensor]:
    given = [*call.args, *call.kwargs.values()]
    tensors = [a for a in given if isinstance(a, torch.Tensor)]
    if not tensors or not all(t.is_floating_point() and t.ndim for t in tensors):
        shown = ", ".join(map(described, given)) or "nothing"
        raise SymcError(
            f"the block is called with {shown}, need floating tensors (..., n)",
            hint="Wrap a part of the network that treats each row alone.",
        )
    return tensors


def _check_row_by_row(block: Block, call: _Call, layout: Layout) -> None:
    """Raise SymcError unless rows drawn anew from those recorded, some twice, each give the output they gave before.

    An attention layer, a convolution or a noisy block fails this, and so does one that only looks at the set of rows
    (a softmax over the batch); an equation could not stand in for it.
    """
    n = layout.rows(_inputs_of(call))[..., 0].numel()
    if n < 2:
        return
    drawn = torch.from_numpy((np.random.PCG64(0).random_raw(n) % np.uint64(n)).astype(np.int64))

    def redrawn(t: torch.Tensor) -> torch.Tensor:
        return t.reshape(n, -1)[drawn].reshape(t.shape)

    def swapped(value: Any) -> Any:
        return redrawn(value).to(call.device) if isinstance(value, torch.Tensor) else value

    kwargs = {k: swapped(v) for k, v in call.kwargs.items()}
    output = _copied(run_network(block, tuple(map(swapped, call.args)), kwargs))
    columns = layout.columns(call.output)
    want, got = redrawn(columns).double(), layout.columns(output).double()
    epsilon = torch.finfo(columns.dtype).eps
    finite = want.isfinite()
    size = want.abs().where(finite, 0).reshape(n, -1)
    # Rows in another place may take other paths through a matrix product. The square root of epsilon, relative to the
    # column, is far above that rounding and far below any real dependence.
    tolerance = (epsilon**0.5 * size.amax(dim=0)).expand(n, -1).reshape(want.shape)
    if got.shape != want.shape or bool(((got - want).abs() > tolerance)[finite].any()):
        raise SymcError(
            "the block's rows depend on each other, on their order or on chance, so no equation of one row fits",
            hint="Wrap a part that treats each row alone (the layers beside an attention or a convolution).",
        )

