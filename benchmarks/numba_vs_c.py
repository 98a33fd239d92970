"""A bundle's Numba code beside its C code, for one function each: ns per element over 100 000 rows, one thread.

    python benchmarks/numba_vs_c.py [--json] [FUNCTION ...]

Both are timed in turn, once per run, the best of several calls counting; the figures are medians over the runs. They
must agree on every bit, or this fails. The limit is on the geometric mean of the ratios.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import geometric_mean, median
from typing import Any

import numpy as np
from _functions import FUNCTIONS, MAIN, Measured
from _models import write_bundle_of
from _record import Rows, add_options, report

from symc.load.host import CFunction, NumbaFunction
from symc.load.package import read_package
from symc.toolchain.compilers import find_c

ROWS = 100_000
RUNS = 15
CALLS = 5
LIMIT = 1.3


def measure(f: Measured) -> dict[str, Any]:
    """The row of one function."""
    generator = np.random.default_rng(1)
    ranges = [(f.low, f.high)] if f.second is None else [(f.low, f.high), f.second]
    x = np.column_stack([generator.uniform(*r, ROWS) for r in ranges]).astype(np.float32)
    equation = f"{f.name}(x0)" if f.second is None else "x0^x1"
    with tempfile.TemporaryDirectory() as folder:
        bundle = write_bundle_of([equation], len(ranges), Path(folder), f"one_{f.name}", ("c", "numba"))
        package = read_package(bundle)
    c, numba = CFunction(package), NumbaFunction(package)
    if not np.array_equal(c.eval_batch(x).view(np.uint32), numba.eval_batch(x).view(np.uint32)):
        raise SystemExit(f"{f.name}: C and Numba differ")
    times: dict[str, list[float]] = {"C": [], "Numba": []}
    for _ in range(RUNS):
        times["C"].append(_seconds(lambda: c.eval_batch(x)))
        times["Numba"].append(_seconds(lambda: numba.eval_batch(x)))
    ns = {way: 1e9 * median(values) / ROWS for way, values in times.items()}
    return {"ns per element": f.name, "inputs": f.inputs, **ns, "Numba / C": ns["Numba"] / ns["C"]}


def _seconds(call: Callable[[], Any]) -> float:
    best = float("inf")
    for _ in range(CALLS):
        start = time.perf_counter()
        call()
        best = min(best, time.perf_counter() - start)
    return best


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    add_options(parser)
    parser.add_argument("functions", nargs="*", help=f"default: {' '.join(MAIN)}")
    options = parser.parse_args()
    wanted = options.functions or MAIN
    rows: Rows = [measure(f) | {"limit": "", "within": ""} for f in FUNCTIONS if f.name in wanted]
    mean = {column: geometric_mean(row[column] for row in rows) for column in ("C", "Numba", "Numba / C")}
    within = "yes" if mean["Numba / C"] <= LIMIT else "NO"
    rows.append({"ns per element": "geometric mean", "inputs": "", **mean, "limit": LIMIT, "within": within})
    report("numba_vs_c", rows, options.json, {"C": find_c().version})


if __name__ == "__main__":
    main()
