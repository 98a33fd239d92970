"""200 fits of a network of 28 layers: time per fit, the share that is not fitting, and what a second run fits again.

    python benchmarks/scale_200_fits.py [--json]

25 of 28 residual blocks with 8 outputs each are distilled, one block after the other, the outputs of a block on all
cores, with a small budget per fit and finished fits kept on disk. The second run finds all of them there: what it
takes (running the network, recording, hashing, dispatch to processes, reading) is what the first run spent besides
fitting. Processor time is that of all processes, so that other work on the machine changes it little.
"""

from __future__ import annotations

import resource
import tempfile
import time
from pathlib import Path

import torch
from _record import arguments, report
from joblib.externals.loky import get_reusable_executor
from torch import nn

import symc

LAYERS, DISTILLED, WIDTH = 28, 25, 8
ROWS, EVALUATIONS = 256, 200
OPERATORS = ("add", "sub", "mul", "tanh")
LIMIT = 0.05


class Residual(nn.Module):
    """A block of a transformer without its attention: x + a perceptron of x."""

    def __init__(self) -> None:
        super().__init__()
        self.mlp: nn.Module = nn.Sequential(nn.Linear(WIDTH, 16), nn.Tanh(), nn.Linear(16, WIDTH))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x + self.mlp(x)


def network() -> nn.Sequential:
    torch.manual_seed(0)
    return nn.Sequential(*(Residual() for _ in range(LAYERS)))


def distil_all(keep: Path) -> tuple[dict[str, float], list[str]]:
    """Seconds and seconds of processor time that it takes, and every equation of every front."""
    net = network()
    x = torch.randn(ROWS, WIDTH, generator=torch.Generator().manual_seed(1))
    start, spent = time.perf_counter(), processor_time()
    found = []
    for block in net[:DISTILLED]:
        block.mlp = symc.wrap(block.mlp)
        result = block.mlp.distill(
            x, parent=net, engine="operon", evaluations=EVALUATIONS, operators=OPERATORS, keep=keep
        )
        found += [member.equation for front in result.fronts for member in front.members]
    seconds = time.perf_counter() - start
    # Only the time of processes that have ended is known.
    get_reusable_executor().shutdown(wait=True)
    return {"s": seconds, "processor s": processor_time() - spent}, found


def processor_time() -> float:
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(u.ru_utime + u.ru_stime for u in used)


def written(keep: Path) -> dict[str, int]:
    """When each kept fit was written."""
    return {path.name: path.stat().st_mtime_ns for path in keep.iterdir()}


def main() -> None:
    save = arguments(__doc__.splitlines()[0]).json
    with tempfile.TemporaryDirectory() as folder:
        keep = Path(folder)
        first, equations = distil_all(keep)
        fits = written(keep)
        resumed, same = distil_all(keep)
        refitted = sum(fits.get(name) != stamp for name, stamp in written(keep).items())
    assert len(fits) == DISTILLED * WIDTH, f"{len(fits)} fits were kept"
    share = resumed["s"] / first["s"]
    held = refitted == 0 and same == equations and share <= LIMIT
    rows = [
        {"run": "first", "fits run": len(fits), **first, "s per fit": first["s"] / len(fits)},
        {"run": "resumed", "fits run": refitted, **resumed, "s per fit": resumed["s"] / len(fits)},
    ]
    for row, of, within in zip(rows, (1.0, share), ("", "yes" if held else "NO"), strict=True):
        row |= {"share of the first": of, "within": within}
    report("scale_200_fits", rows, save)


if __name__ == "__main__":
    main()
