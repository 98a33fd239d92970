"""The build cache: trust, concurrency, and what happens where no directory can be written."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
import warnings
from pathlib import Path

import pytest

from symc.errors import SymcError
from symc.toolchain import cache


@pytest.fixture
def directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "cache"
    monkeypatch.setenv(cache.ENVIRONMENT, str(path))
    return path


def _make(text: str, calls: list[str]):
    def make(scratch: Path) -> Path:
        calls.append(text)
        (scratch / "built").write_text(text)
        return scratch / "built"

    return make


def test_a_key_is_built_once(directory: Path) -> None:
    calls: list[str] = []
    first = cache.fetch("ab12", "thing.txt", _make("one", calls))
    again = cache.fetch("ab12", "thing.txt", _make("two", calls))
    assert first == again
    assert first.read_text() == "one"
    assert calls == ["one"]


def test_the_directory_is_private(directory: Path) -> None:
    assert stat.S_IMODE(cache.directory().stat().st_mode) == 0o700


def test_an_open_directory_is_closed(directory: Path) -> None:
    directory.mkdir(mode=0o755)
    assert cache.directory() == directory
    assert stat.S_IMODE(directory.stat().st_mode) == 0o700


def test_a_directory_that_others_can_write_is_not_used(directory: Path) -> None:
    directory.mkdir()
    directory.chmod(0o777)
    with pytest.warns(RuntimeWarning, match="can be written by other users"):
        used = cache.directory()
    assert used != directory
    assert stat.S_IMODE(used.stat().st_mode) == 0o700


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a directory away")
def test_a_directory_of_another_user_is_not_used(directory: Path) -> None:
    directory.mkdir()
    os.chown(directory, 12345, 12345)
    with pytest.warns(RuntimeWarning, match="belongs to another user"):
        assert cache.directory() != directory


def test_a_file_in_the_way_falls_back_to_a_temporary_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv(cache.ENVIRONMENT, str(tmp_path / "file" / "cache"))
    with pytest.warns(RuntimeWarning, match=r"file/cache: .*SYMC_CACHE_DIR"):
        used = cache.directory()
    built = cache.fetch("cd34", "thing.txt", _make("text", []))
    assert built.is_relative_to(used)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert cache.directory() == used


def test_the_home_of_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(cache.ENVIRONMENT, "~nobody-of-that-name/cache")
    with pytest.raises(SymcError, match="SYMC_CACHE_DIR=~nobody-of-that-name/cache: there is no such home"):
        cache.directory()


def test_the_temporary_directory_goes_with_the_process(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    code = "from symc.toolchain import cache; print(cache.directory())"
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code],
        env={**os.environ, cache.ENVIRONMENT: str(tmp_path / "file" / "cache")},
        capture_output=True,
        text=True,
        check=True,
    )
    used = Path(done.stdout.strip())
    assert used.name.startswith("symc-")
    assert not used.exists()


@pytest.mark.parametrize("plant", ["open", "link"])
def test_a_planted_file_is_replaced(directory: Path, tmp_path: Path, plant: str) -> None:
    place = cache.directory() / "ef" / "ef56" / "thing.txt"
    place.parent.mkdir(parents=True)
    if plant == "link":
        (tmp_path / "evil").write_text("evil")
        place.symlink_to(tmp_path / "evil")
    else:
        place.write_text("evil")
        place.chmod(0o666)
    found = cache.fetch("ef56", "thing.txt", _make("good", []))
    assert found.read_text() == "good"
    assert not found.is_symlink()


def test_a_failed_build_leaves_nothing(directory: Path) -> None:
    def make(scratch: Path) -> Path:
        (scratch / "half").write_text("half")
        raise RuntimeError("the compiler failed")

    with pytest.raises(RuntimeError, match="the compiler failed"):
        cache.fetch("ab78", "thing.txt", make)
    assert [p for p in directory.rglob("*") if p.is_file()] == []


def test_digest_keeps_parts_apart() -> None:
    assert cache.digest([b"ab", b"c"]) != cache.digest([b"a", b"bc"])
