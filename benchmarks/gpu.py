"""A bundle's CUDA kernels on this machine's GPU, beside a copy of memory, torch eager and torch.compile.

    python benchmarks/gpu.py [--json]            (make bench-gpu: the tests that need a GPU, then this, recorded)

The limits: kernels whose work is moving rows reach 80 % of the bandwidth of a copy on the device; one equation takes at
most torch.compile's time, 8 and 64 equations half of it, and all a fifth of torch eager's; a compressed block takes at
most the time of the same in torch and of its perceptron; a call of the loaded module takes 10 us. Batches are several
times the size of the second-level cache. The first rows must have the bits of the C code, or this fails.
"""

from __future__ import annotations

import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import layered_speed
import numpy as np
import torch
from _models import random_equations, write_bundle_of
from _record import arguments, report

import symc
from symc.ir.parse import parse, symbol
from symc.load.host import CFunction
from symc.toolchain.compilers import find_nvcc

Call = Callable[[], Any]
RUNS = 15
CHECKED_ROWS = 50_000
MOST_US = 10.0
BURST = 500
# torch.compile takes minutes for many equations; stored by column they are shown for the record only.
MOST_COLUMNS = 8
TORCH = {name: getattr(torch, name) for name in ("sin", "cos", "exp", "tanh", "sqrt")}


@dataclass(frozen=True)
class Case:
    """Equations over `n_in` inputs and the limits for them: share of the copy's bandwidth, torch's times over ours."""

    name: str
    equations: list[str]
    n_in: int
    rows: int
    bandwidth: float | None = None
    compiled: float | None = None
    eager: float | None = None


CASES = (
    Case("x0 x1 + 0.5 x0", ["x0*x1 + 0.5*x0"], 2, 1 << 26, 0.8, 1.0, None),
    Case("8 sums and products of 32 inputs", [
        " + ".join(f"x{(k + 4 * j) % 32}*x{(5 * k + j) % 32}" for j in range(6)) for k in range(8)
    ], 32, 1 << 23, 0.8, 2.0, 5.0),
    Case("sin(3.14 x0) exp(-1.98 x1)", ["sin(3.14*x0)*exp(-1.98*x1)"], 2, 1 << 26, 0.8, 1.0, 5.0),
    Case("8 equations, complexity 24, 32 inputs", random_equations(8, 32, 24, seed=1), 32, 1 << 23, None, 2.0, 5.0),
    Case("64 equations, complexity 24, 32 inputs", random_equations(64, 32, 24, seed=2), 32, 1 << 22, None, 2.0, 5.0),
)  # fmt: skip


def torch_function(equations: Sequence[str], n_in: int) -> Callable[..., list[torch.Tensor]]:
    """One tensor per input -> one per equation, with common subexpressions, as a person would write it in torch."""
    import sympy

    features = [f"x{k}" for k in range(n_in)]
    expressions = [parse(text, features) for text in equations]
    return sympy.lambdify([symbol(f) for f in features], expressions, [TORCH], cse=True)


def device_times(calls: Mapping[str, Call]) -> dict[str, float]:
    """Seconds per call on the device: medians of RUNS runs, whose order takes turns, between two events each."""
    counts = {}
    for name, call in calls.items():
        call()
        call()
        counts[name] = max(1, min(20, int(0.01 / device_time(call, 1))))
    times: dict[str, list[float]] = {name: [] for name in calls}
    for _ in range(RUNS):
        for name, call in calls.items():
            times[name].append(device_time(call, counts[name]))
    return {name: statistics.median(values) for name, values in times.items()}


def device_time(call: Call, count: int) -> float:
    start, end = torch.cuda.Event(enable_timing=True), torch.cuda.Event(enable_timing=True)
    torch.cuda.synchronize()
    start.record()
    for _ in range(count):
        call()
    end.record()
    end.synchronize()
    return start.elapsed_time(end) / 1000 / count


def host_time(call: Call) -> float:
    """Seconds per call of a caller that does not wait for the device: the median of bursts that its queue holds."""
    for _ in range(5000):
        call()
    times = []
    for _ in range(RUNS):
        torch.cuda.synchronize()
        start = time.perf_counter()
        for _ in range(BURST):
            call()
        times.append((time.perf_counter() - start) / BURST)
    return statistics.median(times)


def load(equations: Sequence[str], n_in: int) -> symc.Surrogate:
    with tempfile.TemporaryDirectory() as folder:
        return symc.load(write_bundle_of(equations, n_in, Path(folder), "measured", ("c", "cuda")))


def copy_bandwidth() -> float:
    """Bytes a second, read and written, of a copy of a GiB on the device."""
    x = torch.rand(1 << 28, device="cuda")
    y = torch.empty_like(x)
    return 2 * x.nbytes / device_times({"copy": lambda: y.copy_(x)})["copy"]


def measure(case: Case, bandwidth: float) -> list[dict[str, Any]]:
    """One row per way to evaluate the equations."""
    print(f"{case.name} ...", flush=True)
    module = load(case.equations, case.n_in)
    x = torch.empty(case.rows, case.n_in, device="cuda").uniform_(-2, 2)
    check(case.name, module, x[:CHECKED_ROWS])
    calls = {"symc": lambda: module(x), **peers(case, x)}
    close(case.name, calls["torch eager"]()[:CHECKED_ROWS], module(x[:CHECKED_ROWS]))
    seconds = device_times(calls)
    moved = 4 * case.rows * (case.n_in + len(case.equations))
    limits = {"symc": case.bandwidth, "torch.compile": case.compiled, "torch eager": case.eager}
    found = []
    for way, s in seconds.items():
        share, ratio = moved / s / bandwidth, s / seconds["symc"]
        found.append(
            {
                "equations": case.name,
                "by": way,
                "ms": 1000 * s,
                "ns per row": 1e9 * s / case.rows,
                "of the copy's bandwidth": share,
                "time / symc's": ratio,
                **verdict(share if way == "symc" else ratio, limits.get(way)),
            }
        )
    torch.cuda.empty_cache()
    return found


def peers(case: Case, x: torch.Tensor) -> dict[str, Call]:
    """The same equations in torch: on rows as symc has them, and, for few equations, stored by column."""
    function = torch_function(case.equations, case.n_in)

    def by_row(x: torch.Tensor) -> torch.Tensor:
        results = function(*x.unbind(1))
        return results[0].unsqueeze(1) if len(results) == 1 else torch.stack(results, 1)

    def by_column(columns: torch.Tensor) -> torch.Tensor:
        return torch.stack(function(*columns.unbind(0)))

    compiled = torch.compile(by_row)
    calls = {"torch.compile": lambda: compiled(x), "torch eager": lambda: by_row(x)}
    if len(case.equations) <= MOST_COLUMNS:
        columns, compiled_columns = x.T.contiguous(), torch.compile(by_column)
        calls["torch.compile, inputs and outputs stored by column"] = lambda: compiled_columns(columns)
    return calls


def check(name: str, module: symc.Surrogate, x: torch.Tensor) -> None:
    """Exit unless the GPU's bits are those of the C code."""
    if not np.array_equal(bits(module(x).cpu().numpy()), bits(CFunction(module.package).eval_batch(x.cpu().numpy()))):
        raise SystemExit(f"{name}: the GPU's bits are not the C code's")


def bits(x: np.ndarray) -> np.ndarray:
    return x.view(np.uint32)


def close(name: str, got: torch.Tensor, want: torch.Tensor) -> None:
    """Exit unless torch computes the same equations: equal to a few digits nearly everywhere."""
    same = torch.isclose(got, want, rtol=1e-3, atol=1e-3, equal_nan=True) | ~torch.isfinite(want)
    if same.float().mean() < 0.99:
        raise SystemExit(f"{name}: torch and symc differ by more than rounding")


def verdict(value: float, least: float | None) -> dict[str, Any]:
    """The columns that say whether a limit holds."""
    return {
        "limit": "" if least is None else least,
        "within": "" if least is None else "yes" if value >= least else "NO",
    }


def overhead() -> list[dict[str, Any]]:
    """What one call costs beside the arithmetic, at one row of two inputs."""
    module = load(CASES[2].equations, 2)
    linear = torch.nn.Linear(2, 1).cuda().requires_grad_(False)
    x = torch.rand(1, 2, device="cuda")
    calls: dict[str, Call] = {
        "the loaded module": lambda: module(x),
        "the torch operator symc::evaluate": lambda: torch.ops.symc.evaluate(x, None, module._digest, "", 2, 1),
        "torch.nn.Linear(2, 1)": lambda: linear(x),
        "torch.sin": lambda: torch.sin(x),
    }
    times = {name: host_time(call) for name, call in calls.items()}
    for count in (1, 100):
        graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(graph):
            for _ in range(count):
                y = module(x)
        graph.replay()
        if not torch.equal(y, module(x)):
            raise SystemExit("a replayed CUDA graph gives other bits")
        times[f"the module, in a CUDA graph of {count}"] = device_time(graph.replay, 1000) / count
    found = []
    for name, s in times.items():
        limit = MOST_US if name == "the loaded module" else None
        within = "" if limit is None else "yes" if 1e6 * s <= limit else "NO"
        found.append({"one call of": name, "us": 1e6 * s, "limit": limit or "", "within": within})
    return found


def layered() -> list[dict[str, Any]]:
    """A compressed block 128 -> 20 -> 20 -> 128 beside the same in torch and the perceptron that it stands for."""
    compressed, in_torch = layered_speed.block()
    with tempfile.TemporaryDirectory() as folder:
        module = symc.load(symc.build(compressed, out=folder, name="block", target=["c", "cuda"]).path)
    width, hidden = layered_speed.WIDTH, layered_speed.HIDDEN
    perceptron = torch.nn.Sequential(
        torch.nn.Linear(width, hidden), torch.nn.GELU(), torch.nn.Linear(hidden, width)
    ).cuda()
    for name in ("first", "second", "coefficients"):
        setattr(in_torch, name, getattr(in_torch, name).cuda())
    in_torch.cuda()
    found = []
    with torch.no_grad():
        for rows in (1, 1024, 1 << 18):
            x = torch.randn(rows, width, device="cuda")
            check("the compressed block", module, x[:CHECKED_ROWS])
            calls: dict[str, Call] = {
                "symc": lambda x=x: module(x),
                "the same in torch": lambda x=x: in_torch(x),
                "perceptron 128-512-128": lambda x=x: perceptron(x),
            }
            seconds = device_times(calls)
            for way, s in seconds.items():
                ratio = s / seconds["symc"]
                limit = None if way == "symc" else 1.0
                found.append({"rows": rows, "by": way, "us": 1e6 * s, "time / symc's": ratio, **verdict(ratio, limit)})
    return found


def versions(bandwidth: float) -> dict[str, str]:
    """The card, the driver and what compiled the kernels."""
    query = ["nvidia-smi", "--query-gpu=driver_version", "--format=csv,noheader"]
    driver = subprocess.run(query, capture_output=True, text=True, check=False).stdout.split()
    try:
        compiler = find_nvcc().version
    except symc.SymcError:
        compiler = "not installed (NVRTC)"
    return {
        "gpu": torch.cuda.get_device_name(),
        "driver": driver[0] if driver else "unknown",
        "nvcc": compiler,
        "copy on the device, TB/s": f"{bandwidth / 1e12:.2f}",
        "date": date.today().isoformat(),
    }


def main() -> None:
    save = arguments(__doc__.splitlines()[0]).json
    if not torch.cuda.is_available():
        print("torch finds no CUDA device: nothing is measured")
        return
    bandwidth = copy_bandwidth()
    tables = {
        "kernels": [row for case in CASES for row in measure(case, bandwidth)],
        "a compressed block": layered(),
        "calls": overhead(),
    }
    report("gpu", tables, save, versions(bandwidth))


if __name__ == "__main__":
    main()
