"""A compressed block on its way to C: built, verified, loaded, and back in the network."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

import symc
from tests.compression.networks import change_of, perceptrons, rows
from tests.tools import require


def test_a_block_in_c_takes_its_place_in_the_network(tmp_path: Path) -> None:
    require("gcc")
    network = perceptrons(1)
    judge = change_of(network, 2)
    found = symc.compress(
        network, "blocks.0", rows(1500, 0), metric=change_of(network, 1), held_out=judge, budget=500, batch=250
    )
    found.save(tmp_path / "block.pt")
    bundle = symc.build(tmp_path / "block.pt", target=["c", "numba"], out=tmp_path)
    report = symc.verify(bundle.path, rows=2000)
    assert report.ok, str(report)
    # What the matrices and the equations between them give anywhere in the recorded domain is proved, and again.
    (ranges,) = [check.detail for check in report.checks if check.name == "ranges"]
    assert "proved" in ranges and bundle.manifest.ranges and f"Ranges: {ranges}" in str(bundle)
    network.blocks[0] = symc.load(bundle.path)
    with torch.no_grad():
        assert judge(network) == pytest.approx(found.row("chosen").metric, rel=1e-3)
