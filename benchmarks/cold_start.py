"""What users wait for at every start: a bundle opened from the cache, and the commands, each in a new Python.

    python benchmarks/cold_start.py [--json] [--runs N] [--beside CHECKOUT]

In seconds of processor time, child processes (compilers) included, which a busy machine changes less than the clock's;
that one is shown as well. Medians of runs that take turns. Python's bytecode, the compiled libraries and the system's
file cache are warm, as they are at every start but the first. Opening a bundle is counted after numpy, or torch, was
imported, `import symc` included. With --beside, another checkout of symc takes its turns as well.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from _record import add_options, report

_HERE = Path(__file__).resolve().parents[1]
_EQUATION = "sin(x)*exp(-y)"
_DOMAIN = "-2:2"
# Prints the processor's time and the clock's from after the import of numpy or torch to the open bundle.
_LOAD = """
import resource, time
import {imported}
start, used = time.perf_counter(), time.process_time()
import symc
symc.load({bundle!r}, torch={torch})
wall, used = time.perf_counter() - start, time.process_time() - used
children = resource.getrusage(resource.RUSAGE_CHILDREN)
print(used + children.ru_utime + children.ru_stime, wall)
"""


@dataclass(frozen=True)
class Start:
    """One thing to start: its arguments of Python, whether it prints its own times, and the limit in seconds."""

    what: str
    arguments: tuple[str, ...]
    limit: float | None
    tells: bool = False


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    add_options(parser)
    parser.add_argument("--runs", type=int, default=15, help="runs of each, 15 where it is not given")
    parser.add_argument("--beside", type=Path, help="another checkout of symc, measured in turns with this one")
    options = parser.parse_args()
    checkouts = {"": _HERE} | ({"beside ": options.beside.resolve()} if options.beside else {})
    with tempfile.TemporaryDirectory() as scratch:
        rows = [_row(start, checkouts, options.runs, Path(scratch)) for start in _starts(Path(scratch))]
    report("cold_start", rows, options.json)


def _starts(scratch: Path) -> list[Start]:
    """What is measured, with the files that it needs."""
    import symc

    bundle = symc.build(equation=_EQUATION, domain=_DOMAIN, name="law", out=scratch).path
    front = scratch / "hall_of_fame.csv"
    front.write_text("Complexity,Loss,Equation\n1,0.5,x0\n3,0.1,x0 * x1\n6,0.001,sin(x0) * exp(x1 * -1.0)\n")
    command = ("-m", "symc.cli")
    out = ("--target", "c", "--quiet", "-o")
    on = ("--domain", _DOMAIN, *out)
    return [
        Start("load, torch=False", ("-c", _LOAD.format(imported="numpy", bundle=str(bundle), torch=False)), 0.05, True),
        Start("load", ("-c", _LOAD.format(imported="torch", bundle=str(bundle), torch=True)), 0.05, True),
        Start("build an equation", (*command, "build", "--equation", _EQUATION, *on, str(scratch / "a")), 1.2),
        Start("build PySR's front", (*command, "build", str(front), *on, str(scratch / "b")), 1.2),
        Start("build a distilled module", (*command, "build", str(_distilled(scratch)), *out, str(scratch / "c")), 1.2),
        Start("--help", (*command, "--help"), None),
        Start("inspect", (*command, "inspect", str(bundle)), None),
    ]


def _distilled(scratch: Path) -> Path:
    """A network distilled with a small budget and saved, which is not timed."""
    import torch

    import symc

    torch.manual_seed(0)
    block = symc.wrap(torch.nn.Sequential(torch.nn.Linear(2, 16), torch.nn.Tanh(), torch.nn.Linear(16, 1)))
    block.distill(torch.rand(512, 2) * 4 - 2, seed=0, evaluations=2_000)
    block.save(scratch / "model.pt")
    return scratch / "model.pt"


def _row(start: Start, checkouts: dict[str, Path], runs: int, scratch: Path) -> dict[str, Any]:
    times: dict[str, list[tuple[float, float]]] = {name: [] for name in checkouts}
    # The first writes bytecode and compiles what is compiled once.
    for run in range(runs + 1):
        for name, checkout in checkouts.items():
            time_of = _times(start, checkout, scratch)
            if run:
                times[name].append(time_of)
    row: dict[str, Any] = {"what": start.what}
    for name, found in times.items():
        processor, wall = zip(*found, strict=True)
        row[f"{name}processor s"], row[f"{name}least s"] = statistics.median(processor), min(processor)
        row[f"{name}clock s"] = statistics.median(wall)
    within = start.limit is None or row["processor s"] <= start.limit
    return row | {"limit s": start.limit or "none", "within": "yes" if within else "NO"}


def _times(start: Start, checkout: Path, scratch: Path) -> tuple[float, float]:
    """Seconds of the processor and of the clock."""
    environment = {**os.environ, "PYTHONPATH": str(checkout), "PYTHONPYCACHEPREFIX": str(scratch / "bytecode")}
    environment |= {"SYMC_CACHE_DIR": str(scratch / "cache")}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    began = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, *start.arguments], cwd=scratch, env=environment, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    told = process.stdout.read()
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    wall = time.perf_counter() - began
    if process.returncode:
        raise RuntimeError(f"{start.what} failed with status {process.returncode}")
    if start.tells:
        processor, wall = map(float, told.split())
        return processor, wall
    return used.ru_utime + used.ru_stime, wall


if __name__ == "__main__":
    main()
