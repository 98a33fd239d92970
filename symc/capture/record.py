"""Capture: run a network and record what flows through one of its blocks, leaving everything as it was found."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray
from torch import nn

from symc.capture.batches import runs
from symc.capture.dataset import Dataset
from symc.capture.ending import Watch
from symc.capture.inputs import Inputs
from symc.capture.layout import Layout
from symc.capture.observing import SeenCall, calls_of, copied, evaluating, seeded, uncompiled
from symc.capture.rows import Collector, Recording, inputs_of_call
from symc.capture.text_tables import count
from symc.errors import SymcError
from symc.models.layers import expected_width, find_layer

Block = nn.Module | Callable[..., Any]
MAX_NONFINITE = 0.01


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
    rows = record(model, block, inputs, seed=seed)
    box = None if domain is None else rows.box(domain)
    return Dataset.from_samples(
        rows.x,
        rows.y,
        features=features,
        outputs=outputs,
        heldout=heldout,
        seed=seed,
        domain=box,
        nonfinite=rows.nonfinite,
    )


def record(
    model: Block,
    block: nn.Module | None,
    inputs: Any,
    *,
    seed: int = 0,
    memory: str | int | None = None,
    max_nonfinite: float = MAX_NONFINITE,
    inputs_of: Callable[[Any], Any] | None = None,
    watched: bool = False,
) -> Recording:
    """Run `model` on every batch of `inputs` and record all calls of `block` (None, or the model: the runs themselves).

    inputs, inputs_of: see batches.runs. memory: bounds the rows that are kept, a uniform sample drawn by `seed`, as
    batches.most_rows reads it; the activations of one batch come on top. For a block that is called once in each run
    the sample does not depend on how the inputs are cut into batches. watched: look for the head that the block ends
    in, and record what goes into it too.

    Rows with a NaN or an infinity are left out. The training flags of all modules, their device and their dtype, and
    the states of torch's random generators are as before afterwards, and no hook is left, also when the network
    raises. The inputs are moved to the network's device; floating inputs take the network's dtype where it has one.
    Half-precision and GPU activations come back as float32 on the CPU.
    Raises SymcError when the network refuses the inputs, the block is never called, the block does not map floating
    tensors (..., n) row by row to floating tensors (..., n), or more than the share `max_nonfinite` of its rows is not
    finite.
    """
    modules = [m for m in (model, block) if isinstance(m, nn.Module)]
    _check_weights(modules)
    kept = Collector(memory, max_nonfinite, seed)
    checked = False
    watch = Watch()
    watching = watch if watched else contextlib.nullcontext()
    with evaluating(*modules), seeded(seed, *modules), uncompiled(), torch.no_grad(), watching:
        # no_grad, not inference_mode: a cache that the network fills (rotary embeddings) must stay usable in training.
        for given in runs(inputs, model, inputs_of):
            args, kwargs = place(given, model)
            if block is None or block is model:
                entered = SeenCall.entering(args, kwargs)
                watch.forget()
                output = run_network(model, args, kwargs)
                calls = [entered.leaving(output, watch.ending(output))]
            else:
                calls = calls_of(block, partial(run_network, model, args, kwargs), watch)
            for call in calls:
                layout = kept.add(call)
                if not checked:
                    checked = _check_row_by_row(model if block is None else block, call, layout)
    return kept.recording()


def _check_weights(modules: Sequence[nn.Module]) -> None:
    for module in modules:
        for name, weight in [*module.named_parameters(), *module.named_buffers()]:
            if weight.is_meta:
                raise SymcError(
                    f"{name!r} is on the meta device, which holds no values",
                    hint="Load the network's weights on a CPU or a GPU first.",
                )


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


def _check_row_by_row(block: Block, call: SeenCall, layout: Layout) -> bool:
    """Raise SymcError unless rows drawn anew from those recorded, some twice, each give the output they gave before.

    Returns whether that could be told: not from a call with one row.
    An attention layer, a convolution or a noisy block fails this, and so does one that only looks at the set of rows
    (a softmax over the batch); an equation could not stand in for it.
    """
    n = layout.rows(inputs_of_call(call))[..., 0].numel()
    if n < 2:
        return False
    drawn = torch.from_numpy((np.random.PCG64(0).random_raw(n) % np.uint64(n)).astype(np.int64))

    def redrawn(t: torch.Tensor) -> torch.Tensor:
        return t.reshape(n, -1)[drawn].reshape(t.shape)

    def swapped(value: Any) -> Any:
        return redrawn(value).to(call.device) if isinstance(value, torch.Tensor) else value

    kwargs = {k: swapped(v) for k, v in call.kwargs.items()}
    output = copied(run_network(block, tuple(map(swapped, call.args)), kwargs))
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
    return True
