"""Compiled templates are kept for later processes; what stands in the cache is never taken for what was generated."""

from __future__ import annotations

import os
import subprocess
import sys
import warnings
from hashlib import sha256
from pathlib import Path

import pytest

import symc
from symc.backends.render import from_texts, render
from symc.toolchain import cache

BUILD = [sys.executable, "-m", "symc.cli", "build", "--equation", "y = 2*x0", "--quiet"]
# Nothing is given to fill it in with: it is compiled, kept, and then refused.
COMPILE = """
from contextlib import suppress
from symc.backends.render import render
from symc.errors import SymcError
with suppress(SymcError):
    render("bundle/README.md.jinja")
"""


@pytest.fixture
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(cache.ENVIRONMENT, str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "templates"
    made.mkdir()
    (made / "page.jinja").write_text("{{ x }} is one")
    return made


def files(place: Path) -> list[Path]:
    return [path for path in place.rglob("*") if path.is_file()]


def again(folder: Path, turn: int = 1) -> bytes:
    """As a new process would: a template that was touched is looked up again."""
    os.utime(folder / "page.jinja", (turn, turn))
    return render("page.jinja", folder, x=turn)


def edit(path: Path, before: str, after: str) -> None:
    """Exchange a text in kept code for one as long, and make its hash fit."""
    content = path.read_bytes()[32:].replace(before.encode(), after.encode())
    assert content != path.read_bytes()[32:]
    path.write_bytes(sha256(content).digest() + content)


def test_what_is_kept_is_taken_and_a_changed_text_is_compiled(kept: Path, folder: Path) -> None:
    assert render("page.jinja", folder, x=1) == b"1 is one"
    (file,) = files(kept)
    edit(file, "is one", "is two")
    assert again(folder, 1) == b"1 is two"
    with from_texts():
        assert render("page.jinja", folder, x=1) == b"1 is one"
    (folder / "page.jinja").write_text("{{ x }} is another")
    assert again(folder, 2) == b"2 is another" and len(files(kept)) == 2


def test_what_is_damaged_or_not_ones_own_is_compiled_again(kept: Path, folder: Path) -> None:
    render("page.jinja", folder, x=1)
    (file,) = files(kept)
    whole = file.read_bytes()
    for turn, damaged in enumerate((b"", whole[:20], whole[:-1], whole[:-1] + b"?"), start=2):
        file.write_bytes(damaged)
        assert again(folder, turn) == f"{turn} is one".encode()
        assert file.read_bytes() == whole
    edit(file, "is one", "is two")
    file.chmod(0o666)
    assert again(folder, 9) == b"9 is one"


@pytest.mark.parametrize("place", ["cache", "file/cache"])
def test_where_nothing_can_be_trusted_nothing_is_kept_and_nobody_warned(
    kept: Path, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    (tmp_path / "file").touch()
    kept.mkdir()
    kept.chmod(0o777)
    monkeypatch.setenv(cache.ENVIRONMENT, str(tmp_path / place))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert render("page.jinja", folder, x=1) == b"1 is one"
    assert set(files(tmp_path)) == {tmp_path / "file", folder / "page.jinja"}


def test_verify_finds_what_an_edited_template_of_the_cache_generated(kept: Path, tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-c", COMPILE], check=True)
    (readme,) = files(kept)
    edit(readme, "the same bits", "the sane bits")
    subprocess.run([*BUILD, "-o", str(tmp_path)], check=True)
    (failed,) = [check for check in symc.verify(tmp_path / "y").checks if not check.ok]
    assert failed.name == "sources" and "README.md" in failed.detail
