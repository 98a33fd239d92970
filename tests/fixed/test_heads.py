"""Heads in fixed point: a network's softmax, sigmoid and clamp within the proved distance, and verified."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

import symc
from symc.ir.heads import Head
from tests.searches import AFFINE

# How far the equations themselves may be from the linear layer, in what stands behind it.
FOUND = 1e-5


def block_of(function: nn.Module, head: str) -> Any:
    """Equations of a linear layer with `function` behind it."""
    torch.manual_seed(1)
    block = symc.wrap(nn.Sequential(nn.Linear(2, 3), function))
    x = torch.rand(200, 2, generator=torch.Generator().manual_seed(5)) * 4 - 2
    block.distill(x, head=head, domain="-2:2,-2:2", **AFFINE)
    block.switch_to_symbolic(select="accuracy")
    return block


@pytest.mark.parametrize(
    ("head", "function", "numbers"),
    [
        pytest.param("softmax", nn.Softmax(-1), "fixed", marks=pytest.mark.long),
        pytest.param("softmax", nn.Softmax(-1), "fixed16", marks=pytest.mark.long),
        ("sigmoid", nn.Sigmoid(), "fixed16"),
        ("clamp(-0.25, 0.5)", nn.Hardtanh(-0.25, 0.5), "fixed"),
    ],
)
def test_a_networks_head(head: str, function: nn.Module, numbers: str, tmp_path: Path) -> None:
    block = block_of(function, head)
    x = np.random.Generator(np.random.PCG64(2)).uniform(-2.0, 2.0, (2000, 2)).astype(np.float32)
    with torch.no_grad():
        wanted = block.block(torch.from_numpy(x)).numpy().astype(np.float64)
    low, high = Head.of(head).span
    bundle = symc.build(block, numbers=numbers, name="net", out=tmp_path)
    recorded = bundle.manifest.fixed
    assert recorded and str(bundle.manifest.head) == head
    y = symc.load(bundle.path, torch=False)(x.astype(np.float64))
    for k, output in enumerate(recorded.outputs):
        assert np.abs(y[:, k] - wanted[:, k]).max() <= output.error + FOUND
        # Recorded in six digits.
        assert low - output.error - 2e-5 <= output.low and output.high <= high + output.error + 2e-5
    if head == "softmax":
        assert (y.argmax(axis=1) == wanted.argmax(axis=1)).mean() > 0.99
    report = symc.verify(bundle.path, rows=300)
    assert report.ok, str(report)
    # What a head promises is of float32 results.
    assert "Every output lies in" not in (bundle.path / "README.md").read_text()
