"""Scan: which blocks of a network are worth replacing, before hours are spent on it.

For every block that maps one tensor (..., n_in) to one tensor (..., n_out): its share of the multiply-adds and of the
time, and what happens to the network's own metric when the block answers zero, its mean, or an affine map of its
input. A surrogate cannot gain more than the share, and need not be searched for where deleting costs nothing. Blocks
are modules, runs of a Sequential, and the network itself.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode

from symc.arithmetic import usual
from symc.capture.inputs import as_inputs
from symc.capture.observing import evaluating
from symc.capture.record import place, run_network
from symc.capture.records import record_of
from symc.errors import SymcError
from symc.insight.candidates import Candidate, candidates, hooked
from symc.models.onnx_files import OnnxNetwork
from symc.tables import table

REPLACEMENTS = ("zero", "mean", "affine")
_RUNS = 5

Metric = Callable[[nn.Module], float]


@dataclass(frozen=True)
class Block:
    """One candidate.

    `name` is the module's, "" for the network itself, and "encoder.1:4" for the run that slicing `encoder` so gives; a
    run is distilled once it is a Sequential of its own in the network. `mode` is that of a SymbolicModule, else "".
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
    mode: str = ""


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
        rows = [
            [
                b.name or "(the network)",
                b.kind if b.mode in ("", "neural") else f"{b.kind}, {b.mode} already",
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


@usual
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
    if isinstance(model, OnnxNetwork):
        hint = "symc build distils the whole of it; scan the network that it was exported from."
        raise SymcError("an ONNX network is one graph, without blocks to scan", where=model.where, hint=hint)
    with evaluating(model), torch.no_grad():
        args, kwargs = place(as_inputs(inputs), model)

        def run() -> Any:
            return run_network(model, args, kwargs)

        original = _flat(run())
        score = metric or (lambda _: _change(original, _flat(run())))
        found = candidates(model, layers, run, seed)
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
                c.place.kind,
                c.x.shape[1],
                c.y.shape[1],
                c.rows,
                counts[c.name],
                counts[c.name] / max(total, 1),
                times[c.name],
                times[c.name] / seconds,
                {kind: _damage(c, kind, model, score, base) for kind in REPLACEMENTS},
                c.place.mode,
            )
            for c in found
            # Equations are no multiply-adds that a profiler sees.
            if counts[c.name] > 0 or c.place.mode
        ]
    blocks.sort(key=lambda b: (-b.macs, b.name))
    return Scan(tuple(blocks), base, total, seconds)


def _macs(model: nn.Module, found: Sequence[Candidate], run: Callable[[], Any]) -> tuple[dict[str, int], int]:
    with FlopCounterMode(display=False) as counter:
        run()
    root = type(model).__name__
    counts = counter.get_flop_counts()
    # Two operations to a multiply-add.
    macs = {c.name: sum(sum(counts.get(_path(root, part), {}).values()) for part in c.place.parts) // 2 for c in found}
    return macs, counter.get_total_flops() // 2


def _path(root: str, name: str) -> str:
    return f"{root}.{name}" if name else root


def _times(found: Sequence[Candidate], run: Callable[[], Any]) -> tuple[dict[str, float], float]:
    runs: dict[str, list[float]] = {c.name: [] for c in found}
    spent: dict[str, float] = {}
    started: dict[str, float] = {}

    def timed(name: str) -> tuple[Callable[[Any], None], Callable[[Any], None]]:
        def entered(_: Any) -> None:
            started[name] = _now()

        def left(_: Any) -> None:
            now = _now()
            spent[name] = spent.get(name, 0.0) + now - started.get(name, now)

        return entered, left

    whole = []
    with hooked(handle for c in found for handle in c.place.around(*timed(c.name))):
        for _ in range(_RUNS + 1):
            spent.clear()
            start = _now()
            run()
            whole.append(_now() - start)
            for name, value in spent.items():
                runs[name].append(value)
    # The first run warms up.
    return {name: float(np.median(values[1:])) for name, values in runs.items()}, float(np.median(whole[1:]))


def _damage(c: Candidate, kind: str, model: nn.Module, score: Metric, base: float) -> float:
    answer = c.replacement(kind)

    given: list[Tensor | None] = []

    def left(y: Tensor) -> Tensor:
        x = given.pop() if given else None
        return y if x is None else answer(x, y)

    with hooked(c.place.around(given.append, left)):
        return float(score(model)) - base


def _flat(output: Any) -> Tensor:
    """Every floating tensor of an output as one vector."""
    if isinstance(output, Tensor):
        return output.double().flatten()
    record = record_of(output)
    output = output if record is None else record.fields
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
