"""A bundle takes the place of another model's only where that is asked for."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

import symc
from symc.errors import SymcError
from symc.module.distillation import Request
from tests.searches import SHORTEST_WORDS
from tests.small_network import Small
from tests.sources.built import cli

FACTORY = ("--module", "tests.small_network:Small", "--domain=-1:1", "--samples", 64, *SHORTEST_WORDS)


def text_of(out: Path) -> str:
    return (out / "law" / "manifest.json").read_text()


def test_two_files_of_one_name(tmp_path: Path) -> None:
    out = tmp_path / "out"
    for folder, text in (("a", "y = 2*x0"), ("b", "y = 3*x0")):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "law.txt").write_text(text)
    first, second = tmp_path / "a" / "law.txt", tmp_path / "b" / "law.txt"
    assert cli("build", first, "-o", out).exit_code == 0
    before = text_of(out)
    done = cli("build", second, "-o", out)
    assert done.exit_code == 2 and text_of(out) == before
    assert "law: is the bundle of another model, or of this one before it was changed: 'symc build law" in done.stderr
    assert "--name" in done.stderr and "--replace" in done.stderr
    # The same model, built otherwise, a name that was asked for, and another place.
    assert cli("build", first, "-o", out, "--domain=0:1").exit_code == 0
    assert cli("build", second, "-o", out, "--name", "other").exit_code == 0
    assert cli("build", second, "-o", tmp_path / "more").exit_code == 0
    assert "2*x0" in text_of(out)
    assert cli("build", second, "-o", out, "--replace").exit_code == 0
    assert "3*x0" in text_of(out)
    assert symc.build(first, out=out, name="law").manifest.equations[0].text == "2*x0"
    symc.build(second, out=out, replace=True)
    assert "3*x0" in text_of(out)


def test_files_of_the_users_are_never_replaced(tmp_path: Path) -> None:
    symc.build(equation="law = 2*x0", out=tmp_path)
    (tmp_path / "law" / "notes.txt").write_text("mine")
    for replace in (False, True):
        with pytest.raises(SymcError, match=r"holds notes\.txt, which symc did not write"):
            symc.build(equation="law = 3*x0", out=tmp_path, replace=replace)


def test_a_network_is_told_before_it_is_distilled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, out = tmp_path / "net.pt", tmp_path / "out"
    torch.manual_seed(0)
    torch.save(Small().state_dict(), path)
    assert cli("build", path, *FACTORY, "-o", out).exit_code == 0
    assert cli("build", path, *FACTORY, "-o", out).exit_code == 0
    torch.save(Small().state_dict(), path)

    def never(*_: object, **__: object) -> None:
        raise AssertionError("searched in vain")

    monkeypatch.setattr(Request, "distil", never)
    done = cli("build", path, *FACTORY, "-o", out)
    assert done.exit_code == 2 and "is the bundle of another model" in done.stderr, done.output
