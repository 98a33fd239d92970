"""What a call of a loaded bundle costs at batch 1, over the C function itself.

    python benchmarks/call_overhead.py [--json]

The C function is timed in a loop of C. Medians of several runs; one thread.
"""

from __future__ import annotations

import statistics
import tempfile
from pathlib import Path

import numpy as np
from _models import write_bundle_of
from _record import arguments, report
from _timing import median_time

from symc.load.package import Package, read_package
from symc.toolchain.compilers import HOST_FLAGS, find_c

LIMIT_US = 15.0
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
    save = arguments(__doc__.splitlines()[0]).json

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

    base = time_in_c(package, array)
    with torch.no_grad():
        seconds = {
            "C function, called from C": base,
            "module(tensor)": median_time(lambda: module(x)),
            "module(numpy array)": median_time(lambda: module(array)),
            "torch.compile(module)(tensor)": median_time(lambda: compiled(x)),
            "torch.nn.Linear(2, 1)(tensor), beside it": median_time(lambda: linear(x)),
        }
    seconds["module(tensor that needs its gradient)"] = median_time(lambda: module(differentiable))
    seconds["the same, and backward()"] = median_time(lambda: module(differentiable).backward())
    rows = [
        {
            "batch 1": name,
            "us per call": 1e6 * s,
            "us over C": 1e6 * (s - base),
            "ratio to C": s / base,
            "within": ("yes" if 1e6 * (s - base) <= LIMIT_US else "NO") if name == "module(tensor)" else "",
        }
        for name, s in seconds.items()
    ]
    report("call_overhead", rows, save)


if __name__ == "__main__":
    main()
