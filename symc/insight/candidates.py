"""The blocks of a network that an equation could stand in for, with a sample of what goes through them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from fnmatch import fnmatch
from typing import Any

import torch
from torch import Tensor, nn

_ROWS = 8192
_RIDGE = 1e-6


class Candidate:
    """A block and a sample of the rows that went through it: x (n, n_in), y (n, n_out)."""

    def __init__(self, name: str, module: nn.Module) -> None:
        self.name, self.module, self.rows = name, module, 0
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
    """The submodules called as one of `layers` that map rows to rows while `run` runs, with what went through them."""
    found: dict[str, Candidate] = {}
    refused: set[str] = set()
    draw = torch.Generator().manual_seed(seed)

    def watch(name: str, module: nn.Module) -> Callable[..., None]:
        def see(_: nn.Module, args: tuple[Any, ...], kwargs: dict[str, Any], y: Any) -> None:
            x = only_tensor(args, kwargs)
            if x is None or not _row_by_row(x, y):
                refused.add(name)
                return
            found.setdefault(name, Candidate(name, module)).see(x, y, draw)

        return see

    named = {n: m for n, m in model.named_modules() if n and any(fnmatch(n, pattern) for pattern in layers)}
    with hooked(m.register_forward_hook(watch(n, m), with_kwargs=True) for n, m in named.items()):
        run()
    return [c for name, c in found.items() if name not in refused]


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
