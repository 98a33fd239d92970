"""Heads in double precision: torch's values in float64 to a few units, their ranges, a network's softmax, verified."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor, nn

import symc
from symc.ir.evaluate import evaluate
from symc.ir.formats import FLOAT64
from symc.ir.heads import Head
from symc.meaning.compile import program_of
from tests.searches import AFFINE

KINDS: dict[str, Callable[[Tensor], Tensor]] = {
    "softmax": lambda z: torch.softmax(z, -1),
    "sigmoid": torch.sigmoid,
    "tanh": torch.tanh,
    "exp": torch.exp,
    "relu": torch.relu,
    "softplus": lambda z: torch.log1p(torch.exp(-z.abs())) + torch.relu(z),
    "softplus(2.5)": lambda z: torch.log1p(torch.exp(-(2.5 * z).abs())) / 2.5 + torch.relu(z),
    "clamp(-0.1, 0.3)": lambda z: z.clamp(-0.1, 0.3),
    "affine(0.1, 0.3)": lambda z: z * 0.3 + 0.1,
}


@pytest.mark.parametrize("head", KINDS)
def test_values_are_torch_s_in_float64(head: str) -> None:
    names = ["z0", "z1", "z2"]
    program = Head.of(head).behind(program_of(names, names, ["y0", "y1", "y2"], format=FLOAT64))
    assert program.format == FLOAT64
    generator = np.random.Generator(np.random.PCG64(4))
    z = np.concatenate([generator.normal(0, 3, (400, 3)), generator.normal(0, 200, (100, 3)), np.zeros((1, 3))])
    y = evaluate(program, z)
    np.testing.assert_allclose(y, KINDS[head](torch.from_numpy(z)).numpy(), rtol=4e-15, atol=1e-300)
    low, high = Head.of(head).span
    if "(-0.1" in head:
        # As doubles; the nearest float32 numbers are others.
        low, high = -0.1, 0.3
    assert (y >= low).all() and (y <= high).all()
    if head == "softmax":
        assert np.abs(y.sum(axis=1) - 1.0).max() <= 4.0 * 2.0**-53


def test_what_is_promised_says_on_what_it_rests() -> None:
    assert "within 3/2^53, where functions are within one unit" in Head.of("softmax").promise(3, FLOAT64)
    assert Head.of("clamp(0, 1)").promise(3, FLOAT64) == "Every output lies in [0, 1]."


def test_a_networks_softmax(tmp_path: Path) -> None:
    torch.manual_seed(1)
    block = symc.wrap(nn.Sequential(nn.Linear(2, 3), nn.Softmax(-1)))
    x = torch.rand(200, 2, generator=torch.Generator().manual_seed(5)) * 4 - 2
    block.distill(x, head="softmax", domain="-2:2,-2:2", **AFFINE)
    bundle = symc.build(block, numbers="float64", name="net", out=tmp_path, select="accuracy", outside="clamp")
    report = symc.verify(bundle.path, rows=200)
    assert report.ok, str(report)
    y = symc.load(bundle.path, torch=False)(x.numpy().astype(np.float64))
    with torch.no_grad():
        np.testing.assert_allclose(y, block.block(x).numpy(), atol=1e-5)
    assert all(r.low >= 0.0 for r in bundle.manifest.ranges.outputs)
    assert "each row adds up to 1 within 3/2^53" in (bundle.path / "README.md").read_text()
