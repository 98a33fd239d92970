"""What killed processes left is removed by the next to make the same thing, and nothing else is."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import pytest

import symc
from symc import staging
from symc.atomic import write_atomically
from symc.bundle import read_manifest
from symc.staging import alone_in, part_of


def abandoned(place: Path, behind: str = "") -> Path:
    """What a process that was killed while it made `place` leaves there."""
    with part_of(place, Path.mkdir) as path:
        name = path.name + behind
    left = place.parent / name
    left.mkdir()
    (left / "half").write_text("half")
    return left


def build(out: Path, equation: str = "law = 2*x0") -> Path:
    return symc.build(equation=equation, out=out).path


def test_the_next_build_of_that_name_removes_it(tmp_path: Path) -> None:
    left = [abandoned(tmp_path / name) for name in ("law", "law", "other", "law.old")]
    build(tmp_path)
    assert [path.exists() for path in left] == [False, False, True, True]


def test_what_a_living_process_makes_stays(tmp_path: Path) -> None:
    with part_of(tmp_path / "law", Path.mkdir) as alive:
        build(tmp_path)
        assert alive.is_dir()
    assert os.listdir(tmp_path) == ["law"]


@pytest.mark.parametrize("change", ["machine", "longer", "letters", "link"])
def test_what_is_not_known_to_be_ours_stays(change: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    left = abandoned(tmp_path / "law")
    name = left.name
    if change == "machine":
        monkeypatch.setattr(staging.platform, "node", lambda: "another")
    else:
        name = {"longer": f"{name}.bak", "letters": f".law.mine-{name[-17:]}", "link": name}[change]
        left.rename(tmp_path / "kept")
        if change == "link":
            (tmp_path / name).symlink_to(tmp_path / "kept")
        else:
            (tmp_path / "kept").rename(tmp_path / name)
    build(tmp_path)
    assert (tmp_path / name / "half").read_text() == "half"


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root can give a folder away")
def test_what_is_another_users_stays(tmp_path: Path) -> None:
    left = abandoned(tmp_path / "law")
    os.chown(left, 12345, 12345)
    build(tmp_path)
    assert left.is_dir()


@pytest.mark.parametrize("replaced", [False, True])
def test_a_bundle_that_was_moved_aside_comes_back(replaced: bool, tmp_path: Path) -> None:
    """Where two folders cannot be exchanged in one step, a blow can fall between the two."""
    place = build(tmp_path)
    aside = abandoned(place, staging.ASIDE)
    (aside / "half").unlink()
    aside.rmdir()
    place.rename(aside)
    if replaced:
        build(tmp_path / "new", "law = 3*x0").rename(place)
        (tmp_path / "new").rmdir()
    with pytest.raises(RuntimeError), part_of(place, Path.mkdir):
        raise RuntimeError("clears up, and goes no further")
    assert os.listdir(tmp_path) == ["law"]
    assert read_manifest(place).equations[0].text == ("3*x0" if replaced else "2*x0")


def test_a_file_that_was_half_written_goes_too(tmp_path: Path) -> None:
    with part_of(tmp_path / "model.pt", lambda path: path.write_bytes(b"half")) as path:
        name = path.name
    (tmp_path / name).write_bytes(b"half")
    write_atomically(tmp_path / "model.pt", b"whole")
    assert os.listdir(tmp_path) == ["model.pt"]


def test_without_locks_all_is_written_and_nothing_removed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As on Windows and on some network file systems."""
    left = abandoned(tmp_path / "law")
    monkeypatch.setattr(staging, "_locked", lambda path, wait: None)
    with alone_in(tmp_path) as sure:
        assert not sure
    build(tmp_path)
    build(tmp_path, "law = 2*x0")
    assert sorted(os.listdir(tmp_path)) == [left.name, "law"]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no forks here")
@pytest.mark.filterwarnings("ignore:.*multi-threaded.*fork:DeprecationWarning")
def test_a_lock_ends_though_a_fork_has_it_too(tmp_path: Path) -> None:
    import fcntl

    with alone_in(tmp_path) as sure:
        child = os.fork()
        if child == 0:
            time.sleep(60)
            os._exit(0)
    descriptor = os.open(tmp_path, os.O_RDONLY)
    try:
        assert sure
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    finally:
        os.close(descriptor)
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
