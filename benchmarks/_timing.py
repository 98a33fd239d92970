"""Timing that stands a busy machine: medians of several runs, each long enough to measure."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from typing import Any


def median_time(call: Callable[[], Any], *, runs: int = 9, min_run_s: float = 0.02) -> float:
    """Seconds per call: the median of `runs` runs, each of enough calls to last `min_run_s`."""
    call()
    calls = 1
    while (elapsed := _run(call, calls)) < min_run_s:
        calls = max(2 * calls, int(calls * min_run_s / max(elapsed, 1e-9)))
    return statistics.median(_run(call, calls) / calls for _ in range(runs))


def _run(call: Callable[[], Any], calls: int) -> float:
    start = time.perf_counter()
    for _ in range(calls):
        call()
    return time.perf_counter() - start
