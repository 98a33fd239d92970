"""What the benchmarks share: medians of repeated runs, the machine's description, tables, JSON records."""

from __future__ import annotations

import json
import platform
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

from symc.toolchain.compilers import find_c


def median_time(call: Callable[[], Any], *, runs: int = 9, min_run_s: float = 0.02) -> float:
    """Seconds per call: the median of `runs` runs, each of enough calls to last `min_run_s`."""
    call()
    calls = 1
    while (elapsed := _run(call, calls)) < min_run_s:
        calls = max(2 * calls, int(calls * min_run_s / max(elapsed, 1e-9)))
    return statistics.median(_run(call, calls) / calls for _ in range(runs))


def _run(call: Callable[[], Any], calls: int) -> float:
    start = time.perf_counter()
    for _ in range(calls):
        call()
    return time.perf_counter() - start


def machine(*packages: str) -> dict[str, str]:
    """The processor, system, compiler and package versions that the figures belong to."""
    return {
        "cpu": _cpu(),
        "system": platform.platform(),
        "python": platform.python_version(),
        "compiler": find_c().version,
        **{package: version(package) for package in packages},
    }


def _cpu() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(errors="replace").splitlines()
    except OSError:
        return platform.processor()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return f"{len(names)} x {names[0]}" if names else platform.machine()


def table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Columns wide enough for their content; the first left-aligned, the others right."""
    widths = [max(len(row[k]) for row in [header, *rows]) for k in range(len(header))]

    def line(row: Sequence[str]) -> str:
        cells = [row[0].ljust(widths[0]), *(cell.rjust(w) for cell, w in zip(row[1:], widths[1:], strict=True))]
        return "  ".join(cells).rstrip()

    return "\n".join([line(header), "  ".join("-" * w for w in widths), *(line(row) for row in rows)])


def finish(title: str, text: str, record: dict[str, Any], missed: Sequence[str], json_path: Path | None) -> None:
    """Print the table and the machine, write the record, and exit with status 1 when a bar was missed."""
    print(f"{title}\n\n{text}\n")
    print("\n".join(f"{key}: {value}" for key, value in record["machine"].items()))
    if json_path is not None:
        json_path.write_text(json.dumps(record, indent=2) + "\n")
    for line in missed:
        print(f"MISSED: {line}", file=sys.stderr)
    sys.exit(1 if missed else 0)
