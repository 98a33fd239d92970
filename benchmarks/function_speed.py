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
import math
import platform
import shutil
import statistics
import subprocess
import tempfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from _record import Rows, add_options, report

from symc.backends.c import ROWS
from symc.toolchain.compilers import _TUNING, NUMERIC_FLAGS

INCLUDE = Path(__file__).resolve().parents[1] / "runtime" / "include"
ELEMENTS = 2048
# The calls of one timing last about this long; the best of BURSTS of them counts.
BURST_S = 1e-4
BURSTS = 5

# What the limits are about, and the others for the record.
MAIN = ("exp", "log", "sin", "cos", "tanh", "pow")
GEOMETRIC_MEAN = "geometric mean of " + " ".join(MAIN)
# name -> greatest time of symc, compiled by gcc with FMA, as a multiple of this peer's, over MAIN
LIMITS = {"SLEEF u10": 1.0, "SLEEF cinz": 0.6, "glibc": 1 / 2.5}


@dataclass(frozen=True)
class Measured:
    """A function, the range its inputs are drawn from evenly, and its name in SLEEF and in libmvec ("" for none).

    `header` is its header in the runtime where that has another name, `second` the range of a second argument.
    """

    name: str
    low: float
    high: float
    header: str = ""
    second: tuple[float, float] | None = None
    sleef: str = ""
    libmvec: bool = True
    glibc: str = ""

    @property
    def inputs(self) -> str:
        text = f"{self.low:g} to {self.high:g}"
        return text if self.second is None else f"{text} to the {self.second[0]:g} to {self.second[1]:g}"


FUNCTIONS = (
    Measured("exp", -20, 20),
    Measured("log", 1e-6, 100),
    Measured("sin", -10, 10, "trig"),
    Measured("cos", -10, 10, "trig"),
    Measured("tanh", -4, 4),
    Measured("pow", 1e-3, 10, second=(-5, 5)),
    Measured("exp2", -20, 20),
    Measured("expm1", -4, 4),
    Measured("log2", 1e-6, 100),
    Measured("log10", 1e-6, 100),
    Measured("log1p", -0.9, 10),
    Measured("tan", -10, 10, "trig"),
    Measured("asin", -1, 1),
    Measured("acos", -1, 1),
    Measured("atan", -10, 10),
    Measured("sinh", -4, 4),
    Measured("cosh", -4, 4),
    Measured("asinh", -10, 10),
    Measured("acosh", 1, 100),
    Measured("atanh", -0.99, 0.99),
    Measured("sqrt", 0, 100, libmvec=False),
    Measured("cbrt", -100, 100),
    Measured("erf", -3, 3, "erf"),
    Measured("erfc", -3, 3, "erf", sleef="u15"),
    Measured("gamma", 0.5, 10, sleef="tgamma", glibc="tgamma", libmvec=False),
)

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

_SYMC = """
#include <stddef.h>
#include "symc/{header}.h"

static __attribute__((noinline)) void rows(const float *restrict x, const float *restrict y, float *restrict z)
{{
    uint32_t slow = 0;
    (void)y;
    for (size_t i = 0; i < {rows}; i++) {{
        z[i] = {quick};
    }}
    for (size_t i = 0; slow != 0 && i < {rows}; i++) {{
        z[i] = {full};
    }}
}}

void batch(const float *x, const float *y, float *z, size_t n)
{{
    for (size_t i = 0; i + {rows} <= n; i += {rows}) {{
        rows(x + i, y + i, z + i);
    }}
}}
"""

_SCALAR = """
#include <math.h>
#include <stddef.h>

void batch(const float *x, const float *y, float *z, size_t n)
{{
    (void)y;
    for (size_t i = 0; i < n; i++) {{
        z[i] = {call};
    }}
}}
"""

_VECTOR = """
#include <immintrin.h>
#include <stddef.h>
{declarations}

void batch(const float *x, const float *y, float *z, size_t n)
{{
    (void)y;
    for (size_t i = 0; i + {width} <= n; i += {width}) {{
        _mm{bits}_storeu_ps(z + i, {call});
    }}
}}
"""


@dataclass(frozen=True)
class Way:
    """One way to compute a function; `source` gives the text to compile, None where the way has no such function."""

    name: str
    compiler: str
    flags: tuple[str, ...]
    libraries: tuple[str, ...]
    source: Callable[[Measured], str | None]


def _symc(f: Measured) -> str | None:
    header = f.header or f.name
    paths = [INCLUDE / "symc" / folder / f"{header}.h" for folder in (".", "f64")]
    text = "".join(path.read_text() for path in paths if path.exists())
    if f"symc_{f.name}(" not in text:
        return None
    arguments = "x[i]" if f.second is None else "x[i], y[i]"
    full = f"symc_{f.name}({arguments})"
    quick = f"symc_{f.name}_fast({arguments}, &slow)" if f"symc_{f.name}_fast(" in text else full
    return _SYMC.format(header=header, rows=ROWS, quick=quick, full=full)


def _glibc(f: Measured) -> str:
    return _SCALAR.format(call=f"{f.glibc or f.name}f({'x[i]' if f.second is None else 'x[i], y[i]'})")


def _loads(f: Measured, bits: str) -> str:
    return ", ".join(f"_mm{bits}_loadu_ps({a} + i)" for a in ("x", "y")[: 1 if f.second is None else 2])


def _libmvec(width: int) -> Callable[[Measured], str | None]:
    bits, letter = ("512", "e") if width == 16 else ("256", "d")

    def source(f: Measured) -> str | None:
        if not f.libmvec:
            return None
        name = f"_ZGV{letter}N{width}v{'' if f.second is None else 'v'}_{f.name}f"
        parameters = ", ".join(["__m" + bits] * (1 if f.second is None else 2))
        return _VECTOR.format(
            declarations=f"__m{bits} {name}({parameters});", width=width, bits=bits, call=f"{name}({_loads(f, bits)})"
        )

    return source


def _sleef(family: str, width: int, extension: str) -> Callable[[Measured], str | None]:
    bits = "512" if width == 16 else "256"

    def source(f: Measured) -> str | None:
        error = f.sleef if f.sleef.startswith("u") else "u05" if f.name == "sqrt" else "u10"
        base = f.name if f.sleef in ("", error) else f.sleef
        call = f"Sleef_{family}{base}f{width}_{error}{extension}({_loads(f, bits)})"
        return _VECTOR.format(declarations="#include <sleef.h>", width=width, bits=bits, call=call)

    return source


def ways(features: set[str]) -> list[Way]:
    """Every way that this machine offers; symc's first."""
    found = []
    sets = [("AVX2 FMA", ("-mavx2", "-mfma")), ("AVX2", ("-mavx2", "-mno-fma"))]
    if "avx512f" in features:
        sets.append(("AVX-512", ("-march=native", "-mprefer-vector-width=512")))
    common = ("-O3", "-mtune=native", "-std=c99", *NUMERIC_FLAGS)
    for kind in ("gcc", "clang"):
        if not shutil.which(kind):
            continue
        for name, flags in sets:
            found.append(Way(f"{kind} {name}", kind, (*common, *flags, *_TUNING.get(kind, ())), (), _symc))
    avx2 = ("-O2", "-mavx2", "-mfma")
    found.append(Way("glibc", "gcc", ("-O2",), ("-lm",), _glibc))
    found.append(Way("libmvec", "gcc", avx2, ("-lmvec", "-lm"), _libmvec(8)))
    if _has_sleef():
        found.append(Way("SLEEF u10", "gcc", avx2, ("-lsleef",), _sleef("", 8, "avx2")))
        found.append(Way("SLEEF cinz", "gcc", avx2, ("-lsleef",), _sleef("cinz_", 8, "avx")))
    if "avx512f" in features:
        avx512 = ("-O2", "-march=native")
        found.append(Way("libmvec AVX-512", "gcc", avx512, ("-lmvec", "-lm"), _libmvec(16)))
        if _has_sleef():
            found.append(Way("SLEEF u10 AVX-512", "gcc", avx512, ("-lsleef",), _sleef("", 16, "avx512f")))
            found.append(Way("SLEEF cinz AVX-512", "gcc", avx512, ("-lsleef",), _sleef("cinz_", 16, "avx512fnofma")))
    return found


def _has_sleef() -> bool:
    test = subprocess.run(
        ["gcc", "-x", "c", "-", "-fsyntax-only"], input="#include <sleef.h>\n", capture_output=True, text=True
    )
    return test.returncode == 0


def build(way: Way, f: Measured, folder: Path) -> Any:
    """The compiled batch function, or None where the way has none."""
    source = way.source(f)
    if source is None:
        return None
    stem = f"{f.name}_{way.name.replace(' ', '_')}"
    path = folder / f"{stem}.c"
    path.write_text(source)
    library = folder / f"{stem}.so"
    command = [way.compiler, *way.flags, f"-I{INCLUDE}", "-fPIC", "-shared", str(path), *way.libraries]
    done = subprocess.run([*command, "-o", str(library)], capture_output=True, text=True)
    if done.returncode != 0:
        if way.source is _symc:
            raise SystemExit(done.stderr)
        return None
    try:
        return ctypes.CDLL(str(library)).batch
    except OSError:  # this version of the library has no such function
        return None


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


def mean(values: Iterable[float]) -> float:
    """The geometric mean."""
    logs = [math.log(v) for v in values]
    return math.exp(sum(logs) / len(logs))


def rows_of(times: Times, functions: Sequence[Measured], here: Sequence[Way]) -> Rows:
    """One row per function, and geometric means where MAIN is complete."""
    made: Rows = []
    for f in functions:
        row: dict[str, Any] = {"ns per element": f.name, "inputs": f.inputs}
        keys = {way.name: (f.name, way.name) for way in here}
        made.append(row | {name: statistics.median(times[k]) if k in times else "" for name, k in keys.items()})
    if {f.name for f in functions} >= set(MAIN):
        row = {"ns per element": "geometric mean", "inputs": " ".join(MAIN)}
        made.append(row | {w.name: mean(statistics.median(times[f, w.name]) for f in MAIN) for w in here})
    return made


def ratios_of(times: Times, functions: Sequence[Measured], here: Sequence[Way]) -> Rows:
    """One row per way to compile symc and peer: symc's time / the peer's, per function and over MAIN."""
    made: Rows = []
    symc = [way for way in here if way.source is _symc]
    for way in symc:
        for peer in here:
            if peer in symc or (peer.name != "glibc" and ("AVX-512" in way.name) != ("AVX-512" in peer.name)):
                continue
            row: dict[str, Any] = {"symc": way.name, "time / that of": peer.name}
            for f in functions:
                keys = (f.name, way.name), (f.name, peer.name)
                present = all(k in times for k in keys)
                pairs = zip(*(times[k] for k in keys), strict=True) if present else ()
                row[f.name] = statistics.median(ours / theirs for ours, theirs in pairs) if present else ""
            if {f.name for f in functions} >= set(MAIN):
                row["mean"] = mean(row[f] for f in MAIN)
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
        "gcc": _version("gcc"),
        "clang": _version("clang"),
        "glibc": platform.libc_ver()[1],
        "SLEEF": _sleef_version(),
        "AVX-512": "yes" if "avx512f" in flags else "not offered by this CPU",
    }
    report(
        "function_speed",
        {"times": rows_of(times, functions, here), "ratios": ratios_of(times, functions, here)},
        options.json,
        versions,
    )


def _version(compiler: str) -> str:
    if not shutil.which(compiler):
        return "not installed"
    return subprocess.run([compiler, "--version"], capture_output=True, text=True).stdout.splitlines()[0]


def _sleef_version() -> str:
    text = "#include <sleef.h>\nSLEEF_VERSION_MAJOR SLEEF_VERSION_MINOR SLEEF_VERSION_PATCHLEVEL\n"
    done = subprocess.run(["gcc", "-x", "c", "-", "-E", "-P"], input=text, capture_output=True, text=True)
    return ".".join(done.stdout.split()[-3:]) if done.returncode == 0 else "not installed"


if __name__ == "__main__":
    main()
