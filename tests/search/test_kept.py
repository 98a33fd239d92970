"""Fits that are kept: a killed search goes on, nothing is refitted, nothing stale is found; and fits on a cluster."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from symc.capture.dataset import Dataset
from symc.errors import SymcError
from symc.search.run import search
from tests.tools import require

ROOT = Path(__file__).resolve().parents[2]
BUDGET = 1500
# Sums and products of a few nodes: what is kept of a fit is not more of a long one.
FEW: dict[str, Any] = {"operators": ["add", "mul"], "max_complexity": 7}


def dataset(scale: float = 1.0, **options: Any) -> Dataset:
    x = np.random.default_rng(0).uniform(0.5, 2.0, (64, 2)).astype(np.float32)
    y = np.stack([x[:, 0] * x[:, 1], np.sin(x[:, 0]), x[:, 1] ** 2 - x[:, 0], np.sqrt(x[:, 0])], axis=1)
    return Dataset.from_samples(x, scale * y, **options)


def files(folder: Path) -> dict[str, int]:
    return {p.name: p.stat().st_mtime_ns for p in folder.glob("*.json")}


SCRIPT = f"""
import sys
sys.path.insert(0, {str(ROOT)!r})
from tests.search.test_kept import BUDGET, FEW, dataset
from symc.search.run import search
search(dataset(), "operon", BUDGET, workers=1, keep=sys.argv[1], **FEW)
"""


def test_a_search_killed_in_the_middle_goes_on_and_refits_nothing(tmp_path: Path):
    keep = tmp_path / "fits"
    process = subprocess.Popen([sys.executable, "-c", SCRIPT, str(keep)])
    deadline = time.monotonic() + 120
    while not files(keep) and time.monotonic() < deadline:
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    process.wait()
    before = files(keep)
    assert 1 <= len(before) < 4
    result = search(dataset(), "operon", BUDGET, workers=1, keep=keep, **FEW)
    after = files(keep)
    assert len(after) == 4 and {name: after[name] for name in before} == before
    assert result == search(dataset(), "operon", BUDGET, workers=1, **FEW)


@pytest.mark.long
def test_other_samples_budgets_and_seeds_are_other_fits(tmp_path: Path):
    search(dataset(), "operon", BUDGET, keep=tmp_path)
    count = len(files(tmp_path))
    for options in ({"seed": 1}, {"evaluations": BUDGET + 1}, {"operators": ["add", "mul"]}, {"max_complexity": 5}):
        search(dataset(), "operon", **{"evaluations": BUDGET, "keep": tmp_path, **options})
        assert len(files(tmp_path)) == count + 4
        count += 4
    for changed in (dataset(2.0), dataset(weights=np.linspace(1, 2, 64)), dataset(variable_transforms={"s": "x0+x1"})):
        search(changed, "operon", BUDGET, keep=tmp_path)
        assert len(files(tmp_path)) == count + 4
        count += 4


def test_a_damaged_file_and_a_folder_that_cannot_be(tmp_path: Path):
    search(dataset(), "operon", BUDGET, workers=1, keep=tmp_path, **FEW)
    victim = sorted(tmp_path.glob("*.json"))[0]
    victim.write_text(victim.read_text()[:100])
    with pytest.raises(SymcError, match=r"is damaged .* Delete it"):
        search(dataset(), "operon", BUDGET, workers=1, keep=tmp_path, **FEW)
    (tmp_path / "file").write_text("")
    with pytest.raises(SymcError, match="cannot be kept here"):
        search(dataset(), "operon", BUDGET, keep=tmp_path / "file")


def test_an_executor_that_does_not_exist():
    with pytest.raises(SymcError, match="unknown executor 'slurm'"):
        search(dataset(), "operon", BUDGET, executor="slurm")
    require("distributed", module=True)
    with pytest.raises(SymcError, match=r"no Dask scheduler answers at tcp://127\.0\.0\.1:9"):
        search(dataset(), "operon", BUDGET, executor="dask://127.0.0.1:9")


@pytest.mark.long
def test_a_cluster_gives_the_same_and_survives_the_death_of_a_worker(tmp_path: Path):
    require("distributed", module=True)
    from distributed import Client, LocalCluster

    want = search(dataset(), "operon", BUDGET, workers=1, **FEW)
    with LocalCluster(n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None) as cluster:
        address = cluster.scheduler_address.removeprefix("tcp://")
        code = SCRIPT.replace("workers=1", f"executor='dask://{address}'")
        process = subprocess.Popen([sys.executable, "-c", code, str(tmp_path / "fits")])
        deadline = time.monotonic() + 120
        while not files(tmp_path / "fits") and time.monotonic() < deadline:
            time.sleep(0.01)
        with Client(cluster, set_as_default=False) as client:
            pids = list(client.run(lambda: __import__("os").getpid()).values())
        subprocess.run(["kill", "-9", str(pids[0])], check=True)
        assert process.wait(timeout=180) == 0
    assert len(files(tmp_path / "fits")) == 4
    assert search(dataset(), "operon", BUDGET, keep=tmp_path / "fits", **FEW) == want


@pytest.mark.long
def test_eight_workers_of_a_cluster_give_what_one_process_gives() -> None:
    require("distributed", module=True)
    from distributed import LocalCluster

    x = np.random.default_rng(3).uniform(-2, 2, size=(120, 3)).astype(np.float32)
    y = np.stack([np.sin((1 + k) * x[:, 0]) + x[:, 1] * x[:, 2] / (1 + k) for k in range(8)], axis=1)
    outputs = Dataset.from_samples(x, y.astype(np.float32))
    want = search(outputs, "operon", BUDGET, workers=1)
    with LocalCluster(n_workers=8, threads_per_worker=1, processes=True, dashboard_address=None) as cluster:
        address = cluster.scheduler_address.removeprefix("tcp://")
        assert search(outputs, "operon", BUDGET, executor=f"dask://{address}") == want
