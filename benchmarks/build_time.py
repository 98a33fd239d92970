"""How long a build takes from a distilled module, for 1 and for 64 outputs, and how long `import symc` takes.

    python benchmarks/build_time.py [--json]

The networks are distilled first (not timed). A build is timed twice: symc.build in a running Python, and the command
`symc build model.pt` from its start to its end, Python and torch starting up included. Medians of several runs.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from _record import arguments, report

_IMPORT = "import time; t = time.perf_counter(); import symc; print(time.perf_counter() - t)"
_TARGETS = ("c", "numba", "cuda")


def main() -> None:
    save = arguments(__doc__.splitlines()[0]).json
    rows = [_row("import symc", _seconds_of_import, 7, 0.5)]
    with tempfile.TemporaryDirectory() as scratch:
        for n_out, limit in ((1, 3.0), (64, 20.0)):
            folder = Path(scratch) / str(n_out)
            folder.mkdir()
            rows += _builds(folder, n_out, limit)
    report("build_time", rows, save)


def _builds(folder: Path, n_out: int, limit: float) -> list[dict[str, Any]]:
    import symc

    model = folder / "model.pt"
    operations = _distil(model, n_out)

    def in_process() -> float:
        start = time.perf_counter()
        symc.build(model, out=folder / "out", target=_TARGETS)
        return time.perf_counter() - start

    def command() -> float:
        words = [sys.executable, "-m", "symc.cli", "build", str(model), "-o", str(folder / "out"), "--quiet"]
        start = time.perf_counter()
        subprocess.run([*words, *(f"--target={target}" for target in _TARGETS)], check=True)
        return time.perf_counter() - start

    label = f"{n_out} output{'s' if n_out > 1 else ''}, {operations} operations"
    return [
        _row(f"symc.build, {label}", in_process, 3, limit),
        _row(f"symc build (command), {label}", command, 3, limit),
    ]


def _distil(path: Path, n_out: int) -> int:
    """Distil a network of 4 inputs with a small budget and save it; returns the operations of the chosen equations."""
    import torch

    import symc
    from symc.bundle import read_manifest

    torch.manual_seed(0)
    network = torch.nn.Sequential(torch.nn.Linear(4, 32), torch.nn.Tanh(), torch.nn.Linear(32, n_out))
    block = symc.wrap(network)
    block.distill(torch.rand(512, 4) * 4 - 2, seed=0, evaluations=5_000)
    block.save(path)
    bundle = symc.build(path, out=path.parent / "out", target="c")
    return sum(step.op not in ("input", "const") for step in read_manifest(bundle.path).program.instructions)


def _seconds_of_import() -> float:
    done = subprocess.run([sys.executable, "-c", _IMPORT], check=True, capture_output=True, text=True)
    return float(done.stdout)


def _row(what: str, run: Callable[[], float], repeats: int, limit: float) -> dict[str, Any]:
    times = [run() for _ in range(repeats)]
    median = statistics.median(times)
    return {
        "what": what,
        "median s": median,
        "slowest s": max(times),
        "limit s": limit,
        "within": "yes" if median < limit else "NO",
    }


if __name__ == "__main__":
    main()
