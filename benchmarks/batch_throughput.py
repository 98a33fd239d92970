"""A bundle's C against numpy at batch 100 000, one thread each.

    python -m benchmarks.batch_throughput [--json FILE]

Exit status 1 when the C is slower than numpy for the short equation (numpy has SIMD kernels of up to 4 ulp there), or
less than 3 times as fast for 8 equations over 32 inputs.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.common import finish, machine, median_time, table
from benchmarks.models import numpy_function, random_equations, write_bundle_of
from symc.load.host import CFunction, NumbaFunction
from symc.load.package import read_package

ROWS = 100_000
# name, equations, inputs, least ratio numpy time / C time (None: shown for the record)
CASES: tuple[tuple[str, list[str], int, float | None], ...] = (
    ("sin(3.14 x0) exp(-1.98 x1)", ["sin(3.14*x0)*exp(-1.98*x1)"], 2, 1.0),
    ("8 equations of complexity 24, 32 inputs", random_equations(8, 32, 24, seed=1), 32, 3.0),
    ("the same size, functions twice as frequent", random_equations(8, 32, 24, seed=1, functions=0.4), 32, None),
)


def measure(equations: list[str], n_in: int) -> dict[str, Any]:
    """Seconds per batch for each way, the share of C results that numpy rounds otherwise, and whether Numba agrees."""
    x = np.random.default_rng(0).uniform(-2, 2, (ROWS, n_in)).astype(np.float32)
    reference = numpy_function(equations, n_in)
    contiguous = np.asfortranarray(x)
    with tempfile.TemporaryDirectory() as folder:
        bundle = write_bundle_of(equations, n_in, Path(folder), "throughput", ("c", "numba"))
        package = read_package(bundle)
    c, numba = CFunction(package), NumbaFunction(package)
    y = c.eval_batch(x)
    assert y.view(np.uint32).tolist() == np.ascontiguousarray(numba.eval_batch(x)).view(np.uint32).tolist()
    with np.errstate(all="ignore"):
        differ = float(np.mean(y.view(np.uint32) != reference(x).view(np.uint32)))
    return {
        "seconds": {
            "numpy": median_time(lambda: reference(x), min_run_s=0.1),
            "numpy, columns contiguous": median_time(lambda: reference(contiguous), min_run_s=0.1),
            "C": median_time(lambda: c.eval_batch(x), min_run_s=0.1),
            "Numba": median_time(lambda: numba.eval_batch(x), min_run_s=0.1),
        },
        "rounded_otherwise_by_numpy": differ,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--json", type=Path, help="write the figures to this file")
    arguments = parser.parse_args()
    rows, missed, record = [], [], {}
    for name, equations, n_in, least in CASES:
        result = record[name] = {"equations": equations, **measure(equations, n_in)}
        base = result["seconds"]["numpy"]
        rows += [[f"{name}: {way}", f"{1e6 * s:.0f}", f"{base / s:.2f}x"] for way, s in result["seconds"].items()]
        ratio = base / result["seconds"]["C"]
        if least is not None and ratio < least:
            missed.append(f"{name}: the C is {ratio:.2f} times as fast as numpy, the bar is {least:.1f}")
    text = table([f"batch {ROWS}, one thread", "us per batch", "numpy / this"], rows)
    figures = {"cases": record, "rows": ROWS, "machine": machine("numpy", "numba")}
    finish("Batch throughput, float32", text, figures, missed, arguments.json)


if __name__ == "__main__":
    main()
