"""A bundle is folders and plain files: anything else in it is refused by name, and nobody waits for a pipe."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

import symc
from tests.tools import require


def fifo(path: Path) -> None:
    os.mkfifo(path)


def symbolic(path: Path) -> None:
    aside = path.parents[1] / "aside"
    path.rename(aside)
    path.symlink_to(aside)


def hard(path: Path) -> None:
    os.link(path, path.parents[1] / "aside")


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    return symc.build(equation="y = 2*x0", name="b", out=tmp_path).path


KINDS = [(fifo, "is a pipe"), (symbolic, "is a symbolic link"), (hard, "is a hard link")]


@pytest.mark.parametrize(("make", "what"), KINDS)
def test_verify_refuses_it_by_name(bundle: Path, make, what: str) -> None:
    if make is fifo:
        (bundle / "LICENSE").unlink()
    make(bundle / "LICENSE")
    failed = [check for check in symc.verify(bundle, rows=100).checks if not check.ok]
    assert [check.name for check in failed] == ["files"]
    assert failed[0].detail.startswith("LICENSE: ") and what in failed[0].detail


def test_a_folder_that_is_a_link_is_refused(bundle: Path) -> None:
    symbolic(bundle / "src")
    failed = [check for check in symc.verify(bundle, rows=100).checks if not check.ok]
    assert failed[0].detail.startswith("src: is a symbolic link")


def test_nobody_waits_for_a_pipe(bundle: Path) -> None:
    source = bundle / "src/b.c"
    source.unlink()
    fifo(source)
    with pytest.raises(symc.CheckFailed, match="no plain file"):
        symc.load(bundle)
    (bundle / "manifest.json").unlink()
    fifo(bundle / "manifest.json")
    for use in (symc.verify, symc.load):
        with pytest.raises(symc.SymcError, match="no plain file"):
            use(bundle)
    require("ssh-keygen")
    (bundle / "manifest.json.sig").write_text("not a signature")
    (bundle.parent / "signers").write_text("")
    with pytest.raises(symc.SymcError, match="no plain file"):
        symc.load(bundle, allowed_signers=bundle.parent / "signers")
