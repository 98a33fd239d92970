"""The runtime's functions on batches beside glibc, libmvec and SLEEF: ns per element, ratios, geometric means.

    python benchmarks/function_speed.py [--json] [--runs N] [FUNCTION ...]

2048 floats that stay in the first-level cache, one thread. Every function is timed once per run by every peer in turn,
so that they meet the same neighbours; times are medians over the runs, ratios the medians of the runs' ratios. symc's
functions are compiled in the form that bundles use: blocks of 32 rows, and again row by row where a block asked for it.
Needs x86-64 with AVX2 and FMA, gcc, glibc; clang and SLEEF (Debian: libsleef-dev) if they are to take part.
"""

from __future__ import annotations

import argparse
import ctypes
import platform
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path
from statistics import geometric_mean, median
from typing import Any

import numpy as np
from _functions import FUNCTIONS, MAIN, Measured
from _peers import Way, build, sleef_version, version, ways
from _record import Rows, add_options, report

ELEMENTS = 2048
# The calls of one timing last about this long; the best of BURSTS of them counts.
BURST_S = 1e-4
BURSTS = 5

# name -> greatest time of symc, compiled by gcc with FMA, as a multiple of this peer's, over MAIN
LIMITS = {"SLEEF u10": 1.0, "SLEEF cinz": 0.6, "glibc": 1 / 2.5}

# (function, way) -> ns per element, run by run
Times = dict[tuple[str, str], list[float]]

_DRIVER = r"""
#define _POSIX_C_SOURCE 199309L
#include <stddef.h>
#include <time.h>

typedef void (*batch)(const float *x, const float *y, float *z, size_t n);

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return 1e9 * (double)t.tv_sec + (double)t.tv_nsec;
}

/* ns per element: the best of `bursts` times `calls` calls. */
double measure(batch f, const float *x, const float *y, float *z, size_t n, int calls, int bursts)
{
    double best = 1e300;
    f(x, y, z, n);
    for (int b = 0; b < bursts; ++b) {
        const double start = now();
        for (int c = 0; c < calls; ++c) {
            f(x, y, z, n);
        }
        const double took = (now() - start) / ((double)calls * (double)n);
        best = took < best ? took : best;
    }
    return best;
}
"""


def driver(folder: Path) -> Any:
    path = folder / "driver.c"
    path.write_text(_DRIVER)
    subprocess.run(["gcc", "-O2", "-fPIC", "-shared", str(path), "-o", str(folder / "driver.so")], check=True)
    measure = ctypes.CDLL(str(folder / "driver.so")).measure
    measure.restype = ctypes.c_double
    return measure


def inputs(f: Measured) -> tuple[np.ndarray, np.ndarray]:
    generator = np.random.default_rng(1)
    x = generator.uniform(f.low, f.high, ELEMENTS).astype(np.float32)
    return x, generator.uniform(*(f.second or (0, 1)), ELEMENTS).astype(np.float32)


def time_all(functions: Sequence[Measured], here: Sequence[Way], runs: int) -> Times:
    """Time every function by every way."""
    times: Times = {}
    calls: dict[tuple[str, str], int] = {}
    with tempfile.TemporaryDirectory() as name:
        measure = driver(Path(name))
        built = {(f.name, way.name): build(way, f, Path(name)) for f in functions for way in here}
        data = {f.name: inputs(f) for f in functions}
        z = np.empty(ELEMENTS, np.float32)

        def run(key: tuple[str, str], count: int, bursts: int) -> float:
            x, y = data[key[0]]
            pointers = [ctypes.c_void_p(a.ctypes.data) for a in (x, y, z)]
            return float(measure(built[key], *pointers, ctypes.c_size_t(ELEMENTS), count, bursts))

        present = [key for key, function in built.items() if function is not None]
        for key in present:
            calls[key] = max(1, round(BURST_S * 1e9 / (run(key, 4, 3) * ELEMENTS)))
        for _ in range(runs):
            for key in present:
                times.setdefault(key, []).append(run(key, calls[key], BURSTS))
    return times


def rows_of(times: Times, functions: Sequence[Measured], here: Sequence[Way]) -> Rows:
    """One row per function, and geometric means where MAIN is complete."""
    made: Rows = []
    for f in functions:
        row: dict[str, Any] = {"ns per element": f.name, "inputs": f.inputs}
        keys = {way.name: (f.name, way.name) for way in here}
        made.append(row | {name: median(times[k]) if k in times else "" for name, k in keys.items()})
    if {f.name for f in functions} >= set(MAIN):
        row = {"ns per element": "geometric mean", "inputs": " ".join(MAIN)}
        made.append(row | {w.name: geometric_mean(median(times[f, w.name]) for f in MAIN) for w in here})
    return made


def ratios_of(times: Times, functions: Sequence[Measured], here: Sequence[Way]) -> Rows:
    """One row per way to compile symc and peer: symc's time / the peer's, per function and over MAIN."""
    made: Rows = []
    symc = [way for way in here if way.is_symc]
    for way in symc:
        for peer in here:
            if peer in symc or (peer.name != "glibc" and ("AVX-512" in way.name) != ("AVX-512" in peer.name)):
                continue
            row: dict[str, Any] = {"symc": way.name, "time / that of": peer.name}
            for f in functions:
                keys = (f.name, way.name), (f.name, peer.name)
                present = all(k in times for k in keys)
                pairs = zip(*(times[k] for k in keys), strict=True) if present else ()
                row[f.name] = median(ours / theirs for ours, theirs in pairs) if present else ""
            if {f.name for f in functions} >= set(MAIN):
                row["mean"] = geometric_mean(row[f] for f in MAIN)
                limit = LIMITS.get(peer.name) if way.name == "gcc AVX2 FMA" else None
                row["limit"] = "" if limit is None else limit
                row["within"] = "" if limit is None else "yes" if row["mean"] <= limit else "NO"
            made.append(row)
    return made


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    add_options(parser)
    parser.add_argument("--runs", type=int, default=15, help="runs of which the median counts (default 15)")
    parser.add_argument("functions", nargs="*", help="default: all")
    options = parser.parse_args()
    if platform.machine() not in ("x86_64", "AMD64") or not shutil.which("gcc"):
        raise SystemExit("this benchmark needs gcc on x86-64")
    flags = Path("/proc/cpuinfo").read_text().split("flags", 1)[1].split("\n", 1)[0].split()
    functions = [f for f in FUNCTIONS if not options.functions or f.name in options.functions]
    here = ways(set(flags))
    times = time_all(functions, here, options.runs)
    versions = {
        "gcc": version("gcc"),
        "clang": version("clang"),
        "glibc": platform.libc_ver()[1],
        "SLEEF": sleef_version(),
        "AVX-512": "yes" if "avx512f" in flags else "not offered by this CPU",
    }
    report(
        "function_speed",
        {"times": rows_of(times, functions, here), "ratios": ratios_of(times, functions, here)},
        options.json,
        versions,
    )


if __name__ == "__main__":
    main()
