"""A bundle's C and Numba code against numpy and against C for libmvec at batch 100 000.

    python benchmarks/batch_throughput.py [--json]

One thread each, but where two share a batch of a million. What two threads of this machine can do at all stands behind
that: each evaluates rows of its own over and over, which stay in its cache. The limits: for the short equation the C is
at least as fast as numpy, whose SIMD kernels may be wrong by 4 ulp; for 8 equations over 32 inputs it is at least 3
times as fast. What gcc makes of the equations with -Ofast, whose functions may be wrong by 4 ulp too, is shown for the
record. C and Numba must agree on every bit, or this fails.
"""

from __future__ import annotations

import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
from _models import numpy_function, random_equations, write_bundle_of
from _record import arguments, report
from _timing import median_times
from _vector_c import vector_c

from symc.load.arrays import Arrays
from symc.load.host import CFunction, NumbaFunction
from symc.load.package import read_package

ROWS = 100_000
MANY_ROWS = 1_000_000
# Bytes of rows and results that stay in a core's own cache, and how often a thread goes through them.
CACHED, REPEATS = 1 << 18, 50
# name, equations, inputs, least ratio numpy time / C time (None: shown for the record)
CASES: tuple[tuple[str, list[str], int, float | None], ...] = (
    ("sin(3.14 x0) exp(-1.98 x1)", ["sin(3.14*x0)*exp(-1.98*x1)"], 2, 1.0),
    ("8 equations, complexity 24, 32 inputs", random_equations(8, 32, 24, seed=1), 32, 3.0),
    ("the same, functions twice as frequent", random_equations(8, 32, 24, seed=1, functions=0.4), 32, None),
)


def measure(name: str, equations: list[str], n_in: int, least: float | None) -> list[dict[str, Any]]:
    """One row per way to evaluate the equations."""
    x = np.random.default_rng(0).uniform(-2, 2, (ROWS, n_in)).astype(np.float32)
    columns = np.asfortranarray(x)
    reference = numpy_function(equations, n_in)
    with tempfile.TemporaryDirectory() as folder:
        package = read_package(write_bundle_of(equations, n_in, Path(folder), "throughput", ("c", "numba")))
        fast = vector_c(equations, n_in, Path(folder))
    c, numba = CFunction(package), NumbaFunction(package)
    if not np.array_equal(c.eval_batch(x).view(np.uint32), numba.eval_batch(x).view(np.uint32)):
        raise SystemExit(f"{name}: C and Numba differ")
    calls = {
        "numpy": lambda: reference(x),
        "numpy, inputs stored by column": lambda: reference(columns),
        "C": lambda: c.eval_batch(x),
        "Numba": lambda: numba.eval_batch(x),
    }
    if fast is not None:
        calls["C, gcc -Ofast and libmvec"] = lambda: fast(x)
    seconds = median_times(calls, runs=9, min_run_s=0.05)
    many = np.concatenate([x] * (MANY_ROWS // ROWS))
    one, two = Arrays(package), Arrays(package, 2)
    shared = median_times({"one": lambda: one(many), "two": lambda: two(many)}, runs=9, min_run_s=0.05)
    seconds["C, a million rows, one thread"] = shared["one"] * ROWS / MANY_ROWS
    seconds["C, a million rows, two threads"] = shared["two"] * ROWS / MANY_ROWS
    seconds |= in_cache(c, x)
    return [
        {
            "equations": name,
            "by": way,
            "us per batch": round(1e6 * s),
            "numpy / this": seconds["numpy"] / s,
            "this / C": s / seconds["C"],
            "limit": least if way == "C" and least is not None else "",
            "within": ("yes" if seconds["numpy"] / s >= least else "NO") if way == "C" and least is not None else "",
        }
        for way, s in seconds.items()
    ]


def in_cache(c: CFunction, x: np.ndarray) -> dict[str, float]:
    """Seconds of ROWS rows that never leave a core's cache, by one thread and by two: what a second core is worth."""
    rows = CACHED // (4 * (c.n_in + c.n_out))
    parts = [(x[:rows].copy(), np.zeros((rows, c.n_out), np.float32)) for _ in range(2)]

    def run(part: int) -> None:
        given, result = (array.ctypes.data for array in parts[part])
        for _ in range(REPEATS):
            c.eval_pointers(given, result, rows)

    with ThreadPoolExecutor(1) as other:

        def both() -> None:
            waited = other.submit(run, 1)
            run(0)
            waited.result()

        seconds = median_times({"one": lambda: [run(0), run(1)], "two": both}, runs=9, min_run_s=0.05)
    share = ROWS / (2 * REPEATS * rows)
    return {f"C, rows in the cache, {many} thread{'s' * (many == 'two')}": s * share for many, s in seconds.items()}


def main() -> None:
    save = arguments(__doc__.splitlines()[0]).json
    report("batch_throughput", [row for case in CASES for row in measure(*case)], save)


if __name__ == "__main__":
    main()
