"""Seeing what a block is called with while its network runs, and leaving the network as it was found."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch
from torch import nn

from symc.capture.ending import UNSEEN, Ending, Watch
from symc.capture.records import Record, record_of
from symc.errors import SymcError


@dataclass(frozen=True)
class SeenCall:
    """One call of a block with CPU copies of its tensors: blocks may work in place, and so may their callers.

    `ending` says how the output was made, where that was watched.
    """

    args: tuple[Any, ...]
    kwargs: dict[str, Any]
    device: torch.device
    output: Any = None
    ending: Ending = UNSEEN

    @classmethod
    def entering(cls, args: tuple[Any, ...], kwargs: dict[str, Any]) -> SeenCall:
        """A call that did not return yet."""
        devices = [a.device for a in [*args, *kwargs.values()] if isinstance(a, torch.Tensor)]
        device = devices[0] if devices else torch.device("cpu")
        return cls(tuple(map(copied, args)), {k: copied(v) for k, v in kwargs.items()}, device)

    def leaving(self, output: Any, ending: Ending) -> SeenCall:
        """The call with what it returned, and how that was made."""
        return replace(self, output=copied(output), ending=replace(ending, logits=copied(ending.logits)))


def copied(value: Any) -> Any:
    """Tensors and arrays, also inside tuples, lists and dicts, as tensors on the CPU; anything else as it is.

    A record is taken apart: its class may do more than hold its fields when one is made.
    """
    if isinstance(value, np.ndarray):
        return torch.tensor(value)
    if type(value) is dict:
        return {key: copied(v) for key, v in value.items()}
    if type(value) in (tuple, list):
        return type(value)(map(copied, value))
    found = record_of(value)
    if found is not None:
        return Record(found.kind, {name: copied(v) for name, v in found.fields.items()})
    return value.detach().to("cpu", copy=True) if isinstance(value, torch.Tensor) else value


def calls_of(block: nn.Module, run: Callable[[], Any], watch: Watch) -> list[SeenCall]:
    """The calls of `block` while run() runs, in their order; no hook is left. SymcError for a layer of TorchScript.

    `watch` says how outputs were made, where it is entered.
    """
    calls: list[SeenCall] = []
    open_calls: list[SeenCall] = []

    def enter(module: nn.Module, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        open_calls.append(SeenCall.entering(args, kwargs))
        watch.forget()

    def leave(module: nn.Module, args: tuple[Any, ...], kwargs: dict[str, Any], output: Any) -> None:
        calls.append(open_calls.pop().leaving(output, watch.ending(output)))

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
def seeded(seed: int, *modules: nn.Module) -> Iterator[None]:
    """Seed torch's generators, of the CPU and of the modules' GPUs; put their states back on the way out.

    A network that draws numbers, and a loader that shuffles, then repeat.
    """
    gpus = sorted({p.device.index for m in modules for p in m.parameters() if p.device.type == "cuda"})
    with torch.random.fork_rng(devices=gpus):
        torch.default_generator.manual_seed(seed)
        for gpu in gpus:
            torch.cuda.default_generators[gpu].manual_seed(seed)
        yield


@contextlib.contextmanager
def uncompiled() -> Iterator[None]:
    """Run code under torch.compile as it is written: compiled code does not see a hook added later."""
    if "torch._dynamo" in sys.modules:
        with torch.compiler.set_stance("force_eager"):
            yield
    else:
        yield
