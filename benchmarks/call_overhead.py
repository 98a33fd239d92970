"""What a call of a loaded bundle costs at batch 1, over the C function itself.

    python -m benchmarks.call_overhead [--json FILE]

The C function is timed in a loop of C. Exit status 1 when the module costs more than 15 us over it.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
from pathlib import Path

import numpy as np

from benchmarks.common import finish, machine, median_time, table
from benchmarks.models import write_bundle_of
from symc.load.package import Package, read_package
from symc.toolchain.compilers import HOST_FLAGS, find_c

BAR_US = 15.0
EQUATION = "sin(3.14*x0)*exp(-1.98*x1)"

_LOOP = """\
#define _POSIX_C_SOURCE 199309L
#include <time.h>
#include "{name}.h"

double seconds_per_call(const float *x, float *y, long calls);
double seconds_per_call(const float *x, float *y, long calls)
{{
    struct timespec start, end;
    clock_gettime(CLOCK_MONOTONIC, &start);
    for (long k = 0; k < calls; k++) {{
        {name}_eval_batch(x, y, 1);
    }}
    clock_gettime(CLOCK_MONOTONIC, &end);
    return ((double)(end.tv_sec - start.tv_sec) + 1e-9 * (double)(end.tv_nsec - start.tv_nsec)) / (double)calls;
}}
"""


def time_in_c(package: Package, x: np.ndarray, calls: int = 200_000) -> float:
    """Seconds per NAME_eval_batch(x, y, 1), called from C."""
    import cffi

    files = package.below("include", "src") | {"loop.c": _LOOP.format(name=package.name).encode()}
    sources = sorted(path for path in files if path.endswith(".c"))
    library = find_c().shared_library(files, sources, ("include", "src"), HOST_FLAGS, "loop")
    ffi = cffi.FFI()
    ffi.cdef("double seconds_per_call(const float *x, float *y, long calls);")
    loop = ffi.dlopen(str(library))
    y = ffi.new("float[]", package.program.n_out)
    return statistics.median(loop.seconds_per_call(ffi.from_buffer("float[]", x), y, calls) for _ in range(9))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--json", type=Path, help="write the figures to this file")
    arguments = parser.parse_args()

    import torch

    import symc

    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as folder:
        bundle = write_bundle_of([EQUATION], 2, Path(folder), "overhead")
        package = read_package(bundle)
        module = symc.load(bundle)
    array = np.array([[0.3, 0.7]], np.float32)
    x = torch.from_numpy(array)
    differentiable = x.clone().requires_grad_()
    compiled = torch.compile(module, fullgraph=True)
    linear = torch.nn.Linear(2, 1)

    def backward() -> None:
        module(differentiable).backward()

    with torch.no_grad():
        quiet = {
            "module(tensor)": median_time(lambda: module(x)),
            "module(array), numpy": median_time(lambda: module(array)),
            "torch.compile(module)(tensor)": median_time(lambda: compiled(x)),
            "nn.Linear(2, 1)(tensor), for comparison": median_time(lambda: linear(x)),
        }
    base = time_in_c(package, array)
    seconds = {
        "C function, called from C": base,
        **quiet,
        "module(tensor that needs its gradient)": median_time(lambda: module(differentiable)),
        "the same with backward()": median_time(backward),
    }
    rows = [
        [name, f"{1e6 * s:.3f}", f"{1e6 * (s - base):.3f}", f"{s / base:.0f}x" if s != base else "1x"]
        for name, s in seconds.items()
    ]
    over = 1e6 * (seconds["module(tensor)"] - base)
    missed = [f"module(tensor) costs {over:.1f} us over C, the bar is {BAR_US} us"] if over > BAR_US else []
    record = {"equation": EQUATION, "seconds": seconds, "machine": machine("torch", "numpy", "cffi")}
    text = table(["batch 1, one thread", "us per call", "us over C", "ratio to C"], rows)
    finish(f"Call overhead of y = {EQUATION}", text, record, missed, arguments.json)


if __name__ == "__main__":
    main()
