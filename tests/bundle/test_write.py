"""Writing bundles: whole or not at all, and never at the cost of anything that is the user's."""

from __future__ import annotations

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

import symc
from symc.bundle import folder as writing
from tests.distilled import distilled

MODEL = distilled()
OTHER = distilled(("x0*x1 + 3", "sin(x0)"))


def snapshot(folder: Path) -> dict[str, bytes]:
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def build(out: Path, model: Any = MODEL, name: str = "law") -> Path:
    return symc.build(model, out=out, name=name, target="c").path


def test_the_same_model_gives_the_same_bytes(tmp_path: Path) -> None:
    assert snapshot(build(tmp_path / "a")) == snapshot(build(tmp_path / "b" / "deeper"))


def test_an_untouched_bundle_is_replaced(tmp_path: Path) -> None:
    build(tmp_path)
    place = build(tmp_path, OTHER)
    assert "sin" in (place / "src/law.c").read_text()
    assert os.listdir(tmp_path) == ["law"]


def test_foreign_files_are_refused_and_kept(tmp_path: Path) -> None:
    place = build(tmp_path)
    (place / "notes.txt").write_text("mine")
    before = snapshot(tmp_path)
    with pytest.raises(symc.SymcError, match=r"notes\.txt.*did not write"):
        build(tmp_path, OTHER)
    assert snapshot(tmp_path) == before


def test_a_folder_that_is_no_bundle_is_refused_and_kept(tmp_path: Path) -> None:
    (tmp_path / "law").mkdir()
    (tmp_path / "law" / "thesis.tex").write_text("years of work")
    with pytest.raises(symc.SymcError, match="did not write"):
        build(tmp_path)
    assert (tmp_path / "law" / "thesis.tex").read_text() == "years of work"


def test_an_edited_bundle_is_refused_and_kept(tmp_path: Path) -> None:
    place = build(tmp_path)
    with (place / "src/law.c").open("a") as file:
        file.write("/* tuned by hand */\n")
    with pytest.raises(symc.SymcError, match=r"src/law\.c was edited"):
        build(tmp_path, OTHER)
    assert "tuned by hand" in (place / "src/law.c").read_text()


def test_a_file_or_a_link_in_its_place_is_refused(tmp_path: Path) -> None:
    (tmp_path / "law").write_text("a file")
    with pytest.raises(symc.SymcError, match="not a folder"):
        build(tmp_path)
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "linked").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(symc.SymcError, match="not a folder"):
        build(tmp_path, name="linked")
    assert (tmp_path / "law").read_text() == "a file"


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(symc.SymcError, match="is a file, not a folder"):
        build(tmp_path / "file")
    with pytest.raises(symc.SymcError, match="cannot be written"):
        build(Path("/proc/symc-test"))


@pytest.mark.parametrize("name", ["9lives", "a-b", "while", "class", "", "x" * 200, "../up", "a/b"])
def test_a_name_that_cannot_prefix_symbols_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(symc.SymcError):
        build(tmp_path, name=name)
    assert os.listdir(tmp_path) == []


def test_an_interrupt_at_any_write_leaves_the_earlier_bundle_whole(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    writes_in_all = len(snapshot(build(tmp_path_factory.mktemp("count"), OTHER)))
    tmp_path = tmp_path_factory.mktemp("out")
    build(tmp_path)
    before = snapshot(tmp_path)
    write_bytes = Path.write_bytes
    for stop in range(writes_in_all):
        writes = iter(range(stop))

        def interrupted(self: Path, data: bytes, writes: Any = writes) -> int:
            if next(writes, None) is None:
                raise KeyboardInterrupt
            return write_bytes(self, data)

        with monkeypatch.context() as patch:
            patch.setattr(Path, "write_bytes", interrupted)
            with pytest.raises(KeyboardInterrupt):
                build(tmp_path, OTHER)
        assert snapshot(tmp_path) == before
        assert os.listdir(tmp_path) == ["law"]


def test_an_interrupt_between_the_two_renames_puts_the_earlier_bundle_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the system cannot exchange two folders in one step."""
    build(tmp_path)
    before = snapshot(tmp_path)
    rename = os.rename
    calls = iter([False, True])

    def interrupted(a: Any, b: Any) -> None:
        if next(calls, False):
            raise KeyboardInterrupt
        rename(a, b)

    monkeypatch.setattr(writing, "_exchange", lambda a, b: False)
    monkeypatch.setattr(os, "rename", interrupted)
    with pytest.raises(KeyboardInterrupt):
        build(tmp_path, OTHER)
    assert snapshot(tmp_path) == before
    monkeypatch.setattr(os, "rename", rename)
    build(tmp_path, OTHER)
    assert os.listdir(tmp_path) == ["law"]


def test_two_builds_into_one_folder_leave_one_whole_bundle(tmp_path: Path) -> None:
    whole = [snapshot(build(tmp_path / k, m)) for k, m in (("a", MODEL), ("b", OTHER))]
    shared = tmp_path / "shared"
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda k: build(shared, (MODEL, OTHER)[k % 2]), range(16)))
    assert os.listdir(shared) == ["law"]
    assert snapshot(shared / "law") in whole


@pytest.mark.skipif(sys.platform != "linux" or os.geteuid() != 0, reason="mounting a small tmpfs needs root on Linux")
def test_a_full_disk_leaves_the_earlier_bundle_whole(tmp_path: Path) -> None:
    size = sum(len(content) for content in snapshot(build(tmp_path / "measure")).values())
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={3 * size // 2 // 4096 * 4096 + 65536}", "tmpfs", str(disk)],
        capture_output=True,
        text=True,
        check=False,
    )
    if mount.returncode:
        pytest.skip(f"a tmpfs cannot be mounted here: {mount.stderr.strip()}")
    try:
        build(disk)
        before = snapshot(disk)
        with pytest.raises(OSError, match="No space"), (disk / "filler").open("wb", buffering=0) as filler:
            while True:
                filler.write(b"\0" * 4096)
        with pytest.raises(symc.SymcError, match="disk is full"):
            build(disk, OTHER)
        (disk / "filler").unlink()
        assert snapshot(disk) == before
        assert os.listdir(disk) == ["law"]
    finally:
        subprocess.run(["umount", str(disk)], check=True)
