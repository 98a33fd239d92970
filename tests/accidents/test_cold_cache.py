"""A cold cache that eight processes share from the same moment on: each compiles once for all, and all get the bits."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import numpy as np
import pytest

import symc
from symc.ir.evaluate import evaluate
from symc.toolchain import cache
from tests.accidents.starting import PROCESSES
from tests.tools import require

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
def test_eight_processes_start_at_once(tmp_path: Path) -> None:
    compiler, log = tmp_path / "counted", tmp_path / "calls"
    compiler.write_text(f'#!/bin/sh\necho "$*" >> "{log}"\nexec "{require("cc")}" "$@"\n')
    compiler.chmod(0o755)
    built = symc.build(equation="y = x0*exp(-x1) - 0.25*tanh(x0*x1)", out=tmp_path)
    environment = {**os.environ, "CC": str(compiler), cache.ENVIRONMENT: str(tmp_path / "cache")}
    command = [sys.executable, "-m", "tests.accidents.starting", str(built.path)]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    x = np.random.Generator(np.random.PCG64(3)).normal(0, 2, (500, 2)).astype(np.float32)
    expected = hashlib.sha256(evaluate(built.manifest.program, x).tobytes()).hexdigest()
    assert done.stdout.split() == [expected] * PROCESSES
    compiled = Counter(line for line in log.read_text().splitlines() if line != "--version")
    assert compiled and set(compiled.values()) == {1}
    assert not [path for path in (tmp_path / "cache").rglob("*") if path.name.startswith(".")]


def test_threads_build_a_key_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(cache.ENVIRONMENT, str(tmp_path))
    start, calls = Barrier(8), []

    def make(scratch: Path) -> Path:
        calls.append(scratch)
        return Path(shutil.copy(sys.executable, scratch / "built"))

    def fetch(_: int) -> bytes:
        start.wait()
        return cache.fetch("ab12", "built", make).read_bytes()

    with ThreadPoolExecutor(8) as pool:
        found = set(pool.map(fetch, range(8)))
    assert found == {Path(sys.executable).read_bytes()} and len(calls) == 1


def test_what_a_killed_build_left_in_the_cache_is_removed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(cache.ENVIRONMENT, str(tmp_path))
    left: list[Path] = []

    def make(scratch: Path) -> Path:
        left.append(scratch)
        built = scratch / "built"
        built.write_bytes(b"built")
        return built

    cache.fetch("ab12", "one", make)
    left[0].mkdir()
    cache.fetch("ab12", "two", make)
    assert not left[0].exists() and sorted(os.listdir(tmp_path / "ab" / "ab12")) == ["one", "two"]
