"""A network that classifies: compressing a block tells how often its class stays, and how often it is right."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

import symc
from symc.compression.saved import load_compressed
from symc.errors import SymcError
from symc.evidence.write import report
from tests.compression.networks import change_of, perceptrons, rows
from tests.sources.built import cli

FRESH = rows(400, 7)


def decided(network: nn.Module) -> np.ndarray:
    with torch.no_grad():
        return network(FRESH).argmax(-1).numpy()


def compress(network: nn.Module, **more) -> symc.Compression:
    options = {"metric": change_of(network, 1), "batch": 250, "budget": 400, "methods": ["low_rank"]}
    return symc.compress(network, "blocks.0", rows(1500, 0), **(options | more))


def test_classes_are_counted_on_the_whole_network_with_the_form_in_place(tmp_path: Path) -> None:
    network = perceptrons(1)
    before = decided(network)
    labels = np.where(np.arange(400) % 5 == 0, (before + 1) % 5, before)
    found = compress(network, classify=FRESH, labels=labels)
    after = decided(found.apply())
    found.restore()
    counts = found.row("chosen").classes
    assert counts is not None and counts.rows == 400
    assert counts.agreeing == int((after == before).sum()) < 400
    assert counts.right == int((after == labels).sum())
    original = found.row("original").classes
    assert original is not None and (original.agreeing, original.right) == (400, 320)
    assert "same class, %" in str(found) and "right, %" in str(found)

    found.save(tmp_path / "block.pt")
    assert load_compressed(tmp_path / "block.pt").controls == found.table
    line = (
        f"the network's class on {counts.agreeing} of 400 held-out rows ({counts.agreeing / 4:.4g} %), "
        f"the right one on {counts.right / 4:.4g} % (the network: 80 %)"
    )
    bundle = symc.build(tmp_path / "block.pt", out=tmp_path / "out", name="block")
    assert line in str(bundle) and line in (bundle.path / "README.md").read_text()
    done = cli("verify", bundle.path, "--rows", 200)
    assert done.exit_code == 0 and line in " ".join(done.output.split())
    report(bundle.path, out=tmp_path / "report", rows=200)
    page = (tmp_path / "report" / "report.html").read_text()
    assert f"{counts.agreeing} of 400 held-out rows" in " ".join(page.split())
    assert "same class, %" in cli("inspect", tmp_path / "block.pt").output
    recorded = json.loads((bundle.path / "manifest.json").read_text())["controls"][-1]["classes"]
    assert recorded["agreeing"] == counts.agreeing


def test_without_labels_and_without_classes(tmp_path: Path) -> None:
    network = perceptrons(1)
    found = compress(network, classify=FRESH)
    assert "right, %" not in str(found) and "same class, %" in str(found)
    plain = replace(found, table=tuple(replace(row, classes=None) for row in found.table))
    assert "same class" not in str(plain)
    plain.save(tmp_path / "block.pt")
    assert "class" not in str(symc.build(tmp_path / "block.pt", out=tmp_path / "out", name="block"))


def test_refused() -> None:
    network = perceptrons(1)
    with pytest.raises(SymcError, match="labels are given without the rows"):
        compress(network, labels=[0])
    with pytest.raises(SymcError, match="3 labels for 400 decisions"):
        compress(network, classify=FRESH, labels=[0, 1, 2])
    single = nn.Sequential(nn.Linear(12, 4), nn.Linear(4, 1))
    with pytest.raises(SymcError, match="no class is the largest"):
        symc.compress(single, "0", rows(200, 0), metric=lambda n: 0.0, budget=10, classify=FRESH)
