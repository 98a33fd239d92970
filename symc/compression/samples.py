"""What flows through the blocks of a network, and how much the network's output minds a change of each row."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import torch
from torch import Tensor, nn

from symc.capture.inputs import Inputs
from symc.capture.record import evaluating, place, run_network
from symc.compression.distance import Distance
from symc.errors import SymcError

# A few tokens carry most of the gradient; beyond this multiple of the mean they no longer gain weight.
_HEAVIEST, _LIGHTEST = 20.0, 1e-3


@dataclass(frozen=True)
class Batch:
    """Arguments of one call of the network, and what the network made of them."""

    args: tuple[Tensor, ...]
    kwargs: Mapping[str, Tensor]
    output: Tensor

    def run(self, network: nn.Module) -> Tensor:
        return _tensor(run_network(network, self.args, dict(self.kwargs)))


@dataclass(frozen=True)
class Samples:
    """Rows that went through a block: float32 tensors on the CPU.

    x: (n, n_in), y: (n, n_out), cotangent: (n, n_out), a random gradient at y whose covariance says which directions of
    y the network's output minds. weight: (n,), mean 1, the more the network minds a change of that row.
    """

    x: Tensor
    y: Tensor
    cotangent: Tensor
    weight: Tensor

    @classmethod
    def of(cls, x: Tensor, y: Tensor, cotangent: Tensor) -> Samples:
        """Rows weighted by the square of their gradients."""
        minded = cotangent.square().sum(dim=1)
        minded = minded / minded.mean().clamp_min(1e-30)
        weight = minded.clamp(max=_HEAVIEST) + _LIGHTEST
        return cls(x, y, cotangent, weight / weight.mean())

    def unweighted(self) -> Samples:
        return Samples(self.x, self.y, self.cotangent, torch.ones(len(self.x)))


def first_rows(inputs: Inputs, count: int) -> Inputs:
    """The inputs cut to their first rows."""
    return replace(
        inputs, args=tuple(a[:count] for a in inputs.args), kwargs={k: a[:count] for k, a in inputs.kwargs.items()}
    )


def batches_of(network: nn.Module, inputs: Inputs, size: int) -> list[Batch]:
    """The inputs in batches of `size` along their first dimension, with the network's outputs."""
    with evaluating(network), torch.no_grad():
        args, kwargs = place(inputs, network)
        lengths = {len(t) for t in (*args, *kwargs.values())}
        if len(lengths) != 1:
            raise SymcError(f"the inputs have {sorted(lengths)} rows", hint="Give every argument as many rows.")
        found = []
        for start in range(0, lengths.pop(), size):
            part = tuple(a[start : start + size] for a in args)
            named = {name: a[start : start + size] for name, a in kwargs.items()}
            found.append(Batch(part, named, _tensor(run_network(network, part, named)).clone()))
    return found


@contextmanager
def replaced(network: nn.Module, modules: Mapping[str, nn.Module]) -> Iterator[None]:
    """The network with other modules in the places named, until the end of the block."""
    places = [(*_place_of(network, name), module) for name, module in modules.items()]
    before = [getattr(parent, child) for parent, child, _ in places]
    try:
        for parent, child, module in places:
            setattr(parent, child, module)
        yield
    finally:
        for (parent, child, _), module in zip(places, before, strict=True):
            setattr(parent, child, module)


def put(network: nn.Module, name: str, module: nn.Module) -> None:
    """Put `module` in the place called `name`."""
    parent, child = _place_of(network, name)
    setattr(parent, child, module)


def running_order(network: nn.Module, names: Sequence[str], batch: Batch) -> tuple[str, ...]:
    """The names in the order in which the network calls the blocks; those that it never calls last."""
    called: list[str] = []
    handles = [
        network.get_submodule(name).register_forward_hook(lambda *_, name=name: called.append(name)) for name in names
    ]
    try:
        batch.run(network)
    finally:
        for handle in handles:
            handle.remove()
    return tuple(dict.fromkeys([*called, *names]))


def record(
    network: nn.Module, names: Sequence[str], batches: Sequence[Batch], distance: Distance, rows: int, seed: int
) -> dict[str, Samples]:
    """At most `rows` rows through each block, drawn with the seed; the network is left as it was.

    Rows of which the output is independent, such as padding, are left out. Raises SymcError when a block is called more
    than once, or with anything but one floating tensor (..., n), or when the output does not depend on it.
    """
    draw = torch.Generator().manual_seed(seed)
    seen: dict[str, list[tuple[Tensor, Tensor, Tensor]]] = {name: [] for name in names}
    share = -(-rows // len(batches))
    with evaluating(network):
        for batch in batches:
            for name, found in _one_batch(network, names, batch, distance, draw).items():
                chosen = torch.randperm(len(found[0]), generator=draw)[:share]
                # Rows that the output does not depend on at all are padding, and would only blur the others.
                chosen = chosen[found[2][chosen].any(dim=1)]
                seen[name].append(tuple(t[chosen] for t in found))  # type: ignore[arg-type]
    whole = {name: [torch.cat(part) for part in zip(*parts, strict=True)] for name, parts in seen.items()}
    for name, (x, _, _) in whole.items():
        if not len(x):
            raise SymcError("the network's output does not depend on the block", where=name, hint="Delete it.")
    return {name: Samples.of(*tensors) for name, tensors in whole.items()}


def _one_batch(
    network: nn.Module, names: Sequence[str], batch: Batch, distance: Distance, draw: torch.Generator
) -> dict[str, tuple[Tensor, Tensor, Tensor]]:
    calls: dict[str, tuple[Tensor, Tensor, Tensor]] = {}

    def watch(name: str) -> Any:
        def see(_: nn.Module, args: tuple[Any, ...], kwargs: dict[str, Any], y: Any) -> Tensor:
            x = [a for a in (*args, *kwargs.values()) if isinstance(a, Tensor)]
            if len(x) != 1 or not isinstance(y, Tensor) or not y.is_floating_point() or x[0].shape[:-1] != y.shape[:-1]:
                raise SymcError("the block does not map one tensor (..., n_in) to one (..., n_out)", where=name)
            if name in calls:
                raise SymcError("the block is called more than once in one run of the network", where=name)
            # Adding a zero that asks for its gradient leaves the network's own parameters out of the derivation.
            probe = torch.zeros_like(y, requires_grad=True)
            calls[name] = x[0].detach(), y.detach(), probe
            return y + probe

        return see

    handles = [network.get_submodule(name).register_forward_hook(watch(name), with_kwargs=True) for name in names]
    try:
        with torch.enable_grad():
            output = batch.run(network)
            cotangent = distance.cotangent(batch.output, draw)
            gradients = torch.autograd.grad((output * cotangent).sum(), [calls[name][2] for name in names])
    finally:
        for handle in handles:
            handle.remove()
    return {
        name: tuple(t.float().reshape(-1, t.shape[-1]).cpu() for t in (*calls[name][:2], gradient))  # type: ignore[misc]
        for name, gradient in zip(names, gradients, strict=True)
    }


def _place_of(network: nn.Module, name: str) -> tuple[nn.Module, str]:
    parent, _, child = name.rpartition(".")
    return network.get_submodule(parent), child


def _tensor(output: Any) -> Tensor:
    if not isinstance(output, Tensor) or not output.is_floating_point():
        raise SymcError(
            f"the network's output is a {type(output).__name__}, need one floating tensor",
            hint="Wrap the network in a module that returns the tensor that matters.",
        )
    return output
