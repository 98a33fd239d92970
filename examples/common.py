"""What the examples share: baselines fitted by least squares, errors, timings, the size of the C, and plain tables."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
import textwrap
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from itertools import combinations_with_replacement
from pathlib import Path

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray
from torch import Tensor

from symc.tables import table


class Clock:
    """Says what was done, with the seconds since the example began."""

    def __init__(self) -> None:
        self._start = time.perf_counter()

    @property
    def seconds(self) -> float:
        return time.perf_counter() - self._start

    def __call__(self, text: str) -> None:
        print(f"[{self.seconds:5.1f} s] {text}", flush=True)


@dataclass(frozen=True)
class Polynomial:
    """Least-squares polynomial of a total degree in inputs scaled to [-1, 1]: degree 0 is the mean, 1 an affine map."""

    degree: int
    centre: NDArray[np.float64]
    scale: NDArray[np.float64]
    weights: NDArray[np.float64]

    @classmethod
    def fit(cls, x: ArrayLike, y: ArrayLike, degree: int) -> Polynomial:
        """Fit y (n, n_out) on x (n, n_in)."""
        inputs = np.asarray(x, dtype=np.float64)
        low, high = inputs.min(axis=0), inputs.max(axis=0)
        centre, scale = (high + low) / 2, (high - low) / 2
        terms = _monomials((inputs - centre) / scale, degree)
        weights = np.linalg.lstsq(terms, np.asarray(y, dtype=np.float64), rcond=None)[0]
        return cls(degree, centre, scale, weights)

    def __call__(self, x: ArrayLike) -> NDArray[np.float64]:
        """x (n, n_in) -> (n, n_out)."""
        return _monomials((np.asarray(x, dtype=np.float64) - self.centre) / self.scale, self.degree) @ self.weights


def _monomials(x: NDArray[np.float64], degree: int) -> NDArray[np.float64]:
    columns = [np.ones(len(x))]
    for power in range(1, degree + 1):
        columns += [
            x[:, list(chosen)].prod(axis=1) for chosen in combinations_with_replacement(range(x.shape[1]), power)
        ]
    return np.stack(columns, axis=1)


def rmse(a: ArrayLike, b: ArrayLike) -> NDArray[np.float64]:
    """Root mean square difference per column."""
    difference = np.asarray(a, dtype=np.float64) - np.asarray(b, dtype=np.float64)
    return np.sqrt((difference**2).mean(axis=0))


def largest(a: ArrayLike, b: ArrayLike) -> NDArray[np.float64]:
    """Largest absolute difference per column."""
    return np.abs(np.asarray(a, dtype=np.float64) - np.asarray(b, dtype=np.float64)).max(axis=0)


def microseconds(call: Callable[[], object], budget_s: float = 0.3) -> float:
    """Time of one call: the median of batches, after a warm-up."""
    call()
    start = time.perf_counter()
    call()
    once = max(time.perf_counter() - start, 1e-7)
    inner = max(1, int(budget_s / 15 / once))
    batches = []
    for _ in range(15):
        start = time.perf_counter()
        for _ in range(inner):
            call()
        batches.append((time.perf_counter() - start) / inner)
    return float(np.median(batches)) * 1e6


_TIMER = """
#define _POSIX_C_SOURCE 199309L
#include <stdio.h>
#include <time.h>
#include "{name}.h"
static float x[10000u * {n_in}u], y[10000u * {n_out}u];
static double now(void) {{
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return 1e6 * (double)t.tv_sec + 1e-3 * (double)t.tv_nsec;
}}
int main(void) {{
  if (fread(x, sizeof x, 1, stdin) != 1) return 2;
  for (int batched = 0; batched < 2; batched++) {{
    double best = 1e300;
    for (int repeat = 0; repeat < 25; repeat++) {{
      const double start = now();
      if (batched)
        {name}_eval_batch(x, y, 10000);
      else
        for (int i = 0; i < 10000; i++) {name}_eval(x + i * {n_in}, y + i * {n_out});
      const double took = now() - start;
      if (took < best) best = took;
    }}
    printf("%.6g ", best / (batched ? 1.0 : 10000.0));
  }}
  return 0;
}}
"""


@dataclass(frozen=True)
class CompiledC:
    """What the C of a bundle costs on this machine."""

    text_bytes: int  # code and constants of src/NAME.c at -Os
    call_us: float  # one NAME_eval from C
    batch_us: float  # one NAME_eval_batch of 10 000 rows from C


def measure_c(bundle: Path, name: str, x: NDArray[np.float32], n_out: int) -> CompiledC:
    """Compile the bundle's C as a user would, without Python around it, and measure it on 10 000 rows drawn from x."""
    compiler = next(filter(None, map(shutil.which, ("cc", "gcc", "clang"))), None)
    if compiler is None:
        raise SystemExit("a C compiler is needed to measure the C (Debian: apt-get install gcc)")
    source, include = str(bundle / "src" / f"{name}.c"), [f"-I{bundle / 'include'}", f"-I{bundle / 'src'}"]
    flags = ["-std=c99", "-ffp-contract=off", "-fno-math-errno", "-fno-trapping-math", *include]
    rows = np.ascontiguousarray(np.resize(x, (10_000, x.shape[1])), dtype=np.float32)
    with tempfile.TemporaryDirectory() as scratch:
        subprocess.run([compiler, "-Os", *flags, "-c", source, "-o", f"{scratch}/small.o"], check=True)
        sizes = subprocess.run(["size", f"{scratch}/small.o"], check=True, capture_output=True, text=True).stdout
        Path(scratch, "timer.c").write_text(_TIMER.format(name=name, n_in=x.shape[1], n_out=n_out))
        fast = [compiler, "-O3", "-march=native", *flags, f"{scratch}/timer.c", source, "-o", f"{scratch}/timer"]
        subprocess.run(fast, check=True)
        timed = subprocess.run([f"{scratch}/timer"], input=rows.tobytes(), check=True, capture_output=True).stdout
    call_us, batch_us = map(float, timed.split())
    return CompiledC(int(sizes.splitlines()[1].split()[0]), call_us, batch_us)


def speed_table(
    network: Callable[[Tensor], Tensor], compiled: Callable[[Tensor], Tensor], c: CompiledC, x: NDArray[np.float32]
) -> str:
    """Microseconds for 1 row and for 10 000 rows of x: the network, symc.load's module and the C itself."""
    many = torch.from_numpy(np.resize(x, (10_000, x.shape[1])))
    rows = []
    with torch.no_grad():
        for label, call in (("network in PyTorch", network), ("equation by symc.load", compiled)):
            rows.append([label, *(f"{microseconds(partial(call, batch)):.3g}" for batch in (many[:1], many))])
    rows.append(["equation called from C", f"{c.call_us:.3g}", f"{c.batch_us:.3g}"])
    return table(["", "1 row", "10 000 rows"], rows)


def size_table(network: torch.nn.Module, c: CompiledC, name: str) -> str:
    """The size of the C beside that of the network's weights."""
    weights = sum(p.numel() for p in network.parameters())
    rows = [
        [f"src/{name}.c, code and constants, -Os", str(c.text_bytes)],
        [f"the network's {weights} weights alone", str(4 * weights)],
    ]
    return table(["", "bytes"], rows)


def equation(name: str, text: str) -> str:
    """`name = text`, wrapped at operators to 110 columns."""
    return textwrap.fill(
        f"{name} = {text}", 110, initial_indent="  ", subsequent_indent=" " * (len(name) + 5), break_long_words=False
    )
