"""The saved file: exact, safe to open, whole or not there at all."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from symc.capture.layout import Layout
from symc.errors import SymcError
from symc.module.saved import FORMAT, Distilled, load_distilled, save_distilled
from tests.small_network import distilled


def test_everything_comes_back_exactly(tmp_path):
    first = distilled(chosen=(5, 1))
    save_distilled(first, tmp_path / "model.pt")
    again = load_distilled(tmp_path / "model.pt")
    assert again == first and again.sha256 == first.sha256
    assert again.fronts == first.fronts and again.provenance == first.provenance
    assert again.members[0].equation == "p*q + 0.5" and again.fronts[1].members[1].heldout is None
    np.testing.assert_array_equal(again.dataset.x, first.dataset.x)
    assert "by hand 1: 10 evaluations, stopped by evaluations" in str(again) and "p*q + 0.5" in str(again)


def test_the_file_holds_tensors_and_text_only(tmp_path):
    save_distilled(distilled(), tmp_path / "model.pt")
    assert torch.serialization.get_unsafe_globals_in_checkpoint(str(tmp_path / "model.pt")) == []
    content = torch.load(tmp_path / "model.pt", weights_only=True)
    assert {type(v) for v in content.values()} == {str, int, torch.Tensor}
    assert str(tmp_path).encode() not in (tmp_path / "model.pt").read_bytes()


def test_the_same_content_gives_the_same_bytes_under_any_name_and_hash_seed(tmp_path):
    save_distilled(distilled(), tmp_path / "a.pt")
    script = (
        "import sys; from tests.small_network import distilled; from symc.module.saved import save_distilled;"
        "save_distilled(distilled(), sys.argv[1])"
    )
    root = Path(__file__).parents[2]
    for seed in ("1", "2"):
        target = tmp_path / f"other{seed}.bin"
        environment = {**os.environ, "PYTHONHASHSEED": seed}
        subprocess.run([sys.executable, "-c", script, str(target)], check=True, cwd=root, env=environment)
        assert target.read_bytes() == (tmp_path / "a.pt").read_bytes()


def test_the_hash_covers_every_part():
    first = distilled()
    others = [
        first.choosing((1, 1)),
        replace(first, layout=Layout(first.layout.inputs, (1, 1), "tuple")),
        replace(first, fronts=(first.fronts[0], replace(first.fronts[1], dropped=(("q", "why"),)))),
        replace(first, provenance=replace(first.provenance, stopped_by="time")),
        replace(first, dataset=replace(first.dataset, seed=9)),
    ]
    assert len({first.sha256, *(other.sha256 for other in others)}) == 6


@pytest.mark.parametrize("part", ["x", "y", "train", "domain", "text", "sha256"])
def test_a_part_that_was_altered_is_found(tmp_path, part):
    content = distilled().encode()
    if part == "text":
        content[part] = content[part].replace("sin(p)", "cos(p)")
    elif part == "sha256":
        content[part] = "0" * 64
    elif part == "train":
        content[part] = content[part].roll(1)
    else:
        content[part] = content[part] * 1.0000002
    torch.save(content, tmp_path / "model.pt")
    with pytest.raises(SymcError, match=r"model.pt: is damaged.*Save the module again"):
        load_distilled(tmp_path / "model.pt")


@pytest.mark.parametrize("part", ["x", "text"])
@pytest.mark.parametrize("value", [None, 3, "{}"])
def test_a_part_that_is_missing_or_something_else(tmp_path, part, value):
    content = distilled().encode()
    content[part] = value
    if value is None:
        del content[part]
    torch.save(content, tmp_path / "model.pt")
    with pytest.raises(SymcError, match="is damaged"):
        load_distilled(tmp_path / "model.pt")


@pytest.mark.parametrize(("version", "hint"), [(FORMAT + 1, "Install a newer symc"), (0, "again"), ("x", "again")])
def test_other_formats(tmp_path, version, hint):
    torch.save({**distilled().encode(), "format": version}, tmp_path / "model.pt")
    with pytest.raises(SymcError, match=rf"has format {version!r}, .* reads format {FORMAT}") as error:
        load_distilled(tmp_path / "model.pt")
    assert hint in error.value.hint


def test_files_of_others_and_no_file(tmp_path):
    torch.save({"weight": torch.ones(2)}, tmp_path / "state.pt")
    torch.save(torch.nn.Linear(1, 1), tmp_path / "net.pt")
    for name in ("state.pt", "net.pt"):
        with pytest.raises(SymcError, match="was not saved by symc"):
            load_distilled(tmp_path / name)
    with pytest.raises(SymcError, match="there is no such file"):
        load_distilled(tmp_path / "none.pt")
    with pytest.raises(SymcError, match="is a directory"):
        load_distilled(tmp_path)


def test_saving_replaces_a_file_and_keeps_a_link(tmp_path):
    (tmp_path / "old.pt").write_text("old")
    (tmp_path / "link.pt").symlink_to(tmp_path / "old.pt")
    save_distilled(distilled(), tmp_path / "link.pt")
    assert (tmp_path / "link.pt").is_symlink() and load_distilled(tmp_path / "old.pt") == distilled()
    assert sorted(p.name for p in tmp_path.iterdir()) == ["link.pt", "old.pt"]


def test_places_that_cannot_be_written(tmp_path):
    with pytest.raises(SymcError, match=r"no: the folder does not exist"):
        save_distilled(distilled(), tmp_path / "no" / "model.pt")
    with pytest.raises(SymcError, match="is a directory"):
        save_distilled(distilled(), tmp_path)
    if os.getuid():
        tmp_path.chmod(0o500)
        with pytest.raises(SymcError, match="cannot be written: Permission denied"):
            save_distilled(distilled(), tmp_path / "model.pt")


def test_a_full_disk_leaves_the_earlier_file(tmp_path):
    """On a real file system that is too small, where the test may mount one; else by the process's own limit."""
    script = """
import pathlib, resource, signal, sys
from symc.errors import SymcError
from symc.module.saved import save_distilled
from tests.small_network import distilled
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
if sys.argv[2] == "limit":
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
try:
    save_distilled(distilled(), pathlib.Path(sys.argv[1]))
except SymcError as error:
    print(error)
"""
    mounted = tmp_path / "small"
    mounted.mkdir()
    mount = shutil.which("mount")
    command = [mount or "mount", "-t", "tmpfs", "-o", "size=4k", "tmpfs", str(mounted)]
    full = mount is not None and subprocess.run(command, capture_output=True).returncode == 0
    try:
        (mounted / "model.pt").write_text("earlier")
        arguments = [str(mounted / "model.pt"), "disk" if full else "limit"]
        root = Path(__file__).parents[2]
        run = [sys.executable, "-c", script, *arguments]
        done = subprocess.run(run, check=True, cwd=root, capture_output=True, text=True)
        reason = "No space left on device" if full else "File too large"
        assert f"cannot be written: {reason}. The earlier file is as it was." in done.stdout, done.stderr
        assert [p.name for p in mounted.iterdir()] == ["model.pt"]
        assert (mounted / "model.pt").read_text() == "earlier"
    finally:
        if full:
            subprocess.run(["umount", str(mounted)], check=True)


def test_fronts_must_fit_the_samples_and_the_choice():
    first = distilled()
    with pytest.raises(SymcError, match="the fronts are for y, the samples for y, z"):
        replace(first, fronts=first.fronts[:1])
    with pytest.raises(SymcError, match="'z' has no equation of complexity 9"):
        Distilled(first.dataset, first.fronts, first.provenance, (1, 9))
    with pytest.raises(SymcError, match="1 complexities are given for 2 outputs"):
        first.choosing((1,))
