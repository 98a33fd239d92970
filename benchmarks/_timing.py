"""Timing that stands a busy machine: medians of several runs, each long enough to measure."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Mapping
from typing import Any


def median_time(call: Callable[[], Any], *, runs: int = 9, min_run_s: float = 0.02) -> float:
    """Seconds per call: the median of `runs` runs, each of enough calls to last `min_run_s`."""
    calls = _enough(call, min_run_s)
    return statistics.median(_run(call, calls) / calls for _ in range(runs))


def median_times(
    calls: Mapping[str, Callable[[], Any]], *, runs: int = 25, min_run_s: float = 0.02
) -> dict[str, float]:
    """median_time of each of several calls whose runs take turns, so that a busy machine slows all of them."""
    counts = {name: _enough(call, min_run_s) for name, call in calls.items()}
    times: dict[str, list[float]] = {name: [] for name in calls}
    for _ in range(runs):
        for name, call in calls.items():
            times[name].append(_run(call, counts[name]) / counts[name])
    return {name: statistics.median(values) for name, values in times.items()}


def _enough(call: Callable[[], Any], seconds: float) -> int:
    """How many calls last so long."""
    call()
    calls = 1
    while (elapsed := _run(call, calls)) < seconds:
        calls = max(2 * calls, int(calls * seconds / max(elapsed, 1e-9)))
    return calls


def _run(call: Callable[[], Any], calls: int) -> float:
    start = time.perf_counter()
    for _ in range(calls):
        call()
    return time.perf_counter() - start
