"""The file of a compressed block: exact, safe to open, refused when it is not what was written."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from symc.capture.dataset import Dataset
from symc.compression.saved import FORMAT, Compressed, load_compressed, save_compressed
from symc.errors import SymcError
from symc.ir.evaluate import evaluate
from tests.distilled import compressed


@pytest.fixture(scope="module")
def block() -> Compressed:
    return compressed()


def test_everything_comes_back_exactly(block: Compressed, tmp_path: Path) -> None:
    save_compressed(block, tmp_path / "block.pt")
    again = load_compressed(tmp_path / "block.pt")
    assert again.sha256 == block.sha256 and again.dataset == block.dataset
    assert again.equations == block.equations and again.controls == block.controls
    assert dict(again.provenance) == dict(block.provenance)
    x = block.dataset.x
    assert evaluate(again.program, x).tobytes() == evaluate(block.program, x).tobytes()
    assert "6 inputs -> 3 coordinates -> 2 values -> 12 outputs" in str(again) and "method: by hand" in str(again)


def test_the_file_holds_tensors_and_text_only(block: Compressed, tmp_path: Path) -> None:
    save_compressed(block, tmp_path / "block.pt")
    assert torch.serialization.get_unsafe_globals_in_checkpoint(str(tmp_path / "block.pt")) == []
    assert {type(v) for v in torch.load(tmp_path / "block.pt", weights_only=True).values()} == {str, int, torch.Tensor}
    save_compressed(block, tmp_path / "other.pt")
    assert (tmp_path / "other.pt").read_bytes() == (tmp_path / "block.pt").read_bytes()


def test_the_hash_covers_every_part(block: Compressed) -> None:
    dataset = block.dataset
    others = [
        replace(block, provenance={"method": "otherwise"}),
        replace(block, controls=block.controls[:1]),
        replace(block, dataset=Dataset.from_samples(dataset.x, dataset.y, seed=1)),
        replace(block, program=replace(block.program, direct=block.program.direct * np.float32(2))),
    ]
    assert len({block.sha256, *(other.sha256 for other in others)}) == 5


@pytest.mark.parametrize("part", ["x", "y", "train", "domain", "text", "sha256"])
def test_a_part_that_was_altered_is_found(block: Compressed, tmp_path: Path, part: str) -> None:
    content = block.encode()
    if part == "text":
        content[part] = content[part].replace("by hand", "by hond")
    elif part == "sha256":
        content[part] = "0" * 64
    elif part == "train":
        content[part] = content[part].roll(1)
    else:
        content[part] = content[part] * 1.0000002
    torch.save(content, tmp_path / "block.pt")
    with pytest.raises(SymcError, match=r"block.pt: is damaged"):
        load_compressed(tmp_path / "block.pt")


@pytest.mark.parametrize("value", [None, 3, "{}", "[]"])
def test_a_part_that_is_missing_or_something_else(block: Compressed, tmp_path: Path, value: object) -> None:
    content = block.encode()
    content["text"] = value
    if value is None:
        del content["text"]
    torch.save(content, tmp_path / "block.pt")
    with pytest.raises(SymcError, match="is damaged"):
        load_compressed(tmp_path / "block.pt")


@pytest.mark.parametrize(("version", "hint"), [(FORMAT + 1, "Install a newer symc"), (0, "again"), ("x", "again")])
def test_other_formats(block: Compressed, tmp_path: Path, version: object, hint: str) -> None:
    torch.save({**block.encode(), "format": version}, tmp_path / "block.pt")
    with pytest.raises(SymcError, match=rf"has format {version!r}, .* reads format {FORMAT}") as error:
        load_compressed(tmp_path / "block.pt")
    assert hint in str(error.value.hint)


def test_files_of_others(tmp_path: Path) -> None:
    torch.save({"weight": torch.ones(2)}, tmp_path / "state.pt")
    torch.save(torch.nn.Linear(1, 1), tmp_path / "net.pt")
    for name in ("state.pt", "net.pt"):
        with pytest.raises(SymcError, match="holds no compressed block"):
            load_compressed(tmp_path / name)


def test_parts_that_do_not_fit_together(block: Compressed) -> None:
    with pytest.raises(SymcError, match="do not lower to the program"):
        replace(block, equations=("z0*z1 - 0.5*z2", "tanh(z0) + z2^2"))
    with pytest.raises(SymcError, match="1 equations are given for 2 values"):
        replace(block, equations=("z0",))
    x, y = block.dataset.x, block.dataset.y
    with pytest.raises(SymcError, match="differently"):
        replace(block, dataset=Dataset.from_samples(x, y, features=[f"a{k}" for k in range(6)]))
