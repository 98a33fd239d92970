"""Files that an earlier layout of symc wrote open and mean the same (tests/data/saved/README.md lists them)."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

import symc
from symc.compression.saved import load_compressed
from symc.errors import SymcError
from symc.models.safe import read_safely, write_safely
from symc.module.saved import load_distilled
from symc.search.kept import Shelf
from symc.sources.registry import open_model

SAVED = Path(__file__).parents[1] / "data" / "saved"


class Pair(nn.Module):
    """The block that was distilled."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        r = torch.sqrt(x[..., 0] ** 2 + x[..., 1] ** 2)
        return torch.stack([1.5 * r + 0.25, x[..., 0] * x[..., 1], r * r], dim=-1)


def test_a_distilled_module() -> None:
    found = load_distilled(SAVED / "distilled.pt")
    assert found.dataset.definitions == (("r", "sqrt(x0^2 + x1^2)"), ("x0", "x0")) and found.output_dims == (0, 2)
    assert found.dataset.weights is not None and len(found.provenance.by_output) == 2
    module = symc.wrap(Pair())
    module.attach(found)
    x = torch.rand(50, 2) + 0.5
    assert torch.allclose(module(x), Pair()(x), atol=1e-5)


def test_it_builds(tmp_path: Path) -> None:
    bundle = symc.build(SAVED / "distilled.pt", out=tmp_path)
    assert [e.text for e in bundle.manifest.equations] == ["1.5*sqrt(x0^2 + x1^2) + 0.24999994", "x0^2 + x1^2"]


def test_a_state_dict() -> None:
    module = symc.wrap(Pair())
    module.load_state_dict(torch.load(SAVED / "state_dict.pt", weights_only=True))
    assert module.mode == "guarded" and module.guarding.guard.rollback == 0.5


def test_a_compressed_block() -> None:
    found = load_compressed(SAVED / "compressed.pt")
    assert found.program.n_in == found.program.n_out == 24 and len(found.controls) > 3


def test_finished_fits(tmp_path: Path) -> None:
    shutil.copytree(SAVED / "fits", tmp_path / "fits")
    shelf = Shelf.opened(tmp_path / "fits")
    for file in (SAVED / "fits").glob("*.json"):
        fitted = shelf.get(json.loads(file.read_text())["key"])
        assert fitted is not None and fitted.front.members


_PICKLED = """
import sys
from pathlib import Path
import torch
from symc.sources.registry import open_model
network = open_model(Path(sys.argv[1]), trust=True).model
assert network[0].mode == "symbolic"
x = torch.rand(20, 2)
assert torch.allclose(network(x), network[0].block(x), atol=1e-4)
"""


def test_a_pickled_network() -> None:
    # In a process of its own, as a user opens it: what its classes import must come from the file alone.
    command = [sys.executable, "-c", _PICKLED, str(SAVED / "pickled.pt")]
    done = subprocess.run(command, cwd=SAVED.parents[2], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    ("name", "place"), [("distilled.pt", ""), ("distilled.pt", "provenance"), ("compressed.pt", "")]
)
def test_a_field_of_a_later_version_is_named(name: str, place: str, tmp_path: Path) -> None:
    data = read_safely(SAVED / name)
    text = json.loads(data["text"])
    (text[place] if place else text)["units"] = "kg"
    write_safely({**data, "text": json.dumps(text)}, tmp_path / name)
    with pytest.raises(SymcError, match=r"holds the field 'units', which this version of symc does not know.*newer"):
        open_model(tmp_path / name)


def test_what_is_read_is_what_was_measured_then() -> None:
    data = load_distilled(SAVED / "distilled.pt").dataset
    r = np.sqrt((data.x.astype(np.float64) ** 2).sum(axis=1))
    np.testing.assert_allclose(data.y, np.stack([1.5 * r + 0.25, r * r], axis=1), rtol=1e-6)
