"""One loaded surrogate under the load of a service: threads, forked and spawned processes, workers of a DataLoader."""

from __future__ import annotations

import multiprocessing
import os
import subprocess
import sys
import threading
import time
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
import torch
from torch.utils.data import DataLoader, TensorDataset

from symc.ir.evaluate import evaluate
from symc.load.module import Surrogate
from symc.toolchain import cache
from tests.load.bundles import make_bundle
from tests.tools import require

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


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no forks here")
def test_a_fork_does_not_wait_for_a_thread_that_compiles(
    bundle: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, go = tmp_path / "begun", tmp_path / "go"
    slow = f'case "$1" in --version) ;; *) touch "{begun}"; until test -e "{go}"; do sleep 0.05; done ;; esac'
    compiler = tmp_path / "slow-cc"
    compiler.write_text(f'#!/bin/sh\n{slow}\nexec "{require("cc")}" "$@"\n')
    compiler.chmod(0o755)
    monkeypatch.setenv("CC", str(compiler))
    monkeypatch.setenv(cache.ENVIRONMENT, str(tmp_path / "cache"))
    other = make_bundle(tmp_path, "other", ("x0 + 1",), 1, ("c",))
    code = (
        "import os, sys, threading, time, warnings\n"
        "import symc\n"
        "bundle, other, begun, go = sys.argv[1:]\n"
        "thread = threading.Thread(target=symc.load, args=(bundle,), kwargs={'torch': False})\n"
        "thread.start()\n"
        "while not os.path.exists(begun): time.sleep(0.02)\n"
        # From Python 3.12 on a fork beside threads is warned of.
        "warnings.simplefilter('ignore')\n"
        "if os.fork() == 0:\n"
        "    os.environ['CC'] = 'cc'\n"
        "    symc.load(other, torch=False)\n"
        "    open(go, 'w').close()\n"
        "    os._exit(0)\n"
        "thread.join()\n"
    )
    arguments = [str(path) for path in (bundle, other, begun, go)]
    try:
        subprocess.run([sys.executable, "-c", code, *arguments], check=True, timeout=60)
    finally:
        go.touch()


def test_workers_of_a_dataloader_get_the_same_bits(module: Surrogate) -> None:
    rows = TensorDataset(torch.from_numpy(some(9)))

    def collate(batch: list[tuple[torch.Tensor]]) -> torch.Tensor:
        return module(torch.stack([x for (x,) in batch]))

    loader = DataLoader(rows, batch_size=32, num_workers=2, collate_fn=collate, multiprocessing_context="fork")
    assert torch.cat(list(loader)).numpy().tobytes() == expected(module, 9)
