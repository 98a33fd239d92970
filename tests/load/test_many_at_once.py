"""One loaded surrogate under the load of a service: threads, forked and spawned processes, workers of a DataLoader."""

from __future__ import annotations

import multiprocessing
import threading
import time
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor

import numpy as np
import pytest
import torch
from torch.utils.data import DataLoader, TensorDataset

from symc.ir.evaluate import evaluate
from symc.load.module import Surrogate

THREADS = 16


def some(seed: int, rows: int = 300) -> np.ndarray:
    return np.random.Generator(np.random.PCG64(seed)).normal(0, 2, (rows, 3)).astype(np.float32)


def bits(module: Surrogate, seed: int) -> bytes:
    return module(some(seed)).tobytes()


def expected(module: Surrogate, seed: int) -> bytes:
    return evaluate(module.package.program, some(seed)).tobytes()


def test_threads_get_the_oracles_bits(module: Surrogate) -> None:
    start = threading.Barrier(THREADS)

    def work(seed: int) -> set[bytes]:
        start.wait()
        return {module(torch.from_numpy(some(seed))).numpy().tobytes() for _ in range(50)}

    with ThreadPoolExecutor(THREADS) as pool:
        found = list(pool.map(work, range(THREADS)))
    assert found == [{expected(module, seed)} for seed in range(THREADS)]


def test_other_threads_run_while_native_code_does(module: Surrogate) -> None:
    x = torch.from_numpy(some(0, 1 << 20)).repeat(4, 1)
    module(x)
    span: list[float] = []

    def call() -> None:
        span.append(time.perf_counter())
        module(x)
        span.append(time.perf_counter())

    worker = threading.Thread(target=call)
    steps = []
    worker.start()
    while worker.is_alive():
        steps.append(time.perf_counter())
        time.sleep(0.0005)
    within = [t for t in steps if span[0] < t < span[1]]
    # With the interpreter's lock held there are none but at the very ends.
    gaps = np.diff([span[0], *within, span[1]])
    assert len(within) > 3 and gaps.max() < 0.8 * (span[1] - span[0])


@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_processes_get_the_same_bits(module: Surrogate, method: str) -> None:
    with ProcessPoolExecutor(2, mp_context=multiprocessing.get_context(method)) as pool:
        assert list(pool.map(bits, [module] * 4, range(4))) == [expected(module, seed) for seed in range(4)]


def test_workers_of_a_dataloader_get_the_same_bits(module: Surrogate) -> None:
    rows = TensorDataset(torch.from_numpy(some(9)))

    def collate(batch: list[tuple[torch.Tensor]]) -> torch.Tensor:
        return module(torch.stack([x for (x,) in batch]))

    loader = DataLoader(rows, batch_size=32, num_workers=2, collate_fn=collate, multiprocessing_context="fork")
    assert torch.cat(list(loader)).numpy().tobytes() == expected(module, 9)
