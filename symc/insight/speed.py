"""Latency and throughput of two functions, measured in turns so that a busy machine slows both."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

BATCH = 4096
_SECONDS = 0.2
_ROUNDS = 7


@dataclass(frozen=True)
class Speed:
    """Median seconds per call with one row, and rows per second with a batch of `batch` rows."""

    latency: float
    throughput: float
    batch: int

    def to_json(self) -> dict[str, Any]:
        """A dict of numbers."""
        return asdict(self)


def compare_speed(calls: dict[str, tuple[Callable[[], Any], Callable[[], Any]]], batch: int) -> dict[str, Speed]:
    """Name -> (call with one row, call with `batch` rows) to name -> Speed; the calls take turns."""
    times: dict[str, tuple[list[float], list[float]]] = {name: ([], []) for name in calls}
    repeats = {(name, k): _repeats(pair[k]) for name, pair in calls.items() for k in (0, 1)}
    for _ in range(_ROUNDS):
        for name, pair in calls.items():
            for k in (0, 1):
                times[name][k].append(_time(pair[k], repeats[name, k]))
    return {
        name: Speed(statistics.median(single), batch / statistics.median(many), batch)
        for name, (single, many) in times.items()
    }


def _repeats(call: Callable[[], Any]) -> int:
    call()
    once = max(_time(call, 1), 1e-7)
    return max(1, round(_SECONDS / _ROUNDS / once))


def _time(call: Callable[[], Any], repeats: int) -> float:
    start = time.perf_counter()
    for _ in range(repeats):
        call()
    return (time.perf_counter() - start) / repeats
