"""Calls of a loaded bundle without end: the memory of the process does not grow."""

from __future__ import annotations

import gc
from collections.abc import Callable
from typing import Any

import numpy as np
import psutil
import pytest
import torch

from symc.load.module import Surrogate

# What the allocators of C and Python may keep for themselves between two looks, in bytes. Of 10^6 calls it is 2 bytes a
# call: an object that is lost in each call has 16 at least.
_ALLOWED = 2 << 20
_WAYS: dict[str, Callable[[], Any]] = {
    "numpy": lambda: np.ones((4, 3), np.float32),
    "torch": lambda: torch.ones(4, 3),
    "gradients": lambda: torch.ones(4, 3, requires_grad=True),
}


def growth(module: Surrogate, way: str, calls: int) -> int:
    """Bytes that the process gained in so many calls, after a tenth of them to warm up."""
    x = _WAYS[way]()

    def call(times: int) -> None:
        for _ in range(times):
            y = module(x)
            if way == "gradients":
                y.sum().backward()
                x.grad = None

    call(calls // 10)
    gc.collect()
    before = psutil.Process().memory_info().rss
    call(calls)
    gc.collect()
    return psutil.Process().memory_info().rss - before


@pytest.mark.parametrize("way", _WAYS)
def test_thousands_of_calls(module: Surrogate, way: str) -> None:
    assert growth(module, way, 5_000 if way == "gradients" else 50_000) < _ALLOWED


@pytest.mark.long
@pytest.mark.parametrize("way", ["numpy", "torch"])
def test_a_million_calls(module: Surrogate, way: str) -> None:
    assert growth(module, way, 1_000_000) < _ALLOWED
