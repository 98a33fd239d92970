"""Scan: which blocks of a network are worth replacing, before hours are spent on it.

For every block that maps one tensor (..., n_in) to one tensor (..., n_out): its share of the multiply-adds and of the
time, and what happens to the network's own metric when the block answers zero, its mean, or an affine map of its
input. A surrogate cannot gain more than the share, and need not be searched for where deleting costs nothing.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from fnmatch import fnmatch
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode

from symc.capture.inputs import as_inputs
from symc.capture.observing import evaluating
from symc.capture.record import place, run_network
from symc.errors import SymcError

REPLACEMENTS = ("zero", "mean", "affine")
_ROWS = 8192
_RIDGE = 1e-6
_RUNS = 5

Metric = Callable[[nn.Module], float]


@dataclass(frozen=True)
class Block:
    """One candidate.

    `macs` and `seconds` are of one run on the given inputs, with the shares of the whole network; a block that holds
    others includes them. `damage` maps "zero", "mean" and "affine" to what the metric grows by.
    """

    name: str
    kind: str
    n_in: int
    n_out: int
    rows: int
    macs: int
    mac_share: float
    seconds: float
    time_share: float
    damage: dict[str, float]


@dataclass(frozen=True)
class Scan:
    """What scan found; prints as a table, blocks with most multiply-adds first."""

    blocks: tuple[Block, ...]
    metric: float
    macs: int
    seconds: float

    def to_json(self) -> dict[str, Any]:
        """A dict that json.dumps takes."""
        return {
            "metric": self.metric,
            "macs": self.macs,
            "seconds": self.seconds,
            "blocks": [
                {**asdict(b), "damage": {k: v if math.isfinite(v) else str(v) for k, v in b.damage.items()}}
                for b in self.blocks
            ],
        }

    def __str__(self) -> str:
        from symc.tables import table

        rows = [
            [
                b.name,
                b.kind,
                f"{b.n_in} -> {b.n_out}",
                f"{100 * b.mac_share:.1f}",
                f"{100 * b.time_share:.1f}",
                *(f"{b.damage[k]:+.3g}" for k in REPLACEMENTS),
            ]
            for b in self.blocks
        ]
        heads = ["block", "kind", "width", "% of MACs", "% of time", *(f"as {k}" for k in REPLACEMENTS)]
        size = f"{self.macs:.3g} multiply-adds in {1e3 * self.seconds:.3g} ms"
        return f"{size}; metric {self.metric:.4g}, and what it grows by:\n\n{table(heads, rows)}"


def scan(
    model: nn.Module,
    inputs: Any,
    *,
    metric: Metric | None = None,
    layers: Sequence[str] = ("*",),
    seed: int = 0,
) -> Scan:
    """Measure every candidate block of `model` on `inputs` (as SymbolicModule.distill takes them).

    metric: the network with a replaced block -> a number, the lower the better (a loss on held-out data). By default
        the root mean square change of the network's output, over the standard deviation of its output.
    layers: patterns of the names to look at, as in the shell.
    seed: draws the rows that the affine maps are fitted to, where there are many.

    The network is left as it was. Raises SymcError for a model that is no module, one that refuses the inputs, and
    when no block qualifies.
    """
    if not isinstance(model, nn.Module):
        raise SymcError(f"a {type(model).__name__} has no blocks to scan", hint="Pass an nn.Module.")
    with evaluating(model), torch.no_grad():
        args, kwargs = place(as_inputs(inputs), model)

        def run() -> Any:
            return run_network(model, args, kwargs)

        original = _flat(run())
        score = metric or (lambda _: _change(original, _flat(run())))
        found = _candidates(model, layers, run, seed)
        if not found:
            raise SymcError(
                "no block maps one floating tensor (..., n_in) to one (..., n_out)",
                hint=f"Looked at the layers {', '.join(layers)}.",
            )
        counts, total = _macs(model, found, run)
        times, seconds = _times(found, run)
        base = float(score(model))
        blocks = [
            Block(
                c.name,
                type(c.module).__name__,
                c.x.shape[1],
                c.y.shape[1],
                c.rows,
                counts[c.name],
                counts[c.name] / max(total, 1),
                times[c.name],
                times[c.name] / seconds,
                {kind: _damage(c, kind, model, score, base) for kind in REPLACEMENTS},
            )
            for c in found
            if counts[c.name] > 0
        ]
    blocks.sort(key=lambda b: (-b.macs, b.name))
    return Scan(tuple(blocks), base, total, seconds)


class _Candidate:
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


def _candidates(model: nn.Module, layers: Sequence[str], run: Callable[[], Any], seed: int) -> list[_Candidate]:
    found: dict[str, _Candidate] = {}
    refused: set[str] = set()
    draw = torch.Generator().manual_seed(seed)

    def watch(name: str, module: nn.Module) -> Callable[..., None]:
        def see(_: nn.Module, args: tuple[Any, ...], kwargs: dict[str, Any], y: Any) -> None:
            x = _only_tensor(args, kwargs)
            if x is None or not _row_by_row(x, y):
                refused.add(name)
                return
            found.setdefault(name, _Candidate(name, module)).see(x, y, draw)

        return see

    named = {n: m for n, m in model.named_modules() if n and any(fnmatch(n, pattern) for pattern in layers)}
    with _hooked(m.register_forward_hook(watch(n, m), with_kwargs=True) for n, m in named.items()):
        run()
    return [c for name, c in found.items() if name not in refused]


def _macs(model: nn.Module, found: Sequence[_Candidate], run: Callable[[], Any]) -> tuple[dict[str, int], int]:
    with FlopCounterMode(display=False) as counter:
        run()
    root = type(model).__name__
    counts = counter.get_flop_counts()
    # Two operations to a multiply-add.
    macs = {c.name: sum(counts.get(f"{root}.{c.name}", {}).values()) // 2 for c in found}
    return macs, counter.get_total_flops() // 2


def _times(found: Sequence[_Candidate], run: Callable[[], Any]) -> tuple[dict[str, float], float]:
    runs: dict[str, list[float]] = {c.name: [] for c in found}
    spent: dict[str, float] = {}
    started: dict[str, float] = {}

    def hooks() -> Iterator[Any]:
        for c in found:
            yield c.module.register_forward_pre_hook(lambda *_, name=c.name: started.update({name: _now()}))
            yield c.module.register_forward_hook(
                lambda *_, name=c.name: spent.update({name: spent.get(name, 0.0) + _now() - started[name]})
            )

    whole = []
    with _hooked(hooks()):
        for _ in range(_RUNS + 1):
            spent.clear()
            start = _now()
            run()
            whole.append(_now() - start)
            for name, value in spent.items():
                runs[name].append(value)
    # The first run warms up.
    return {name: float(np.median(values[1:])) for name, values in runs.items()}, float(np.median(whole[1:]))


def _damage(c: _Candidate, kind: str, model: nn.Module, score: Metric, base: float) -> float:
    answer = c.replacement(kind)

    def replace(_: nn.Module, args: tuple[Any, ...], kwargs: dict[str, Any], y: Tensor) -> Tensor:
        x = _only_tensor(args, kwargs)
        return y if x is None else answer(x, y)

    with _hooked([c.module.register_forward_hook(replace, with_kwargs=True)]):
        return float(score(model)) - base


@contextmanager
def _hooked(handles: Any) -> Iterator[None]:
    kept = []
    try:
        for handle in handles:
            kept.append(handle)
        yield
    finally:
        for handle in kept:
            handle.remove()


def _only_tensor(args: tuple[Any, ...], kwargs: dict[str, Any]) -> Tensor | None:
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


def _flat(output: Any) -> Tensor:
    """Every floating tensor of an output as one vector."""
    if isinstance(output, Tensor):
        return output.double().flatten()
    values = output.values() if isinstance(output, dict) else output if isinstance(output, (tuple, list)) else ()
    parts = [_flat(v) for v in values]
    if not parts:
        raise SymcError("the network's output holds no tensor to compare", hint="Pass a metric of your own.")
    return torch.cat(parts)


def _change(original: Tensor, now: Tensor) -> float:
    spread = float(original.std()) or 1.0
    return float((now - original).square().mean().sqrt()) / spread


def _now() -> float:
    if torch.cuda.is_initialized():
        torch.cuda.synchronize()
    return time.perf_counter()
