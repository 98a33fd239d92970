"""The blocks of a network that an equation could stand in for, with a sample of what goes through them."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from fnmatch import fnmatch
from typing import Any

import torch
from torch import Tensor, nn

from symc.module.module import SymbolicModule

_ROWS = 8192
_RIDGE = 1e-6
_MOST_RUNS = 32


@dataclass(frozen=True)
class Place:
    """Where a block is: from the call of `first` to the return of `last`, which are one module, or a Sequential's run.

    `parts` are the names of the modules it is made of; `mode` is that of a SymbolicModule, else "".
    """

    name: str
    kind: str
    first: nn.Module
    last: nn.Module
    parts: tuple[str, ...]
    mode: str = ""

    def around(self, entered: Callable[[Tensor | None], None], left: Callable[[Any], Any]) -> Iterator[Any]:
        """Hooks that call `entered` with the block's only tensor, or None, and `left` with its answer.

        What `left` returns is the block's answer, unless it is None.
        """
        yield self.first.register_forward_pre_hook(
            lambda _, args, kwargs: entered(only_tensor(args, kwargs)), with_kwargs=True
        )
        yield self.last.register_forward_hook(lambda _, args, y: left(y))


class Candidate:
    """A block and a sample of the rows that went through it: x (n, n_in), y (n, n_out)."""

    def __init__(self, place: Place) -> None:
        self.place, self.name, self.rows = place, place.name, 0
        self.parts: list[tuple[Tensor, Tensor]] = []

    def see(self, x: Tensor, y: Tensor, draw: torch.Generator) -> None:
        rows = x.reshape(-1, x.shape[-1]), y.reshape(-1, y.shape[-1])
        self.rows += len(rows[0])
        keep = torch.randperm(len(rows[0]), generator=draw)[:_ROWS].to(x.device)
        self.parts.append((rows[0][keep].double().cpu(), rows[1][keep].double().cpu()))

    @property
    def x(self) -> Tensor:
        return torch.cat([x for x, _ in self.parts])

    @property
    def y(self) -> Tensor:
        return torch.cat([y for _, y in self.parts])

    def replacement(self, kind: str) -> Callable[[Tensor, Tensor], Tensor]:
        """(input, output) of the block -> what it is to answer instead."""
        if kind == "zero":
            return lambda x, y: torch.zeros_like(y)
        if kind == "mean":
            mean = self.y.mean(dim=0)
            return lambda x, y: mean.to(y).expand_as(y)
        centre = self.x.mean(dim=0)
        matrix = torch.cat([self.x - centre, torch.ones(len(self.x), 1, dtype=torch.float64)], dim=1)
        normal = matrix.T @ matrix / len(matrix)
        # The ridge, relative to the inputs' own variance, is what inputs that depend on one another need.
        normal += _RIDGE * normal.diagonal().mean() * torch.eye(len(normal), dtype=torch.float64)
        weights = torch.linalg.solve(normal, matrix.T @ self.y / len(matrix))

        def affine(x: Tensor, y: Tensor) -> Tensor:
            return ((x.double() - centre.to(x.device)) @ weights[:-1].to(x.device) + weights[-1].to(x.device)).to(y)

        return affine


def candidates(model: nn.Module, layers: Sequence[str], run: Callable[[], Any], seed: int) -> list[Candidate]:
    """The blocks called as one of `layers` that map rows to rows while `run` runs, with what went through them."""
    found: dict[str, Candidate] = {}
    refused: set[str] = set()
    draw = torch.Generator().manual_seed(seed)

    def watch(place: Place) -> Iterator[Any]:
        given: list[Tensor | None] = []

        def left(y: Any) -> None:
            x = given.pop() if given else None
            if x is None or not _row_by_row(x, y):
                refused.add(place.name)
                return
            found.setdefault(place.name, Candidate(place)).see(x, y, draw)

        return place.around(given.append, left)

    places = [p for p in _places(model) if any(fnmatch(p.name, pattern) for pattern in layers)]
    with hooked(handle for place in places for handle in watch(place)):
        run()
    return [c for name, c in found.items() if name not in refused]


def _places(model: nn.Module) -> Iterator[Place]:
    """The network itself (named ""), its modules, and runs of each Sequential, named as Python slices it: encoder.1:4.

    Of a SymbolicModule, of what is in it only what its block is made of, which runs in neural mode.
    """
    inside: list[str] = []
    runs: list[Place] = []
    for name, module in model.named_modules():
        if any(name.startswith(prefix) for prefix in inside):
            continue
        mode = module.mode if isinstance(module, SymbolicModule) else ""
        if mode:
            prefix = f"{name}." if name else ""
            inside += [f"{prefix}symbolic", f"{prefix}guarding", f"{prefix}monitor"]
        wrapped, _, last = name.rpartition(".")
        if last != "block" or not isinstance(model.get_submodule(wrapped), SymbolicModule):
            yield Place(name, type(module).__name__, module, module, (name,), mode)
        if isinstance(module, nn.Sequential):
            runs += _runs(name, module)
    yield from sorted(runs, key=lambda place: len(place.parts))[:_MOST_RUNS]


def _runs(name: str, sequence: nn.Sequential) -> Iterator[Place]:
    """Runs of two children or more that begin with weights, shorter than the whole."""
    prefix = f"{name}." if name else ""
    children = list(sequence)
    # Elsewhere the call of one child need not follow that of the one before.
    if type(sequence).forward is not nn.Sequential.forward or len(set(children)) < len(children):
        return
    for start, end in itertools.combinations(range(len(children) + 1), 2):
        if 1 < end - start < len(children) and any(True for _ in children[start].parameters()):
            parts = tuple(f"{prefix}{k}" for k in range(start, end))
            kind = f"{type(children[start]).__name__} ... {type(children[end - 1]).__name__}"
            yield Place(f"{prefix}{start}:{end}", kind, children[start], children[end - 1], parts)


@contextmanager
def hooked(handles: Iterable[Any]) -> Iterator[None]:
    """Hooks that are there for the duration of a with block; `handles` are what registering them returns."""
    kept = []
    try:
        for handle in handles:
            kept.append(handle)
        yield
    finally:
        for handle in kept:
            handle.remove()


def only_tensor(args: tuple[Any, ...], kwargs: dict[str, Any]) -> Tensor | None:
    """The tensor among the arguments of a call, where there is exactly one."""
    tensors = [a for a in (*args, *kwargs.values()) if isinstance(a, Tensor)]
    return tensors[0] if len(tensors) == 1 else None


def _row_by_row(x: Tensor, y: Any) -> bool:
    return (
        isinstance(y, Tensor)
        and x.is_floating_point()
        and y.is_floating_point()
        and x.dim() > 1
        and x.shape[:-1] == y.shape[:-1]
    )
