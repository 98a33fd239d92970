"""What every benchmark prints and records: the machine, the versions, and rows of figures."""

from __future__ import annotations

import argparse
import json
import os
import platform
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

RESULTS = Path(__file__).resolve().parent / "results"
Rows = list[dict[str, Any]]
_PACKAGES = ("symc", "torch", "numpy", "numba", "sympy", "pyoperon")


def arguments(description: str) -> argparse.Namespace:
    """The options that every benchmark takes."""
    parser = argparse.ArgumentParser(description=description)
    add_options(parser)
    return parser.parse_args()


def add_options(parser: argparse.ArgumentParser) -> None:
    """The same, for a benchmark that has more."""
    parser.add_argument(
        "--json", "--record", action="store_true", help="also record the figures in benchmarks/results/"
    )


def machine() -> dict[str, str]:
    """Processor, cores, system and versions."""
    cpu = platform.processor() or platform.machine()
    info = Path("/proc/cpuinfo")
    if info.is_file():
        names = [line.split(":", 1)[1].strip() for line in info.read_text().splitlines() if "model name" in line]
        cpu = names[0] if names else cpu
    found = {"cpu": cpu, "cores": str(os.cpu_count()), "system": platform.system()}
    found["python"] = platform.python_version()
    for package in _PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            found[package] = "not installed"
    return found


def report(name: str, rows: Rows | Mapping[str, Rows], save: bool, versions: Mapping[str, str] | None = None) -> None:
    """Print a table of rows (all with the same keys), or several, under the machine's line.

    `versions` are those of further programs that took part. With `save`, the figures go to results/NAME.json.
    """
    here = machine() | dict(versions or {})
    print("; ".join(f"{key} {value}" for key, value in here.items()))
    tables = rows if isinstance(rows, Mapping) else {"rows": rows}
    for table in tables.values():
        print()
        _print(table)
    if save:
        RESULTS.mkdir(exist_ok=True)
        path = RESULTS / f"{name}.json"
        path.write_text(json.dumps({"machine": here, **tables}, indent=2) + "\n")
        print(f"\nrecorded in {path}")


def _print(rows: Rows) -> None:
    keys = list(rows[0])
    cells = [keys, *([_cell(row[key]) for key in keys] for row in rows)]
    widths = [max(len(line[k]) for line in cells) for k in range(len(keys))]
    for line in cells:
        print("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip())


def _cell(value: Any) -> str:
    return f"{value:.3g}" if isinstance(value, float) else str(value)
